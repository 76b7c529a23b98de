"""Tiles that leave: what one person deletes or stacks leaves another's page without a reload, and nothing is fetched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.browser.grid_window import facts
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
LIVE = 30_000  # milliseconds: an open page asks again by then


def test_an_open_gallery_follows_what_happens_elsewhere(studio: Running, ada: Page) -> None:
    fill(studio, 60)
    ada.goto(f"{studio.url}/gallery/")
    other = ada.context.new_page()
    other.goto(f"{studio.url}/gallery/")
    ids = other.locator("#grid > .tile").evaluate_all("(tiles) => tiles.map((tile) => tile.id)")
    first, second, third, fourth, fifth = ids[:5]
    other.locator(f"#{first} .tile__link").focus()
    other.keyboard.press("x")
    # Its tab hears as soon as somebody looks at it again.
    ada.bring_to_front()
    ada.locator(f"#{first} .tile__link").focus()
    ada.keyboard.press("f")
    expect(ada.locator(f"#{first} .tile__star")).to_have_attribute("aria-pressed", "true")
    ada.locator(f"#{third} .tile__link").focus()
    ada.keyboard.press("x")
    ada.keyboard.press("Shift+ArrowRight")
    ada.keyboard.press("s")
    expect(ada.locator("toast-note", has_text="2 pictures stacked.")).to_be_visible()
    expect(ada.locator(f"#{third} .tile__stack")).to_contain_text("2 pictures")
    ada.locator(f"#{second} .tile__link").focus()
    ada.keyboard.press("Delete")
    expect(ada.locator("toast-note", has_text="1 picture moved to the trash.")).to_be_visible()

    other.bring_to_front()
    expect(other.locator(f"#{second}")).to_have_count(0, timeout=LIVE)
    expect(other.locator(f"#{fourth}")).to_have_count(0)
    expect(other.locator(f"#{third} .tile__stack")).to_contain_text("2 pictures")
    expect(other.locator(f"#{first} .tile__star")).to_have_attribute("aria-pressed", "true")
    # What was chosen stays chosen, and its tick is still there.
    expect(other.locator(f"#{first} > .tile__pick")).to_have_attribute("aria-pressed", "true")
    expect(other.locator("#selection [data-count]")).to_have_text("1 selected")
    # A stack is chosen as all its pictures.
    other.locator(f"#{third} .tile__link").focus()
    other.keyboard.press("x")
    expect(other.locator("#selection [data-count]")).to_have_text("3 selected")
    other.keyboard.press("Escape")
    other.locator(f"#{third} .tile__link").press("Enter")
    expect(other.get_by_role("heading", name="Stack of 2")).to_be_visible()
    other.get_by_role("link").filter(has=other.locator("img")).nth(1).press("Enter")
    expect(other.locator("[data-announce]")).to_have_text("Picture 2 of 2")
    assert ids.index(fifth) == 4


def test_a_tile_that_leaves_fetches_no_larger_size(studio: Running, ada: Page) -> None:
    fill(studio, 400)
    asked: list[str] = []
    ada.on("request", lambda request: asked.append(request.url))
    ada.goto(f"{studio.url}/gallery/")

    # By scrolling; a pointer over a tile would have the page of its picture fetched, with a large size.
    def has_scrolled() -> bool:
        ada.evaluate("scrollBy({ top: 1000, behavior: 'instant' })")
        return bool(facts(ada)["loaded"] >= 300)

    eventually(has_scrolled, within=60, what="300 pictures")
    # Deleted.
    ada.evaluate("scrollTo(0, 0)")
    gone = ada.evaluate("document.querySelector('#grid').window.keys[0]")  # its tile comes with the next frame
    ada.locator(f"#{gone} .tile__link").focus()
    ada.keyboard.press("Delete")
    expect(ada.locator(f"#{gone}")).to_have_count(0)
    # Because something else is searched for.
    ada.get_by_role("searchbox").fill("nothing is called so")
    expect(ada.get_by_role("link", name="Show all pictures")).to_be_visible()
    ada.wait_for_timeout(500)  # Chromium chooses again with a later frame
    assert any(url.endswith("-256.webp") for url in asked)
    assert not [url for url in asked if url.endswith("-2048.webp")]


def test_all_of_a_list_is_never_more_than_its_page_said(studio: Running, ada: Page) -> None:
    fill(studio, 4)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile__link").first.focus()
    ada.keyboard.press("Delete")
    expect(ada.locator("toast-note", has_text="1 picture moved to the trash.")).to_be_visible()
    other = ada.context.new_page()
    other.goto(f"{studio.url}/gallery/")
    other.locator("#grid .tile__link").first.focus()
    other.keyboard.press("Control+a")
    count = other.locator("#selection [data-count]")
    expect(count).to_have_text("3 selected")
    # Of what leaves meanwhile the number is told, here and after a reload.
    ada.bring_to_front()
    third = ada.context.new_page()
    third.goto(f"{studio.url}/gallery/")
    third.locator("#grid .tile__link").last.focus()
    third.keyboard.press("Delete")
    expect(third.locator("toast-note", has_text="1 picture moved to the trash.")).to_be_visible()
    other.bring_to_front()
    expect(count).to_have_text("2 selected", timeout=LIVE)
    other.reload()
    expect(count).to_have_text("2 selected")
    # What comes back meanwhile is not deleted unseen.
    ada.goto(f"{studio.url}/trash/")
    ada.get_by_role("button", name="Restore").first.click()
    ada.wait_for_url("**/pictures/**")
    other.locator("#grid .tile__link").first.focus()
    other.keyboard.press("Delete")
    expect(other.locator("toast-note", has_text="Nothing was done")).to_contain_text(
        "all 2 pictures, and now there are 3"
    )
    expect(other.locator("#grid > .tile")).to_have_count(3)
    assert studio.rows("SELECT count(*) FROM studio_picture WHERE trashed_at IS NOT NULL")[0][0] == 1
