"""A quick studio, and a page that must come to show what its tables say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.browser_user import PASSWORD, join, sign_in
from tests.stack.running import ROOT, Running, eventually, free_port, with_tables
from tests.stack.visitor import Visitor

JOB, ROW = '[id^="job-"]', '[id^="fail-"]'
SOON = 20  # seconds
MINE = "SELECT code, rev, state FROM studio_job"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One studio for all of these: each test looks at the jobs that are new to it. Its API paints plain colours, quickly."""
    folder, port = tmp_path_factory.mktemp("live"), free_port()
    luma = subprocess.Popen([sys.executable, "-m", "tests.soak.api", str(port), str(folder / "api")], cwd=ROOT)
    running = Running(
        with_tables(folder / "var"),
        LUMA_AGENTS_API_KEY="luma-api-live",
        LUMA_BASE_URL=f"http://127.0.0.1:{port}/v1",
        STUDIO_SLOTS="20",
        STUDIO_REQUESTS_PER_MINUTE="400",
        STUDIO_WAITING_PER_PERSON="1000",
        COVERAGE_PROCESS_CONFIG="",
    )
    try:
        running.start()
        yield running
    finally:
        running.kill()
        luma.kill()
        luma.wait(10)


@pytest.fixture(scope="module")
def invited(studio: Running, chromium: Browser) -> Iterator[Visitor]:
    """Ben, who works from elsewhere; Ada has joined before him."""
    with chromium.new_context() as context:
        page = context.new_page()
        join(page, studio)
        page.goto(f"{studio.url}/people/")
        page.get_by_role("button", name="Create invite").click()
        link = page.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1")
    with Visitor(studio, link=link, name="Ben Okafor") as ben:
        yield ben


@pytest.fixture
def before(studio: Running, invited: Visitor) -> list[str]:
    """The jobs of earlier tests."""
    return [code for (code,) in studio.rows("SELECT code FROM studio_job")]


@pytest.fixture
def page(studio: Running, chromium: Browser, invited: Visitor, before: list[str]) -> Iterator[Page]:
    """Ada's Create page. Its console may complain: the tests break its connection."""
    errors: list[str] = []
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        opened = context.new_page()
        opened.set_default_timeout(30_000)
        opened.on("pageerror", lambda error: errors.append(str(error)))
        sign_in(opened, studio, "Ada Admin", PASSWORD)
        opened.evaluate("window.wasNotReloaded = true")
        yield opened
        assert opened.evaluate("window.wasNotReloaded === true")
    assert errors == []


@pytest.fixture
def is_true(studio: Running, page: Page, before: list[str]) -> Callable[[int], None]:
    """Wait until `count` new jobs are at their end, and then at most 20 seconds until the page says so of each."""

    def jobs() -> dict[str, tuple[int, str]]:
        return {f"job-{_uuid(code)}": (rev, state) for code, rev, state in studio.rows(MINE) if code not in before}

    def shown() -> dict[str, tuple[int, str]]:
        cards = page.locator(f"{JOB}[data-state], {ROW}").evaluate_all(
            "cards => cards.map(c => [c.id, Number(c.dataset.rev), c.dataset.state])"
        )
        return {id.replace("fail-", "job-"): (rev, state) for id, rev, state in cards}

    def missing() -> dict[str, Any]:
        there = shown()
        return {id: (job, there.get(id)) for id, job in jobs().items() if there.get(id) != job}

    def wait(count: int) -> None:
        def ended() -> bool:
            states = [state for _, state in jobs().values()]
            return len(states) == count and all(state in {"done", "failed", "unknown"} for state in states)

        eventually(ended, within=120, what=f"{count} jobs at their end")
        try:
            eventually(lambda: not missing(), within=SOON)
        except AssertionError:
            raise AssertionError(f"not true within {SOON} s: {missing()}") from None
        ids = page.locator(JOB).evaluate_all("cards => cards.map(card => card.id)")
        assert len(ids) == len(set(ids))

    return wait


def _uuid(code: str) -> str:
    return f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}"


def slow(page: Page) -> None:
    """A machine that is eight times slower, and 150 ms to the server."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": 8})
    cdp.send("Network.enable")
    line = {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1}
    cdp.send("Network.emulateNetworkConditions", line)


def make(page: Page, prompt: str) -> None:
    """Press Make as soon as it can be pressed."""
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.locator("make-button:not([data-sending]) button").click()
