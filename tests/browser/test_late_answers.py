"""An answer that comes late, or not at all, takes nothing away on the Create page and is said where one looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.conftest import Joined
from tests.browser.dock import kept
from tests.browser.filled import fill
from tests.browser.tray import add, photo, prompt, tiles
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
FROM_ELSEWHERE = {"type": "image", "prompt": "From elsewhere", "source": "", "references": [], "choices": {}}


@pytest.fixture
def page(studio: Running, joined: Joined, chromium: Browser) -> Iterator[Page]:
    """Create in a browser that may say what did not load."""
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.add_cookies(
            [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
        )
        opened = context.new_page()
        opened.goto(f"{studio.url}/")
        yield opened


def test_what_is_typed_while_the_draft_is_sent_outlasts_an_older_one_from_elsewhere(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    intercept(page, "**/draft/", hold)
    prompt(page).press_sequentially("A harbour")
    eventually(lambda: (page.wait_for_timeout(50), held)[1], what="the first save")
    prompt(page).press_sequentially(" at dawn")
    held[0].fulfill(status=409, headers={"Studio": "1"}, json={"number": 0, "content": FROM_ELSEWHERE})
    assert kept(page)["prompt"] == "A harbour at dawn"
    expect(prompt(page)).to_have_value("A harbour at dawn")


def open_crop(page: Page) -> None:
    tiles(page).first.get_by_role("button", name="More about").press("Enter")
    page.get_by_role("link", name="Crop or rotate").press("Enter")


def test_a_crop_that_does_not_come_or_is_not_made_is_said(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "one.png", "teal", (400, 300)))
    dialog = page.get_by_role("dialog", name="Crop or rotate")
    intercept(page, "**/crop/**", lambda route: route.fulfill(status=404, body="<p>Not here</p>"))
    with page.expect_response("**/crop/**"):
        open_crop(page)
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.unroute("**/crop/**")
    open_crop(page)
    expect(dialog.get_by_label("Frame of the crop")).to_be_focused()
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Use this").click()
    expect(dialog.locator(".errors")).not_to_be_empty()
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Use this").click()
    expect(dialog).to_be_hidden()


def test_a_press_without_an_answer_is_said_until_the_next_is_answered(page: Page, studio: Running) -> None:
    fill(studio, 1)
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.press("Enter")
    star, unsaved = page.get_by_role("button", name="Star", exact=True), page.get_by_text("No answer came.")
    expect(star).to_be_visible()
    intercept(page, "**/star/", lambda route: route.abort(), times=1)
    star.click()
    expect(unsaved).to_be_visible()
    # Studio answers what else is asked: only this one press was lost.
    expect(page.locator("#connection")).to_be_hidden()
    expect(star).to_have_attribute("aria-pressed", "false")
    intercept(page, "**/star/", lambda route: route.fulfill(status=502, body="Bad gateway"), times=1)
    unsaved.locator("..").locator("..").get_by_role("button", name="Close").click()
    star.click()
    expect(unsaved).to_be_visible()
    star.click()
    expect(unsaved).to_have_count(0)
    expect(star).to_have_attribute("aria-pressed", "true")


def test_a_menu_that_does_not_come_is_said_and_what_may_not_be_saved_stays_said(page: Page, studio: Running) -> None:
    fill(studio, 1)
    page.goto(f"{studio.url}/gallery/")
    lost, unsaved = page.get_by_text("Nothing has changed: try again."), page.get_by_text("may not be saved")
    person = page.get_by_role("button", name="Person", exact=True)
    intercept(page, "**/gallery/filters/**", lambda route: route.abort())
    intercept(page, "**/star/**", lambda route: route.abort(), times=1)
    page.locator("#grid .tile").first.hover()
    page.locator("#grid").get_by_role("button", name="Star").first.click()
    expect(unsaved).to_be_visible()
    person.press("Enter")
    expect(lost).to_be_visible()
    page.keyboard.press("Escape")
    page.unroute("**/gallery/filters/**")
    person.press("Enter")
    expect(page.locator("#filter-person-menu").get_by_role("link").first).to_be_visible()
    expect(lost).to_have_count(0)
    expect(unsaved).to_be_visible()


def test_a_panel_whose_script_does_not_come_says_so(page: Page) -> None:
    intercept(page, "**/dock-panel.*", lambda route: route.abort())
    page.get_by_role("button", name="Your prompts").click()
    expect(page.locator("#dock-note").get_by_text("That could not be loaded. Check your connection")).to_be_visible()
    expect(page.get_by_role("dialog", name="Your prompts")).to_be_hidden()


def test_what_is_changed_and_sent_while_the_last_is_on_its_way_goes_after_it(page: Page, studio: Running) -> None:
    """A press while Make says "Sending…" is not lost where it means another request, and a double click is none."""
    held: list[Route] = []

    def press(words: str) -> None:
        prompt(page).fill(words)
        prompt(page).press("Control+Enter")

    def sent() -> list[str]:
        page.wait_for_timeout(50)
        return [
            row[0]
            for row in studio.rows("SELECT prompt FROM studio_submission WHERE prompt LIKE 'A pier%' ORDER BY id")
        ]

    intercept(page, "**/submissions/", lambda route: held.append(route))
    press("A pier at dawn")
    eventually(lambda: (page.wait_for_timeout(50), held)[1], what="the first request")
    prompt(page).press("Control+Enter")
    press("A pier at noon")
    prompt(page).press("Control+Enter")
    assert len(held) == 1
    held.pop().continue_()
    eventually(lambda: (page.wait_for_timeout(50), held)[1], what="the second request")
    assert sent() == ["A pier at dawn"]
    # What is typed on after the press is not sent half: it waits for a press of its own.
    press("A pier at night")
    prompt(page).press_sequentially(", and")
    held.pop().continue_()
    expect(page.locator("make-button")).not_to_have_attribute("data-sending", "")
    assert sent() == ["A pier at dawn", "A pier at noon"]
    expect(prompt(page)).to_have_value("A pier at night, and")
    assert not held
    press("A pier at night, and fog")
    eventually(lambda: (page.wait_for_timeout(50), held)[1], what="the last request")
    held.pop().continue_()
    made = ["A pier at dawn", "A pier at noon", "A pier at night, and fog"]
    eventually(lambda: sent() == made, what="the last picture")


def test_an_answer_that_comes_late_leaves_the_focus_where_it_went(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "late boat.png", "navy", (400, 300)))
    page.get_by_role("button", name="Your uploads").press("Enter")
    panel = page.get_by_role("dialog", name="Your uploads")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    held: list[Route] = []
    intercept(page, "**/uploads/mine/?q=*", lambda route: held.append(route))
    page.keyboard.type("late")
    eventually(lambda: (page.wait_for_timeout(50), held)[1], what="the search")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    found = panel.get_by_role("link", name="late boat.png").first
    expect(found).to_be_focused()
    held.pop().continue_()
    expect(panel.get_by_role("status")).to_have_text("1 picture found")
    expect(found).to_be_focused()
