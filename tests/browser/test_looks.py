"""A look is made, used by its tag, changed, and an old job keeps its version; by mouse where files are dropped, else by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.browser_user import join
from tests.stack.running import Running, with_tables

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(with_tables(tmp_path_factory.mktemp("looks") / "var"), COVERAGE_PROCESS_CONFIG="")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def page(studio: Running, chromium: Browser) -> Iterator[Page]:
    errors: list[str] = []
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(20_000)
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        join(opened, studio)
        yield opened
    assert errors == []


def pictures(folder: Path) -> list[str]:
    """Two pictures of one colour each, as files."""
    paths = [folder / f"{name}.png" for name in ("teal", "sand")]
    for path, colour in zip(paths, ((20, 120, 120), (210, 190, 150)), strict=True):
        Image.new("RGB", (320, 200), colour).save(path)
    return [str(path) for path in paths]


def test_a_look_is_made_versioned_and_used(studio: Running, page: Page, tmp_path: Path) -> None:
    page.goto(f"{studio.url}/looks/")
    page.get_by_label("Drop four pictures here").set_input_files(pictures(tmp_path))
    expect(page.locator(".roled")).to_have_count(2)
    page.get_by_label("Role of reference 2").select_option("colour")
    # A reference moves by keys, and the focus follows it nowhere else.
    page.get_by_role("button", name="Remove reference 2").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_label("Role of reference 1")).to_have_value("colour")
    page.get_by_label("Name, as typed after #").fill("Harbour dusk")
    page.get_by_label("Words to add").fill("[product] on wet stone")
    page.get_by_label("Words to avoid").fill("people, lettering")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="Harbour dusk")).to_be_visible()

    # Typed behind a #, completed by keys, read before it is sent.
    page.goto(studio.url)
    prompt, make = page.get_by_label("Prompt", exact=True), page.locator("make-button .btn--primary")
    prompt.press_sequentially("A ferry, #1 in the row #harb")
    expect(page.get_by_role("option", name="Harbour dusk")).to_be_visible()
    prompt.press("Enter")
    expect(page.locator("#dock-count")).to_contain_text("2 of 9")
    expect(prompt).to_have_value("A ferry, #1 in the row #harbour-dusk ")
    blank = page.get_by_label("product")
    expect(blank).to_be_focused()
    expect(make).to_contain_text("$0.05")
    prompt.press("Control+Enter")
    expect(page.locator("#dock-problems")).to_have_text("Fill in product.")
    expect(blank).to_be_focused()
    blank.fill("red shoes")
    page.locator("#look-said summary").press("Enter")
    expect(page.get_by_label("The whole prompt")).to_have_text(
        "red shoes on wet stone\nA ferry, #1 in the row\n"
        "Use the colours of @1 and the style of @2.\nNo people or lettering.",
    )
    # "@" offers what the look brings, as the whole prompt numbers it.
    prompt.press_sequentially("like @")
    offered = page.locator("#mention-list").get_by_role("option")
    expect(offered.locator("small")).to_have_text(["@1", "@2"])
    prompt.press("ArrowDown")
    prompt.press("Enter")
    expect(prompt).to_have_value("A ferry, #1 in the row #harbour-dusk like @2")
    expect(page.locator("#dock-mentions")).to_be_hidden()
    prompt.fill("A ferry, #1 in the row #harbour-dusk ")
    # Layers take no look; the mode that does has it again, and a reload too.
    page.get_by_text("Layers", exact=True).click()
    expect(page.locator(".look-chip")).to_have_count(0)
    page.get_by_text("Generate", exact=True).click()
    expect(blank).to_have_value("red shoes")
    expect(make).to_be_enabled()
    make.press("Enter")
    done = page.locator('[data-state="done"]')
    expect(done).to_have_count(1, timeout=MAKE)
    page.reload()
    expect(page.locator(".look-chip")).to_contain_text("v1 · 2 references")
    expect(blank).to_have_value("red shoes")

    # The next version; the job keeps the first, and so does another like it.
    page.goto(f"{studio.url}/looks/")
    page.get_by_role("link", name="Harbour dusk").click()
    # Esc outside a field leaves at once where nothing is changed, and else only when it is pressed again.
    page.get_by_role("button", name="Save as v2").press("Escape")
    page.wait_for_url(f"{studio.url}/looks/")
    page.get_by_role("link", name="Harbour dusk").click()
    page.get_by_label("Words to add").fill("no words left")
    page.get_by_role("button", name="Save as v2").press("Escape")
    expect(page.get_by_text("Not saved. Press Esc again to leave.")).to_be_visible()
    page.get_by_role("button", name="Save as v2").click()
    expect(page.get_by_role("button", name="Version 2")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".look-chip")).to_contain_text("v2 · 2 references")
    expect(blank).to_have_count(0)
    done.first.hover()
    done.first.get_by_role("link", name="Another like this").first.click()
    expect(page.locator(".look-chip")).to_contain_text("v1 · 2 references")
    expect(blank).to_have_value("red shoes")
    # Away with the chip goes its tag.
    page.get_by_role("button", name="Remove the look").click()
    expect(prompt).to_have_value("A ferry, #1 in the row")
    expect(page.locator("#dock-count")).to_contain_text("0 of 9")
