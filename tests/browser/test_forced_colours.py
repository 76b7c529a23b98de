"""In the colours that a person's system forces, what is chosen still looks chosen, and a slider is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def ground(of: Locator, part: str = "") -> str:
    found: str = of.evaluate("(element, part) => getComputedStyle(element, part).backgroundColor", part)
    return found


def test_what_is_chosen_looks_chosen(studio: Running, ada: Page) -> None:
    fill(studio, 3)
    ada.emulate_media(forced_colors="active")
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile").first.hover()
    picks = ada.locator("#grid .tile__pick")
    picks.first.click()
    expect(picks.first).to_have_attribute("aria-pressed", "true")
    highlight = ground(picks.first)
    assert ground(picks.nth(1)) != highlight
    expect(picks.nth(1).locator(".icon")).to_be_hidden()
    assert ground(ada.locator(".tabs [aria-current]"), "::after") == highlight
    expect(ada.locator("input.range")).to_have_css("forced-color-adjust", "none")
    ada.goto(f"{studio.url}/review/")
    assert ground(ada.locator(".segments [aria-current]").last) == highlight
    assert ground(ada.locator(".chip").first) != highlight  # a menu of its own, in which something is always chosen
