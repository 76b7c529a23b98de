"""Two tabs with the same board open: what is moved by hand in one goes to its place in the other by itself."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.filled import fill
from tests.browser.test_team_journeys import of_page
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
# Of a page whose scripts may not have run yet, as in a tab that nobody looks at.
KEYS = """async () => {
    const grid = document.getElementById("grid");
    while (!grid.window) await new Promise((resolve) => setTimeout(resolve, 20));
    return grid.window.keys;
}"""
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


def test_an_answer_that_was_asked_for_before_a_move_does_not_take_it_back(studio: Running, ada: Page) -> None:
    """It knows one move, comes after the next one was answered, and a press goes on from where the picture is seen."""
    fill(studio, 90)
    on_a_board(ada, studio)
    ids = ada.evaluate(KEYS)
    held: list[tuple[Route, APIResponse]] = []
    says = ada.locator("#board-says")
    tile = ada.locator(f"#{ids[0]} .tile__link")
    told = "SELECT count(*) FROM studio_boardpicture WHERE rev > came_rev"

    def hold(route: Route) -> None:
        answer = route.fetch()
        if held or 'id="moved-pictures"' not in answer.text():
            route.fulfill(response=answer)
        else:
            held.append((route, answer))

    intercept(ada, "**/pulse/*", hold)
    with ada.expect_response("**/order/"):
        tile.focus()
        ada.keyboard.press("Alt+ArrowRight")
    ada.evaluate("htmx.trigger('#pulse', 'pulse')")
    eventually(lambda: ada.evaluate("1") and held, what="an answer that knows one move")
    with ada.expect_response("**/order/"):
        ada.keyboard.press("Alt+ArrowRight")
    [(route, answer)] = held
    ada.evaluate(
        "() => { const grid = document.getElementById('grid'); window.changes = [];"
        " new MutationObserver(() => changes.push(grid.window.keys.slice(0, 4))).observe(grid, { childList: true }); }"
    )
    with ada.expect_response(lambda one: one.url != answer.url and "/pulse/" in one.url):  # what it asks for instead
        route.fulfill(response=answer)
    assert ada.evaluate("changes") == []
    ada.keyboard.press("Alt+ArrowRight")
    expect(says).to_have_text("Moved. It is picture 4 of 90 now.")
    eventually(lambda: studio.rows(told) == [(1,)], what="the moves in the tables")
    assert ada.evaluate(KEYS)[:4] == [ids[1], ids[2], ids[3], ids[0]]


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
    told = "SELECT count(*) FROM studio_boardpicture WHERE rev > came_rev"
    eventually(lambda: studio.rows(told) == [(1,)], within=10, what="the moves in the tables")
    # One that no page has read yet.
    last = uuid.UUID(str(studio.rows(LAST)[0][0]))
    assert ada.evaluate(TO_FRONT, str(last))
    wanted = [f"picture-{last}", ids[2], ids[0], ids[1], *ids[3:]]
    # Both may read on meanwhile.
    eventually(lambda: ada.evaluate(KEYS)[: len(wanted)] == wanted, within=30, what="the new order where it was given")

    other.bring_to_front()
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


CHANGE = """([path, values]) => fetch(path, {
    method: "POST",
    headers: JSON.parse(document.body.getAttribute("hx-headers")),
    body: new URLSearchParams(values),
}).then(({ ok }) => ok)"""


def test_an_open_board_takes_what_comes_and_goes_elsewhere(studio: Running, ada: Page) -> None:
    fill(studio, 90)
    board = on_a_board(ada, studio)
    ids = ada.evaluate(KEYS)
    codes = [key.removeprefix("picture-") for key in ids]
    for code in codes[:3]:
        assert ada.evaluate(CHANGE, [f"{board}removals/", {"picture": code}])
    newest, arranged = ada.context.new_page(), ada.context.new_page()
    newest.goto(f"{board}?order=newest")
    arranged.goto(f"{board}?order=hand&arrange=on")
    assert newest.evaluate(KEYS)[0] not in ids[:3]

    # At the very top it comes by itself.
    name = board.rstrip("/").rsplit("/", 1)[-1]
    ada.bring_to_front()
    assert ada.evaluate(CHANGE, ["/boards/additions/", {"picture": codes[0], "board": name}])
    newest.bring_to_front()
    eventually(lambda: newest.evaluate(KEYS)[0] == ids[0], within=30, what="the new picture in front")
    expect(newest.locator("#new-pictures")).to_be_hidden()

    # Further down nothing moves, and the pill leads to it.
    newest.mouse.wheel(0, 1500)
    expect(newest.locator(f"#{ids[0]}")).not_to_be_in_viewport()
    ada.bring_to_front()
    assert ada.evaluate(CHANGE, ["/boards/additions/", {"picture": codes[1], "board": name}])
    assert ada.evaluate(CHANGE, [f"{board}removals/", {"picture": codes[0]}])
    newest.bring_to_front()
    expect(newest.locator("#new-pictures")).to_contain_text("1 new", timeout=30_000)
    eventually(lambda: newest.evaluate(KEYS)[0] == ids[1], within=30, what="the other one in front, the first one gone")
    newest.locator("#new-pictures").click()
    expect(newest.locator(f"#{ids[1]}")).to_be_in_viewport()
    expect(newest.locator("#new-pictures")).to_be_hidden()

    # The list with buttons stays as it is, and says so.
    arranged.bring_to_front()
    expect(arranged.locator("#board-changed")).to_be_visible(timeout=30_000)
    arranged.get_by_role("link", name="Show it as it is now").click()
    expect(arranged.locator("#board-changed")).to_be_hidden()


def test_the_page_of_one_decision_follows_what_others_decide(studio: Running, ada: Page) -> None:
    fill(studio, 90)
    board = on_a_board(ada, studio)
    ids = ada.evaluate(KEYS)
    approved = ada.context.new_page()

    def decide(key: str, verdict: str) -> None:
        ada.bring_to_front()
        assert ada.evaluate(CHANGE, [f"/pictures/{key.removeprefix('picture-')}/decision/", {"verdict": verdict}])
        approved.bring_to_front()

    def shows(*keys: str) -> None:
        eventually(lambda: approved.evaluate(KEYS) == list(keys), within=30, what=f"{len(keys)} approved ones")

    approved.goto(f"{board}?show=approved")
    decide(ids[4], "approved")
    expect(approved.locator("#grid > .tile")).to_have_count(1, timeout=30_000)
    decide(ids[2], "approved")
    shows(ids[2], ids[4])
    expect(approved.locator("#board-decided [aria-current]")).to_have_text("Approved 2")
    decide(ids[4], "rejected")
    shows(ids[2])
    decide(ids[2], "")
    expect(approved.get_by_text("None of its pictures is approved")).to_be_visible(timeout=30_000)
