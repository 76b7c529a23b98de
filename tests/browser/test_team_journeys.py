"""A team at work: delete and Undo, choose among four, and what happens to the work of somebody who leaves.

The scenarios are those of a studio's week. Where the first walk uses the mouse, a second one uses keys alone.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.browser.team import Open, decisions, invited, of_page, on_a_board
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
EIGHTH = re.compile(r"^8 of \d+$")


# ---- Delete and Undo


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_undo_of_a_deletion_comes_back_to_the_same_place(studio: Running, ada: Page, by: str) -> None:
    fill(studio, 200)  # eight of them are near the view on the first day of a month, too
    page = ada
    page.goto(f"{studio.url}/gallery/")
    tile = page.locator("#grid > .tile .tile__link").nth(7)
    tile.click() if by == "mouse" else tile.press("Enter")
    page.wait_for_url("**/pictures/**")
    expect(page.locator("picture-stage")).to_be_visible()
    expect(page.get_by_text(EIGHTH)).to_be_visible()
    deleted = of_page(page)
    if by == "mouse":
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Delete").click()
    else:
        page.keyboard.press("Delete")
    toast = page.locator("toast-note", has_text="Moved to the trash.")
    expect(toast).to_be_visible()
    assert of_page(page) != deleted
    undo = toast.get_by_role("button", name="Undo")
    undo.click() if by == "mouse" else page.keyboard.press("Control+z")
    expect(page.locator("toast-note", has_text="1 picture restored.")).to_be_visible()
    assert of_page(page) == deleted
    expect(page.get_by_text(EIGHTH)).to_be_visible()
    assert studio.rows("SELECT count(*) FROM studio_picture WHERE trashed_at IS NOT NULL") == [(0,)]


IN_VIEW = """() => [...document.querySelectorAll("#grid > .tile")].filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return top > 150 && bottom < 700;
}).map((tile) => tile.id)"""


def test_deleting_many_and_undo_keep_the_place_in_the_gallery(studio: Running, ada: Page) -> None:
    fill(studio, 300)
    page = ada
    page.goto(f"{studio.url}/gallery/")
    page.evaluate("scrollTo(0, 2500)")
    stays, gone, other = eventually(lambda: page.evaluate(IN_VIEW)[:3], within=10, what="tiles in view")
    page.locator(f"#{gone} .tile__link").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#selection [data-count]")).to_have_text("2 selected")

    def top() -> float:
        box = page.locator(f"#{stays}").bounding_box()
        return box["y"] if box else -1

    before = top()
    page.keyboard.press("Delete")
    toast = page.locator("toast-note", has_text="2 pictures moved to the trash.")
    expect(toast).to_be_visible()
    expect(page.locator(f"#{gone}")).to_have_count(0)
    expect(page.locator(f"#{other}")).to_have_count(0)
    eventually(lambda: abs(top() - before) < 300, within=10, what="the same place after deleting")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#{gone}")).to_be_visible()
    eventually(lambda: abs(top() - before) < 300, within=10, what="the same place after Undo")


# ---- Choose among four


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_one_of_four_is_approved_and_the_others_rejected(studio: Running, ada: Page, by: str) -> None:
    fill(studio, 12)
    page = ada
    board = on_a_board(page, studio, 4)
    tiles = page.locator("#grid > .tile")
    tiles.first.locator(".tile__link").focus()
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#selection [data-count]")).to_have_text("4 selected")
    compare = page.get_by_role("button", name="Compare")
    compare.click() if by == "mouse" else page.keyboard.press("c")
    page.wait_for_url("**/compare/**")
    expect(page.locator(".pane[data-letter]")).to_have_count(4)
    page.keyboard.press("Escape")
    page.wait_for_url("**/boards/**")
    # What was chosen is chosen still; Esc lets go of it.
    expect(page.locator("#selection [data-count]")).to_have_text("4 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#selection [data-count]")).to_be_hidden()

    link = tiles.nth(1).locator(".tile__link")
    link.click() if by == "mouse" else link.press("Enter")
    page.wait_for_url("**/pictures/**")
    expect(page.locator("picture-stage")).to_be_visible()
    page.keyboard.press("y")
    expect(page.locator("#opinions")).to_contain_text("Approved by")
    page.goto(board)
    for number in (0, 2, 3):
        tiles.nth(number).locator(".tile__link").focus()
        page.keyboard.press("x")
    expect(page.locator("#selection [data-count]")).to_have_text("3 selected")
    decide, reject = page.get_by_role("button", name="Decide…"), page.get_by_role("button", name="Reject")
    if by == "mouse":
        decide.click()
        reject.click()
    else:
        decide.press("Enter")
        reject.press("Enter")
    expect(page.locator("toast-note", has_text="3 pictures rejected.")).to_be_visible()
    assert sorted(decisions(studio)) == ["approved", "rejected", "rejected", "rejected"]

    # The gallery of the board, approved ones alone; their page says who and when.
    code = board.partition("/boards/")[2].partition("/")[0]
    page.goto(f"{studio.url}/gallery/?board={code}&decision=approved")
    expect(page.locator("#grid > .tile")).to_have_count(1)
    page.keyboard.press("Escape")  # lets go of the three
    expect(page.locator("#selection [data-count]")).to_be_hidden()
    page.locator("#grid > .tile .tile__link").press("Enter")
    page.wait_for_url("**/pictures/**")
    expect(page.locator("#opinions")).to_contain_text("Approved by Ada Admin")
    expect(page.locator("#opinions time").first).to_be_visible()


# ---- Somebody leaves


def test_the_work_of_somebody_who_leaves_goes_to_a_colleague(studio: Running, ada: Page, open_page: Open) -> None:
    ben = open_page()
    join(ben, studio, link=invited(ada, studio, "Designer"), name="Ben Okafor")
    ben.get_by_label("Prompt", exact=True).fill("Paper boats on a canal")
    ben.keyboard.press("Control+Enter")
    ben.locator(".tile__link img").first.wait_for(timeout=60_000)
    board = on_a_board(ben, studio, 1)
    picture = f"{studio.url}{ben.locator('#grid .tile__link').first.get_attribute('href')}"
    ben.goto(f"{studio.url}/proofs/new/?board={board.rstrip('/').rpartition('/')[2]}")
    ben.get_by_label("Title").fill("Round 1")
    ben.locator("#id-password").fill("")
    ben.keyboard.press("Control+Enter")
    address = ben.get_by_label("Link", exact=True).input_value().replace("localhost", "127.0.0.1")
    client = open_page(phone=True)
    client.goto(address)
    expect(client.get_by_text("0 of 1 decided")).to_be_visible()

    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("link", name="Ben Okafor").press("Enter")
    ada.get_by_label("Who looks after the work").select_option(label="Ada Admin")
    ada.get_by_role("button", name="Hand over work").press("Enter")
    ada.get_by_role("button", name="Hand over").press("Enter")
    expect(ada.locator("#toasts")).to_contain_text("Ben Okafor")
    # His access has ended; nothing else has.
    ben.goto(picture)
    expect(ben.get_by_role("button", name="Sign in")).to_be_visible()
    client.get_by_role("button", name="Approve").first.tap()
    client.get_by_label("Name", exact=True).fill("Ingrid Holm")
    client.get_by_role("button", name="Continue").tap()
    expect(client.get_by_text("1 of 1 decided")).to_be_visible()
    with client.expect_response("**/done/"):
        client.get_by_role("button", name="Tell Ada").tap()
    ada.goto(board)
    expect(ada.get_by_role("link", name="Board settings")).to_be_visible()
    ada.locator("#grid .tile__link").first.press("Enter")
    expect(ada.locator("#main")).to_contain_text("Ben Okafor")
    expect(ada.locator("#opinions")).to_contain_text("Approved by the client Ingrid Holm")
    ada.goto(f"{studio.url}/notifications/")
    expect(ada.locator(".note", has_text="Ingrid Holm").first).to_be_visible()
