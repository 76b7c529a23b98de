"""A star is put from a tile, by hand and by key, and the sheet is light on paper."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.browser.grid_window import scroll_until
from tests.stack.running import Running

pytestmark = pytest.mark.browser

# The tile in the middle of the view.
MIDDLE = """() => [...document.querySelectorAll("#grid > .tile")].find(
  (tile) => tile.getBoundingClientRect().bottom > innerHeight / 2).id"""


def test_a_tile_is_starred_where_it_lies(studio: Running, ada: Page) -> None:
    fill(studio, 3)
    ada.goto(f"{studio.url}/gallery/")
    tile = ada.locator("#grid .tile").first
    tile.hover()
    star = tile.locator(".tile__star")  # which shows under the pointer and with the focus only
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    assert ada.url.endswith("/gallery/")
    ada.mouse.move(2, 2)
    expect(star).to_have_attribute("value", "off")
    tile.locator(".tile__link").focus()
    ada.keyboard.press("f")
    expect(star).to_have_attribute("aria-pressed", "false")
    assert studio.rows("SELECT count(*) FROM studio_star") == [(0,)]


def test_a_tile_of_a_later_page_is_starred_without_another_page(studio: Running, ada: Page) -> None:
    fill(studio, 200)
    ada.goto(f"{studio.url}/gallery/")
    ada.evaluate("window.isSame = true")
    scroll_until(ada, 200)
    # One that stays: which tile is the last in the document changes with every frame.
    tile = ada.locator(f"#{ada.evaluate(MIDDLE)}")
    star = tile.locator(".tile__star")
    tile.hover()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    ada.mouse.move(2, 2)
    tile.locator(".tile__link").focus()
    ada.keyboard.press("f")
    expect(star).to_have_attribute("aria-pressed", "false")
    assert ada.evaluate("window.isSame")


def test_a_sheet_is_light_on_paper_and_has_no_tools(studio: Running, ada: Page) -> None:
    fill(studio, 1)
    [[code]] = studio.rows("SELECT code FROM studio_picture")
    code = uuid.UUID(code)  # SQLite keeps it without its lines
    ada.emulate_media(color_scheme="dark", media="print")
    ada.goto(f"{studio.url}/pictures/{code}/sheet/")
    assert ada.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    expect(ada.get_by_role("button", name="Print")).to_be_hidden()
    expect(ada.get_by_text("Generation id")).to_be_visible()
    assert len(ada.pdf(format="Letter")) > 1000
    ada.goto(f"{studio.url}/gallery/")
    assert ada.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    expect(ada.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(ada.locator("#grid > .tile")).to_be_visible()
