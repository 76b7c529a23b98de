"""The focus of somebody without a mouse: it comes back where a part of the page, or all of it, was replaced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.team import invited, on_a_board, post
from tests.browser.test_axe import ask, made
from tests.stack.running import Running

pytestmark = pytest.mark.browser


LOADED = """async () => {
  const script = () => performance.getEntriesByType("resource").find(({ name }) => /js.keyboard/.test(name));
  while (!script()) await new Promise((after) => setTimeout(after, 20));
  await import(script().name);
}"""


def reach(page: Page, control: Locator) -> None:
    """Come to a control by keys: the first one of a page loads what they need."""
    page.keyboard.press("Tab")
    page.evaluate(LOADED)
    control.focus()


def test_the_arrows_lead_through_a_menu_and_esc_leads_out(ada: Page) -> None:
    menu = ada.get_by_role("button", name="Ada Admin: account menu")
    reach(ada, menu)
    ada.keyboard.press("Enter")
    for key, name in (("ArrowDown", "System"), ("ArrowDown", "Light"), ("ArrowUp", "System"), ("ArrowUp", "Sign out")):
        ada.keyboard.press(key)
        expect(ada.get_by_role("button", name=name)).to_be_focused()
    ada.keyboard.press("Escape")
    expect(menu).to_be_focused()


def test_the_focus_stays_in_its_row_after_a_form(studio: Running, ada: Page) -> None:
    for _ in range(3):
        invited(ada, studio, "Designer")
    ada.goto(f"{studio.url}/people/")
    revoke = ada.get_by_role("button", name="Revoke")
    reach(ada, revoke.first)
    for left in (2, 1):
        ada.keyboard.press("Enter")
        expect(revoke).to_have_count(left)
        expect(revoke.first).to_be_focused()
    ada.keyboard.press("Enter")
    expect(revoke).to_have_count(0)
    expect(ada.locator("main :focus")).to_have_count(1)


def test_a_panel_takes_the_focus_and_gives_it_back(studio: Running, ada: Page) -> None:
    ada.goto(f"{studio.url}/people/")
    row = ada.get_by_role("link", name="Ada Admin")
    reach(ada, row)
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="Ada Admin")).to_be_focused()
    ada.evaluate(LOADED)  # the browser itself gave it the focus, before any script was here
    ada.keyboard.press("Escape")
    expect(row).to_be_focused()


def test_the_focus_goes_on_where_a_tag_or_a_filter_was_removed(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(picture, _)] = made(studio, 1)
    ada.goto(f"{studio.url}/pictures/{picture}/")
    tag = ada.get_by_label("Add a tag")
    reach(ada, tag)
    ada.keyboard.type("hero")
    ada.keyboard.press("Enter")
    ada.get_by_role("button", name="Remove the tag hero").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("button", name="Remove the tag hero")).to_have_count(0)
    expect(tag).to_be_focused()

    ada.goto(f"{studio.url}/gallery/?type=image&q=noon")
    ada.get_by_role("link", name="Remove filter: Type").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("link", name="Remove filter: Type")).to_have_count(0)
    expect(ada.locator("main :focus")).to_have_count(1)


def test_esc_in_the_bar_of_a_selection_leads_back_to_its_picture(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    made(studio, 1)
    ada.goto(f"{studio.url}/gallery/")
    tile = ada.locator("#grid .tile__link").first
    tile.focus()
    ada.keyboard.press("x")
    ada.get_by_role("button", name="Select none").focus()
    ada.keyboard.press("Escape")
    expect(ada.locator("#selection")).to_be_hidden()
    expect(tile).to_be_focused()


def test_esc_takes_a_question_back_and_not_its_page(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(picture, _)] = made(studio, 1)
    ada.goto(f"{studio.url}/pictures/{picture}/")
    ada.locator("body").press("Delete")
    ada.wait_for_url("**/gallery/**")
    for address in (f"/pictures/{picture}/", "/trash/"):
        ada.goto(f"{studio.url}{address}")
        asked = ada.locator("details.ask", has_text="Delete it for good?")
        reach(ada, asked.locator("summary"))
        ada.keyboard.press("Enter")
        expect(asked.get_by_role("button", name="Delete for good")).to_be_visible()
        ada.keyboard.press("Tab")
        ada.keyboard.press("Escape")
        expect(asked.get_by_role("button", name="Delete for good")).to_be_hidden()
        expect(asked.locator("summary")).to_be_focused()
        assert address in ada.url


def test_the_focus_stays_near_a_control_that_its_own_press_hides(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    ask(ada, studio, "A harbour at dusk")
    made(studio, 2)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile__link").first.focus()
    ada.keyboard.press("x")
    every = ada.get_by_role("button", name="Select all 2")
    reach(ada, every)
    ada.keyboard.press("Enter")
    expect(every).to_be_hidden()
    expect(ada.locator("#selection :focus")).to_have_count(1)


def test_the_focus_stays_at_a_card_whose_button_is_disabled_until_its_answer_comes(studio: Running, ada: Page) -> None:
    post(ada, "/review/pauses/admin/", state="paused")
    ask(ada, studio, "A lighthouse in fog")
    card = ada.locator(".job", has_text="A lighthouse in fog")
    cancel = card.get_by_role("button", name="Cancel", exact=True)
    reach(ada, cancel)
    ada.keyboard.press("Enter")
    expect(cancel).to_have_count(0)
    expect(card.locator(":focus")).to_have_count(1)


def test_the_focus_follows_a_picture_that_is_moved_on_its_board(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    ask(ada, studio, "A harbour at dusk")
    made(studio, 2)
    ada.goto(f"{on_a_board(ada, studio, 2)}?arrange=on")
    row = ada.locator("li[id^=move-]").first
    moved = row.get_attribute("id")
    reach(ada, row.get_by_role("button", name="Move later"))
    ada.keyboard.press("Enter")
    expect(row).not_to_have_id(str(moved))
    expect(ada.locator(f"#{moved} :focus")).to_have_count(1)


def test_esc_closes_the_ways_to_download_and_not_the_picture(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(picture, _)] = made(studio, 1)
    ada.goto(f"{studio.url}/pictures/{picture}/")
    ways = ada.locator(".downloads summary")
    reach(ada, ways)
    for leave in ("Tab", "Enter"):
        ada.keyboard.press("Enter")
        expect(ada.get_by_role("button", name="Original")).to_be_visible()
        ada.keyboard.press("Tab") if leave == "Tab" else None
        ada.keyboard.press("Escape")
        expect(ada.get_by_role("button", name="Original")).to_be_hidden()
        expect(ways).to_be_focused()


def test_a_key_of_the_panel_shows_what_it_leads_to(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(picture, _)] = made(studio, 1)
    ada.goto(f"{studio.url}/pictures/{picture}/")
    reach(ada, ada.get_by_role("tab", name="Comments"))
    tag, ways = ada.get_by_label("Add a tag"), ada.locator(".downloads summary")
    info = ada.get_by_role("tab", name="Info")
    for key, control in (("t", tag), ("Shift+D", ways)):
        ada.get_by_role("tab", name="Comments").click()
        expect(control).to_be_hidden()
        ada.keyboard.press(key)
        expect(control).to_be_focused()
        ada.keyboard.press("Escape")
        # The whole panel is folded away.
        info.focus()
        ada.keyboard.press("i")
        expect(control).to_be_hidden()
        ada.keyboard.press(key)
        expect(control).to_be_focused()
        ada.keyboard.press("Escape")


def test_a_dock_that_is_filled_from_a_picture_keeps_its_page_where_it_is(studio: Running, ada: Page) -> None:
    """The picture's tile is looked for on the way back alone: that loads pages and scrolls down to it."""
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(picture, _)] = made(studio, 1)
    for key in ("r", "e", "Shift+R"):
        ada.goto(f"{studio.url}/pictures/{picture}/")
        ada.keyboard.press(key)
        ada.wait_for_url(f"{studio.url}/")
        expect(ada.get_by_label("Prompt", exact=True)).to_be_visible()
        ada.wait_for_load_state()
        assert ada.evaluate("document.activeElement.closest('.tile') === null"), key
    ada.goto(f"{studio.url}/")
    ada.locator(".tile__link").first.click()
    ada.wait_for_url("**/pictures/**")
    ada.keyboard.press("Escape")
    expect(ada.locator(".tile__link").first).to_be_focused()


def test_the_prompt_and_the_jobs_of_now_are_a_key_away_from_every_page(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A paper boat")
    [(code, _)] = made(studio, 1)
    for path in ("/gallery/", "/people/", f"/pictures/{code}/"):
        ada.goto(f"{studio.url}{path}")
        ada.keyboard.press("n")
        ada.wait_for_url(f"{studio.url}/#prompt")
        expect(ada.get_by_label("Prompt", exact=True)).to_be_focused()
        ada.go_back()
        ada.keyboard.press("q")
        ada.wait_for_url(f"{studio.url}/#now")
    ada.keyboard.press("n")
    expect(ada.get_by_label("Prompt", exact=True)).to_be_focused()
    ada.keyboard.type("nq")
    expect(ada.get_by_label("Prompt", exact=True)).to_have_value(re.compile("nq"))
    ada.keyboard.press("Control+Enter")
    ada.locator(".now .card, .now .tile").first.wait_for()
    ada.locator(".wordmark").focus()
    ada.keyboard.press("q")
    expect(ada.locator(".now :focus")).to_have_count(1)


def test_keys_act_on_nothing_below_an_open_menu(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(code, _)] = made(studio, 1)
    ada.goto(f"{studio.url}/pictures/{code}/")
    ada.get_by_role("button", name="More", exact=True).click()
    ada.evaluate(LOADED)
    for key in ("n", "q", "/", "f", "Delete"):
        ada.keyboard.press(key)
    expect(ada.get_by_role("link", name="Mark up")).to_be_visible()
    assert ada.url == f"{studio.url}/pictures/{code}/"
    ada.keyboard.press("Escape")
    ada.goto(f"{studio.url}/gallery/")
    tile = ada.locator(f"#picture-{code}")
    tile.hover()
    tile.locator("[popovertarget]").click()
    ada.evaluate(LOADED)
    for key in ("x", "y", "5", "n", "Control+a"):
        ada.keyboard.press(key)
    ada.keyboard.press("Escape")
    ada.get_by_role("button", name="account menu").click()
    for key in ("x", "y", "n", "q", "/", "Delete", "Control+a", "ArrowRight"):
        ada.keyboard.press(key)
    expect(ada.get_by_role("link", name="Your account")).to_be_visible()
    ada.keyboard.press("Escape")
    assert ada.evaluate("String(getSelection())") == ""
    expect(tile).not_to_have_class(re.compile("is-selected"))
    expect(ada.locator(".is-selecting")).to_have_count(0)
    assert ada.url == f"{studio.url}/gallery/"
    assert studio.rows("SELECT decision FROM studio_picture") == [("",)]
    # The menu is gone: they are the page's keys again.
    tile.locator(".tile__link").focus()
    ada.keyboard.press("x")
    expect(ada.locator(".is-selecting")).to_have_count(1)


def test_a_list_that_unfolds_in_the_page_has_the_keys_while_the_focus_is_in_it(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    ask(ada, studio, "A lighthouse")
    (code, _), (other, _) = made(studio, 2)
    ada.goto(f"{studio.url}/pictures/{code}/")
    unfolds = ada.locator("details.downloads__more")
    unfolds.locator("summary").click()
    ada.evaluate(LOADED)
    for key in ("n", "y", "f", "ArrowLeft", "ArrowRight", "Delete", "Alt+ArrowUp"):
        ada.keyboard.press(key)
    # Its own key folds it, and Esc.
    ada.keyboard.press("Shift+D")
    expect(unfolds).not_to_have_attribute("open", "")
    ada.keyboard.press("Shift+D")
    ada.keyboard.press("Escape")
    expect(unfolds).not_to_have_attribute("open", "")
    assert ada.url == f"{studio.url}/pictures/{code}/"
    assert studio.rows("SELECT DISTINCT decision FROM studio_picture") == [("",)]
    ada.keyboard.press(ada.locator("[rel=next], [rel=prev]").get_attribute("aria-keyshortcuts") or "")
    ada.wait_for_url(f"**/pictures/{other}/")
