"""What makes something makes it once: a second click or Enter, while the page is on its way, sends nothing again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.answering import intercept
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
TWICE = "button => { button.click(); setTimeout(() => button.click()); }"


def test_a_form_is_sent_once_until_its_page_comes_or_does_not(studio: Running, ada: Page) -> None:
    held: list[Route] = []
    ada.goto(f"{studio.url}/people/")
    intercept(ada, "**/people/invites/", lambda route: held.append(route))
    ada.get_by_placeholder("Name or note").fill("Bob")
    create = ada.get_by_role("button", name="Create invite")
    create.evaluate(TWICE)
    ada.keyboard.press("Enter")
    eventually(lambda: (ada.wait_for_timeout(200), held)[1], what="the form")
    assert len(held) == 1
    # Its page does not come: what was typed is there, and may be sent after the line at the top gave up.
    held.pop().fulfill(status=204, body="")
    expect(ada.locator("html.is-leaving")).to_have_count(0)
    create.evaluate(TWICE)
    eventually(lambda: (ada.wait_for_timeout(200), held)[1], what="the form again")
    assert len(held) == 1
    held.pop().continue_()
    expect(ada.locator("#invite-link")).to_be_visible()
    assert studio.rows("SELECT count(*) FROM studio_invite WHERE note = 'Bob'") == [(1,)]
    # The way back brings the page as it was, and it may be sent once more.
    ada.unroute("**/people/invites/")
    ada.go_back()
    ada.get_by_placeholder("Name or note").fill("Cleo")
    create.click()
    expect(ada.locator("#invite-link")).to_be_visible()
