"""Two tabs with the same board open: what is moved by hand in one goes to its place in the other by itself."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.browser.test_team_journeys import of_page
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
KEYS = 'document.getElementById("grid").window.keys'
TO_FRONT = """(picture) => fetch(document.getElementById("grid").dataset.move, {
    method: "POST",
    headers: JSON.parse(document.body.getAttribute("hx-headers")),
    body: new URLSearchParams({ picture, to: "first" }),
}).then(({ ok }) => ok)"""
LAST = """
SELECT code FROM studio_picture WHERE id = (SELECT picture_id FROM studio_boardpicture ORDER BY place DESC LIMIT 1)
"""


def on_a_board(page: Page, studio: Running) -> str:
    """Put all pictures on a board, and return its address."""
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("b")
    page.get_by_label("New board").fill("Harbour")
    page.get_by_role("button", name="Make and add").press("Enter")
    expect(page.get_by_text("90 pictures added to “Harbour”.")).to_be_visible()
    return of_page(page)


def test_an_open_board_takes_the_order_that_is_given_elsewhere(studio: Running, ada: Page) -> None:
    fill(studio, 90)
    board = on_a_board(ada, studio)
    other = ada.context.new_page()
    other.goto(board)
    ids = other.evaluate(KEYS)
    assert len(ids) == 60

    # Somebody looks at a picture further down, has the focus there and has chosen it.
    focused, chosen = other.locator(f"#{ids[20]} .tile__link"), other.locator(f"#{ids[20]} > .tile__pick")
    focused.focus()
    other.keyboard.press("x")
    expect(other.locator("#selection [data-count]")).to_have_text("1 selected")

    def top() -> float:
        box = focused.bounding_box()
        return box["y"] if box else -1

    before = top()
    ada.bring_to_front()
    ada.locator("#grid > .tile").nth(2).locator(".tile__link").focus()
    ada.keyboard.press("Alt+ArrowLeft")
    ada.keyboard.press("Alt+ArrowLeft")
    expect(ada.locator("#board-says")).to_have_text("Moved. It is picture 1 of 90 now.")
    told = "SELECT count(*) FROM studio_boardpicture WHERE rev IS NOT NULL"
    eventually(lambda: studio.rows(told) == [(1,)], within=10, what="the moves in the tables")
    # One that no page has read yet.
    last = uuid.UUID(str(studio.rows(LAST)[0][0]))
    assert ada.evaluate(TO_FRONT, str(last))
    wanted = [f"picture-{last}", ids[2], ids[0], ids[1], *ids[3:]]
    eventually(lambda: ada.evaluate(KEYS) == wanted, within=30, what="the new order where it was given")

    other.bring_to_front()
    # It may read on meanwhile.
    eventually(lambda: other.evaluate(KEYS)[: len(wanted)] == wanted, within=30, what="the new order elsewhere")
    expect(focused).to_be_focused()
    assert abs(top() - before) < 2
    expect(other.locator("#selection [data-count]")).to_have_text("1 selected")
    expect(chosen).to_have_attribute("aria-pressed", "true")

    # What has the focus goes to its new place with it; one that goes where nobody looks leaves it behind.
    ada.bring_to_front()
    ada.evaluate(TO_FRONT, ids[20].removeprefix("picture-"))
    ada.evaluate(TO_FRONT, str(last))
    other.bring_to_front()
    eventually(lambda: other.evaluate(KEYS)[:3] == [f"picture-{last}", ids[20], ids[2]], within=30, what="the order")
    expect(other.locator("#grid > .tile .tile__link:focus")).to_have_count(1)
