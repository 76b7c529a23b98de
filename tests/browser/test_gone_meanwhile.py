"""A picture goes, and comes back, while its page, its family or a comparison with it is open in another tab."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.browser.team import Open, post
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_open_pages_say_that_a_picture_is_gone_and_when_it_is_back(studio: Running, ada: Page, open_page: Open) -> None:
    fill(studio, 3)
    first, second = [str(uuid.UUID(str(row[0]))) for row in studio.rows("SELECT code FROM studio_picture ORDER BY id")][
        :2
    ]
    phone = open_page(phone=True)
    phone.context.add_cookies(ada.context.cookies())  # type: ignore[arg-type]
    compare, family, picture = phone, ada.context.new_page(), ada.context.new_page()
    compare.goto(f"{studio.url}/compare/?picture={first}&picture={second}")
    family.goto(f"{studio.url}/pictures/{first}/family/")
    picture.goto(f"{studio.url}/pictures/{first}/")
    picture.get_by_role("tab", name="Comments").click()
    picture.locator("comment-form textarea").fill("A little lower")
    ada.goto(f"{studio.url}/gallery/")
    post(ada, f"/pictures/{first}/trash/", state="on")
    said = {
        compare: "One of these pictures is no longer there for you.",
        family: "This picture is no longer there for you.",
    }
    said[picture] = said[family]
    for page, words in said.items():
        page.bring_to_front()
        expect(page.locator("#gone")).to_contain_text(words)
        expect(page.locator("#gone")).to_be_visible()
    expect(picture.locator("comment-form textarea")).to_have_value("A little lower")
    post(ada, f"/pictures/{first}/trash/", state="off")
    for page in said:
        page.bring_to_front()
        expect(page.locator("#gone")).to_be_hidden()
