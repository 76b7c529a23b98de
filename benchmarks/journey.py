"""Click to wire, and done to screen: a real browser, the real queue, the simulator's own ledger as the witness."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, share
from tests.browser.browser_user import browser, join
from tests.stack.running import Running, eventually

PICTURES, AT_ONCE = 30, 3
UNFINISHED = '[id^="job-"]:not([data-state="done"])'
# Notes when each card's picture stands on the screen, in milliseconds of the same clock.
WATCH = """() => {
  window.seen = {};
  const look = () => document.querySelectorAll('[id^="job-"] img[src*="/pictures/"]').forEach((img) => {
    const card = img.closest('[id^="job-"]').id;
    if (!(card in window.seen) && img.complete && img.naturalWidth) window.seen[card] = Date.now();
  });
  setInterval(look, 20);
}"""


@dataclass(frozen=True, slots=True)
class Made:
    request_id: str
    received_at: float
    completed_at: float


def measure(studio: Running) -> list[Figure]:
    """Make pictures one after the other with one open page."""
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        join(page, studio)
        page.evaluate(WATCH)
        clicks = []
        for number in range(PICTURES):
            clicks.append(_make(page, number))
            # Never so many that the account's slots are what is measured.
            eventually(lambda: page.locator(UNFINISHED).count() < AT_ONCE, within=120, what="a free slot")
        eventually(lambda: len(page.evaluate("window.seen")) >= PICTURES, within=180, what="every picture on screen")
        seen: dict[str, float] = page.evaluate("window.seen")
    made = _ledger(studio)
    jobs = studio.rows("SELECT code, request_id FROM studio_job ORDER BY id")
    to_wire = [made[_plain(request)].received_at - click for click, (_, request) in zip(clicks, jobs, strict=True)]
    to_screen = [seen[f"job-{_dashed(code)}"] / 1000 - made[_plain(request)].completed_at for code, request in jobs]
    return [
        Figure("click to POST on the wire, p50", share(to_wire, 0.5), "s", 0.5),
        Figure("click to POST on the wire, p95", share(to_wire, 0.95), "s", 0.5),
        Figure("done at the API to tile on screen, p50", share(to_screen, 0.5), "s"),
        Figure("done at the API to tile on screen, p95", share(to_screen, 0.95), "s", 3.5),
    ]


def _make(page: Page, number: int) -> float:
    """Press the button and return when, in seconds of Unix time."""
    page.get_by_label("Prompt", exact=True).fill(f"A harbour at dusk, number {number}")
    button = page.locator('.dock button[type="submit"]')
    eventually(lambda: button.get_attribute("aria-disabled") != "true", what="a ready button")
    before = page.locator('[id^="job-"]').count()
    clicked = page.evaluate("""() => new Promise((done) => {
      const button = document.querySelector('.dock button[type="submit"]');
      button.addEventListener('click', () => done(Date.now()), { once: true });
      button.click();
    })""")
    eventually(lambda: page.locator('[id^="job-"]').count() > before, within=10, what="a card")
    return float(clicked) / 1000


def _ledger(studio: Running) -> dict[str, Made]:
    file = next((studio.data / "simulator").glob("*.sqlite3"))
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT request_id, created_at, finishes_at, painted_at FROM generations").fetchall()
    finally:
        connection.close()
    return {_plain(r): Made(r, created, max(finished, painted or 0)) for r, created, finished, painted in rows}


def _plain(code: str) -> str:
    return code.replace("-", "")


def _dashed(code: str) -> str:
    plain = _plain(code)
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
