"""Somebody is made a viewer and a designer again while their pages are open: they say so, and what was typed stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.browser.team import Open, invited, post
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_open_pages_follow_another_role(studio: Running, ada: Page, open_page: Open) -> None:
    fill(studio, 6)
    create = open_page().context.new_page()  # whose console may say 403
    join(create, studio, link=invited(ada, studio, "Designer"), name="Ben")
    create.get_by_label("Prompt", exact=True).fill("Some boats")
    gallery = create.context.new_page()
    gallery.goto(f"{studio.url}/gallery/")
    source = gallery.locator("[data-act=source]").first
    expect(source).not_to_have_css("display", "none")
    [[ben]] = studio.rows("SELECT id FROM studio_user WHERE name = 'Ben'")
    ada.goto(f"{studio.url}/people/")

    tab = gallery.get_by_role("link", name="Create", exact=True)
    expect(tab).to_be_visible()
    post(ada, f"/people/{ben}/access/", access="viewer")
    expect(gallery.locator("toast-note", has_text="You're a viewer now.")).to_be_visible()
    expect(source).to_have_css("display", "none")
    expect(tab).to_be_hidden()
    delete = gallery.locator("[formaction$='/trash/chosen/']")
    expect(delete).to_have_css("display", "none")
    create.bring_to_front()
    expect(create.locator("toast-note", has_text="You're a viewer now.")).to_be_visible()
    create.get_by_label("Prompt", exact=True).press("Control+Enter")
    refused = create.locator("toast-note", has_text="You're a viewer here")
    expect(refused).to_be_visible()
    expect(create.locator("#dock-problems")).to_contain_text("You're a viewer here")

    post(ada, f"/people/{ben}/access/", access="designer")
    expect(create.locator("toast-note", has_text="You're a designer now.")).to_be_visible()
    expect(create.locator("toast-note")).to_have_count(1)
    expect(create.locator("#dock-problems")).to_be_empty()
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("Some boats")
    create.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(create.locator("[data-state]").first).to_be_visible()
    gallery.bring_to_front()
    expect(source).not_to_have_css("display", "none")
    expect(delete).not_to_have_css("display", "none")


def test_nothing_of_an_open_page_leads_on_to_what_is_for_admins_alone(
    studio: Running, ada: Page, open_page: Open
) -> None:
    review = open_page().context.new_page()
    join(review, studio, link=invited(ada, studio, "Admin"), name="Ben")
    review.goto(f"{studio.url}/review/")
    tab = review.get_by_role("link", name="Review")
    expect(tab).to_be_visible()
    [[ben]] = studio.rows("SELECT id FROM studio_user WHERE name = 'Ben'")
    ada.goto(f"{studio.url}/people/")
    post(ada, f"/people/{ben}/access/", access="designer")
    said = review.locator("toast-note", has_text="You're a designer now.")
    expect(said).to_contain_text("This page is for admins: what you press here isn't done any more.")
    expect(tab).to_be_hidden()
    expect(review.get_by_role("navigation", name="For admins")).to_be_hidden()
    review.get_by_role("button", name="Pause sending").click()
    expect(review.get_by_role("main")).to_contain_text("Only an admin of your team can do this.")
    review.go_back()
    expect(review.get_by_role("main")).to_contain_text("You don't have access to this page.")

    # A page that is open while somebody is made an admin leads there too.
    boards = review.context.new_page()
    boards.goto(f"{studio.url}/boards/")
    expect(boards.get_by_role("link", name="Review")).to_be_hidden()
    post(ada, f"/people/{ben}/access/", access="admin")
    expect(boards.get_by_role("link", name="Review")).to_be_visible()
    boards.get_by_role("button", name="Ben: account menu").click()
    boards.get_by_role("link", name="People").click()
    expect(boards.get_by_role("heading", name="People")).to_be_visible()

    post(ada, f"/people/{ben}/access/", access="none")
    review.goto(f"{studio.url}/gallery/")
    expect(review.get_by_role("heading", name="Sign in")).to_be_visible()
