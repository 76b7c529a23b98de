"""Firefox for the one journey that is made in it too, driven over WebDriver BiDi by puppeteer-core.

`python -m tests.firefox` gets what is missing where that can be done, and says what could not be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
DRIVER = HERE / "node_modules" / "puppeteer-core"


def found() -> str | None:
    """Return the path of Firefox."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def missing() -> str:
    """Say what keeps the journey from being made, or nothing."""
    if not found():
        return "Firefox is not installed (Debian: sudo apt install firefox-esr)"
    if not shutil.which("node"):
        return "Node.js is not installed (Debian: sudo apt install nodejs npm)"
    if not DRIVER.exists():
        return "puppeteer-core is not installed (cd tests/firefox && npm ci)"
    return ""


def ensure() -> None:
    """Install what can be installed. A machine without Firefox still runs every other test."""
    if not found() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Firefox here: installing Debian's …")  # noqa: T201
        subprocess.run(["apt-get", "update", "-qq"], check=False)  # noqa: S607
        subprocess.run(["apt-get", "install", "-y", "-qq", "firefox-esr"], check=False, stdout=subprocess.DEVNULL)  # noqa: S607
    if not DRIVER.exists() and shutil.which("npm"):
        subprocess.run(
            ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"],  # noqa: S607
            cwd=HERE,
            check=False,
        )
    if reason := missing():
        print(f"The journey in Firefox is left out: {reason}.")  # noqa: T201
