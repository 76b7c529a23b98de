"""A picture and a zip leave through a real browser: by keyboard, and on a phone without a script."""

from __future__ import annotations

import os
import uuid
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from studio import embedding
from tests.browser.conftest import Joined, Open
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds
SHOTS = os.environ.get("FILES_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def made(studio: Running, page: Page, count: int = 1) -> str:
    page.get_by_label("Prompt", exact=True).fill("Harbour at dusk")
    if count > 1:
        page.get_by_role("spinbutton", name="Pictures").fill(str(count))
    page.get_by_role("button", name=f"Make {count} ·").click()
    expect(page.locator('[id^="job-"]').first).to_have_attribute("data-state", "done", timeout=MAKE)
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_rendition WHERE size = 2048")[0][0] >= count)
    return str(uuid.UUID(studio.rows("SELECT code FROM studio_picture WHERE origin = 'made'")[0][0]))


def saved(page: Page, press: str, folder: Path) -> Path:
    """Press Enter on a focused control, or a button by its name, and return the file that comes."""
    with page.expect_download() as coming:
        if press == "Enter":
            page.keyboard.press("Enter")
        else:
            page.get_by_role("button", name=press).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def looked_at(page: Page, name: str) -> list[str]:
    """Say what axe finds on a page in both themes."""
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        shot(page, f"{name}-{theme}")
        found += [f"{name}, {theme}: {one['id']}" for one in Axe().run(page).response["violations"]]
    return found


def test_a_picture_and_a_zip_leave_by_keyboard_and_on_a_phone_without_a_script(
    studio: Running, ada: Page, joined: Joined, open_page: Open, tmp_path: Path
) -> None:
    code = made(studio, ada)
    address = f"{studio.url}/pictures/{code}/"
    ada.goto(address)
    ada.keyboard.press("Shift+D")
    menu = ada.get_by_role("form", name="Download as")
    expect(menu).to_be_visible()
    found = looked_at(ada, "download")
    menu.get_by_role("button", name="WebP").focus()
    web = saved(ada, "Enter", tmp_path)
    assert web.name == f"studio-harbour-at-dusk-{code.replace('-', '')[:8]}-2048px.webp"
    with Image.open(web) as shown, web.open("rb") as file:
        assert max(shown.size) == 2048
        assert embedding.read(file).source_type == "trained"
    expect(ada).to_have_url(address)

    phone = open_page(phone=True, script=False)
    phone.context.add_cookies(
        [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
    )
    phone.goto(address)
    phone.get_by_text("Download as").click()
    phone.get_by_text("With prompt and settings in the file").click()
    phone.get_by_role("button", name="Cut to 1:1").scroll_into_view_if_needed()
    shot(phone, "download-phone")
    cut = saved(phone, "Cut to 1:1", tmp_path)
    with Image.open(cut) as shown, cut.open("rb") as file:
        assert shown.width == shown.height
        assert embedding.read(file) == ("trained", "")

    # A selection of the gallery posts codes here; without its page, a form does the same.
    ada.evaluate(
        """code => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = "/archives/";
          form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
          const picture = document.createElement("input");
          picture.name = "picture";
          picture.value = code;
          form.append(picture);
          document.body.append(form);
          form.submit();
        }""",
        code,
    )
    expect(ada.get_by_role("heading", name="Zip of 1 picture")).to_be_visible()
    found += looked_at(ada, "archive")
    zip_page = ada.url
    phone.goto(zip_page)
    shot(phone, "archive-phone")
    ada.get_by_label("A list of all settings").check()
    ada.get_by_role("button", name="Make the zip").click()
    link = ada.get_by_role("link", name="Download ·")
    expect(link).to_be_visible(timeout=MAKE)
    found += looked_at(ada, "archive-done")
    assert found == []
    # What does not come is said on the page.
    studio.rows("UPDATE studio_picture SET trashed_at = created_at")
    link.click()
    said = "This zip can't be downloaded now: 1 picture of it is in the trash or deleted."
    expect(ada.get_by_text(said)).to_be_visible()
    expect(link).to_have_count(0)
    studio.rows("UPDATE studio_picture SET trashed_at = NULL")
    ada.reload()
    with ada.expect_download() as coming:
        link.click()
    coming.value.save_as(tmp_path / "whole.zip")
    with zipfile.ZipFile(tmp_path / "whole.zip") as whole:
        assert whole.testzip() is None
        assert [name[:19] for name in whole.namelist()] == ["001-harbour-at-dusk", "settings.json", "settings.csv"]
    phone.goto(zip_page)
    shot(phone, "archive-done-phone")
    # Nor is the page for signing in kept as the file.
    ada.goto(address)
    studio.rows("DELETE FROM django_session")
    ada.get_by_role("link", name="Download", exact=True).click()
    expect(ada).to_have_url(f"{studio.url}/sign-in/")


def test_without_a_connection_a_download_leaves_the_page_where_it_is(studio: Running, ada: Page) -> None:
    address = f"{studio.url}/pictures/{made(studio, ada)}/"
    ada.goto(address)
    asked: list[str] = []
    ada.on("request", lambda request: asked.append(request.url) if "/download/" in request.url else None)
    # What a browser without a connection says; it would show a page of its own in place of this one.
    ada.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true })")
    ada.keyboard.press("d")
    ada.keyboard.press("Shift+D")
    ada.get_by_role("button", name="Original").click()
    ada.wait_for_timeout(300)
    assert asked == []
    ada.evaluate("delete navigator.onLine")
    with ada.expect_download():
        ada.get_by_role("button", name="Original").click()
