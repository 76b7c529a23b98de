"""What is in the dock stays as the person left it: in each mode, after a reload, in a second tab, when a session ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.browser_user import PASSWORD, join, sign_in
from tests.browser.dock import access, add, empty, kept, mode, photo, prompt, ratio, say_ended, shown, sign_out
from tests.stack.running import Running, eventually, with_tables

pytestmark = pytest.mark.browser
JOB = '[id^="job-"]'


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One studio for all of these; each test begins without a draft and with a fresh sign-in."""
    running = Running(with_tables(tmp_path_factory.mktemp("composer") / "var"), COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def people(studio: Running, chromium: Browser) -> None:
    """Ada, the admin, and Ben."""
    with chromium.new_context() as context:
        page = context.new_page()
        join(page, studio)
        page.goto(f"{studio.url}/people/")
        page.get_by_role("button", name="Create invite").click()
        link = page.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1")
    with chromium.new_context() as context:
        join(context.new_page(), studio, link=link, name="Ben Okafor")


@pytest.fixture
def context(studio: Running, chromium: Browser, people: None) -> Iterator[BrowserContext]:
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as opened:
        opened.set_default_timeout(20_000)
        yield opened


@pytest.fixture
def page(studio: Running, context: BrowserContext) -> Iterator[Page]:
    """Ada on Create, her dock as at first."""
    errors: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(opened, studio, "Ada Admin", PASSWORD)
    empty(opened)
    yield opened
    assert errors == []


def test_each_mode_keeps_its_own_choices(page: Page, tmp_path: Path) -> None:
    page.locator('[name="style"]').select_option("manga")
    assert shown(page)["ratio"] == "2:3"
    page.locator('[name="style"]').select_option("auto")
    ratio(page, "16:9")
    page.get_by_role("button", name="More", exact=True).click()
    add(page, "reference", photo(tmp_path, "a.png", "red"), photo(tmp_path, "b.png", "blue"))
    add(page, "source", photo(tmp_path, "c.png", "green"))
    expect(page.get_by_role("radio", name="Edit")).to_be_checked()
    page.locator('summary[aria-disabled="true"][title="An edit keeps its source\'s size."]').click()
    expect(page.locator("#dock-ratios")).to_be_hidden()
    page.get_by_role("button", name="More", exact=True).click()
    edit = shown(page)
    assert (edit["ratio"], edit["count"], edit["source"], edit["references"]) == ("", "3", 1, 2)

    mode(page, "Generate")
    made = shown(page)
    assert [made[name] for name in ("style", "ratio", "count", "source", "references")] == ["auto", "16:9", "2", 0, 2]
    expect(page.locator("#dock-note")).to_contain_text("It's kept for Edit and Layers.")
    expect(page.locator("#compose button.btn--primary")).to_have_text(re.compile(r"Make 2 · \$0\.09"))
    mode(page, "Layers")
    layers = shown(page)
    assert (layers["source"], layers["references"], layers["count"]) == (1, 0, "1")
    expect(page.locator("#dock-note")).to_contain_text("They're kept for Generate and Edit.")
    expect(page.locator('[name="style"]')).to_be_disabled()
    kept(page)

    for _ in range(2):
        mode(page, "Edit")
        assert shown(page) == edit
        mode(page, "Generate")
        assert shown(page) == made
        mode(page, "Layers")
        assert shown(page) == layers
        kept(page)
        page.reload()
        eventually(lambda: shown(page) == layers, within=10, what=f"{layers} after a reload")
    page.goto(page.url.rstrip("/") + "/gallery/")
    page.go_back()
    eventually(lambda: shown(page) == layers, within=10, what=f"{layers} after Back")
    mode(page, "Generate")
    assert shown(page) == made


def test_edit_that_was_chosen_is_not_said_to_be_switched_to(page: Page, tmp_path: Path) -> None:
    note = page.locator("#dock-note")
    source = photo(tmp_path, "e.png", "purple")
    prompt(page).fill("A door")
    mode(page, "Edit")
    add(page, "source", source)
    expect(note).to_be_hidden()
    assert "follows" not in kept(page)
    page.reload()
    expect(page.locator("[data-role=source] > li[data-picture]")).to_have_count(1)
    expect(note).to_be_hidden()
    page.locator("[data-role=source] > li").press("Delete")
    expect(page.get_by_role("radio", name="Edit")).to_be_checked()

    mode(page, "Generate")
    add(page, "source", source)
    expect(note).to_contain_text("Switched to Edit")
    kept(page)
    page.reload()
    expect(note).to_contain_text("Switched to Edit")
    page.locator("[data-role=source] > li").press("Delete")
    expect(page.get_by_role("radio", name="Generate")).to_be_checked()


def test_a_reload_at_once_loses_nothing(page: Page) -> None:
    prompt(page).press_sequentially("Half a wor")
    page.reload()
    expect(prompt(page)).to_have_value("Half a wor")
    prompt(page).press_sequentially("d and more")
    page.context.set_offline(True)
    prompt(page).press_sequentially("!")
    expect(prompt(page)).to_have_value("Half a word and more!")
    page.context.set_offline(False)
    assert kept(page)["prompt"] == "Half a word and more!"


def test_a_draft_is_saved_at_most_once_a_second(page: Page) -> None:
    began: list[float] = []

    def note(asked: Request) -> None:
        if "/draft/" in asked.url and asked.method == "POST":
            began.append(asked.timing["startTime"])

    page.on("requestfinished", note)
    # Slower than an edit takes to rest, so that each letter is one.
    prompt(page).press_sequentially("A harbour", delay=400)
    assert kept(page)["prompt"] == "A harbour"
    page.remove_listener("requestfinished", note)
    assert len(began) >= 3
    # In milliseconds, of all together: on a busy machine one leaves late, and the next in time.
    assert began[-1] - began[0] > 950 * (len(began) - 1), began


def test_a_tab_that_changed_nothing_writes_nothing(page: Page, context: BrowserContext) -> None:
    writes: list[str] = []
    second = context.new_page()
    second.on(
        "request", lambda asked: writes.append(asked.url) if "/draft/" in asked.url and asked.method == "POST" else None
    )
    second.goto(page.url)
    expect(prompt(second)).to_be_visible()
    page.bring_to_front()
    prompt(page).fill("A harbour at dawn")
    assert kept(page)["prompt"] == "A harbour at dawn"
    expect(prompt(second)).to_have_value("A harbour at dawn")
    expect(second.locator("#dock-note")).to_contain_text("your newest edit")
    second.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    second.reload()
    second.close()
    assert writes == []
    page.reload()
    expect(prompt(page)).to_have_value("A harbour at dawn")


def test_the_newest_edit_wins_between_two_browsers(page: Page, studio: Running, chromium: Browser) -> None:
    with chromium.new_context() as elsewhere:
        other = elsewhere.new_page()
        sign_in(other, studio, "Ada Admin", PASSWORD)
        prompt(other).fill("Written at home")
        kept(other)
        prompt(page).fill("Written at work, later")
        assert kept(page)["prompt"] == "Written at work, later"
        expect(page.locator("#dock-note")).to_contain_text("newer than one from another tab or device")
        page.locator("#dock-before").get_by_role("link", name="Undo").click()
        expect(prompt(page)).to_have_value("Written at home")
        assert kept(page)["before"]["prompt"] == "Written at work, later"


def test_four_presses_within_a_slow_second_make_one(page: Page, studio: Running) -> None:
    (before,) = studio.rows("SELECT count(*) FROM studio_submission")[0]
    prompt(page).fill("A paper crane")
    for _ in range(4):
        page.locator("make-button:not([data-sending])").wait_for()
        prompt(page).press("Control+Enter")
    question = page.locator("#dock-problems")
    expect(question).to_contain_text("Make the same again?")
    assert studio.rows("SELECT count(*) FROM studio_submission")[0][0] == before + 1
    expect(prompt(page)).to_have_value("A paper crane")
    question.get_by_role("button", name="Make again").press("Enter")
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_submission")[0][0] == before + 2, within=10)
    expect(question).to_be_empty()
    prompt(page).fill("Another crane")
    page.locator("make-button:not([data-sending])").wait_for()
    prompt(page).press("Control+Enter")
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_submission")[0][0] == before + 3, within=10)


def test_use_as_source_begins_anew_and_undo_brings_the_draft_back(page: Page, tmp_path: Path) -> None:
    card = page.locator(f'{JOB}[data-state="done"]').first
    prompt(page).fill("A picture to begin with")
    page.get_by_role("button", name="Make 1").click()
    card.wait_for(timeout=60_000)
    prompt(page).fill("Words from before")
    add(page, "reference", photo(tmp_path, "d.png", "yellow"))
    address = card.locator('[data-act="source"]').get_attribute("href") or ""
    card.locator(".tile__link").press("e")
    undo = page.locator("#dock-before").get_by_role("link", name="Undo")

    def is_new() -> None:
        expect(page.get_by_role("radio", name="Edit")).to_be_checked()
        eventually(lambda: (shown(page)["source"], shown(page)["references"]) == (1, 0), within=10)
        expect(prompt(page)).to_have_value("")
        expect(prompt(page)).to_be_focused()

    is_new()
    undo.focus()
    undo.press("Enter")
    expect(prompt(page)).to_have_value("Words from before")
    eventually(lambda: (shown(page)["source"], shown(page)["references"]) == (0, 1), within=10)
    expect(page.get_by_role("radio", name="Generate")).to_be_checked()
    kept(page)
    # The same from another page.
    page.goto(page.url.rstrip("/") + address)
    is_new()
    kept(page)
    page.reload()
    undo.click()
    expect(prompt(page)).to_have_value("Words from before")
    # Nothing is lost by closing the note but the way back.
    note = page.locator("#dock-before")
    note.get_by_role("link", name="Close").press("Enter")
    expect(note).to_be_hidden()
    expect(prompt(page)).to_be_focused()
    expect(prompt(page)).to_have_value("Words from before")
    assert "before" not in kept(page)
    page.reload()
    expect(prompt(page)).to_have_value("Words from before")
    expect(note).to_be_hidden()


@pytest.mark.parametrize("how", ["signed out", "no access", "somebody else"])
def test_a_session_that_ends_while_typing_says_so(
    page: Page, context: BrowserContext, studio: Running, how: str
) -> None:
    if how == "no access":
        with_other = context.browser
        assert with_other
        sign_out(context, studio)
        sign_in(page, studio, "Ben Okafor", PASSWORD)
        with with_other.new_context() as admins:
            admin = admins.new_page()
            sign_in(admin, studio, "Ada Admin", PASSWORD)
            prompt(page).fill("Half a sent")
            access(admin, studio, "none")
            say_ended(page)
            access(admin, studio, "back")
        # The session has ended for good: the page goes on once its person is signed in again elsewhere.
        other = context.new_page()
        sign_in(other, studio, "Ben Okafor", PASSWORD)
        other.close()
        expect(page.locator("#connection")).to_be_hidden()
        assert kept(page)["prompt"] == "Half a sentence, kept"
    else:
        prompt(page).fill("Half a sent")
        sign_out(context, studio)
        if how == "somebody else":
            other = context.new_page()
            sign_in(other, studio, "Ben Okafor", PASSWORD)
            empty(other)
            prompt(page).press_sequentially("ence")
            expect(page.locator("#connection")).to_contain_text("Somebody else is signed in here now.")
            expect(prompt(page)).to_have_value("Half a sentence")
            other.reload()
            expect(prompt(other)).to_have_value("")
            prompt(page).press("Control+Enter")
            expect(page.locator("#dock-problems")).to_contain_text("Your words are kept")
            assert studio.rows("SELECT count(*) FROM studio_submission WHERE prompt LIKE 'Half%'")[0][0] == 0
            sign_out(context, studio)
        say_ended(page)
        with page.expect_popup() as opened:
            page.locator("#connection").get_by_role("link", name="Sign in").click()
        sign_in(opened.value, studio, "Ada Admin", PASSWORD)
        expect(prompt(opened.value)).to_have_value("Half a sentence, kept")
        opened.value.close()
        expect(page.locator("#connection")).to_be_hidden()
        expect(prompt(page)).to_have_value("Half a sentence, kept")
