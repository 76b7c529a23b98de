"""What is seen before a page's scripts have come stays where it is when they do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Joined, Open
from tests.browser.test_look import source_and_edit
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MOST = 0.02  # of what the browser sums up of the shifts
WATCH = """window.shifts = []; new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (!one.hadRecentInput) window.shifts.push([one.value, ...one.sources.map(({ node }) => node?.outerHTML?.slice(0, 90))]);
})).observe({ type: "layout-shift", buffered: true });"""


def shifts(page: Page, address: str, ready: str) -> list[list[object]]:
    """Open a page whose scripts come only once it is seen; return what moved by then."""
    waiting: list[Route] = []
    page.add_init_script(WATCH)
    is_seen = False
    page.route("**/*.js", lambda route: route.continue_() if is_seen else waiting.append(route))
    page.goto(address, wait_until="commit")
    seen = "performance.getEntriesByName('first-contentful-paint').length"
    eventually(lambda: page.evaluate(seen) and waiting, what="a page without its scripts")
    is_seen = True
    for route in waiting:
        route.continue_()
    expect(page.locator(ready)).to_be_attached()
    # Two frames: what moves in one is told in the next.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
    found: list[list[object]] = page.evaluate("window.shifts")
    return found


def test_nothing_jumps_when_the_scripts_come(studio: Running, ada: Page, joined: Joined, open_page: Open) -> None:
    source, edit = source_and_edit(studio, ada)
    compared = f"/compare/?picture={source}&picture={edit}"
    for phone in (False, True):
        for path, ready in (
            *((f"{compared}&way={way}", "[data-ready]") for way in ("slider", "side", "flip", "difference")),
            (f"/pictures/{source}/crop/", "crop-editor:defined"),
        ):
            page = open_page(phone=phone)
            cookies = [{"name": name, "value": one, "url": studio.url} for name, one in joined.cookies.items()]
            page.context.add_cookies(cookies)  # type: ignore[arg-type]
            moved = shifts(page, studio.url + path, ready)
            assert sum(float(str(one[0])) for one in moved) < MOST, (path, phone, moved)
            page.context.close()
