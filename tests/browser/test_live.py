"""The page tells the truth within 20 seconds, whatever happens on the way to it, and nobody has to reload it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.live_page import JOB, before, invited, is_true, make, page, slow, studio
from tests.stack.running import Running, eventually
from tests.stack.visitor import Visitor

__all__ = ["before", "invited", "is_true", "page", "studio"]

# Its 20 seconds are a promise: what runs beside it would stretch them.
pytestmark = [pytest.mark.browser, pytest.mark.alone]
PULSE = "**/pulse/**"
PORTAL = "<!doctype html><title>Wi-Fi</title><body><h1>Welcome to the hotel</h1><form>Sign in</form>"
FOREIGN = "The answer didn't come from Studio."
# The page as it would look when its tab is behind another one; headless browsers have no such thing.
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_six_rounds_of_six_quick_submits_on_a_slow_machine(page: Page, is_true: Callable[[int], None]) -> None:
    slow(page)
    for round in range(6):
        for number in range(6):
            make(page, f"Paper boat {round}.{number}{' [moderated]' if number % 3 else ''}")
        is_true((round + 1) * 6)


@pytest.mark.parametrize("show", ["all", "failed"])
def test_thirty_submits_of_another_person_behind_a_hidden_tab(
    studio: Running, page: Page, invited: Visitor, is_true: Callable[[int], None], show: str
) -> None:
    page.goto(f"{studio.url}/?whose=team&show={show}")
    page.evaluate("window.wasNotReloaded = true")
    asked: list[str] = []
    page.evaluate(HIDE, True)
    page.on("request", lambda request: asked.append(request.url))
    for number in range(30):
        invited.make(f"Harbour {number}{'' if number % 3 == 0 and show == 'all' else ' [moderated]'}")
    ended = "SELECT count(*) FROM studio_job WHERE state NOT IN ('done', 'failed', 'unknown')"
    eventually(lambda: studio.rows(ended)[0][0] == 0, within=120, what="all of them at their end")
    assert [url for url in asked if "/pulse/" in url] == []
    page.evaluate(HIDE, False)
    is_true(30)


def test_thirty_submits_while_the_page_is_offline(
    studio: Running, page: Page, invited: Visitor, is_true: Callable[[int], None]
) -> None:
    page.goto(f"{studio.url}/?whose=team")
    page.evaluate("window.wasNotReloaded = true")
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("No connection.")
    for number in range(30):
        invited.make(f"Lighthouse {number}{' [moderated]' if number % 3 else ''}")
    page.context.set_offline(False)
    is_true(30)
    expect(page.locator("#connection")).to_be_hidden()


@pytest.mark.parametrize("busy", [True, False])
def test_a_pulse_that_is_never_answered(
    page: Page, invited: Visitor, studio: Running, is_true: Callable[[int], None], busy: bool
) -> None:
    page.goto(f"{studio.url}/?whose=team")
    page.evaluate("window.wasNotReloaded = true")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    if busy:
        make(page, "Tide pool")
    page.route(PULSE, hold)
    eventually(lambda: held or page.wait_for_timeout(50), what="a pulse that is held")
    invited.make("Tide pool at night")
    is_true(2 if busy else 1)


@pytest.mark.parametrize("status", [500, 503])
def test_pulses_answered_with_an_error(page: Page, is_true: Callable[[int], None], status: int) -> None:
    times: list[float] = []

    def fail(route: Route) -> None:
        if len(times) < 5:
            times.append(page.evaluate("performance.now()"))
            route.fulfill(status=status, headers={"Studio": "1"}, body="")
        else:
            route.continue_()

    page.route(PULSE, fail)
    make(page, "Copper still life")
    eventually(lambda: len(times) == 5 or page.wait_for_timeout(50), within=40, what="five failures")
    assert times[4] - times[3] > times[1] - times[0]
    expect(page.locator("#connection")).to_contain_text("can't update this page")
    expect(page.locator("#toasts > *")).to_have_count(0)
    is_true(1)
    expect(page.locator("#connection")).to_be_hidden()


def portal(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body=PORTAL)


def test_a_foreign_page_instead_of_the_pulse(page: Page, is_true: Callable[[int], None]) -> None:
    page.route(PULSE, portal)
    make(page, "Wind over barley")
    strip = page.locator("#connection")
    expect(strip).to_contain_text(FOREIGN)
    expect(page.locator("body")).not_to_contain_text("Welcome to the hotel")
    page.unroute(PULSE)
    is_true(1)
    expect(strip).to_be_hidden()


def test_a_redirect_to_a_sign_in_page_elsewhere(page: Page, is_true: Callable[[int], None]) -> None:
    """A proxy whose session has ended: the browser must not follow, and the person reads why nothing comes."""

    def away(route: Route) -> None:
        route.fulfill(status=302, headers={"Location": "http://sign-in.invalid/"})

    page.route(PULSE, away)
    intercept(page, "**/submissions/", away)
    make(page, "Frost on a window")
    expect(page.locator("#connection")).to_contain_text(FOREIGN)
    expect(page.locator("#dock-problems")).to_contain_text("press Make again")
    page.unroute(PULSE)
    page.unroute("**/submissions/")
    page.get_by_role("button", name="Make 1 ·").click()
    is_true(1)
    expect(page.locator("#connection")).to_be_hidden()


@pytest.mark.parametrize("status", [200, 403, 413, 502])
def test_a_foreign_page_instead_of_make(page: Page, is_true: Callable[[int], None], status: int) -> None:
    intercept(
        page, "**/submissions/", lambda route: route.fulfill(status=status, content_type="text/html", body=PORTAL)
    )
    token = page.locator('input[name="token"]').input_value()
    make(page, "A bridge in fog")
    expect(page.locator("#dock-problems")).to_contain_text(FOREIGN)
    expect(page.locator("#connection")).to_contain_text(FOREIGN)
    expect(page.locator("body")).not_to_contain_text("Welcome to the hotel")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A bridge in fog")
    assert page.locator('input[name="token"]').input_value() == token
    page.unroute("**/submissions/")
    page.get_by_role("button", name="Make 1 ·").click()
    is_true(1)
    expect(page.locator("#dock-problems")).to_be_empty()


@pytest.mark.parametrize("status", [200, 413])
def test_a_foreign_page_instead_of_an_upload(page: Page, tmp_path: Path, status: int) -> None:
    file = tmp_path / "courtyard.jpg"
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(file)
    intercept(page, "**/uploads/", lambda route: route.fulfill(status=status, content_type="text/html", body=PORTAL))
    page.locator('input[name="reference_files"]').set_input_files(file)
    notes = page.locator("#tray-notes")
    expect(notes).to_contain_text("courtyard.jpg")
    expect(notes).to_contain_text(FOREIGN)
    expect(page.locator("body")).not_to_contain_text("Welcome to the hotel")
    expect(page.locator("li.slot--busy")).to_have_count(1)
    page.unroute("**/uploads/")
    notes.get_by_role("button", name="Try again").click()
    expect(page.locator('li.slot input[name="reference"]')).to_have_count(1)
    expect(notes).to_be_empty()


@pytest.mark.parametrize("claims", ["what it is", "to be new"])
def test_an_old_answer_after_a_newer_one(page: Page, is_true: Callable[[int], None], claims: str) -> None:
    """The first answer about a job is given again once the job has come to its end: as a whole, and card by card."""
    old: list[Any] = []

    def record(route: Route) -> None:
        answer = route.fetch()
        if answer.status == 200 and "job-" in answer.text():
            old.append((answer.headers, answer.text()))
        route.fulfill(response=answer)

    page.route(PULSE, record)
    make(page, "Moss garden")
    eventually(lambda: old or page.wait_for_timeout(50), what="an answer about the job")
    is_true(1)
    page.unroute(PULSE)
    replayed: list[bool] = []

    def replay(route: Route) -> None:
        if replayed:
            route.continue_()
        else:
            replayed.append(True)
            headers, body = old[0]
            headers |= {"studio-revision": "999999"} if claims == "to be new" else {}
            route.fulfill(status=200, headers=headers, body=body)

    page.route(PULSE, replay)
    pulse = page.locator("#pulse").get_attribute("hx-get")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    eventually(lambda: replayed or page.wait_for_timeout(50), what="the old answer")
    expect(page.locator("#pulse.htmx-request")).to_have_count(0)
    assert page.locator("#pulse").get_attribute("hx-get") == pulse
    is_true(1)


def test_focus_menu_and_picture_survive_an_update(page: Page, is_true: Callable[[int], None]) -> None:
    """The card changes under an open menu; the picture that is loaded is not loaded again."""
    make(page, "Slate roof [slow]")
    # Not simply the first card, which is another one until this one has come on top.
    card = page.locator(JOB, has_text="Slate roof").or_(page.locator(JOB, has=page.get_by_alt_text("Slate roof"))).first
    card.locator(".job__dots").click()
    menu = card.locator(".menu")
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    rev = card.get_attribute("data-rev")
    expect(card).not_to_have_attribute("data-rev", rev or "", timeout=30_000)
    if card.get_attribute("data-state") != "done":
        expect(menu).to_be_visible()
        now = menu.bounding_box()
        assert box
        assert now
        assert (now["x"], now["y"]) == (box["x"], box["y"])
    page.keyboard.press("Escape")
    is_true(1)
    loaded: list[str] = []
    image = card.locator("a img").element_handle()
    page.on("request", lambda request: loaded.append(request.url))
    link = card.locator(".tile__link")
    link.focus()
    page.evaluate(
        """card => { const again = card.outerHTML; card.dataset.rev = "0";
        htmx.swap("#pulse", again, { swapStyle: "live" }, { contextElement: document.getElementById("pulse") }); }""",
        card.element_handle(),
    )
    assert image
    assert image.evaluate("image => image.isConnected && image.complete && image.naturalWidth > 0")
    expect(link).to_be_focused()
    assert [url for url in loaded if "/media/" in url] == []


def test_a_job_that_fails_comes_to_the_failed_ones(studio: Running, page: Page, invited: Visitor) -> None:
    page.goto(f"{studio.url}/?whose=team&show=failed")
    page.evaluate("window.wasNotReloaded = true")
    invited.make("Portrait of the mayor [moderated]")
    expect(page.locator(JOB, has_text="Portrait of the mayor").first).to_contain_text("Refused", timeout=60_000)
