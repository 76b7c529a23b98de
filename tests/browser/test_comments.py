"""What is said at a spot of a picture, in two tabs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds
LIVE = 20_000  # milliseconds: an open page asks again by then


def test_a_comment_is_pinned_to_its_spot_and_other_pages_show_it_while_somebody_types(
    studio: Running, ada: Page
) -> None:
    ada.get_by_label("Prompt", exact=True).fill("A paper boat")
    ada.keyboard.press("Control+Enter")
    ada.locator(".tile__link img").first.wait_for(timeout=MAKE)
    ada.locator(".tile__link").first.click()
    ada.wait_for_url("**/pictures/**")
    other = ada.context.new_page()
    other.goto(ada.url)
    other.get_by_role("tab", name="Comments").click()
    other.locator("#say-text").fill("Half a thought")

    ada.bring_to_front()
    ada.get_by_role("tab", name="Comments").click()
    pin_it = ada.get_by_role("button", name="Pin to a spot")
    pin_it.click()
    expect(pin_it).to_have_attribute("aria-pressed", "true")
    # Beside the picture no pin is set: the page says where to click, once, and waits until Esc.
    picture = ada.locator(".view__picture > img:not(.preview)").bounding_box()
    assert picture
    where = ada.locator("toast-note", has_text="Click on the picture to place the pin.")
    for _ in range(2):
        ada.mouse.click(picture["x"] - 12, picture["y"] + picture["height"] / 2)
        expect(where).to_have_count(1)
    expect(pin_it).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("Escape")
    expect(pin_it).to_have_attribute("aria-pressed", "false")
    expect(where).to_have_count(0)
    spot = (picture["x"] + picture["width"] * 0.3, picture["y"] + picture["height"] * 0.4)
    ada.mouse.click(*spot)
    expect(ada.locator("#say-text")).to_be_focused()
    ada.keyboard.type("Too dark here")
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#talk")).to_contain_text("Too dark here")
    pin = ada.locator("comment-pins .marker").first
    expect(pin).to_be_visible()
    box = pin.bounding_box()
    assert box
    # The corner at the foot of the drop is its spot.
    corner = (box["x"], box["y"] + box["height"])
    assert max(abs(one - two) for one, two in zip(corner, spot, strict=True)) < 24
    ada.keyboard.press("Escape")
    ada.locator("body").press("p")
    expect(pin).to_be_hidden()

    other.bring_to_front()
    expect(other.locator("#talk")).to_contain_text("Too dark here", timeout=LIVE)
    expect(other.locator("#say-text")).to_have_value("Half a thought")
    other.get_by_role("button", name="Delete").click()
    expect(other.locator("#talk")).to_contain_text("Comment deleted by Ada Admin")
    other.locator("#talk").get_by_role("button", name="Undo").click()
    expect(other.locator("#talk")).to_contain_text("Too dark here")


def test_what_is_typed_beside_a_comment_that_is_sent_or_edited_stays(studio: Running, ada: Page) -> None:
    fill(studio, 1)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile__link").first.click()
    ada.get_by_role("tab", name="Comments").click()
    sent: list[Route] = []
    intercept(
        ada, "**/comments/", lambda route: sent.append(route) if route.request.method == "POST" else route.continue_()
    )
    field = ada.locator("#say-text")
    field.fill("Too dark")
    with ada.expect_request("**/comments/"):
        ada.keyboard.press("Control+Enter")
    # Sent twice it is one, and the next comment is begun while it is on its way.
    ada.keyboard.press("Control+Enter")
    field.fill("And too cold")
    sent[0].continue_()
    expect(ada.locator("#talk")).to_contain_text("Too dark")
    expect(field).to_have_value("And too cold")
    assert len(sent) == 1
    ada.get_by_role("link", name="Edit").click()
    expect(field).to_have_value("Too dark")
    field.fill("Far too dark")
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#talk")).to_contain_text("Far too dark")
    expect(field).to_have_value("And too cold")
    # An edit that was begun goes on after the page was loaded anew, until it is given up.
    ada.get_by_role("link", name="Edit").click()
    field.fill("Far too dark, half a")
    ada.reload()
    ada.get_by_role("tab", name="Comments").click()
    expect(field).to_have_value("And too cold")
    ada.get_by_role("link", name="Edit").click()
    expect(field).to_have_value("Far too dark, half a")
    ada.get_by_role("link", name="Not a reply or an edit any more").click()
    expect(field).to_have_value("And too cold")
    ada.get_by_role("link", name="Edit").click()
    expect(field).to_have_value("Far too dark")
