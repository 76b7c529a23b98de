"""The main journey once more, in Firefox."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests import firefox
from tests.browser.browser_user import PASSWORD
from tests.stack.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(firefox.missing()), reason=firefox.missing())]


@pytest.mark.usefixtures("ada")
def test_in_firefox_a_prompt_becomes_a_picture_that_can_be_opened(studio: Running) -> None:
    path = firefox.found()
    assert path
    done = subprocess.run(
        ["node", "journey.mjs", path, studio.url, "Ada Admin", PASSWORD],  # noqa: S607
        cwd=firefox.HERE,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert "firefox" in said["browser"].lower()
    assert said["errors"] == []
    assert said["isClearLarge"]
    assert said["isClearTile"]
    [(code,)] = studio.rows("SELECT code FROM studio_picture WHERE origin = 'made'")
    assert said["path"].replace("-", "") == f"/pictures/{code}/".replace("-", "")
