"""A ratio that an admin adds comes into an open dock, is made in its size, and leaves the dock when it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journeys import prompt
from tests.browser.test_scenarios import designer
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser


def test_a_ratio_comes_into_an_open_dock_and_leaves_it(
    studio: Running, ada: Page, open_page: Callable[..., Page]
) -> None:
    ben = designer(studio, ada, open_page)
    ben.goto(f"{studio.url}/")
    menu = ben.locator('[data-setting="ratio"]')
    also_square = ben.locator('[id="more-1:1"] input')
    menu.locator("summary").click()
    also_square.check()

    ada.goto(f"{studio.url}/spend/?add=ratio#ratios")
    for name, value in (("ratio", "4:3"), ("width", "2368"), ("height", "1792")):
        ada.locator(f".spend__form [name={name}]").fill(value)
    ada.keyboard.press("Enter")
    expect(ada.locator("#toasts")).to_contain_text("Added: 4:3, 2,368 × 1,792 pixels, for all models")
    new = ben.locator('[id="ratio-4:3"]')
    expect(new).to_be_visible()
    expect(menu).to_have_attribute("open", "")
    expect(also_square).to_be_checked()
    also_square.uncheck()
    new.click()
    expect(menu.locator("summary")).to_contain_text("4:3")
    expect(menu.locator("summary .shape")).to_have_class("shape r-1330")
    expect(menu.locator("[data-foot]")).to_have_text("4:3 makes 2368 × 1792 pixels")
    prompt(ben).fill("A lighthouse")
    ben.keyboard.press("Control+Enter")
    made = "SELECT width, height FROM studio_picture WHERE job_id IS NOT NULL"
    eventually(lambda: studio.rows(made) == [(2368, 1792)], within=60, what="a picture of 4:3")

    ada.get_by_role("link", name="Withdraw 4:3").click()
    ada.get_by_role("button", name="Withdraw").click()
    expect(ada.locator("#toasts")).to_contain_text("4:3, withdrawn, for all models")
    expect(new).to_have_count(0)
    expect(menu.locator("summary")).to_contain_text("Auto")
