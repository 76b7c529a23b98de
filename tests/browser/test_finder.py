"""Find a picture: type, take filters on and off by keys, hand the address to a colleague."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browser_user import join
from tests.browser.conftest import Open
from tests.browser.filled import fill
from tests.browser.team import post
from tests.stack.running import Running, eventually
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.browser
LOADED = "document.querySelector('#grid').window.keys.length"
PROMPTS = ("A red boat on still water", "A green boat in the rain", "A blue door in a white wall")


@pytest.fixture
def library(studio: Running, ada: Page) -> str:
    """Bob has three pictures; return the link by which Cleo joins."""
    links = []
    for _ in range(2):
        ada.goto(f"{studio.url}/people/")
        ada.get_by_role("button", name="Create invite").click()
        links.append(ada.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1"))
    with Visitor(studio, link=links[0], name="Bob Stranger") as bob:
        for prompt in PROMPTS:
            bob.make(prompt)
    made = "SELECT count(*) FROM studio_searchdocument"
    eventually(lambda: studio.rows(made) == [(3,)], what="three pictures")
    return links[1]


def test_a_search_is_typed_narrowed_by_keys_and_shared(
    studio: Running, ada: Page, library: str, open_page: Open
) -> None:
    ada.goto(f"{studio.url}/")
    ada.locator("body").press("/")
    ada.wait_for_url(re.compile("/gallery/"))
    find, tiles = ada.get_by_label("Search pictures"), ada.locator("#results .tile")
    expect(find).to_be_focused()
    expect(tiles).to_have_count(3)
    ada.evaluate("window.stayed = true")
    find.press_sequentially("boat", delay=20)
    expect(tiles).to_have_count(2)
    expect(ada).to_have_url(re.compile(r"\?q=boat$"))
    expect(find).to_be_focused()
    expect(ada.locator("#find-says")).to_have_text("2 pictures found")
    # A filter, by keys alone; each says how many pictures it has.
    star = ada.get_by_role("link", name="Starred by me")
    star.focus()
    expect(star.locator(".tip")).to_have_text("0 pictures")
    expect(star.locator(".tip")).to_be_visible()
    ada.get_by_role("button", name="Person").focus()
    ada.keyboard.press("Enter")
    ada.keyboard.press("Tab")
    ada.get_by_role("link", name="Bob Stranger 2 pictures").press("Enter")
    remove = ada.get_by_role("link", name="Remove filter: Person Bob Stranger")
    expect(remove).to_be_visible()
    expect(tiles).to_have_count(2)
    find.fill("boat rain")
    expect(tiles).to_have_count(1)
    expect(ada).to_have_url(re.compile(r"person=\d+&q=boat\+rain$"))
    # A colleague sees the same.
    cleo = open_page()
    join(cleo, studio, link=library, name="Cleo")
    cleo.goto(ada.url)
    expect(cleo.locator("#results .tile")).to_have_count(1)
    expect(cleo.get_by_label("Search pictures")).to_have_value("boat rain")
    # The chip goes by the keyboard, and the keyboard stays in the row.
    remove.press("Enter")
    expect(remove).to_have_count(0)
    expect(ada.locator("#filters > :focus")).to_have_count(1)
    expect(find).to_have_value("boat rain")
    # The words go by their button, and the focus is in the field again.
    ada.get_by_role("link", name="Clear search").press("Enter")
    expect(tiles).to_have_count(3)
    expect(find).to_have_value("")
    expect(find).to_be_focused()
    assert ada.evaluate("window.stayed"), "the page was loaded anew"
    ada.go_back()
    expect(ada.get_by_label("Search pictures")).to_have_value("boat rain")


def test_a_tag_beyond_the_menu_is_found_in_it_by_keys_alone(studio: Running, ada: Page, library: str) -> None:
    for number, (code,) in enumerate(studio.rows("SELECT code FROM studio_picture ORDER BY id")[:2]):
        tags = ", ".join(f"{'Harbour' if number else 'Autumn'} {one}" for one in range(30))
        post(ada, f"/pictures/{uuid.UUID(str(code))}/tags/", tag=tags, state="on")
    ada.goto(f"{studio.url}/gallery/?q=boat")
    menu = ada.locator("#filter-tag-menu")
    ada.get_by_role("button", name="Tag", exact=True).press("Enter")
    expect(menu.get_by_role("link")).to_have_count(50)
    ada.keyboard.press("ArrowDown")
    expect(menu.get_by_role("searchbox", name="Find a tag")).to_be_focused()
    ada.keyboard.type("autumn 2")
    expect(menu.get_by_role("link")).to_have_count(11)
    ada.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link").first).to_be_focused()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("link", name=re.compile("Remove filter: Tag Autumn 2"))).to_be_visible()
    expect(ada).to_have_url(re.compile(r"\?q=boat&tag=autumn\+2"))


def test_without_a_script_search_and_filters_are_forms_and_links(
    studio: Running, ada: Page, library: str, open_page: Open
) -> None:
    page = open_page(script=False)
    page.context.add_cookies(ada.context.cookies())
    page.goto(f"{studio.url}/gallery/")
    page.get_by_label("Search pictures").fill("boat")
    page.get_by_label("Search pictures").press("Enter")
    expect(page.locator("#results .tile")).to_have_count(2)
    page.get_by_role("button", name="Ratio").click()
    page.locator("#filter-ratio-menu").get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="1:1", exact=True).click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="2 results without 1:1").click()
    page.get_by_role("button", name="Save this view").click()
    page.get_by_label("Name", exact=True).fill("Boats")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“Boats” is saved.")).to_be_visible()
    page.goto(f"{studio.url}/gallery/")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="Boats").click()
    expect(page.locator("#results .tile")).to_have_count(2)


def test_a_count_that_comes_after_the_page_is_said_and_selected(studio: Running, ada: Page, library: str) -> None:
    """As on PostgreSQL, where counting costs much: the page says how many there are at least."""

    def uncounted(route: Route) -> None:
        answer = route.fetch()
        there = 'hx-get="/gallery/count/?q=boat" hx-trigger="load" hx-target="#find-count" hx-swap="outerHTML"'
        there += ' hx-sync="this"'
        text, times = re.subn(
            r'(id="find-count".*?<span class="small num nowrap")', rf"\1 {there}", answer.text(), flags=re.S
        )
        assert times == 1
        text, times = re.subn(r'(id="grid"[^>]*?)data-total="2"', r'\1data-total="1" data-more="+"', text)
        assert times == 1
        route.fulfill(response=answer, body=text)

    ada.route(re.compile(r"/gallery/\?q=boat\b"), uncounted)
    held: list[Route] = []
    ada.route("**/gallery/count/**", lambda route: held.append(route))

    def are_held(number: int) -> None:
        eventually(lambda: ada.evaluate("1") and len(held) >= number, what=f"{number} questions for a count")

    ada.goto(f"{studio.url}/gallery/")
    ada.get_by_label("Search pictures").fill("boat")
    everything = ada.locator("#selection [data-all]")
    expect(ada.locator("#results .tile")).to_have_count(2)
    ada.locator(".finder").get_by_role("link", name="Select").click()
    expect(everything).to_have_text("Select all 1+")
    everything.click()
    expect(ada.locator("#selection [data-count]")).to_have_text("1+ selected")
    are_held(1)
    held[0].continue_()
    expect(ada.locator("#selection [data-count]")).to_have_text("2 selected")
    expect(ada.locator("#find-says")).to_have_text("2 pictures found")
    expect(ada.locator("#find-count")).to_have_text(re.compile("2 pictures"))
    # A search that is typed on meanwhile is not held up, and the count before it says nothing any more.
    ada.get_by_label("Search pictures").fill("door")
    expect(ada.locator("#results .tile")).to_have_count(1)
    expect(ada.locator("#find-says")).to_have_text("1 picture found")
    ada.get_by_label("Search pictures").fill("boat")
    expect(ada.locator("#results .tile")).to_have_count(2)
    are_held(2)
    ada.get_by_label("Search pictures").fill("door")
    expect(ada.locator("#results .tile")).to_have_count(1)
    held[1].continue_()
    expect(ada.locator("#find-count")).to_have_text(re.compile("1 picture"))
    expect(ada.locator("#find-says")).to_have_text("1 picture found")
    # What is not counted yet can be left.
    ada.get_by_label("Search pictures").fill("boat")
    expect(ada.locator("#results .tile")).to_have_count(2)
    are_held(3)
    ada.get_by_role("link", name="Clear search").click()
    expect(ada.locator("#results .tile")).to_have_count(3)
    with ada.expect_response("**/gallery/count/**"):
        held[2].continue_()
    expect(ada.locator("#find-count")).to_have_text("")


def test_what_is_asked_for_begins_at_the_top_with_its_first_heading(studio: Running, ada: Page) -> None:
    fill(studio, 150)
    ada.goto(f"{studio.url}/gallery/")
    for depth in (0, 2_000):
        ada.mouse.move(600, 500)
        ada.mouse.wheel(0, depth)
        eventually(lambda depth=depth: ada.evaluate("scrollY") >= depth / 2, what="scrolled")
        ada.get_by_role("link", name="By day", exact=depth == 0).first.click()
        form = r"\d{4}-\d\d" + (r"-\d\d" if depth == 0 else "")
        expect(ada.locator("#grid [data-span]").first).to_have_attribute("data-span", re.compile(f"^{form}$"))
        assert ada.evaluate("scrollY") == 0


def test_what_was_asked_for_without_a_connection_is_asked_for_once_there_is_one(studio: Running, ada: Page) -> None:
    fill(studio, 150)
    page = ada.context.new_page()  # whose console may say that nothing answers
    ada.close()
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator("#grid > .tile").first).to_be_visible()
    page.context.set_offline(True)
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator("#connection")).to_be_visible()
    assert page.evaluate(LOADED) == 60
    page.context.set_offline(False)
    page.wait_for_function(f"() => {LOADED} > 60")
    page.goto(f"{studio.url}/gallery/")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_be_visible()
    with page.expect_event("requestfailed", lambda asked: "q=nothing" in asked.url):
        page.get_by_label("Search pictures").fill("nothing has this")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
