"""A team at work: two people and a client at once, each in a browser of their own, one of them on a phone.

The scenarios are those of a studio's week: delete and Undo, choose among four, a viewer's phone, a client's link. Where the
first walk uses the mouse, a second one uses keys alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
EIGHTH = re.compile(r"^8 of \d+$")
LIVE = 20_000  # milliseconds: an open page asks again by then


def invited(ada: Page, studio: Running, role: str) -> str:
    ada.goto(f"{studio.url}/people/")
    ada.locator("form.invite select").select_option(label=role)
    ada.get_by_role("button", name="Create invite").click()
    return ada.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1")


def on_a_board(page: Page, studio: Running, number: int) -> str:
    """Put the newest pictures on a new board by keys alone, and return its address."""
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.focus()
    page.keyboard.press("x")
    for _ in range(number - 1):
        page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Board…").press("Enter")
    page.get_by_label("New board").fill("Harbour")
    page.get_by_role("button", name="Make and add").press("Enter")
    expect(page.locator("#grid > .tile")).to_have_count(number)
    return of_page(page)


def of_page(page: Page) -> str:
    return page.url.partition("?")[0]


def decisions(studio: Running) -> list[str]:
    return [row[0] for row in studio.rows("SELECT decision FROM studio_picture ORDER BY id DESC LIMIT 4")]


# ---- Delete and Undo


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_undo_of_a_deletion_comes_back_to_the_same_place(studio: Running, ada: Page, by: str) -> None:
    fill(studio, 40)
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
    undo.click() if by == "mouse" else undo.press("Enter")
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
    toast.get_by_role("button", name="Undo").press("Enter")
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


# ---- A viewer on a phone, a client on another, and the designer at a desk


def swipe(page: Page, frm: int, to: int) -> None:
    """Move a finger over the picture as a touch screen tells it, and not as events of the page's own making."""
    screen, box = page.context.new_cdp_session(page), page.locator(".view__picture img").first.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    for kind, x in (("touchStart", frm), *(("touchMove", frm + (to - frm) * step // 4) for step in range(1, 5))):
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def post(page: Page, address: str) -> int:
    token = next(str(one.get("value")) for one in page.context.cookies() if "csrf" in str(one.get("name")))
    return page.request.post(address, form={"csrfmiddlewaretoken": token}).status


def test_a_viewer_turns_the_board_pins_and_decides_on_a_phone(studio: Running, ada: Page, open_page: Open) -> None:
    fill(studio, 8)
    board = on_a_board(ada, studio, 4)
    phone = open_page(phone=True)
    join(phone, studio, link=invited(ada, studio, "Viewer"), name="Vera Viewer", lands="/gallery/")
    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("link", name="Vera Viewer").press("Enter")
    ada.get_by_role("switch", name="Approve and reject").check()
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#toasts")).to_contain_text("Saved: Vera Viewer")
    phone.goto(board)
    codes = phone.locator("#grid > .tile").evaluate_all("(tiles) => tiles.map((tile) => tile.id.slice(8))")
    phone.locator("#grid > .tile .tile__link").first.tap()
    phone.wait_for_url(f"**/pictures/{codes[0]}/")
    # Its arrows follow the board.
    expect(phone.locator("[data-announce]")).to_have_text("Picture 1 of 4")
    swipe(phone, 320, 60)
    phone.wait_for_url(f"**/pictures/{codes[1]}/**")
    expect(phone.locator("[data-announce]")).to_have_text("Picture 2 of 4")
    swipe(phone, 60, 320)
    phone.wait_for_url(f"**/pictures/{codes[0]}/**")
    expect(phone.locator("[data-announce]")).to_have_text("Picture 1 of 4")
    swipe(phone, 320, 60)
    phone.wait_for_url(f"**/pictures/{codes[1]}/**")
    expect(phone.locator("[data-announce]")).to_have_text("Picture 2 of 4")
    shown = of_page(phone)

    # She has nothing to make or delete with, and the addresses refuse her.
    expect(phone.get_by_role("button", name="Delete")).to_have_count(0)
    expect(phone.get_by_role("link", name="Use as source")).to_have_count(0)
    assert [post(phone, address) for address in (f"{shown}trash/", f"{studio.url}/submissions/")] == [403, 403]

    # The designer sees what she pins and decides while the page is open, and hears of it.
    ada.goto(shown)
    phone.get_by_role("tab", name="Comments").tap()
    phone.locator(".view__picture > img").tap(position={"x": 100, "y": 60})
    phone.locator("#say-text").fill("@Ada Admin too dark here")
    phone.get_by_role("button", name="Comment", exact=True).tap()
    expect(phone.locator("#talk")).to_contain_text("too dark here")
    expect(ada.locator("comment-pins .marker")).to_have_count(1, timeout=LIVE)
    ada.get_by_role("tab", name="Comments").press("Enter")
    expect(ada.locator("#talk")).to_contain_text("too dark here")
    phone.get_by_role("tab", name="Info").tap()
    phone.locator("#opinions").get_by_role("button", name="Approve").tap()
    expect(phone.locator("#opinions")).to_contain_text("Approved by")
    ada.get_by_role("tab", name="Info").press("Enter")
    expect(ada.locator("#opinions")).to_contain_text("Approved by Vera Viewer", timeout=LIVE)
    ada.goto(f"{studio.url}/notifications/")
    note = ada.locator(".note__open", has_text="Vera Viewer").first
    note.press("Enter")
    ada.wait_for_url(f"**/pictures/{codes[1]}/**")


def test_a_client_decides_through_a_link_until_it_is_revoked(studio: Running, ada: Page, open_page: Open) -> None:
    fill(studio, 8)
    board = on_a_board(ada, studio, 3)
    ada.goto(f"{studio.url}/proofs/new/?board={board.rstrip('/').rpartition('/')[2]}")
    ada.get_by_label("Title").fill("Round 2")
    ada.locator("#id-password").fill("")
    ada.get_by_text("Web size", exact=True).click()
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("heading", name="Link ready")).to_be_visible()
    address = ada.get_by_label("Link", exact=True).input_value().replace("localhost", "127.0.0.1")
    # Signed out, on a phone: no prompts, no prices, nothing of the team's.
    phone = open_page(phone=True)
    phone.goto(address)
    expect(phone.get_by_text("0 of 3 decided")).to_be_visible()
    for words in ("courtyard", "$", "Vera", "Sign out"):
        expect(phone.locator("body")).not_to_contain_text(words)
    phone.get_by_role("button", name="Approve").first.tap()
    phone.get_by_label("Name", exact=True).fill("Ingrid Holm")
    phone.get_by_role("button", name="Continue").tap()
    expect(phone.get_by_text("1 of 3 decided")).to_be_visible()
    phone.get_by_role("link", name="Picture 1", exact=True).tap()
    phone.wait_for_url(re.compile(r"/proof/[^/]+/[^/]+/$"))  # and its script hears fingers
    expect(phone.get_by_role("img", name="Picture 1")).to_be_visible()
    swipe(phone, 320, 60)
    expect(phone.get_by_role("img", name="Picture 2")).to_be_visible()
    # Her colleague at a desk, by keys alone.
    desk = open_page()
    desk.goto(address)
    desk.get_by_role("link", name="Picture 3", exact=True).press("Enter")
    desk.keyboard.press("u")
    desk.get_by_label("Name", exact=True).fill("Jon Berg")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("You asked for changes")).to_be_visible()
    desk.get_by_label("Comment", exact=True).fill("Warmer, please")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("listitem").filter(has_text="Warmer, please")).to_be_visible()
    assert sorted(decisions(studio)) == ["", "", "approved", "rejected"]
    download = desk.get_by_role("link", name="Download picture 3").get_attribute("href")
    file = phone.get_by_role("img", name="Picture 2").evaluate("(image) => image.currentSrc")
    taken = desk.request.get(f"{studio.url}{download}")
    assert taken.ok
    assert b"courtyard" not in taken.body()
    # The designer hears of it, and ends the link while it is open: page, file and answers stop at once.
    ada.goto(f"{studio.url}/notifications/")
    expect(ada.locator(".note", has_text="Jon Berg").first).to_be_visible()
    ada.goto(f"{studio.url}/proofs/")
    ada.get_by_role("button", name="Revoke Round 2").press("Enter")
    expect(ada.get_by_text("no longer opens")).to_be_visible()
    assert [phone.request.get(one).status for one in (file, address, f"{studio.url}{download}")] == [410, 410, 410]
    late = phone.context.new_page()  # whose console may say that the link is gone
    late.goto(address)
    expect(late.get_by_role("heading", name="This link has ended.")).to_be_visible()
    assert sorted(decisions(studio)) == ["", "", "approved", "rejected"]


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
    expect(ada.locator("#opinions")).to_contain_text("Approved by Ingrid Holm")
    ada.goto(f"{studio.url}/notifications/")
    expect(ada.locator(".note", has_text="Ingrid Holm").first).to_be_visible()
