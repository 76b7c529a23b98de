"""Mark up in a real browser: by mouse, and by keyboard alone."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from studio.simulator.pictures.library import FOLDER
from tests.servers import own
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds


def opened(studio: Running, page: Page, folder: Path) -> Locator:
    """Upload a picture and come to its marks from its own page, by key."""
    source = folder / "courtyard.png"
    with Image.open(FOLDER / "courtyard-noon.webp") as picture:
        picture.convert("RGB").resize((1200, 800)).save(source)
    page.locator('input[name="source_file"]').set_input_files(source)
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_rendition")[0][0] >= 3)
    code = uuid.UUID(studio.rows("SELECT code FROM studio_picture")[0][0])
    page.goto(f"{studio.url}/pictures/{code}/")
    page.keyboard.press("m")
    page.wait_for_url("**/marks/")
    expect(page.locator("mark-up")).to_have_attribute("data-ready", "")
    return page.locator("svg.marks image")


def drag(page: Page, picture: Locator, *places: tuple[float, float]) -> None:
    """Draw over the picture through places given as shares of it."""
    box = picture.bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def drawn(studio: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        studio.rows("SELECT marks FROM studio_picture WHERE origin = 'marked'")[0][0]
    )["marks"]
    return found


def test_marks_are_drawn_survive_a_reload_and_change_the_picture_where_they_are(
    studio: Running, ada: Page, tmp_path: Path
) -> None:
    page = ada
    picture = opened(studio, page, tmp_path)
    rows = page.locator(".say:not(.say--whole)")
    # What is missing is said, and leads there.
    page.get_by_role("button", name="Make 1").click(force=True)
    expect(page.locator("[data-trouble]")).to_have_text("Draw a mark, then say what should change there.")
    page.get_by_role("button", name="Box").click()
    drag(page, picture, (0.3, 0.3), (0.5, 0.5))
    page.get_by_role("button", name="Make 1").click(force=True)
    expect(page.locator("[data-trouble]")).to_have_text("Mark 1 needs a sentence.")
    page.get_by_label("At mark 1:").fill("make it night")
    page.get_by_role("button", name="Freehand").click()
    drag(page, picture, (0.6, 0.2), (0.7, 0.1), (0.8, 0.2), (0.7, 0.3))
    page.keyboard.type("snow")
    page.get_by_role("button", name="Arrow").click()
    drag(page, picture, (0.1, 0.1), (0.2, 0.2))
    page.keyboard.type("gone in a moment")
    # A press too short to be a mark makes none; a handle is pulled, a number moved, a mark removed and brought back.
    drag(page, picture, (0.9, 0.9), (0.9, 0.9))
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Remove mark 1").click()
    expect(rows).to_have_count(2)
    expect(page.locator("[data-tells]")).to_have_text("Mark 1 removed. The marks after it are renumbered.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("At mark 1:")).to_have_value("make it night")
    page.get_by_role("button", name="Remove mark 3").click()
    page.get_by_role("button", name="Select").click()
    drag(page, picture, (0.3, 0.3), (0.32, 0.32))  # by its number: all of it
    drag(page, picture, (0.52, 0.52), (0.48, 0.48))  # by a corner: its size
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("button", name="Make 2 · $0.09")).to_be_visible()
    page.reload()
    expect(rows).to_have_count(2)
    reads = page.locator("[data-reads]").inner_text()
    page.get_by_role("button", name="Make 1 · $0.05").click()
    page.wait_for_url("**/#job-*")
    expect(page.locator('[id^="job-"]').first).to_have_attribute("data-state", "done", timeout=MAKE)
    assert studio.rows("SELECT prompt FROM studio_submission") == [(reads,)]
    box, free = drawn(studio)
    assert box["kind"] == "box"
    assert np.abs(np.array(box["points"]) - (384, 256, 576, 384)).max() <= 3
    assert 4 <= len(free["points"]) // 2 <= 8  # what the line needs, and no more
    # The picture differs from its source in the box, and nowhere far from a mark.
    before, after = (pixels(studio, origin).astype(int) for origin in ("upload", "made"))
    apart = np.abs(before - after).max(axis=2)
    assert apart[290:350, 420:540].mean() > 25
    assert apart[600:760, 100:900].mean() < 6
    # What was sent is not there again.
    page.go_back()
    page.reload()
    expect(rows).to_have_count(0)


def pixels(studio: Running, origin: str) -> np.ndarray:
    name = studio.rows("SELECT file FROM studio_picture WHERE origin = ?", origin)[0][0]
    with Image.open(io.BytesIO(own.read(studio.data, name))) as picture:
        return np.asarray(picture.convert("RGB"))


def test_marks_are_placed_moved_and_sent_by_keyboard_alone(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    opened(studio, page, tmp_path)
    for key in ("b", "Enter", "Shift+ArrowRight", "ArrowDown", "Alt+Shift+ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("At mark 1:")).to_be_focused()
    page.keyboard.type("a lamp")
    page.keyboard.press("Enter")
    expect(page.locator('.mark[data-id="1"]')).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    for key in ("Enter", "Control+z", "Control+Shift+z"):
        page.keyboard.press(key)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-tells]")).to_have_text("Mark 3, number. Move it with the arrow keys.")
    # From mark to mark, and one of them goes.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Delete")
    expect(page.locator("[data-tells]")).to_have_text("Mark 2 removed. Mark 3 is now 2.")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.type("a cat")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/#job-*")
    assert drawn(studio) == [
        {"kind": "box", "points": [510, 301, 700, 501], "words": "a lamp"},
        {"kind": "number", "points": [599, 400], "words": "a cat"},
    ]
    assert "At mark 1: a lamp. At mark 2: a cat." in studio.rows("SELECT prompt FROM studio_submission")[0][0]


def test_what_studio_says_against_it_is_said_and_the_marks_stay(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada.context.new_page()  # whose console may say that it was refused
    page.goto(f"{studio.url}/")
    picture = opened(studio, page, tmp_path)
    page.get_by_role("button", name="Box").click()
    drag(page, picture, (0.3, 0.3), (0.5, 0.5))
    page.get_by_label("At mark 1:").fill("make it night")
    make, trouble = page.get_by_role("button", name="Make 1"), page.locator("[data-trouble]")
    studio.rows("UPDATE studio_user SET role = 'viewer'")
    make.click()
    expect(trouble).to_contain_text("You're a viewer here")
    expect(trouble).to_contain_text("Your marks are kept.")
    studio.rows("UPDATE studio_user SET role = 'admin'")
    # As after another sign-in: its token counts no more, until the page has the one of now.
    token = page.locator("mark-up [name=csrfmiddlewaretoken]")
    token.evaluate("field => { field.value = 'x'.repeat(64); }")
    make.click()
    expect(trouble).to_contain_text("You signed in again meanwhile.")
    expect(token).not_to_have_value("x" * 64)
    make.click()
    page.wait_for_url(f"{studio.url}/#*")
    assert [mark["words"] for mark in drawn(studio)] == ["make it night"]
