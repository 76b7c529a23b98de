"""Lighthouse over the pages of a signed-in person with 40 pictures: three runs of each page on a phone, the median.

`python -m benchmarks.lighthouse FOLDER`, where FOLDER is one in which `npm install lighthouse` was run. It is no part of
`make bench`, because it needs Node; `--reports DIR` keeps Lighthouse's own reports, `--pictures 100000` puts so many older
ones behind the 40.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, show
from tests.browser import filled
from tests.browser.browser_user import browser, join
from tests.chromium import FLAGS, ensure
from tests.stack.running import Running, eventually, free_port

RUNS = 3
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 100}
BLOCKED = 200  # milliseconds: the most of Create's total blocking time
# 40 pictures: prompt, ratio, how many.
ASKED = [
    ("Night market with ceramic bowls under paper lanterns", "3:2", 4),
    ("A red sphere on a white terrace at noon", "1:1", 4),
    ("Pine forest in fog, pale sun, quiet", "2:3", 4),
    ("City skyline across a river at night, lit windows", "16:9", 8),
    ("Clay teapot on a folded linen cloth, north light", "1:1", 4),
    ("Golden dunes, long shadows, clear sky", "3:2", 8),
    ("Mountain ridges at dusk, seven layers of haze", "16:9", 4),
    ("Still life in morning light, blue vase, a bowl of oranges", "2:3", 4),
]
DONE = "SELECT count(*) FROM studio_picture WHERE origin = 'made'"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", default="", help="names with commas in between; all without it")
    parser.add_argument("--form", default="mobile", choices=["mobile", "desktop"])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--pictures", type=int, default=0, help="older ones behind the 40")
    parser.add_argument("--reports", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-lighthouse-") as folder:
        studio = Running(Path(folder) / "var", STUDIO_REQUESTS_PER_MINUTE="600")
        studio.start()
        try:
            cookies = fill(studio, asked.pictures)
            figures = measure(studio.url, addresses(studio), cookies, asked)
        finally:
            studio.kill()
    show(figures)
    return 0 if all(figure.is_met for figure in figures) else 1


def fill(studio: Running, older: int) -> list[Any]:
    """Make 40 pictures as the first person, in front of so many older ones, and return the cookies of that session."""
    made = older + sum(count for *_, count in ASKED)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        join(page, studio)
        if older:
            filled.fill(studio, older)
            page.reload()
        for prompt, ratio, count in ASKED:
            _ask(page, prompt, ratio, count)
        eventually(lambda: studio.rows(DONE)[0][0] >= made, within=300, what="40 pictures")
        return list(page.context.cookies())


def addresses(studio: Running) -> dict[str, str]:
    """Return the page of each name."""
    code = uuid.UUID(studio.rows("SELECT code FROM studio_picture WHERE origin = 'made' ORDER BY id DESC")[5][0])
    pages = {"Create": "/", "Gallery": "/gallery/", "Picture": f"/pictures/{code}/", "Review": "/review/"}
    return {**pages, "Sign-in": "/sign-in/"}


def _ask(page: Page, prompt: str, ratio: str, count: int) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.locator('input[name="count"]').fill(str(count))
    radio = page.locator(f'input[name="aspect_ratio"][value="{ratio}"]')
    radio.evaluate("radio => { radio.checked = true; radio.dispatchEvent(new Event('change', { bubbles: true })); }")
    before = page.locator("[data-rev]").count()
    page.locator('.dock button[type="submit"]').last.click()
    eventually(lambda: page.locator("[data-rev]").count() > before, within=20, what="a card")


def measure(url: str, pages: dict[str, str], cookies: list[Any], asked: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []
    for name in asked.pages.split(",") if asked.pages else pages:
        reports = [
            _run(asked, url + pages[name], [] if name == "Sign-in" else cookies, f"{name}-{number}")
            for number in range(asked.runs)
        ]
        for category, target in CATEGORIES.items():
            scores = [report["categories"][category]["score"] * 100 for report in reports]
            figures.append(Figure(f"{name}: {category}", statistics.median(scores), "", target, is_least=True))
        for audit in ("total-blocking-time", "largest-contentful-paint", "first-contentful-paint"):
            values = [report["audits"][audit]["numericValue"] for report in reports]
            most = BLOCKED if (name, audit) == ("Create", "total-blocking-time") else None
            figures.append(Figure(f"{name}: {audit}", statistics.median(values), "ms", most))
    return figures


def _run(asked: argparse.Namespace, url: str, cookies: list[Any], name: str) -> dict[str, Any]:
    """Run Lighthouse once, in a new profile of Chromium that has the cookies itself, and return its report.

    As a header of Lighthouse's own, the cookie does not reach the pictures.
    """
    with tempfile.TemporaryDirectory(prefix="studio-lighthouse-run-") as folder, sync_playwright() as playwright:
        port, path = free_port(), Path(folder) / "report.json"
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=ensure(), args=[*FLAGS, f"--remote-debugging-port={port}"]
        )
        context.add_cookies(cookies)
        words = [
            str(asked.folder / "node_modules/.bin/lighthouse"),
            url,
            "--quiet",
            f"--port={port}",
            "--output=json",
            f"--output-path={path}",
            f"--only-categories={','.join(CATEGORIES)}",
            *(["--preset=desktop"] if asked.form == "desktop" else []),
        ]
        try:
            subprocess.run(words, check=True, timeout=180)
        finally:
            context.close()
        text = path.read_text()
    if asked.reports:
        asked.reports.mkdir(exist_ok=True, parents=True)
        (asked.reports / f"{name}.json").write_text(text)
    report: dict[str, Any] = json.loads(text)
    return report


if __name__ == "__main__":
    sys.exit(main())
