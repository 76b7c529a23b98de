"""Studio below a path of a site that it shares: what scripts remember of a page by its address."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Joined, Open
from tests.browser.filled import fill
from tests.servers import own
from tests.stack.running import Running

pytestmark = pytest.mark.browser
BASE = "/team/studio"


@pytest.fixture
def below(tmp_path: Path, joined: Joined) -> Iterator[Running]:
    shutil.copytree(joined.data, tmp_path / "var", symlinks=True)
    own.copy(joined.data, tmp_path / "var")
    running = Running(tmp_path / "var", COVERAGE_PROCESS_CONFIG="", STUDIO_BASE_PATH=BASE)
    running.start()
    yield running
    running.kill()


def test_one_comes_back_to_a_tile_far_away_and_a_panel_stays_folded(
    below: Running, joined: Joined, open_page: Open
) -> None:
    fill(below, 400)
    page = open_page()
    page.context.add_cookies([{"name": one, "value": two, "url": below.url} for one, two in joined.cookies.items()])
    page.goto(f"{below.url}{BASE}/gallery/")
    page.locator("#grid .tile__link").nth(20).click()
    page.wait_for_url(f"**{BASE}/pictures/**")
    panel = page.get_by_role("complementary", name="About this picture")
    page.keyboard.press("i")
    expect(panel).to_be_hidden()
    # Many turns on, as the filmstrip and the arrows do it.
    order = "SELECT code FROM studio_picture ORDER BY shown_at DESC, id DESC LIMIT 1 OFFSET 290"
    code = uuid.UUID(below.rows(order)[0][0])
    page.evaluate("address => location.replace(address)", f"{BASE}/pictures/{code}/")
    page.wait_for_url(f"**/{code}/")
    expect(panel).to_be_hidden()
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{BASE}/gallery/**")
    expect(page.locator(f"#picture-{code} .tile__link")).to_be_focused()
