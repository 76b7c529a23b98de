"""What somebody asked for or uploaded before comes back into the dock: by keys, by panels, by links and by files."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.browser_user import PASSWORD, join, sign_in
from tests.browser.tray import PASTE, add, photo, prompt, tiles
from tests.stack.running import Running, eventually, with_tables

pytestmark = pytest.mark.browser
PROMPTS = ("A red boat on still water", "A green hill in the rain", "A blue door in a white wall")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(with_tables(tmp_path_factory.mktemp("asked") / "var"), COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def past(studio: Running, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ada has asked for three pictures and uploaded two."""
    folder = tmp_path_factory.mktemp("uploads")
    with chromium.new_context() as context:
        page = context.new_page()
        join(page, studio)
        for words in PROMPTS:
            prompt(page).fill(words)
            page.locator("#compose .btn--primary").click()
            expect(page.locator(".job, .tile").filter(has_text=words).first).to_be_attached()
        add(page, photo(folder, "past Äpfel.png", "green"))
        add(page, photo(folder, "past boat.png", "navy"))


@pytest.fixture
def page(studio: Running, chromium: Browser, past: None) -> Iterator[Page]:
    """Ada on Create, with an empty dock."""
    errors: list[str] = []
    with chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True) as context:
        context.set_default_timeout(20_000)
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        sign_in(opened, studio, "Ada Admin", PASSWORD)
        opened.evaluate("""() => document.querySelector("compose-dock").take({
            type: "image", prompt: "", source: "", references: [], choices: {} })""")
        yield opened
    assert errors == []


def test_alt_and_the_arrows_walk_through_past_prompts(page: Page) -> None:
    field = prompt(page)
    field.fill("Not sent yet")
    for words in reversed(PROMPTS):
        field.press("Alt+ArrowUp")
        expect(field).to_have_value(words)
    field.press("Alt+ArrowUp")
    expect(field).to_have_value(PROMPTS[0])
    for words in (*PROMPTS[1:], "Not sent yet"):
        field.press("Alt+ArrowDown")
        expect(field).to_have_value(words)


def test_words_changed_on_the_way_are_not_lost(page: Page) -> None:
    field = prompt(page)
    field.press("Alt+ArrowUp")
    expect(field).to_have_value(PROMPTS[2])
    field.press("End")
    field.type(", half open")
    field.press("Alt+ArrowUp")
    expect(field).to_have_value(PROMPTS[1])
    field.press("Alt+ArrowDown")
    field.press("Alt+ArrowDown")
    expect(field).to_have_value(f"{PROMPTS[2]}, half open")


def test_a_past_prompt_is_found_and_used(page: Page, studio: Running) -> None:
    prompt(page).fill("Not sent yet")
    page.get_by_role("button", name="Your prompts").press("Enter")
    panel = page.get_by_role("dialog", name="Your prompts")
    expect(panel.locator(".asked__words")).to_have_text(list(reversed(PROMPTS)))
    expect(panel.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("GREEN")
    page.keyboard.press("Enter")
    expect(panel.locator(".asked__words")).to_have_text([PROMPTS[1]])
    assert page.url == f"{studio.url}/", "Enter searches, and leads nowhere else"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(panel.get_by_role("link", name="Prompt only")).to_be_focused()
    page.keyboard.press("Enter")
    expect(prompt(page)).to_have_value(PROMPTS[1])
    expect(panel).to_be_hidden()
    expect(prompt(page)).to_be_focused()
    page.get_by_role("link", name="Undo").click()
    expect(prompt(page)).to_have_value("Not sent yet")


def test_an_upload_is_picked_with_the_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Your uploads").press("Enter")
    panel = page.get_by_role("dialog", name="Your uploads")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("PAST")
    expect(panel.locator(".asked__name")).to_have_text(["past boat.png", "past Äpfel.png"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("link", name="past Äpfel.png").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(tiles(page)).to_have_count(1)
    expect(tiles(page)).to_have_attribute("data-title", "past Äpfel.png")
    panel.get_by_role("searchbox").fill("bOaT")
    expect(panel.locator(".asked__name")).to_have_text(["past boat.png"])
    panel.get_by_role("link", name="Use past boat.png as source").press("Enter")
    expect(tiles(page, "source")).to_have_attribute("data-title", "past boat.png")
    expect(tiles(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Your uploads")).to_be_focused()


def test_a_notice_lies_above_an_open_panel(page: Page) -> None:
    page.get_by_role("button", name="Your uploads").click()
    expect(page.get_by_role("dialog", name="Your uploads").get_by_role("listitem").first).to_be_visible()
    page.evaluate("toasts.append(unanswered.content.cloneNode(true))")
    page.locator("toast-note").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog", name="Your uploads")).to_be_hidden()


def test_a_downloaded_picture_brings_its_settings_back(page: Page, studio: Running) -> None:
    made = """select p.code from studio_picture p join studio_job j on p.job_id = j.id
      join studio_submission s on j.submission_id = s.id where s.prompt = ?"""
    [[found]] = eventually(lambda: studio.rows(made, PROMPTS[0]), what="the first picture")
    code = str(uuid.UUID(found))
    page.goto(f"{studio.url}/pictures/{code}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).press("Enter")
    page.goto(studio.url)
    prompt(page).fill("Words that stay until somebody says so")
    add(page, Path(download.value.path()))
    expect(tiles(page)).to_have_attribute("data-picture", code)
    expect(prompt(page)).to_have_value("Words that stay until somebody says so")
    page.get_by_role("link", name="Reuse settings").press("Enter")
    expect(prompt(page)).to_have_value(PROMPTS[0])
    expect(tiles(page)).to_have_count(0)
    expect(page.locator("#tray-notes > *")).to_have_count(0)
    page.get_by_role("link", name="Undo").press("Enter")
    expect(prompt(page)).to_have_value("Words that stay until somebody says so")
    expect(tiles(page)).to_have_attribute("data-picture", code)


def test_a_link_to_one_of_our_pictures_becomes_a_reference(page: Page, studio: Running) -> None:
    codes = [str(uuid.UUID(code)) for (code,) in studio.rows("select code from studio_picture order by id limit 2")]
    links = [f"{studio.url}/pictures/{codes[0]}/?of=mine", f"{studio.url}/pictures/{codes[1]}/original/"]
    for words in (f"Like {links[0]}", f"https://elsewhere.example/pictures/{codes[0]}/"):
        assert prompt(page).evaluate(PASTE, words), "other words are pasted as words"
    assert not prompt(page).evaluate(PASTE, "\n".join(links))
    expect(tiles(page)).to_have_count(2)
    assert [tile.get_attribute("data-picture") for tile in tiles(page).all()] == codes
    page.get_by_role("button", name="Your prompts").click()
    assert page.get_by_role("searchbox").evaluate(PASTE, links[0])


def test_a_picture_is_cropped_with_the_keyboard(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "one.png", "teal", (400, 300)), photo(tmp_path, "two.png", "red", (300, 300)))
    before = tiles(page).first.get_attribute("data-picture")
    tiles(page).first.get_by_role("button", name="More about").press("Enter")
    page.get_by_role("link", name="Crop or rotate").press("Enter")
    dialog = page.get_by_role("dialog", name="Crop or rotate")
    frame = dialog.get_by_label("Frame of the crop")
    expect(frame).to_be_focused()
    page.keyboard.press("r")
    expect(dialog.locator("#crop-size")).to_have_text("300 × 400 of 300 × 400")
    dialog.get_by_role("radio", name="1:1", exact=True).focus()
    page.keyboard.press("Space")
    expect(dialog.locator("#crop-size")).to_have_text("300 × 300 of 300 × 400")
    frame.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+ArrowUp")
    numbers = {name: dialog.get_by_label(f"{name} in pixels").input_value() for name in ("X", "Y", "Width", "Height")}
    assert numbers == {"X": "10", "Y": "49", "Width": "290", "Height": "290"}
    dialog.get_by_label("Width in pixels").fill("200")
    dialog.get_by_label("Width in pixels").press("Enter")
    expect(dialog).to_be_hidden()
    expect(tiles(page)).to_have_count(2)
    expect(page.locator("#tray-notes")).to_contain_text(
        "one.png: turned right, cropped from 300 × 400 to 200 × 200 px."
    )
    after = tiles(page).first
    expect(after).not_to_have_attribute("data-picture", before or "")
    expect(after).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(tiles(page).first).to_have_attribute("data-picture", before or "")
    expect(page.locator("#tray-notes > *")).to_have_count(0)


def test_a_handle_of_the_crop_is_pulled(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "pulled.png", "olive", (400, 300)))
    tiles(page).first.hover()
    tiles(page).first.get_by_role("button", name="More about").click()
    page.get_by_role("link", name="Crop or rotate").click()
    grip = page.locator(".crop__grip--se").bounding_box()
    stage = page.locator("[data-cut]").bounding_box()
    assert grip
    assert stage
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2, steps=4)
    page.mouse.up()
    width = int(page.get_by_label("Width in pixels").input_value())
    height = int(page.get_by_label("Height in pixels").input_value())
    assert (abs(width - 200) < 6, abs(height - 150) < 6) == (True, True), (width, height)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Crop or rotate")).to_be_hidden()


def test_what_a_reference_is_for_stands_in_the_prompt(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "a.png", "red"), photo(tmp_path, "b.png", "blue"))
    prompt(page).fill("A boat")
    for part, words in {
        "style": "A boat. Take the style from @2.",
        "colours": "A boat. Take the colours from @2.",
    }.items():
        tiles(page).nth(1).get_by_role("button", name="More about").press("Enter")
        page.get_by_role("button", name=f"Take its {part}").press("Enter")
        expect(prompt(page)).to_have_value(words)
        expect(page.get_by_role("button", name=f"Take its {part}")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Escape")
    tiles(page).nth(1).get_by_role("button", name="More about").press("Enter")
    page.get_by_role("button", name="Take its colours").press("Enter")
    expect(prompt(page)).to_have_value("A boat.")


def test_mentions_follow_their_pictures_and_an_orphan_is_named(page: Page, tmp_path: Path) -> None:
    add(page, *(photo(tmp_path, f"{name}.png", name) for name in ("red", "green", "blue")))
    prompt(page).fill("@1 beside @2 on @3, not anna@1.example")
    tiles(page).first.press("Alt+ArrowRight")
    expect(prompt(page)).to_have_value("@2 beside @1 on @3, not anna@1.example")
    expect(tiles(page).nth(1)).to_have_attribute("data-title", "red.png")
    tiles(page).nth(2).drag_to(tiles(page).first, target_position={"x": 4, "y": 20})
    expect(tiles(page).first).to_have_attribute("data-title", "blue.png")
    expect(prompt(page)).to_have_value("@3 beside @2 on @1, not anna@1.example")
    tiles(page).nth(1).press("Delete")
    expect(prompt(page)).to_have_value("@2 beside @3 on @1, not anna@1.example")
    expect(page.locator("#dock-mentions")).to_have_text("There's no picture @3")
    expect(page.locator(".slot.is-named")).to_have_count(2)
    add(page, photo(tmp_path, "teal.png", "teal"))
    expect(page.locator("#dock-mentions")).to_be_hidden()
    page.get_by_role("button", name="Your prompts").press("Enter")
    page.get_by_role("link", name="Prompt only").first.press("Enter")
    expect(prompt(page)).to_have_value(PROMPTS[2])


def test_what_is_pressed_before_its_script_is_there_is_not_lost(page: Page, tmp_path: Path) -> None:
    held: list[Route] = []
    intercept(page, re.compile(r"/(tray-menu|mention-list)[^/]*\.js$"), lambda route: held.append(route))
    add(page, photo(tmp_path, "a.png", "red"), photo(tmp_path, "b.png", "blue"))
    prompt(page).fill("@1 on @2")
    tiles(page).first.press("Alt+ArrowRight")
    expect(prompt(page)).to_have_value("@2 on @1")
    tiles(page).first.get_by_role("button", name="More about").press("Enter")
    page.get_by_role("button", name="Take its style").press("Enter")
    for route in held:
        route.continue_()
    expect(prompt(page)).to_have_value("@2 on @1. Take the style from @1.")


def test_an_at_sign_offers_the_references(page: Page, tmp_path: Path) -> None:
    add(page, photo(tmp_path, "harbour.png", "navy"), photo(tmp_path, "hill.png", "green"))
    field = prompt(page)
    field.press_sequentially("Like @")
    options = page.locator("#mention-list").get_by_role("option")
    expect(options).to_have_text(["harbour.png@1", "hill.png@2"])
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Like @2")
    expect(options).to_have_count(0)
    field.press_sequentially(" and @HAR")
    expect(options).to_have_text(["harbour.png@1"])
    field.press("Tab")
    expect(field).to_have_value("Like @2 and @1")
    field.press_sequentially(", mail anna@")
    expect(options).to_have_count(0)
    field.press_sequentially(" @")
    expect(options).to_have_count(2)
    field.press("Escape")
    expect(options).to_have_count(0)
    field.press("Enter")
    expect(field).to_have_value("Like @2 and @1, mail anna@ @\n")
