"""What a page has on paper: pictures and words, dark on white, and nothing that can be pressed."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.browser.test_axe import filled
from tests.browser.test_look import source_and_edit
from tests.stack.running import Running, eventually

__all__ = ["filled"]
pytestmark = pytest.mark.browser
# What can be pressed, and is seen. The button of a month says which one it is, that of a notification what happened.
CONTROLS = ":is(button:not(#month, .note__open, .sr-only), .btn, [popover], nav a):visible"
# Fields that are more than the words in them.
FIELDS = """() => {
  const fields = [...document.querySelectorAll("input, select, textarea")];
  const isDrawn = (one) => {
    const { borderTopWidth, boxShadow, backgroundColor, appearance } = getComputedStyle(one);
    const isNative = appearance === "auto" && !one.matches("textarea");
    return parseFloat(borderTopWidth) || boxShadow !== "none" || !/, 0\\)$/.test(backgroundColor) || isNative;
  };
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
  const box = (one) => [one, ...(one.closest(".field, .chip, .stepper") ? [one.closest(".field, .chip, .stepper")] : [])];
  return fields.filter((one) => isSeen(one) && box(one).some(isDrawn)).map((one) => one.outerHTML.slice(0, 120));
}"""
WIDE = "document.documentElement.scrollWidth - innerWidth"
INK = "getComputedStyle(document.documentElement).colorScheme"
BOXES = """(images) => images.map((one) => one.getBoundingClientRect()).map(({ x, y, width, height }) =>
  [x, y, width, height])"""


def on_paper(page: Page, address: str) -> None:
    """Lay a page onto the width of A4, in the dark theme."""
    page.set_viewport_size({"width": 718, "height": 1016})
    page.emulate_media(media="screen", color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(CONTROLS)).to_have_count(0)
    assert page.evaluate(FIELDS) == []
    # Ink that is light would not be seen on white.
    assert page.evaluate(INK) == "light"
    assert page.evaluate(WIDE) <= 0


def test_pages_of_pictures_are_printed_without_their_controls(studio: Running, ada: Page) -> None:
    source, edit = source_and_edit(studio, ada)
    page = ada
    picture = page.locator(".view__picture > img:not(.preview)")
    on_paper(page, f"{studio.url}/pictures/{edit}/")
    for words in (".panel__prompt", ".panel__by", '.facts dd:has-text("$0.04")'):
        expect(page.locator(words).first).to_be_visible()
    # Zoomed, with the panel folded and other sections open, it is the same page.
    [whole] = picture.evaluate_all(BOXES)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("z")
    page.keyboard.press("i")
    page.set_viewport_size({"width": 718, "height": 1016})
    page.emulate_media(media="print")
    # Its sizes differ in their ratio by a tenth of a pixel.
    size = pytest.approx(whole[2:], abs=1)
    eventually(lambda: picture.evaluate_all(BOXES)[0][2:] == size, what=f"the whole picture, {whole}")
    expect(page.locator(".panel__prompt")).to_be_visible()
    on_paper(page, f"{studio.url}/gallery/")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    expect(page.locator(".tile img").first).to_be_visible()
    # Compared under a divider, they are beside each other.
    on_paper(page, f"{studio.url}/compare/?picture={source}&picture={edit}")
    [first, second] = page.locator(".pane__sheet > img:not(.preview)").evaluate_all(BOXES)
    assert first[1:] == pytest.approx(second[1:], abs=1)
    assert second[0] >= first[0] + first[2]
    job = uuid.UUID(str(studio.rows("SELECT code FROM studio_job")[0][0]))
    for path, words in (("spend", "What it paid for"), (f"jobs/{job}", "What happened")):
        on_paper(page, f"{studio.url}/{path}/")
        expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_pages_of_work_are_printed_without_their_controls(studio: Running, ada: Page, filled: dict[str, str]) -> None:
    page = ada
    for name, words in {
        "create": ("Portrait of the mayor", "Refused"),
        "create, team": ("1 refused",),
        "what failed": ("Portrait of the mayor",),
        "review": ("Available", "not charged", "Portrait of the mayor"),
        "layers": ("The layers match the original.", "background", "At 0, 0"),
        "group": ("A whitewashed courtyard at noon",),
        "keep": ("Changed regions", "nothing moved"),
        "formats": ("16:9", "A whitewashed courtyard at noon", "$0.04 each"),
        "person": ("uni-1", "priced per layer"),
        "notifications": ("Finished: Hang lanterns in the arches", "Somebody mentions me"),
        "trail": ("Joined",),
    }.items():
        on_paper(page, studio.url + filled[name])
        for one in words:
            expect(page.get_by_text(one).locator("visible=true").first, name).to_be_visible()
    on_paper(page, studio.url + filled["review"])
    expect(page.get_by_role("combobox", name="Status")).to_have_css("border-block-width", "0px")
    on_paper(page, studio.url + filled["layers"])
    # Of each layer its place, not only of the chosen one; around none a frame.
    assert page.locator(".layer .num:visible").count() == page.locator(".layer").count() > 1
    expect(page.locator("#frame")).to_be_hidden()
    # What is chosen is a word: the regions of an edit are all there, with what becomes of each.
    on_paper(page, studio.url + filled["keep"])
    expect(page.get_by_text("Take", exact=True).locator("visible=true")).to_have_count(page.locator(".region").count())
    # Lists of what can be pressed say nothing but that.
    for name in filled.keys() - {"what a filter offers", "add to a board"}:
        on_paper(page, studio.url + filled[name])


def test_all_that_a_grid_has_read_is_printed(studio: Running, ada: Page) -> None:
    fill(studio, 200)
    ada.goto(f"{studio.url}/gallery/")
    tiles, read = (
        ada.locator(".tile"),
        "document.querySelector('tile-grid').window.items.filter((one) => one.key).length",
    )
    eventually(lambda: ada.evaluate(read) > tiles.count() > 0, what="tiles that are not in the document")
    ada.evaluate("dispatchEvent(new Event('beforeprint'))")
    count = tiles.count()
    assert count > 40
    ada.emulate_media(media="print")
    expect(ada.locator(".grid__spacer:visible")).to_have_count(0)
