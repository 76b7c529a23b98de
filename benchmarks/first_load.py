"""What the browser fetches for a first look at each page, pictures aside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.figures import Figure
from tests.browser.browser_user import PASSWORD, browser, sign_in
from tests.stack.running import Running

PAGES = {"Create": "/", "Gallery": "/gallery/", "Review": "/review/", "People": "/people/"}
MOST_REQUESTS, MOST_KB = 20, 200


def measure(studio: Running) -> list[Figure]:
    """Open every page with an empty cache and count."""
    figures: list[Figure] = []
    picture = studio.rows("SELECT code FROM studio_picture WHERE origin = 'made' LIMIT 1")
    pages = dict(PAGES)
    if picture:
        pages["Picture"] = f"/pictures/{UUID(picture[0][0])}/"
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        sign_in(context.new_page(), studio, "Ada Admin", PASSWORD)
        state = context.storage_state()
        for name, path in pages.items():
            fresh = chromium.new_context(viewport={"width": 1440, "height": 900}, storage_state=state)
            requests, size = _load(fresh, studio.url + path)
            figures.append(Figure(f"{name}: requests", requests, "", MOST_REQUESTS))
            figures.append(Figure(f"{name}: bytes", size / 1000, "kB", MOST_KB))
            fresh.close()
    return figures


def _load(context: BrowserContext, url: str) -> tuple[int, float]:
    """Requests and bytes on the wire until the page is quiet; pictures are not counted."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["response"]["mimeType"] + " " + event["response"]["url"]

    def ended(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    wire.on("Network.responseReceived", answered)
    wire.on("Network.loadingFinished", ended)
    page.goto(url, wait_until="load")
    page.wait_for_timeout(700)
    aside = ("image/webp", "image/png", "image/jpeg", "data:", "/pulse/")
    counted = [key for key, kind in kinds.items() if not any(one in kind for one in aside)]
    return len(counted), sum(sizes.get(key, 0.0) for key in counted)
