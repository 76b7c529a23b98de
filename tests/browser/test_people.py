"""An admin sets what a person may use, and approves a request by keys; the person's open page follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.team import invited
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_rights_are_set_and_a_request_above_them_is_approved_by_keys(
    studio: Running, ada: Page, open_page: Callable[[], Page]
) -> None:
    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("button", name="Create invite").click()
    link = ada.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1")
    ben = open_page()
    join(ben, studio, link=link, name="Ben Okafor")
    # What is allowed: the panel counts what differs, and the keyboard saves.
    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("link", name="Ben Okafor").click()
    ada.get_by_role("switch", name="uni-1-max").uncheck()
    ada.get_by_label("Approval above").fill("0.05")
    expect(ada.get_by_text("2 changes")).to_be_visible()
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#toasts")).to_contain_text("Saved: Ben Okafor")
    # Ben asks for more than that.
    ben.reload()
    expect(ben.locator('select[name="model"] option:not([disabled])')).to_have_text(["uni-1"])
    ben.get_by_label("Prompt", exact=True).fill("Paper boats on a canal")
    ben.locator(".stepper").get_by_label("More").click()
    with ben.expect_response("**/submissions/"):
        ben.get_by_label("Prompt", exact=True).press("Control+Enter")
    waits = ben.get_by_text("Waiting for approval · $0.08")
    expect(waits).to_be_visible()
    # One key approves it, and Ben's page shows the card without a reload.
    ada.goto(f"{studio.url}/approvals/")
    ada.keyboard.press("u")
    expect(ada.get_by_label("Why? Ben Okafor reads it.")).to_be_focused()
    ada.keyboard.press("Escape")
    ada.reload()
    ada.keyboard.press("y")
    expect(ada.locator("#toasts")).to_contain_text("Approved: 2 pictures for Ben Okafor, $0.08.")
    expect(waits).to_be_hidden()
    expect(ben.locator(".tile").first).to_be_visible()


def test_a_copy_button_says_what_it_did_and_keeps_the_focus(studio: Running, ada: Page) -> None:
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = invited(ada, studio, "Designer")
    button = ada.locator(".invited copy-button button")
    button.press("Enter")
    expect(button).to_have_text("Copied")
    expect(button).to_be_focused()
    assert ada.evaluate("navigator.clipboard.readText()").replace("localhost", "127.0.0.1") == link
    expect(button).to_have_text("Copy")
    ada.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    button.press("Enter")
    expect(button).to_have_text("Not copied: select it and copy")
    assert ada.evaluate("getSelection().toString()").replace("localhost", "127.0.0.1") == link
