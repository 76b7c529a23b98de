"""What of a long gallery is in the document, watched while it scrolls."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.stack.running import eventually

OBSERVE = """
  window.most = 0;
  document.addEventListener("DOMContentLoaded", () => {
    const grid = document.querySelector("#grid");
    if (!grid) return;
    new MutationObserver((records) => {
      const came = records.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0);
      window.most = Math.max(window.most, came);
    }).observe(grid, { childList: true });
  });
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries()) if (startTime > 1500) window.longTasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
"""
FACTS = """() => {
  const { window: grid } = document.querySelector("#grid");
  const tiles = [...document.querySelectorAll("#grid > .tile")];
  const seen = tiles.filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > 150 && top < innerHeight;
  });
  return { loaded: grid.keys.length, tiles: tiles.length, seen: seen.length };
}"""


def facts(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(FACTS)
    return found


def scroll_until(page: Page, loaded: int, within: float = 90) -> list[dict[str, Any]]:
    """Scroll down until so many are loaded; return what was in the document on the way."""
    way = []

    def is_there() -> bool:
        page.mouse.wheel(0, 3_000)
        way.append(facts(page))
        return bool(way[-1]["loaded"] >= loaded)

    page.mouse.move(600, 500)
    eventually(is_there, within=within, what=f"{loaded} pictures")
    # The wheel turns on for a moment, and would turn away from where a script scrolls meanwhile.
    eventually(lambda: page.evaluate(COME_TO_REST, -1), within=10, what="the end of scrolling")
    return way


# Whether the page has moved away from a place and stands still.
COME_TO_REST = """(before) => new Promise((then) => {
  const y = scrollY;
  setTimeout(() => then(y !== before && scrollY === y), 200);
})"""
