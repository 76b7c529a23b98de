"""Pages drawn from rows without a running studio: rendered first, then opened in Chromium from memory.

A running studio would need a simulator that stops in every state; here each state is a row. The pages are strings
before a browser sees them, and the browser lives in a thread of its own: the ORM refuses to work beside an event loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.browser.browser_user import browser

ORIGIN = "http://studio.test"
WIDTHS = (390, 768, 1024, 1440)
THEMES = ("light", "dark")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">'
    '<rect width="600" height="400" fill="#7a8f6a"/></svg>'
)
# The text of a page that somebody cannot read whole: each text node, the box that cuts it, and by how much. A box that
# scrolls cuts nothing, and an ellipsis is a promise that the rest is elsewhere, kept only by the words named in `may`.
CUT = Path(__file__).with_name("cut_text.js").read_text()


class Drawn:
    """Pages by their paths, as a browser's answers."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = pages

    def answer(self, route: Route) -> None:
        url = route.request.url
        path = url.removeprefix(ORIGIN)
        if path in self.pages:
            route.fulfill(body=self.pages[path], content_type="text/html; charset=utf-8")
        elif path.startswith("/static/"):
            file = finders.find(path.removeprefix("/static/").partition("?")[0])
            if file:
                route.fulfill(path=str(file))
            else:
                route.fulfill(status=404)
        elif path.startswith("/pictures/"):
            route.fulfill(body=SVG, content_type="image/svg+xml")
        else:
            route.fulfill(status=204)

    def look(self, see: Callable[[Look], None]) -> None:
        """Open a browser for `see`, which may open as many windows as it likes."""

        def inside() -> None:
            with sync_playwright() as playwright, browser(playwright) as chromium:
                see(Look(self, chromium))

        with ThreadPoolExecutor(1) as thread:
            thread.submit(inside).result()


class Look:
    """One look at the pages, from windows of any width."""

    def __init__(self, drawn: Drawn, chromium: Browser) -> None:
        self.drawn = drawn
        self.chromium = chromium

    @contextmanager
    def window(self, width: int, theme: Any = "dark", **options: Any) -> Iterator[Page]:
        """A window that knows these pages and nothing else."""
        height = 844 if width < 768 else 900
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, has_touch=width < 1000, **options
        )
        context.route("**/*", self.drawn.answer)
        page = context.new_page()
        page.set_default_timeout(60_000)
        try:
            yield page
        finally:
            context.close()

    def cut(self, path: str, may: str = "", *, widths: tuple[int, ...] = WIDTHS, style: str = "") -> list[str]:
        """Say of each text of a page that is cut off what cuts it, at each width; themes change no box, so they take
        turns."""
        found = []
        for width, theme in zip(widths, cycle(THEMES), strict=False):
            with self.window(width, theme) as page:
                page.goto(ORIGIN + path)
                if style:
                    page.add_style_tag(content=style)
                found += [f"{path} {width} {theme}: {one}" for one in cut_texts(page, may)]
        return found


def cut_texts(page: Page, may: str = "") -> list[str]:
    """Say of each text that is cut off what cuts it; `may` selects what may end with an ellipsis."""
    return [json.dumps(one, ensure_ascii=False) for one in page.evaluate(CUT, may)]
