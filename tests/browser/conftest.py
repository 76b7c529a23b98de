"""A whole studio for the journeys, and a browser for each person."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.browser_user import browser
from tests.servers import own
from tests.stack.running import Running, with_tables
from tests.stack.visitor import Visitor

Open = Callable[..., Page]
# A page whose requests failed asks again within ten seconds, and a machine that runs all tests has little time for each.
expect.set_options(timeout=20_000)
REFUSAL = re.compile(r"(?:status of|Status Error Code) (?:409|422)")


class Joined(NamedTuple):
    """A data folder, and the cookies of the person who is signed in there."""

    data: Path
    cookies: dict[str, str]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module's tests: its driver holds an event loop, which others must find free again."""
    with sync_playwright() as playwright, browser(playwright) as opened:
        yield opened


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    """The data of a studio that Ada has just joined, to be copied: tables and passwords take seconds to make."""
    running = Running(tmp_path_factory.mktemp("joined") / "var", COVERAGE_PROCESS_CONFIG="")
    running.start()
    with Visitor(running) as ada:
        cookies = {cookie.name: str(cookie.value) for cookie in ada.http.cookies.jar}
    running.stop()
    return Joined(running.data, cookies)


@pytest.fixture
def studio(tmp_path: Path, joined: Joined) -> Iterator[Running]:
    """A studio that only Ada has joined; it ends with the test, and leaves no process."""
    shutil.copytree(joined.data, tmp_path / "var", symlinks=True)
    own.copy(joined.data, tmp_path / "var")
    # A browser shows what a page does; which lines ran for it is measured by the tests of views, in less time.
    running = Running(tmp_path / "var", COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def new_studio(tmp_path: Path) -> Iterator[Running]:
    """A studio that nobody has joined yet; it ends with the test, and leaves no process."""
    running = Running(with_tables(tmp_path / "new"), COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Open a page in a browser of its own, and fail the test for anything the page could not do or load."""
    contexts = []
    troubles: list[str] = []
    is_closing = False

    def listen(said: ConsoleMessage) -> None:
        # A refusal that the page shows is no trouble of the page, nor is a request that its closing breaks off.
        if said.type == "error" and not REFUSAL.search(said.text) and not (is_closing and "htmx:" in said.text):
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
        page.on("pageerror", lambda error: troubles.append(f"script: {error.stack or error}"))
        page.on("console", listen)
        return page

    yield fresh
    is_closing = True
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def ada(studio: Running, joined: Joined, open_page: Open) -> Page:
    """The first admin, just joined, on Create."""
    page = open_page()
    page.context.add_cookies(
        [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
    )
    page.goto(f"{studio.url}/")
    return page
