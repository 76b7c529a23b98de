"""A split in a real browser: cut apart, hidden, moved from the keyboard and exported."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, Route, expect
from psd_tools import PSDImage

from studio.simulator.pictures import library
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds
TEAPOT = Path(library.__file__).parent / "library" / "still-teapot.webp"


def split(page: Page, file: Path) -> None:
    """Split a picture from the composer and open its page."""
    page.locator('input[name="source_file"]').set_input_files(file)
    page.get_by_role("radio", name="Layers").check(force=True)
    page.locator("#compose button[type=submit]").click()
    card = page.locator('[id^="job-"]').first
    expect(card).to_have_attribute("data-state", "done", timeout=MAKE)
    card.locator(".tile__link").click()
    expect(page.get_by_role("heading", name="Layers", exact=True)).to_be_visible()
    page.wait_for_load_state("load")  # its keys come with its script


def on_the_stage(page: Page, size: tuple[int, int]) -> Image.Image:
    """What the page shows of the layers, pixel by pixel."""
    page.set_viewport_size({"width": size[0] + 100, "height": size[1] + 100})
    page.evaluate(
        """([width, height]) => {
          const stage = document.getElementById("stage");
          const { style } = stage;
          document.getElementById("export").hidePopover();
          document.body.append(stage); // out of the bench, which would hold it
          Object.assign(style, { position: "fixed", inset: 0, zIndex: 999, inlineSize: `${width}px`, blockSize: `${height}px` });
          document.getElementById("frame").remove();
        }""",
        list(size),
    )
    clip = {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as picture:  # type: ignore[arg-type]
        return picture.convert("RGB")


def names(page: Page) -> list[str]:
    return page.locator(".layer__name").all_inner_texts()


def test_a_picture_is_split_arranged_from_the_keyboard_and_exported(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    split(page, TEAPOT)
    before = names(page)
    assert len(before) >= 3
    expect(page.locator("#proof")).to_contain_text("The layers match the original.", timeout=MAKE)
    # The first is chosen; down to the second, hide it, move it to the front, name it, fade it.
    page.locator(".layer__name").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".layer__name").nth(1)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#said")).to_have_text(f"{before[1]} hidden")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#said")).to_have_text(f"{before[1]}, 1 of {len(before)}")
    expect(page.locator(".layer").first).to_have_attribute("aria-current", "true")
    page.keyboard.press("F2")
    page.keyboard.type("Küste 日本")
    page.keyboard.press("Enter")
    expect(page.locator(".layer__name").first).to_have_text("Küste 日本")
    expect(page.locator(".layer__name").first).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("Not this")
    page.keyboard.press("Escape")
    expect(page.locator(".layer__name").first).to_be_focused()
    expect(page.locator("[data-rename]").first).to_have_value("Küste 日本")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".layer").nth(1)).to_contain_text("99 %")
    expect(page.locator("#said")).to_have_text(f"{before[0]}, 99 %")
    # What is shown alone belongs to the page, and the ground too.
    page.keyboard.press("s")
    expect(page.locator('[data-solo][aria-pressed="true"]')).to_have_count(1)
    page.keyboard.press("s")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("#stage.canvas--dark")).to_have_count(1)
    page.reload()
    assert names(page) == ["Küste 日本", before[0], *before[2:]]
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="PSD").click()
    link = page.get_by_role("link", name="Download PSD")
    expect(link).to_be_visible(timeout=MAKE)
    # It is there: nobody asks for it any more.
    expect(page.locator("#export-state[hx-get]")).to_have_count(0)
    with page.expect_download() as saved:
        link.click()
    saved.value.save_as(tmp_path / "layers.psd")
    document = PSDImage.open(tmp_path / "layers.psd")
    front_first = list(document)[::-1]
    assert [layer.name for layer in front_first] == names(page)
    assert [layer.visible for layer in front_first] == [False, *[True] * (len(before) - 1)]
    assert front_first[1].opacity == round(255 * 0.99)
    merged = document.topil()
    assert merged
    apart = ImageChops.difference(merged.convert("RGB"), on_the_stage(page, document.size))
    assert max(high for _, high in apart.getextrema()) <= 1


def test_an_edit_of_a_layer_takes_its_place_and_gives_it_back(studio: Running, ada: Page) -> None:
    page = ada
    split(page, TEAPOT)
    address = page.url
    page.get_by_label("What should change").fill("Deep blue")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Deep blue")
    page.get_by_role("button", name="Make 1 ·").click()
    eventually(lambda: studio.rows("SELECT count(*) FROM studio_job")[0][0] == 2)
    page.goto(address)
    # The page finds the finished edit by itself, whatever is being done on it.
    edit, own = page.get_by_role("button", name="Edit 1"), page.get_by_role("button", name="Original", exact=True)
    expect(edit).to_be_visible(timeout=MAKE)
    edit.press("Enter")
    expect(edit).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("1 layer edited, the rest as in the original.")).to_be_visible(timeout=MAKE)
    own.press("Enter")
    expect(own).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("The layers match the original.")).to_be_visible(timeout=MAKE)


def test_what_was_typed_before_the_script_came_stays(studio: Running, ada: Page) -> None:
    page = ada
    split(page, TEAPOT)
    held: list[Route] = []
    script = re.compile(r"/js/edits/layers[.\w]*\.js")
    page.route(script, lambda route: held.append(route))
    page.reload(wait_until="commit")
    what, name = page.get_by_label("What should change"), page.locator(".layer[aria-current] [data-rename]")
    slider = page.locator(".layer[aria-current] [data-opacity]")
    what.fill("Deep blue")
    name.fill("Küste")
    slider.fill("40")
    eventually(lambda: bool(held))
    held[0].continue_()
    # The slider is saved, and its answer takes nothing of what is not sent yet.
    expect(page.locator("#said")).to_contain_text("40 %")
    expect(page.locator(".layer[aria-current]")).to_contain_text("40 %")
    expect(what).to_have_value("Deep blue")
    expect(name).to_have_value("Küste")
    name.press("Enter")
    expect(page.locator("#said")).to_have_text("Renamed to Küste")
    expect(page.locator(".layer[aria-current] .layer__name")).to_be_focused()
