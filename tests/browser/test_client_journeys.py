"""A viewer on a phone, a client on another, and the designer at a desk, each in a browser of their own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.browser.team import Open, decisions, invited, of_page, on_a_board
from tests.stack.running import Running

pytestmark = pytest.mark.browser
LIVE = 20_000  # milliseconds: an open page asks again by then


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
    phone.locator(".view__picture > img:not(.preview)").tap(position={"x": 100, "y": 60})
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
    desk.wait_for_url(re.compile(r"/proof/[^/]+/[^/]+/$"))  # and its script hears keys
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
