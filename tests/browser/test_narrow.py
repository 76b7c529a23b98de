"""The narrowest phone (320 px), letters of twice the size, and what lies between a phone and a desk: a page never moves
sideways, and nothing that can be pressed lies under something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Joined
from tests.browser.test_axe import filled
from tests.stack.running import Running, eventually

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

# What a finger or a pointer can't reach, because something else is where it is.
COVERED = """() => {
  const named = (one) => one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30) || one.localName;
  const isReached = (one) => {
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = one.getBoundingClientRect();
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    if (width < 4 || !over) return width < 4;
    // Over the rest of a page lies a dialog.
    return one.contains(over) || over.contains(one) || over.closest("label")?.control === one || over.closest("dialog");
  };
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const pressed = "a[href]:not(.skip), button, input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(pressed)].filter((one) => shown(one) && !isReached(one)).map(named);
}"""

# Whether a word that is typed into the gallery's search can be read.
SQUEEZED = """() => document.querySelector("#find")?.clientWidth < 64"""


def still_covered(page: Page) -> list[str]:
    """What nobody reaches once the page's scripts and its notices have come."""
    try:
        eventually(lambda: not page.evaluate(COVERED), within=5)
    except AssertionError:
        covered: list[str] = page.evaluate(COVERED)
        return covered
    return []


def test_no_page_moves_sideways(
    studio: Running, joined: Joined, chromium: Browser, ada: Page, filled: dict[str, str]
) -> None:
    ada.close()
    found: list[str] = []
    for width, height, large in (
        (320, 844, ""),
        (320, 844, LARGE),
        (390, 844, LARGE),
        (768, 1024, ""),
        (1024, 768, ""),
    ):
        context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, bypass_csp=True)
        cookies = joined.cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": studio.url} for name, value in cookies])
        page = context.new_page()
        for name, path in filled.items():
            page.goto(studio.url + path)
            if large:
                page.add_style_tag(content=large)
            if aside := page.evaluate(ASIDE):
                found.append(f"{name}, {width}: {aside}")
            if width > 390 and (covered := still_covered(page)):
                found.append(f"{name}, {width}: can't be pressed: {', '.join(covered[:4])}")
            if page.evaluate(SQUEEZED):
                found.append(f"{name}, {width}: its search is squeezed away")
            if not page.evaluate(WHOLE):
                found.append(f"{name}, {width}: its head is cut off")
        context.close()
    assert not found, "\n".join(found)


def test_the_page_to_sign_in_does_not_move_sideways_under_its_pictures(new_studio: Running, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(new_studio.first_link)
    page.mouse.move(200, 400)
    page.mouse.wheel(90, 0)
    page.mouse.wheel(0, 40)
    page.wait_for_timeout(300)
    assert page.locator("main").evaluate("main => main.scrollLeft") == 0
    context.close()
