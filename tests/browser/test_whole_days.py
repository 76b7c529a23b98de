"""Whole days of a designer: a chain of edits with its family, finding again, a zip of 300, and no mouse at all."""

from __future__ import annotations

import re
import uuid
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browser_user import join
from tests.browser.conftest import Joined, Open
from tests.browser.filled import FILE, fill
from tests.stack.running import Running, eventually
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds
NEWEST = "SELECT code FROM studio_picture WHERE origin = 'made' ORDER BY id DESC LIMIT 1"


def make(page: Page, studio: Running, words: str, pictures: int) -> str:
    """Write a prompt, make it, wait until the studio has so many pictures; return the newest one's code."""
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill(words)
    prompt.press("Control+Enter")
    made = "SELECT count(*) FROM studio_picture WHERE origin = 'made' AND shown_at IS NOT NULL"
    eventually(lambda: studio.rows(made)[0][0] == pictures, within=60, what=f"{pictures} pictures")
    return str(uuid.UUID(studio.rows(NEWEST)[0][0]))


def go_on(page: Page, studio: Running, code: str, words: str, pictures: int) -> str:
    """Open a picture, use it as the source by its key, and edit it."""
    page.goto(f"{studio.url}/pictures/{code}/")
    page.locator("body").press("e")
    expect(page.get_by_role("list", name="Source").get_by_role("listitem")).to_have_count(1)
    return make(page, studio, words, pictures)


def test_a_chain_of_edits_has_a_family_and_branches_from_its_middle(studio: Running, ada: Page) -> None:
    page = ada
    first = make(page, studio, "A courtyard at noon", 1)
    second = go_on(page, studio, first, "Make it night", 2)
    third = go_on(page, studio, second, "Hang lanterns under the arches", 3)
    page.goto(f"{studio.url}/pictures/{third}/")
    page.locator("body").press("r")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Hang lanterns under the arches")
    another = make(page, studio, "Hang lanterns under the arches", 4)
    branch = go_on(page, studio, second, "Make it snow", 5)

    page.goto(f"{studio.url}/pictures/{second}/")
    page.locator("body").press("c")
    page.wait_for_url("**/compare/**")
    expect(page.get_by_role("main")).to_contain_text("Make it night")
    page.goto(f"{studio.url}/pictures/{second}/")
    page.locator("body").press("Shift+F")
    page.wait_for_url("**/family/")
    for code in (first, second, third, another, branch):
        expect(page.locator(f'.leaf[data-key="{code}"]')).to_have_count(1)
    lines = page.locator(".tree .edge:not(.edge--ref)")
    expect(lines).to_have_count(4)


def test_a_picture_is_found_again_by_words_month_person_and_ratio(studio: Running, ada: Page, open_page: Open) -> None:
    page = ada
    links = []
    for _ in range(2):
        page.goto(f"{studio.url}/people/")
        page.get_by_role("button", name="Create invite").click()
        links.append(page.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1"))
    with Visitor(studio, link=links[0], name="Anna") as anna:
        anna.make("A night market with ceramic bowls")
        anna.make("A night train")
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_searchdocument") == [(2,)], what="two pictures")

    page.goto(f"{studio.url}/gallery/")
    tiles, chips = page.locator("#results .tile"), page.locator("#filters .chip--on")
    page.locator("body").press("/")
    page.keyboard.type("night market ceramic")
    expect(tiles).to_have_count(1)
    for menu, choice in (("Person", "Anna"), ("Ratio", "3:2")):
        page.get_by_role("button", name=menu, exact=True).press("Enter")
        page.get_by_role("link", name=choice, exact=True).press("Enter")
        expect(chips.filter(has_text=choice)).to_be_visible()
    page.get_by_role("button", name="Date").press("Enter")
    page.get_by_role("link", name="This month").press("Enter")
    expect(chips).to_have_count(3)
    expect(tiles).to_have_count(1)

    # The address, pasted in a chat, is the same view for somebody else.
    cleo = open_page()
    join(cleo, studio, link=links[1], name="Cleo")
    cleo.goto(page.url)
    expect(cleo.locator("#results .tile")).to_have_count(1)
    expect(cleo.locator("#filters .chip--on")).to_have_count(3)
    expect(cleo.get_by_label("Search pictures")).to_have_value("night market ceramic")


def test_a_zip_of_three_hundred_names_the_two_that_it_leaves_out(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    fill(studio, 301)
    studio.rows("UPDATE studio_picture SET file = ?, format = 'webp'", FILE)
    studio.rows("UPDATE studio_picture SET file = 'originals/gone.webp' WHERE id IN (7, 140)")
    page.goto(f"{studio.url}/gallery/")
    page.locator(".tile__link").first.focus()
    page.keyboard.press("Control+a")
    page.locator("#selection [data-all]").press("Enter")
    expect(page.locator("#selection [data-count]")).to_contain_text("300")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Zip of 300 pictures")).to_be_visible()
    page.get_by_label("A list of all settings").check()
    page.get_by_role("button", name="Make the zip").press("Enter")
    link = page.get_by_role("link", name="Download ·")
    expect(link).to_be_visible(timeout=MAKE)
    expect(page.locator("#archive")).to_contain_text("298 pictures, 2 left out")
    with page.expect_download() as coming:
        link.press("Enter")
    coming.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        names = whole.namelist()
        pictures = [name for name in names if name.endswith(".webp")]
        assert len(pictures) == 298
        assert pictures == sorted(pictures)
        assert {"settings.json", "settings.csv", "skipped.txt"} <= set(names)
        assert len(whole.read("skipped.txt").decode().strip().splitlines()) >= 2


def tab_to(page: Page, control: Locator, most: int = 60) -> None:
    """Press Tab until the control has the focus; fail after `most`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if control.evaluate("control => control === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab did not come to {control}")


def test_everything_goes_by_keyboard_and_is_said(studio: Running, ada: Page) -> None:
    page, words = ada, "A paper boat on a dark pond"
    page.goto(f"{studio.url}/")
    page.locator("body").press("n")
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#news")).to_have_text(f"1 of 1 finished: {words}", timeout=MAKE)
    page.goto(f"{studio.url}/gallery/")
    tile = page.locator("#grid .tile__link").first
    tab_to(page, tile)
    page.keyboard.press("Enter")
    page.wait_for_url("**/pictures/**")
    expect(page.locator(".view__picture").get_by_role("img", name=words)).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    tab_to(page, page.get_by_role("tab", name="Info"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Comments")).to_be_focused()
    tab_to(page, page.locator("#say-text"))
    page.keyboard.type("A little brighter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#talk")).to_contain_text("A little brighter")
    page.keyboard.press("Escape")  # out of the field
    page.keyboard.press("Escape")  # out of the picture
    page.wait_for_url("**/gallery/**")
    expect(tile).to_be_focused()


def test_the_same_by_touch_on_a_narrow_phone(studio: Running, ada: Page, joined: Joined, open_page: Open) -> None:
    page, words = open_page(phone=True), "A paper boat on a dark pond"
    page.set_viewport_size({"width": 360, "height": 740})
    page.context.add_cookies(
        [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
    )
    page.goto(studio.url)
    page.get_by_label("Prompt", exact=True).tap()
    page.keyboard.type(words)
    page.get_by_role("button", name=re.compile("Make 1")).tap()
    page.locator(".tile__link img").first.wait_for(timeout=MAKE)
    page.locator(".tile__link").first.tap()
    page.wait_for_url("**/pictures/**")
    page.get_by_role("button", name="Star", exact=True).tap()
    expect(page.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="Comments").tap()
    page.locator("#say-text").tap()
    page.keyboard.type("A little brighter")
    page.locator("#comments").get_by_role("button", name="Comment").tap()
    expect(page.locator("#talk")).to_contain_text("A little brighter")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
