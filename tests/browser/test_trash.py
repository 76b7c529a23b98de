"""Deleting the open picture by the keyboard: the next one shows, and Undo brings it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_the_next_tile_has_the_focus_after_a_deletion(studio: Running, ada: Page) -> None:
    fill(studio, 3)
    page = ada
    page.goto(f"{studio.url}/gallery/")
    tiles = page.locator("#grid > .tile .tile__link")
    tiles.nth(1).focus()
    following = tiles.nth(2).get_attribute("href") or ""
    page.keyboard.press("Delete")
    expect(page.locator("toast-note", has_text="1 picture moved to the trash.")).to_be_visible()
    expect(tiles).to_have_count(2)
    expect(tiles.nth(1)).to_be_focused()
    expect(tiles.nth(1)).to_have_attribute("href", following)


def test_delete_shows_the_next_picture_and_undo_brings_it_back(studio: Running, ada: Page) -> None:
    fill(studio, 3)
    page = ada
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid > .tile .tile__link").nth(1).click()
    page.wait_for_url("**/pictures/**")
    expect(page.locator("picture-stage")).to_be_visible()
    deleted = page.url
    page.keyboard.press("Delete")
    toast = page.locator("toast-note", has_text="Moved to the trash.")
    expect(toast).to_be_visible()
    assert page.url.split("?")[0] != deleted.split("?")[0], page.locator("main").inner_text()
    page.keyboard.press("Control+z")
    expect(page.locator("toast-note", has_text="1 picture restored.")).to_be_visible()
    assert page.url.split("?")[0] == deleted.split("?")[0]
    page.goto(f"{studio.url}/trash/")
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
