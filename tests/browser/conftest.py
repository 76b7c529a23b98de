"""A whole studio for the journeys, and a browser for each person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.browser_user import browser, join
from tests.stack.running import Running

Open = Callable[..., Page]
REFUSAL = re.compile(r"(?:status of|Status Error Code) 422")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module's tests: its driver holds an event loop, which others must find free again."""
    with sync_playwright() as playwright, browser(playwright) as opened:
        yield opened


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Running]:
    """A studio that nobody has joined yet; it ends with the test, and leaves no process."""
    # A browser shows what a page does; which lines ran for it is measured by the tests of views, in less time.
    running = Running(tmp_path / "var", COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Open a page in a browser of its own, and fail the test for anything the page could not do or load."""
    contexts = []
    troubles: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        # A refusal that the page shows is no trouble of the page.
        if said.type == "error" and not REFUSAL.search(said.text):
            troubles.append(said.text)

    def fresh(*, phone: bool = False, script: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
            has_touch=phone,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("console", listen)
        return page

    yield fresh
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def ada(studio: Running, open_page: Open) -> Page:
    """The first admin, just joined, on Create."""
    page = open_page()
    join(page, studio)
    return page
