"""The narrowest phone (320 px), and letters of twice the size: a page never moves sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Joined
from tests.browser.test_axe import filled
from tests.stack.running import Running

__all__ = ["filled"]
pytestmark = pytest.mark.browser
LARGE = "html { font-size: 200% !important }"
# How far it moves, and what is too wide.
ASIDE = """() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  const scrolls = (one) => one !== document.body && getComputedStyle(one).overflowX !== "visible";
  const isHeld = (one) => one && (scrolls(one) || isHeld(one.parentElement));
  const isOut = (one) => one.getBoundingClientRect().right > clientWidth + 1 && !isHeld(one.parentElement);
  const out = [...document.querySelectorAll("body *")].filter(isOut).map((one) => `${one.localName}.${one.className}`);
  return scrollWidth > clientWidth ? `${scrollWidth}: ${out.slice(0, 4).join(", ")}` : "";
}"""
# Whether the head of a job's page is as high as what it says.
WHOLE = (
    """() => [...document.querySelectorAll(".life__state")].every((one) => one.scrollHeight < one.clientHeight + 2)"""
)

# Whether a word that is typed into the gallery's search can be read.
SQUEEZED = """() => document.querySelector("#find")?.clientWidth < 64"""


def test_no_page_moves_sideways(
    studio: Running, joined: Joined, chromium: Browser, ada: Page, filled: dict[str, str]
) -> None:
    ada.close()
    found: list[str] = []
    for width, large in ((320, ""), (320, LARGE), (390, LARGE)):
        context = chromium.new_context(viewport={"width": width, "height": 844}, has_touch=True, bypass_csp=True)
        cookies = joined.cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": studio.url} for name, value in cookies])
        page = context.new_page()
        for name, path in filled.items():
            page.goto(studio.url + path)
            if large:
                page.add_style_tag(content=large)
            if aside := page.evaluate(ASIDE):
                found.append(f"{name}, {width}: {aside}")
            if page.evaluate(SQUEEZED):
                found.append(f"{name}, {width}: its search is squeezed away")
            if not page.evaluate(WHOLE):
                found.append(f"{name}, {width}: its head is cut off")
        context.close()
    assert not found, "\n".join(found)
