"""`python -m benchmarks.scrolling`: a gallery of 5,000 pictures in Chromium, scrolled to its end, and the way into a picture.

Where other programs take the processor's time, a long task may be theirs: run it beside nothing else.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from benchmarks.figures import Figure, share, show
from studio.simulator.pictures.library import FOLDER
from tests.browser.browser_user import browser, join
from tests.browser.filled import fill
from tests.stack.running import Running, eventually

PICTURES, OPENED = 5_000, 15
LARGE = "renditions/large.webp"
# In every page: its long tasks once it has loaded, and when a picture's page shows the picture that was clicked on.
WATCH = """
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries()) if (startTime > 1500) window.longTasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
  addEventListener("click", () => sessionStorage.setItem("clicked", Date.now()), true);
  document.addEventListener("DOMContentLoaded", async () => {
    const image = document.querySelector(".view__picture > img:not(.preview)");
    if (!image) return;
    await image.decode();
    requestAnimationFrame(() => setTimeout(() => { window.shown = Date.now() - sessionStorage.getItem("clicked"); }));
  });
"""
FACTS = """() => ({
  loaded: document.querySelector("#grid").window.keys.length,
  tiles: document.querySelectorAll("#grid > .tile").length,
})"""
IN_VIEW = """() => {
  const isWhole = (tile) => { const { top, bottom } = tile.getBoundingClientRect(); return top > 250 && bottom < 850; };
  const tiles = [...document.querySelectorAll("#grid > .tile")].filter(isWhole);
  return tiles[Math.floor(tiles.length / 2)].id;
}"""
# Scrolling is smooth: it has ended when nothing moves for a moment.
RESTS = """async () => {
  const before = scrollY;
  await new Promise((after) => setTimeout(after, 400));
  return scrollY === before;
}"""
TOP = "(id) => document.getElementById(id).getBoundingClientRect().top"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="studio-scrolling-") as folder:
        studio = Running(Path(folder) / "var")
        studio.start()
        try:
            figures = measure(studio)
        finally:
            studio.kill()
    show(figures)
    return 0 if all(figure.is_met for figure in figures) else 1


def measure(studio: Running) -> list[Figure]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        join(page, studio)
        _fill(studio)
        page.add_init_script(WATCH)
        page.goto(f"{studio.url}/gallery/")
        expect(page.locator("#grid h2").first).to_be_visible()
        wire = page.context.new_cdp_session(page)
        first = _scroll(page, wire, PICTURES // 5)
        rest = _scroll(page, wire, PICTURES)
        moved, opened = _open(page)
    return [
        Figure("scrolling: tiles in the document, at most", max(first.tiles, rest.tiles), "", 600),
        Figure("scrolling: longest task", max(first.longest, rest.longest), "ms", 100),
        Figure(f"scrolling: heap at {PICTURES // 5:,} pictures", first.heap, "MB"),
        Figure(f"scrolling: heap at {PICTURES:,} pictures", rest.heap, "MB"),
        Figure("scrolling: a tile after Back is off its place by, at most", moved, "px", 3),
        Figure("tile to picture, p50", share(opened, 0.5), "ms", 150),
        Figure("tile to picture, p95", share(opened, 0.95), "ms"),
    ]


def _fill(studio: Running) -> None:
    """Put the pictures into the tables; what is shown large has a file of its own size."""
    fill(studio, PICTURES)
    with Image.open(FOLDER / "courtyard-noon.webp") as found:
        found.convert("RGB").resize((2048, 1410)).save(studio.data / "media" / LARGE, quality=82)
    connection = sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)
    with connection:
        connection.execute("UPDATE studio_rendition SET file = ? WHERE size > 512", [LARGE])
    connection.close()


class Scrolled(NamedTuple):
    """The most tiles in the document and the longest task (ms) on the way, and the heap (MB) at its end."""

    tiles: int
    longest: float
    heap: float


def _scroll(page: Page, wire: CDPSession, loaded: int) -> Scrolled:
    """Scroll down until so many are loaded."""
    most = 0

    def is_there() -> bool:
        nonlocal most
        page.mouse.wheel(0, 2_000)
        facts: dict[str, Any] = page.evaluate(FACTS)
        most = max(most, facts["tiles"])
        return bool(facts["loaded"] >= loaded)

    page.mouse.move(600, 500)
    eventually(is_there, within=400, what=f"{loaded} pictures")
    longest = max(page.evaluate("window.longTasks.splice(0)"), default=0)
    # Collecting on demand is a long task of its own, which nobody who scrolls sees.
    wire.send("HeapProfiler.collectGarbage")
    heap = wire.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    page.evaluate("window.longTasks.splice(0)")
    return Scrolled(most, longest, heap)


def _open(page: Page) -> tuple[float, list[float]]:
    """Open pictures and come back; how far a tile has moved at most in pixels, and how long each picture took to show."""
    moved, took = 0.0, []
    for number in range(OPENED):
        tile = page.evaluate(IN_VIEW)
        link = page.locator(f"#{tile} > .tile__link")
        link.hover()
        page.wait_for_timeout(400)  # somebody looks before they click, and the page is fetched meanwhile
        top = page.evaluate(TOP, tile)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url("**/pictures/**")
        took.append(float(eventually(lambda: page.evaluate("window.shown ?? 0"), what="the picture")))
        page.go_back()
        expect(link).to_be_focused()
        moved = max(moved, abs(page.evaluate(TOP, tile) - top))
        if number % 3 == 0:
            before = page.evaluate("scrollY")
            page.mouse.wheel(0, -700)
            page.wait_for_function("(before) => scrollY !== before", arg=before)
            eventually(lambda: page.evaluate(RESTS), what="its end")
    return moved, took


if __name__ == "__main__":
    sys.exit(main())
