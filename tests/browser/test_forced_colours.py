"""In the colours that a person's system forces, what is chosen still looks chosen, and a slider is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.filled import fill
from tests.browser.test_axe import filled
from tests.stack.running import Running

__all__ = ["filled"]
pytestmark = pytest.mark.browser
# Fields whose edge is a shadow or a ground, which forced colours take away; the prompt has the dock's.
EDGELESS = """() => {
  const fields = 'input:not([type=hidden], [type=file], .sr-only, .tile__link), textarea:not(.prompt), select';
  const has = (one) => {
    const { borderTopStyle, borderTopWidth, forcedColorAdjust } = getComputedStyle(one);
    return (borderTopStyle !== "none" && parseFloat(borderTopWidth) > 0) || forcedColorAdjust === "none";
  };
  const isSeen = (one) => has(one) || [one.closest(".field, .stepper, .chip, .dock")].some((box) => box && has(box));
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return [...document.querySelectorAll(fields)].filter((one) => shown(one) && !isSeen(one)).map((one) => one.outerHTML);
}"""


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


def test_every_field_has_an_edge(studio: Running, ada: Page, filled: dict[str, str]) -> None:
    found: list[str] = []
    ada.emulate_media(forced_colors="active")
    for name, path in filled.items():
        ada.goto(studio.url + path)
        found += [f"{name}: {one[:120]}" for one in ada.evaluate(EDGELESS)]
    assert not found, "\n".join(found)
    ada.goto(f"{studio.url}/boards/new/")
    on, off = (ada.locator(f'[name="visibility"]{which}').first for which in (":checked", ":not(:checked)"))
    assert ground(on) != ground(off)
