"""Keep the rest in a real browser: by mouse and brush, and by keyboard alone."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio.simulator.pictures.library import FOLDER
from tests.browser.answering import intercept
from tests.servers import own
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds


def edited(studio: Running, page: Page, folder: Path) -> uuid.UUID:
    """Make an edit that changes a few places of a 2K picture; return its code."""
    source = folder / "courtyard.jpg"
    with Image.open(FOLDER / "courtyard-noon.webp") as picture:
        picture.convert("RGB").resize((2048, 1408)).save(source, quality=90)
    page.locator('input[name="source_file"]').set_input_files(source)
    page.get_by_label("Prompt", exact=True).fill("Hang lanterns under the arches")
    page.get_by_role("button", name="Make 1 ·").click()
    expect(page.locator('[id^="job-"]').first).to_have_attribute("data-state", "done", timeout=MAKE)
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_rendition WHERE size = 2048")[0][0] >= 2)
    return uuid.UUID(studio.rows("SELECT code FROM studio_picture WHERE origin = 'made'")[0][0])


def pixels(studio: Running, origin: str) -> np.ndarray:
    name = studio.rows("SELECT file FROM studio_picture WHERE origin = ?", origin)[0][0]
    with Image.open(io.BytesIO(own.read(studio.data, name))) as picture:
        return np.asarray(picture.convert("RGB"))


def test_parts_of_an_edit_are_kept_and_the_rest_is_the_source(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    code = edited(studio, page, tmp_path)
    page.goto(f"{studio.url}/pictures/{code}/")
    page.keyboard.press("k")
    page.wait_for_url("**/keep/")
    work = page.locator("keep-work")
    expect(work).to_have_attribute("data-ready", "", timeout=30_000)
    rows = page.get_by_role("list", name="Changed regions").get_by_role("listitem")
    assert rows.count() >= 2
    # Drop all, take one region by its chip, take another by keyboard and take that back.
    page.get_by_role("button", name="Drop all").click()
    page.get_by_role("button", name="Region 1,").click()
    expect(rows.first.get_by_role("radio", name="Take")).to_be_checked()
    page.keyboard.press("2")
    page.keyboard.press("t")
    expect(rows.nth(1).get_by_role("radio", name="Take")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(rows.nth(1).get_by_role("radio", name="Drop")).to_be_checked()
    # Paint a little of the sky, away from every region, and have a proxy answer in place of Studio while saving.
    box = page.locator("keep-work canvas").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 200, middle[1] - 150)
    page.mouse.down()
    page.mouse.move(middle[0] - 120, middle[1] - 140, steps=6)
    page.mouse.up()
    intercept(
        page, "**/keep/", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Sign in</h1>")
    )
    page.get_by_role("button", name="Save as new version").click()
    expect(page.locator("[data-trouble]")).to_contain_text("Your mask is kept")
    page.unroute("**/keep/")
    # What was done is still there after a reload, too.
    eventually(
        lambda: page.evaluate(
            "sessionStorage.length > 0 && Object.keys(sessionStorage).some(k => k.startsWith('keep:'))"
        )
    )
    page.reload()
    expect(work).to_have_attribute("data-ready", "", timeout=30_000)
    expect(rows.nth(1).get_by_role("radio", name="Drop")).to_be_checked()
    expect(page.get_by_label("Name of the version")).to_have_attribute("placeholder", "Edit, kept 2 areas")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: not url.endswith("/keep/") and "/pictures/" in url)
    expect(page.get_by_role("navigation", name="Family")).to_contain_text("This")
    expect(page.get_by_text("Edit, kept 2 areas")).to_be_visible()
    source, edit, kept = (pixels(studio, origin) for origin in ("upload", "made", "kept"))
    is_source, is_edit = (kept == source).all(axis=2), (kept == edit).all(axis=2)
    # A little of the edit, and everything else to the byte the source; the blend is at the edges alone.
    assert 0.001 < (~is_source).mean() < 0.2
    assert (is_source | is_edit).mean() > 0.99
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator("article.tile")).to_have_count(2)


def test_a_part_is_painted_by_keyboard_alone(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    code = edited(studio, page, tmp_path)
    page.goto(f"{studio.url}/pictures/{code}/keep/")
    expect(page.locator("keep-work")).to_have_attribute("data-ready", "", timeout=30_000)
    page.get_by_role("button", name="Drop all").press("Enter")
    page.locator("keep-work canvas").focus()
    for _ in range(3):
        page.keyboard.press("]")
    page.keyboard.down("Space")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.up("Space")
    expect(page.locator("[data-share]")).to_contain_text("1 area")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-share]")).to_contain_text("nothing yet")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("[data-share]")).to_contain_text("1 area")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: not url.endswith("/keep/") and "/pictures/" in url)
    expect(page.get_by_text("Edit, kept 1 area")).to_be_visible()
