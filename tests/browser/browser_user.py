"""What a person does in a browser: opens it, joins, signs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Playwright

from tests.chromium import FLAGS, ensure
from tests.stack.running import Running

PASSWORD = "a long enough password"


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A real Chromium without a window."""
    chromium = playwright.chromium.launch(executable_path=ensure(), args=list(FLAGS))
    try:
        yield chromium
    finally:
        chromium.close()


def join(page: Page, studio: Running, *, link: str = "", name: str = "Ada Admin", lands: str = "/") -> None:
    """Follow a welcome link and create the account; `lands` is the first page that the person then sees."""
    page.goto(link or studio.first_link)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_url(f"{studio.url}{lands}")


def sign_in(page: Page, studio: Running, name: str, password: str) -> None:
    page.goto(f"{studio.url}/sign-in/")
    page.get_by_label("Email or name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{studio.url}/")
