"""Find a Chromium for the browser tests, or get one; where none can be had, say so and fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-proxy-server",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
)


def found() -> str | None:
    """Return the path of a browser that is installed."""
    chosen = os.environ.get("STUDIO_TEST_BROWSER")
    if chosen:
        return chosen
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def ensure() -> str:
    """Return a browser, installing Debian's where that is allowed, else Playwright's own. Exits when there is none."""
    if path := found():
        return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium here: installing Debian's …")  # noqa: T201
        subprocess.run(["apt-get", "update", "-qq"], check=False)  # noqa: S607
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, stdout=subprocess.DEVNULL)  # noqa: S607
        if path := found():
            return path
    print("No Chromium here: asking Playwright for its own …")  # noqa: T201
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if path := found():
        return path
    sys.exit(
        "The browser tests need Chrome or Chromium, and none could be installed. "
        "Install one (Debian: sudo apt install chromium) or set STUDIO_TEST_BROWSER to its path."
    )


if __name__ == "__main__":
    ensure()
