"""A picture goes, and comes back, while its page, its family or a comparison with it is open in another tab."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.browser.team import Open, invited, post
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


def test_what_was_typed_about_a_picture_that_is_gone_is_shown_to_be_copied(
    studio: Running, ada: Page, open_page: Open
) -> None:
    fill(studio, 1)
    ben = open_page().context.new_page()  # whose console may say 404
    join(ben, studio, link=invited(ada, studio, "Designer"), name="Ben")
    [[code]] = studio.rows("SELECT code FROM studio_picture")
    picture = f"/pictures/{uuid.UUID(str(code))}/"
    ben.goto(f"{studio.url}{picture}")
    ben.get_by_role("tab", name="Comments").click()
    ben.locator("#say-text").fill("Warmer")
    ben.keyboard.press("Control+Enter")
    ben.get_by_role("link", name="Edit").click()
    ben.locator("#say-text").fill("Warmer, <i>and</i> less of it")
    ben.get_by_role("link", name="Reply", exact=True).click()
    ben.locator("#say-text").fill("A little lower")
    post(ada, f"{picture}trash/", state="on")
    ben.reload()
    expect(ben.get_by_text("You wrote this about it and didn't send it. Copy it from here:")).to_be_visible()
    written = ben.get_by_label("What you wrote")
    expect(written).to_have_count(2)
    assert {one.input_value() for one in written.all()} == {"Warmer, <i>and</i> less of it", "A little lower"}
