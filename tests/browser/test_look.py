"""Looking at pictures in a real browser: zoom, compare, family; by mouse, by keyboard, by finger."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Joined, Open
from tests.browser.test_axe import ask, made
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(studio: Running, ada: Page) -> tuple[uuid.UUID, uuid.UUID]:
    return source_and_edit(studio, ada)


def source_and_edit(studio: Running, ada: Page) -> tuple[uuid.UUID, uuid.UUID]:
    """A picture and an edit of it, with all their sizes."""
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(source, _)] = made(studio, 1)
    ask(ada, studio, "A whitewashed courtyard at night", f"/?source={source}")
    edit, _ = made(studio, 2)[1]
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_rendition WHERE size = 2048")[0][0] >= 2, within=60)
    return source, edit


def box(one: Locator) -> dict[str, Any]:
    found = one.bounding_box()
    assert found
    return dict(found)


def middle(one: Locator) -> tuple[float, float]:
    found = box(one)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def test_an_edit_is_compared_with_its_source(studio: Running, ada: Page, pair: tuple[uuid.UUID, uuid.UUID]) -> None:
    page, (_, edit) = ada, pair
    page.goto(f"{studio.url}/pictures/{edit}/")
    page.keyboard.press("c")
    page.wait_for_url("**/compare/**")
    work = page.locator("compare-work")
    expect(work).to_have_attribute("data-ready", "")
    # The divider, by keyboard, by its handle, and by a press on the picture.
    divider = page.get_by_role("slider", name="Divider")
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "52")
    divider.press("Home")
    expect(divider).to_have_attribute("aria-valuetext", "0 % A, 100 % B")
    divider.press("End")
    panes = page.locator(".pane[data-letter]")
    at, across = box(page.locator(".pane__sheet").first), middle(page.locator(".pane__sheet").first)
    page.mouse.click(at["x"] + at["width"] * 0.25, across[1])
    expect(divider).to_have_attribute("aria-valuenow", "25")
    x, y = middle(divider)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] * 0.75, y, steps=3)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", re.compile("7[45]"))
    # The words that went and came.
    expect(page.get_by_label("What differs").locator("del")).to_have_text("noon")
    expect(page.get_by_label("What differs").locator("ins")).to_have_text("night")
    # Side by side: both zoom and move together, at the pointer.
    page.keyboard.press("m")
    expect(page.get_by_role("radio", name="Side by side")).to_be_checked()
    page.mouse.move(*middle(panes.first))
    page.mouse.wheel(0, -500)
    expect(work).to_have_class(re.compile("is-zoomed"))
    page.keyboard.press("ArrowRight")
    first, second = (box(panes.nth(n).locator(".pane__sheet")) for n in range(2))
    gap = box(panes.nth(1))["x"] - box(panes.nth(0))["x"]
    assert first["width"] == second["width"] > at["width"] / 2
    assert second["x"] - first["x"] == pytest.approx(gap, abs=1)
    page.keyboard.press("0")
    expect(work).not_to_have_class(re.compile("is-zoomed"))
    # In turns: held for a moment, or turned by a press.
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Hold to see B")).to_be_visible()
    expect(panes.nth(1)).to_have_css("visibility", "hidden")
    page.keyboard.down("b")
    expect(panes.nth(0)).to_have_css("visibility", "hidden")
    expect(panes.nth(1)).to_have_css("visibility", "visible")
    page.keyboard.up("b")
    expect(panes.nth(1)).to_have_css("visibility", "hidden")
    page.get_by_role("button", name="Hold to see B").press("Enter")
    expect(panes.nth(1)).to_have_css("visibility", "visible")
    # Their difference, made by the browser; the way stays in the address.
    page.keyboard.press("m")
    expect(panes.nth(1)).to_have_css("mix-blend-mode", "difference")
    assert "way=difference" in page.url
    page.keyboard.press("s")
    assert panes.evaluate_all("panes => panes.map(one => one.dataset.letter)") == ["B", "A"]
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/pictures/{edit}/")


def test_a_picture_is_zoomed_and_its_panel_folded(
    studio: Running, ada: Page, pair: tuple[uuid.UUID, uuid.UUID]
) -> None:
    page, (source, edit) = ada, pair
    page.goto(f"{studio.url}/pictures/{source}/")
    picture, word = page.locator(".view__picture > img:not(.preview)"), page.locator("[data-zoom] [data-word]")
    # The wheel zooms where the pointer is; a drag and the arrows move; Escape fits, and only then leaves.
    x, y = middle(picture)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -700)
    expect(word).to_have_text(re.compile(r"\d+ %"))
    expect(picture).to_have_attribute("src", re.compile("/original/"))
    before = box(picture)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=3)
    page.mouse.up()
    moved = box(picture)
    assert (moved["x"] - before["x"], moved["y"] - before["y"]) == pytest.approx((-60, -30), abs=1)
    page.keyboard.press("ArrowLeft")
    assert box(picture)["x"] == pytest.approx(moved["x"] + 80, abs=1)
    page.keyboard.press("Escape")
    expect(word).to_have_text("Fit")
    page.keyboard.press("z")
    expect(word).to_have_text("100 %")
    # A window that grows or shrinks gives the zoomed picture its room.
    page.set_viewport_size({"width": 1200, "height": 640})
    bench = page.locator(".view__picture")
    eventually(lambda: box(bench)["y"] + box(bench)["height"] <= 640, what="the picture's room in a smaller window")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("-")
    expect(word).to_have_text("80 %")
    page.keyboard.press("Escape")
    expect(word).to_have_text("Fit")
    # Tabs by keyboard; the panel folds, and the next picture comes folded.
    page.get_by_role("tab", name="Info").press("ArrowRight")
    page.get_by_role("tab", name=re.compile("Comments")).press("ArrowRight")
    expect(page.get_by_role("tabpanel", name=re.compile("Family"))).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Info")).to_be_hidden()
    page.get_by_role("tab", name=re.compile("Family")).press("End")
    expect(page.get_by_role("tabpanel", name="Cost")).to_contain_text("$0.04")
    page.get_by_role("tab", name="Cost").evaluate("tab => tab.blur()")
    page.keyboard.press("i")
    expect(page.get_by_role("complementary", name="About this picture")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/pictures/{edit}/")
    expect(page.get_by_role("complementary", name="About this picture")).to_be_hidden()
    expect(page.locator("[data-announce]")).to_have_text("Picture 1 of 2")
    page.keyboard.press("i")
    expect(page.get_by_role("tab", name="Info")).to_be_visible()
    # The filmstrip comes when it is asked for, and stays for the next picture.
    page.keyboard.press("l")
    expect(page.get_by_role("navigation", name="Filmstrip").get_by_role("link")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("navigation", name="Filmstrip").locator('[aria-current="true"]')).to_have_count(1)
    # The family, along its lines.
    page.keyboard.press("Shift+F")
    page.wait_for_url("**/family/")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f'.leaf[data-key="{source}"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'.leaf[data-key="{edit}"]')).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/pictures/{edit}/")


Move = tuple[tuple[float, float], tuple[float, float]]


class Fingers:
    """Fingers on the glass: the browser gets the events that a touch screen sends."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def drag(self, *fingers: Move, steps: int = 5, then: Move | None = None) -> None:
        """Move fingers from and to places; `then`: all but the first are lifted, and that one moves on."""

        def places(share: float) -> list[dict[str, float]]:
            return [
                {"x": a[0] + (b[0] - a[0]) * share, "y": a[1] + (b[1] - a[1]) * share, "id": n}
                for n, (a, b) in enumerate(fingers)
            ]

        self._send("touchStart", places(0))
        for step in range(1, steps + 1):
            self._send("touchMove", places(step / steps))
        if then:
            for n, (_, (x, y)) in list(enumerate(fingers))[1:]:
                self._send("touchEnd", [{"x": x, "y": y, "id": n}])
            fingers = (then,)
            for step in range(1, steps + 1):
                self._send("touchMove", places(step / steps))
        self._send("touchEnd", [])

    def _send(self, kind: str, places: list[dict[str, float]]) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def test_fingers_turn_close_zoom_and_compare(
    studio: Running, ada: Page, joined: Joined, open_page: Open, pair: tuple[uuid.UUID, uuid.UUID]
) -> None:
    source, edit = pair
    page = open_page(phone=True)
    page.context.add_cookies([{"name": name, "value": one, "url": studio.url} for name, one in joined.cookies.items()])
    page.goto(f"{studio.url}/pictures/{source}/")
    fingers, picture = Fingers(page), page.locator(".view__picture > img:not(.preview)")
    x, y = middle(picture)
    # Two fingers zoom, and then one moves the picture and does not turn the page.
    fingers.drag(((x - 30, y), (x - 120, y)), ((x + 30, y), (x + 120, y)))
    expect(page.locator(".view__picture")).to_have_class(re.compile("is-zoomed"))
    assert box(picture)["width"] > 700
    before = box(picture)["x"]
    fingers.drag(((x + 60, y), (x - 60, y)))
    assert box(picture)["x"] == pytest.approx(before - 120, abs=30)
    assert str(source) in page.url
    # One of two is lifted: the other goes on moving it, out of the window; then one beside it zooms as well.
    before = box(picture)["x"]
    fingers.drag(((x - 60, y), (x - 60, y)), ((x + 60, y), (x + 60, y)), then=((x - 60, y), (x + 40, y)))
    assert box(picture)["x"] == pytest.approx(before + 100, abs=30)
    for _ in range(8):
        fingers.drag(((x + 150, y), (x - 150, y)))
    assert box(picture)["x"] + box(picture)["width"] < 100
    fingers.drag(((x - 150, y), (x - 10, y)), ((x + 150, y), (x + 10, y)))
    expect(page.locator(".view__picture")).not_to_have_class(re.compile("is-zoomed"))
    fingers.drag(((x - 80, y), (x + 80, y)))
    page.wait_for_url(f"**/pictures/{edit}/")
    # Compare: a finger drags the divider.
    page.goto(f"{studio.url}/compare/?picture={source}&picture={edit}")
    sheet = box(page.locator(".pane__sheet").first)
    fingers.drag((middle(page.locator(".pane__sheet").first), (sheet["x"] + sheet["width"] * 0.2, sheet["y"] + 40)))
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", re.compile("^(19|20|21)$"))
    # Down, and the list is back.
    page.goto(f"{studio.url}/gallery/")
    page.locator(f'#picture-{edit} [data-act="open"]').tap()
    page.wait_for_url(f"**/pictures/{edit}/")
    x, y = middle(page.locator(".view__picture > img:not(.preview)"))
    fingers.drag(((x, y - 60), (x + 5, y + 100)))
    page.wait_for_url("**/gallery/**")


def test_two_pictures_are_compared_without_script(
    studio: Running, ada: Page, joined: Joined, open_page: Open, pair: tuple[uuid.UUID, uuid.UUID]
) -> None:
    source, edit = pair
    page = open_page(script=False)
    page.context.add_cookies([{"name": name, "value": one, "url": studio.url} for name, one in joined.cookies.items()])
    page.goto(f"{studio.url}/compare/?picture={source}&picture={edit}")
    a, b = (box(page.get_by_role("img", name=f"{letter}: A whitewashed courtyard")) for letter in "AB")
    assert a["x"] + a["width"] <= b["x"]
    expect(page.get_by_role("slider")).to_be_hidden()
    expect(page.get_by_role("radio").first).to_be_hidden()
    page.get_by_role("link", name="Swap").click()
    a, b = (box(page.get_by_role("img", name=f"{letter}: A whitewashed courtyard")) for letter in "AB")
    assert b["x"] + b["width"] <= a["x"]
    # All sections of the panel stand below each other.
    page.goto(f"{studio.url}/pictures/{edit}/")
    for heading in ("Family", "Cost"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_back_closes_a_picture_however_far_one_turned(
    studio: Running, ada: Page, pair: tuple[uuid.UUID, uuid.UUID]
) -> None:
    page, (source, edit) = ada, pair
    page.goto(f"{studio.url}/gallery/")
    older, newer = (page.locator(f'.tile__link[href="/pictures/{code}/"]') for code in (source, edit))
    length = page.evaluate("history.length")
    newer.press("Enter")
    page.wait_for_url(f"**/pictures/{edit}/")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/pictures/{source}/")
    page.go_back()
    page.wait_for_url("**/gallery/")
    expect(older).to_be_focused()
    # The same by the page's own way back: the list stands as it was left, and no page is put on top of it.
    older.press("Enter")
    page.wait_for_url(f"**/pictures/{source}/")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/pictures/{edit}/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/")
    expect(newer).to_be_focused()
    assert page.evaluate("history.length") == length + 1
