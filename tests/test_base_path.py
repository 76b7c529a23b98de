"""Studio below a path of a site that it shares: no link, form, cookie, redirect or email leads out of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_moving import ROOT, environment

pytestmark = pytest.mark.untraced

# Walks the studio as a browser does, in a process of its own: the base path is read once at the start.
WALK = Path(__file__).with_name("base_path_walk.py")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("below")
    own = environment(data, STUDIO_BASE_PATH="/team/studio", STUDIO_EMAIL_URL="smtp://mail.example")
    command = [sys.executable, "-W", "ignore", str(WALK)]
    done = subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_every_main_page_is_there_and_no_address_in_it_leads_out(walked: dict[str, Any]) -> None:
    assert walked["pages"] > 40
    assert walked["failed"] == []
    assert walked["leaving"] == []


def test_cookies_redirects_and_mails_stay_below(walked: dict[str, Any]) -> None:
    assert set(walked["cookie_paths"]) == {"/team/studio/"}
    assert walked["message"]
    assert walked["bare"] == [308, "/team/studio/"]
    assert walked["stranger"] == "/team/studio/sign-in/?next=/team/studio/gallery/%3Fq%3Dharbour"
    assert walked["onward"] == "/team/studio/gallery/?q=harbour"
    assert walked["out"] == "/team/studio/"
    assert walked["posted"] == [302, "/team/studio/gallery/"]
    assert walked["mail"].startswith("https://studio.example/team/studio/welcome/")
    assert walked["notification"] == "/team/studio/account/"


def test_what_comes_before_the_stack_knows_the_path_too(walked: dict[str, Any]) -> None:
    # A pulse without news, and a thumbnail that this process has handed out before.
    assert walked["pulse"] == [204, 204]
    assert walked["thumbnail"] == [200, 200]
    assert walked["thumbnail_queries"] == 2
    assert walked["static"] == 200
    assert walked["probe"] == 200
    # A proxy that takes the path away is served too.
    assert walked["stripped"] == 200
