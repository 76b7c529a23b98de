"""What people think of a picture, by keys alone, in two tabs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds


def test_a_picture_is_starred_rated_decided_on_and_tagged_by_keys(studio: Running, ada: Page) -> None:
    ada.get_by_label("Prompt", exact=True).fill("A paper boat")
    ada.keyboard.press("Control+Enter")
    ada.locator(".tile__link img").first.wait_for(timeout=MAKE)
    ada.locator(".tile__link").first.click()
    ada.wait_for_url("**/pictures/**")
    opinions = ada.locator("#opinions")
    expect(opinions).to_be_visible()
    other = ada.context.new_page()
    other.goto(ada.url)

    ada.keyboard.press("f")
    expect(ada.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("4")
    expect(ada.get_by_role("button", name="4 of 5")).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("y")
    expect(opinions).to_contain_text("Approved by")
    ada.keyboard.press("t")
    ada.keyboard.type("Harbour")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("link", name="Harbour")).to_be_visible()
    # The field is ready for the next one, and no key decides while somebody types.
    expect(ada.get_by_label("Add a tag")).to_be_focused()
    ada.keyboard.type("ufy4")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("link", name="ufy4")).to_be_visible()
    expect(opinions).to_contain_text("Approved by")

    # A tab that was opened before decides too: the newest counts, and its section shows all the rest.
    other.keyboard.press("u")
    expect(other.locator("#opinions")).to_contain_text("Rejected by")
    expect(other.locator("#opinions")).to_contain_text("4 of 5 by")
    other.keyboard.press("u")
    expect(other.locator("#opinions")).not_to_contain_text("Rejected by")
    other.keyboard.press("4")
    expect(other.locator("#opinions")).not_to_contain_text("4 of 5 by")
    for key, said in (("3", "3 of 5 by"), ("0", "")):
        other.keyboard.press(key)
        expect(other.get_by_role("button", name="3 of 5")).to_have_attribute("aria-pressed", str(bool(said)).lower())
    expect(other.locator("#opinions")).not_to_contain_text("of 5 by")


def test_what_one_thinks_of_a_tile_goes_by_the_keys_of_its_page(studio: Running, ada: Page) -> None:
    fill(studio, 3)
    ada.goto(f"{studio.url}/gallery/")
    tile, other, toasts = ada.locator("#grid .tile").nth(1), ada.locator("#grid .tile").first, ada.locator("#toasts")
    link, mark = tile.locator(".tile__link"), tile.locator(".tile__mark")
    link.focus()
    for key, said in (
        ("y", "Approved."),
        ("y", "Decision taken back."),
        ("u", "Rejected."),
        ("4", "4 of 5."),
        ("0", "No rating."),
    ):
        ada.keyboard.press(key)
        expect(toasts).to_contain_text(said)
        decided = mark.locator("[aria-label=Approved], [aria-label=Rejected]")
        if key in "yu":
            expect(decided).to_have_count(0 if "back" in said else 1)
        expect(link).to_be_focused()
    assert studio.rows("SELECT verdict FROM studio_decision ORDER BY id DESC LIMIT 1") == [("rejected",)]
    ada.keyboard.press("t")
    expect(ada.get_by_role("textbox", name="Tag", exact=True)).to_be_focused()
    ada.keyboard.type("yu4")
    ada.keyboard.press("Enter")
    expect(toasts).to_contain_text("1 picture tagged.")
    # What is selected is decided on together.
    other.locator(".tile__link").focus()
    ada.keyboard.press("x")
    ada.keyboard.press("y")
    expect(toasts).to_contain_text("2 pictures approved.")
    ada.locator("#grid .tile__link").nth(2).focus()
    ada.keyboard.press("Escape")
    ada.keyboard.press("b")
    expect(ada.get_by_role("heading", name="Add 1 picture to a board")).to_be_visible()


def test_what_is_selected_is_tagged_by_enter_and_that_is_undone(studio: Running, ada: Page) -> None:
    ada.get_by_label("Prompt", exact=True).fill("A paper boat")
    ada.keyboard.press("Control+Enter")
    ada.locator(".tile__link img").first.wait_for(timeout=MAKE)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator(".tile__link").first.focus()
    ada.keyboard.press("x")
    ada.get_by_role("button", name="Decide…").press("Enter")
    ada.get_by_role("textbox", name="Tag", exact=True).fill("Harbour")
    ada.keyboard.press("Enter")
    expect(ada.locator(".toast")).to_contain_text("1 picture tagged.")
    ada.locator(".toast").get_by_role("button", name="Undo").click()
    expect(ada.locator(".toast")).to_contain_text("Undone for 1 picture.")


def test_a_tag_that_gets_no_answer_is_said_once_and_stays(studio: Running, ada: Page) -> None:
    fill(studio, 1)
    page = ada.context.new_page()  # whose console may say that nothing answers
    ada.close()
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.click()
    page.wait_for_url("**/pictures/**")
    tag = page.get_by_label("Add a tag")
    tag.fill("harbour, dusk")
    page.context.set_offline(True)
    tag.press("Enter")
    expect(page.locator("#toasts [data-unanswered=press]")).to_contain_text("What you pressed may not be saved")
    # What is offered while one types gets no answer either, which says no more.
    with page.expect_event("requestfailed", lambda request: "/tags/offer/" in request.url):
        tag.press_sequentially("!")
    expect(page.locator("#toasts [data-unanswered]")).to_have_count(1)
    expect(tag).to_have_value("harbour, dusk!")
    page.context.set_offline(False)
    tag.press("Enter")
    expect(page.locator("#opinions").get_by_role("link", name="harbour")).to_be_visible()
    expect(page.locator("#toasts [data-unanswered]")).to_have_count(0)
