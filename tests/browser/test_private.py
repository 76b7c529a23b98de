"""Only me: the switch in the dock, kept in every mode, and on the page of a picture, with Undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import made
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_a_request_is_private_and_its_picture_is_shown_to_the_team_and_taken_back(studio: Running, ada: Page) -> None:
    page = ada
    page.get_by_label("Prompt", exact=True).fill("A lighthouse nobody else sees")
    more = page.locator('[data-setting="more"] > summary')
    more.click()
    page.get_by_role("checkbox", name="Only me").check()
    expect(more).to_contain_text("Only me")
    page.keyboard.press("Escape")
    page.get_by_role("radiogroup", name="Mode").get_by_text("Edit").click()
    expect(more).to_contain_text("Only me")
    page.get_by_role("radiogroup", name="Mode").get_by_text("Generate").click()
    expect(more).to_contain_text("Only me")
    with page.expect_response("**/submissions/"):
        page.get_by_label("Prompt", exact=True).press("Control+Enter")
    [(picture, _)] = made(studio, 1)
    assert studio.rows("SELECT is_private FROM studio_picture") == [(1,)]
    page.goto(f"{studio.url}/pictures/{picture}/")
    page.get_by_role("button", name="Only me · show to the team").click()
    expect(page.get_by_text("The team sees it now.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Only me · show to the team")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Only me · show to the team")).to_be_visible()
