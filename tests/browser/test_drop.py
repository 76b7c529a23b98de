"""Files come in by drop and paste on every page; what does not arrive says why, and goes when the net is back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.browser_user import PASSWORD, join, sign_in
from tests.browser.dropping import DRAG, PASTE, drop, hold
from tests.people import image_bytes
from tests.stack.running import Running, with_tables

pytestmark = pytest.mark.browser
TILES = 'ol[data-role="{role}"] > li[data-picture]'
LINK = "That's a link: save the picture first or copy and paste it."


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Running]:
    """One studio for all of these; Ada has joined it and has made a picture."""
    running = Running(with_tables(tmp_path_factory.mktemp("drop") / "var"), COVERAGE_PROCESS_CONFIG="")
    try:
        running.start()
        with chromium.new_context() as context:
            page = context.new_page()
            join(page, running)
            page.get_by_label("Prompt", exact=True).fill("A harbour in fog")
            page.locator("#compose button[type=submit]").click()
            expect(page.locator('[data-state="done"]')).to_have_count(1, timeout=60_000)
        yield running
    finally:
        running.kill()


@pytest.fixture
def page(studio: Running, chromium: Browser) -> Iterator[Page]:
    errors: list[str] = []
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        opened.on("pageerror", lambda error: errors.append(str(error)))
        sign_in(opened, studio, "Ada Admin", PASSWORD)
        begin_anew(opened)
        yield opened
    assert errors == []


def begin_anew(page: Page) -> None:
    """Put the first draft in place of what an earlier test left, here and at the server."""
    page.evaluate("""async () => {
      const draft = document.querySelector("form-draft");
      const headers = { "Studio-Person": draft.dataset.person };
      const asked = await fetch(`${draft.dataset.address}?number=-1`, { headers });
      const { number, token } = await asked.json();
      const content = { type: "image", prompt: "", source: "", references: [], choices: {} };
      await fetch(draft.dataset.address, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ content, number: number ?? 0, age: 0 }),
      });
      localStorage.clear();
    }""")
    page.reload()


def tiles(page: Page, role: str = "reference") -> Any:
    return page.locator(TILES.format(role=role))


def picture_page(page: Page, studio: Running) -> str:
    page.goto(f"{studio.url}/gallery/")
    return str(page.locator("article.tile a").first.get_attribute("href"))


@pytest.mark.parametrize("where", ["gallery", "picture", "job", "review", "people"])
def test_a_drop_on_any_page_comes_into_the_tray(studio: Running, page: Page, where: str) -> None:
    if where == "picture":
        page.goto(studio.url + picture_page(page, studio))
    elif where == "job":
        code = studio.rows("SELECT code FROM studio_job")[0][0]
        page.goto(f"{studio.url}/jobs/{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}/")
    else:
        page.goto(f"{studio.url}/{where}/")
    hold(page, ("beach.png", image_bytes()), ("dune.png", image_bytes()))
    page.evaluate(DRAG, {"name": "dragenter", "selector": ""})
    expect(page.get_by_role("heading", name="Add as reference", include_hidden=True)).to_be_visible()
    drop(page)
    page.wait_for_url(f"{studio.url}/")
    expect(tiles(page)).to_have_count(2)
    assert "beach.png" in str(tiles(page).first.get_attribute("title"))
    page.reload()  # they came once
    expect(tiles(page)).to_have_count(2)


def test_a_paste_on_the_gallery_and_what_cannot_be_taken(studio: Running, page: Page) -> None:
    page.goto(f"{studio.url}/gallery/")
    hold(page, text_uri_list="https://example.com/a.png")
    drop(page)
    expect(page.locator("#toasts")).to_contain_text(LINK)
    expect(page).to_have_url(f"{studio.url}/gallery/")
    hold(page, ("image.png", image_bytes()), text_html='<img src="https://example.com/a.png">')
    page.locator("#toasts [data-close]").click()
    assert page.evaluate(PASTE, "") is False
    page.wait_for_url(f"{studio.url}/")
    expect(tiles(page)).to_have_count(1)


def test_what_is_typed_on_a_page_is_not_left(studio: Running, page: Page) -> None:
    page.goto(f"{studio.url}/people/")
    field = page.get_by_label("Name or note")
    field.fill("For Ben")
    hold(page, ("beach.png", image_bytes()))
    drop(page, "source")
    link = page.locator("#toasts").get_by_role("link", name="Go to Create")
    expect(link).to_be_visible()
    expect(field).to_have_value("For Ben")
    link.click()
    expect(tiles(page, "source")).to_have_count(1)


def test_nothing_that_is_dropped_leads_away(studio: Running, page: Page) -> None:
    """Beside the tray, in the margin of the zones, and on a page without an upload."""
    hold(page, ("beach.png", image_bytes()))
    for name in ("dragover", "drop"):
        assert page.evaluate(DRAG, {"name": name, "selector": "#main"}) is False
    page.context.clear_cookies()
    page.goto(f"{studio.url}/sign-in/")
    hold(page, ("beach.png", image_bytes()))
    for name in ("dragenter", "dragover", "drop"):
        stays = page.evaluate(DRAG, {"name": name, "selector": "form"})
    assert stays is False
    expect(page.locator("drop-zone, #toasts > *")).to_have_count(0)


NAMES = "beach.png\nfile:///home/ada/dune%20two.png"


@pytest.mark.parametrize(
    ("names", "texts", "taken"),
    [
        (["beach.png"], {"text_plain": "beach.png"}, True),
        (["beach.png", "dune two.png"], {"text_plain": NAMES}, True),
        (["image.png"], {"text_html": '<meta charset="utf-8"><img src="https://example.com/a.png">'}, True),
        (["image.png"], {"text_plain": "https://example.com/a.png"}, True),
        (["image.png"], {"text_plain": "Two red chairs", "text_html": "<p>Two red chairs</p>"}, False),
        ([], {"text_plain": "beach.png"}, False),
    ],
    ids=["a name", "paths", "a browser's picture", "its address", "words of an office", "plain words"],
)
def test_a_paste_into_the_prompt(page: Page, names: list[str], texts: dict[str, str], taken: bool) -> None:
    hold(page, *((name, image_bytes()) for name in names), **texts)
    # Whether the browser goes on and pastes the words.
    assert page.evaluate(PASTE, "#prompt") is not taken
    expect(tiles(page)).to_have_count(len(names) if taken else 0)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("")


def test_the_tray_takes_a_picture_once(page: Page) -> None:
    content = image_bytes()
    hold(page, ("a.png", content), ("b.png", content))
    drop(page)
    notes = page.locator("#tray-notes")
    expect(notes).to_contain_text("Already added as @1.")
    expect(tiles(page)).to_have_count(1)
    expect(page.locator(".slot--busy")).to_have_count(0)
    hold(page, ("c.png", content))
    drop(page)
    expect(notes).to_contain_text("c.png: Already added as @1.")
    expect(page.locator("li.slot.is-again")).to_have_count(1)
    drop(page, "source")
    expect(tiles(page, "source")).to_have_count(1)
    expect(tiles(page)).to_have_count(0)


def test_a_picture_that_is_there_already_takes_no_place(page: Page) -> None:
    """Nine that fit are taken, however many are dropped, and only what is in the tray is announced as added."""
    first = image_bytes()
    hold(page, ("first.png", first))
    drop(page)
    expect(tiles(page)).to_have_count(1)
    others = [(f"other-{number}.png", image_bytes(60 + number, 60)) for number in range(9)]
    hold(page, ("again.png", first), *others)
    drop(page)
    expect(tiles(page)).to_have_count(9, timeout=30_000)
    expect(page.locator(".slot--busy")).to_have_count(0)
    refused = page.locator("#tray-notes .tone--danger")
    expect(refused).to_have_text(
        ["again.png: Already added as @1.", "other-8.png: The tray holds 9 references, so it was left out."]
    )
    said = page.locator("#dock-says")
    expect(said).to_contain_text("other-7.png: added as reference")
    expect(said).to_contain_text("again.png: Already added as @1.")
    expect(said).not_to_contain_text(re.compile("again.png[^:]*: added|other-8.png[^:]*: added"))


def test_a_folder_a_link_and_a_large_file_say_what_they_are(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "holiday.2026"
    folder.mkdir()
    box = page.evaluate("[innerWidth * 3 / 4, innerHeight / 2]")
    cdp = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
        cdp.send("Input.dispatchDragEvent", {"type": kind, "x": box[0], "y": box[1], "data": data})
    notes = page.locator("#tray-notes")
    expect(notes).to_contain_text("holiday.2026: That's a folder")
    hold(page, text_uri_list="https://example.com/a.png")
    drop(page)
    expect(notes).to_contain_text(LINK)
    large = tmp_path / "large.tiff"
    with large.open("wb") as file:
        file.truncate(201 * 2**20)
    page.locator('input[name="reference_files"]').set_input_files(large)
    expect(notes).to_contain_text("large.tiff: 201 MB is more than the limit of 200.")
    expect(page.locator("#connection")).to_be_hidden()


def test_a_file_that_changed_after_choosing_says_so(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "beach.png"
    file.write_bytes(image_bytes())
    page.context.set_offline(True)
    page.locator('input[name="reference_files"]').set_input_files(file)
    expect(page.locator(".slot--held")).to_have_count(1)
    file.write_bytes(image_bytes(300, 200) + b"and more")
    page.context.set_offline(False)
    expect(page.locator("#tray-notes")).to_contain_text("beach.png: It changed after you chose it")
    expect(page.locator("li.slot")).to_have_count(0)
    expect(page.locator("#connection")).to_be_hidden()


def test_what_failed_for_the_net_goes_when_it_is_back(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "beach.png"
    file.write_bytes(image_bytes())
    page.context.set_offline(True)
    page.locator('input[name="reference_files"]').set_input_files(file)
    expect(page.locator("#tray-notes")).to_contain_text("No answer from Studio")
    page.locator(".slot--held").press("Delete")
    page.get_by_label("Prompt", exact=True).fill("A lamp")
    page.locator("#compose button[type=submit]").click()
    expect(page.locator("#dock-problems")).to_contain_text("No answer")
    page.locator('input[name="reference_files"]').set_input_files(file)
    expect(page.locator(".slot--held")).to_have_count(1)
    page.context.set_offline(False)
    expect(tiles(page)).to_have_count(1)
    for red in ("#tray-notes", "#dock-problems"):
        expect(page.locator(red)).to_be_empty()
    expect(page.locator("#connection")).to_be_hidden()


def test_a_refusal_before_the_file_is_looked_at_is_told_in_the_tray(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "beach.png"
    file.write_bytes(image_bytes())
    said = '<toast-note class="notice"><p><b>Too many files at once.</b> Wait until the others have arrived.</p></toast-note>'

    def refuse(route: Route) -> None:
        headers = {"Studio": "1", "HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
        route.fulfill(status=429, headers=headers, content_type="text/html", body=said)

    intercept(page, "**/uploads/", refuse)
    page.locator('input[name="reference_files"]').set_input_files(file)
    expect(page.locator("#tray-notes")).to_contain_text("beach.png: Too many files at once. Wait until")
    expect(page.locator("#toasts > *")).to_have_count(0)
    page.unroute("**/uploads/")
    page.get_by_role("button", name="Try again").click()
    expect(tiles(page)).to_have_count(1)
