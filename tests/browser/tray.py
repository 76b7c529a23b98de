"""The prompt and the tray of the dock, and pictures put into it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def tiles(page: Page, role: str = "reference") -> Locator:
    return page.locator(f'ol[data-role="{role}"] > li:not(.slot--busy)')


def photo(folder: Path, name: str, colour: str, size: tuple[int, int] = (90, 60)) -> Path:
    file = folder / name
    Image.new("RGB", size, colour).save(file)
    return file


def add(page: Page, *files: Path) -> None:
    before = tiles(page).count()
    page.locator('[data-pick="reference"] input').set_input_files(list(files))
    expect(tiles(page)).to_have_count(before + len(files))


PASTE = """(field, words) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", words);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return field.dispatchEvent(event);
}"""
