"""Whatever is pressed is large enough: 24 px with a pointer, and more with a finger, on every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Joined
from tests.browser.test_axe import filled
from tests.stack.running import Running

__all__ = ["filled"]
pytestmark = pytest.mark.browser
# How far around its middle each control answers. Links within words and the bars of a chart are as large as those.
SMALL = """([least, most]) => {
  const named = (one) => one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30) || one.localName;
  const answers = (one, x, y) => {
    const over = document.elementFromPoint(x, y);
    return over && (one.contains(over) || over.closest("label")?.control === one);
  };
  const reach = (one, x, y, stepX, stepY) => {
    let far = 0;
    while (far < 24 && answers(one, x + (far + 1) * stepX, y + (far + 1) * stepY)) far += 1;
    return far;
  };
  const size = (one) => {
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = one.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (width < 4 || !answers(one, x, y)) return [99, 99];
    return [reach(one, x, y, 1, 0) + reach(one, x, y, -1, 0) + 1, reach(one, x, y, 0, 1) + reach(one, x, y, 0, -1) + 1];
  };
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isInWords = (one) => one.matches("a, svg *") && getComputedStyle(one).display === "inline";
  const pressed = "a[href]:not(.skip, [class*=__bar]), button, input:not([type=hidden], [type=file]), select, summary";
  return [...document.querySelectorAll(pressed)].filter((one) => shown(one) && !isInWords(one)).flatMap((one) => {
    const [width, height] = size(one);
    const isSmall = Math.min(width, height) < least || Math.max(width, height) < most;
    return isSmall ? [`${named(one)} ${width} x ${height}`] : [];
  });
}"""


def test_nothing_is_too_small_to_be_pressed(
    studio: Running, joined: Joined, chromium: Browser, ada: Page, filled: dict[str, str]
) -> None:
    ada.close()
    found: list[str] = []
    cookies = [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
    for width, height, least, most in ((390, 844, 28, 35), (1440, 900, 24, 24)):
        viewport = {"width": width, "height": height}
        with chromium.new_context(viewport=viewport, has_touch=width < 768) as context:  # type: ignore[arg-type]
            context.add_cookies(cookies)  # type: ignore[arg-type]
            page = context.new_page()
            for name, path in filled.items():
                page.goto(studio.url + path)
                found += [f"{name}, {width}: {one}" for one in page.evaluate(SMALL, [least, most])]
    assert not found, "\n".join(found)
