"""Passkeys with Chromium's virtual authenticator: add one, sign out, sign in with it, and as the second step."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.conftest import Joined, Open
from tests.people import PASSWORD
from tests.stack.running import Running

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(studio: Running, joined: Joined, open_page: Open) -> Page:
    """Ada's browser at a name that passkeys may belong to, with a device that has a lock."""
    page = open_page()
    site = f"http://localhost:{studio.port}"
    page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in joined.cookies.items()])
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{site}/account/")
    return page


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone_and_as_the_second_step(page: Page) -> None:
    page.get_by_text("Add", exact=True).click()
    page.get_by_label("Name of the device").fill("Work laptop")
    page.locator("#passkeyform-password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_text("Work laptop is added.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove the passkey Work laptop")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()

    page.goto(page.url.removesuffix("/") + "/account/second-step/")
    secret = page.locator(".account__secret").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.locator("#appform-password").fill(PASSWORD)
    page.get_by_role("button", name="Turn the second step on").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    with page.expect_download() as file:
        page.get_by_role("link", name="Download").click()
    assert file.value.suggested_filename == "studio-recovery-codes.txt"
    page.get_by_role("link", name="Done").click()

    sign_out(page)
    page.get_by_label("Email or name").fill("Ada Admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


def test_a_passkey_that_this_device_lacks_is_said_in_words(page: Page) -> None:
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Try again.")
