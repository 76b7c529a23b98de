"""A large picture on a slow line: its small size is seen first, in its place, and nothing is left of it afterwards."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Joined, Open
from tests.browser.test_axe import made
from tests.browser.test_look import source_and_edit
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
# What a large picture is shown in: a phone takes the middle size, and 256 in its lists.
LARGE = re.compile(r"-(1024|2048)\.webp$|/original/$")
LARGE_ON_A_PHONE = re.compile(r"-(512|1024|2048)\.webp$|/original/$")
# The boxes of a small size and of the large one over it, how wide the small one's file is, and which one is seen.
SEEN = """() => [...document.querySelectorAll(".preview")].map((small) => {
  const box = (one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height]; };
  const large = small.nextElementSibling;
  return [box(small), box(large), small.naturalWidth, large.complete && large.naturalWidth];
})"""


# The small sizes that have come, each with its place.
SMALL = """() => [...document.querySelectorAll(".preview")].flatMap((one) => {
  const file = one.href && new URL(one.href.baseVal, location);
  const hasCome = file ? performance.getEntriesByName(file.href).length : one.naturalWidth;
  const { x, y, width, height } = one.getBoundingClientRect();
  return hasCome ? [[x, y, width, height]] : [];
})"""


class Line:
    """The line of a page: the large sizes wait until they are let through."""

    def __init__(self, page: Page) -> None:
        self.waiting: list[Route] = []
        self.is_slow = True
        page.route(LARGE_ON_A_PHONE if (page.viewport_size or {})["width"] < 768 else LARGE, self._asked)

    def _asked(self, route: Route) -> None:
        if self.is_slow:
            self.waiting.append(route)
        else:
            route.continue_()

    def let_through(self) -> None:
        self.is_slow = False
        for route in self.waiting:
            route.continue_()
        self.waiting.clear()


def small_ones_are_seen(page: Page, count: int = 1) -> None:
    def is_so() -> bool:
        found = page.evaluate(SEEN)
        return len(found) == count and all(
            width and not came and small == pytest.approx(large, abs=1) and min(small[2:]) > 100
            for small, large, width, came in found
        )

    eventually(is_so, what="small sizes in the places of the large ones")


@pytest.fixture
def page_of_ada(studio: Running, joined: Joined, open_page: Open) -> Callable[..., Page]:
    """Open another page of hers, in a browser that has nothing of the studio yet."""

    def opened(**kind: bool) -> Page:
        page = open_page(**kind)
        cookies = [{"name": name, "value": one, "url": studio.url} for name, one in joined.cookies.items()]
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        return page

    return opened


def test_a_small_size_lies_under_the_large_one(studio: Running, ada: Page, page_of_ada: Callable[..., Page]) -> None:
    source, edit = source_and_edit(studio, ada)
    for phone in (False, True):
        _turn(page_of_ada(phone=phone), studio, source, edit)
        _compare(page_of_ada(phone=phone), studio, source, edit)


def _turn(page: Page, studio: Running, source: uuid.UUID, edit: uuid.UUID) -> None:
    line = Line(page)
    page.goto(f"{studio.url}/pictures/{edit}/", wait_until="commit")
    small_ones_are_seen(page)
    expect(page.locator(".preview + img")).to_have_css("color", "rgba(0, 0, 0, 0)")
    # Zoomed, both lie in the same place.
    expect(page.locator("picture-stage:defined")).to_be_attached()
    page.keyboard.press("z")
    expect(page.locator(".view__picture")).to_have_class(re.compile("is-zoomed"))
    small_ones_are_seen(page)
    page.keyboard.press("z")
    expect(page.locator(".view__picture")).not_to_have_class(re.compile("is-zoomed"))
    # The next one too; then it comes.
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/pictures/{source}/", wait_until="commit")
    small_ones_are_seen(page)
    line.let_through()
    expect(page.locator(".preview")).to_have_count(0)


def _compare(page: Page, studio: Running, source: uuid.UUID, edit: uuid.UUID) -> None:
    line = Line(page)
    page.goto(f"{studio.url}/compare/?picture={source}&picture={edit}&way=side", wait_until="commit")
    expect(page.locator("compare-work")).to_have_attribute("data-ready", "")
    small_ones_are_seen(page, 2)
    line.let_through()
    expect(page.locator(".preview")).to_have_count(0)


def test_nothing_shines_through_a_transparent_picture(
    studio: Running, ada: Page, page_of_ada: Callable[..., Page]
) -> None:
    cut = Image.new("RGBA", (1600, 1200))
    ImageDraw.Draw(cut).ellipse((300, 100, 1300, 1100), fill=(200, 60, 40, 128))
    out = io.BytesIO()
    cut.save(out, "PNG")
    file = {"name": "cut.png", "mimeType": "image/png", "buffer": out.getvalue()}
    with ada.expect_response("**/uploads/"):
        ada.locator('input[type="file"]').first.set_input_files([file])  # type: ignore[list-item]
    has_all = "SELECT p.code FROM studio_picture p JOIN studio_rendition r ON r.picture_id = p.id WHERE r.size = 2048"
    [(code,)] = eventually(lambda: studio.rows(has_all), within=60)
    page, plain = page_of_ada(), page_of_ada(script=False)
    lines = Line(page), Line(plain)
    for one in (page, plain):
        one.goto(f"{studio.url}/pictures/{uuid.UUID(code)}/", wait_until="commit")
    large = page.locator(".view__picture > img:not(.preview)")
    # What stands for transparent pixels is under the small one, and nothing of the large one's hides it.
    expect(page.locator(".preview")).to_have_css("background-image", re.compile("conic"))
    expect(large).to_have_css("background-image", "none")
    expect(plain.locator(".preview")).to_be_hidden()
    for line in lines:
        line.let_through()
    expect(page.locator(".preview")).to_have_count(0)
    expect(large).to_have_css("background-image", re.compile("conic"))
    expect(plain.locator(".view__picture > img:not(.preview)")).to_have_css("background-image", re.compile("conic"))
    # A phone gives it all its width, before it has come and afterwards.
    phone = page_of_ada(phone=True)
    line = Line(phone)
    phone.goto(f"{studio.url}/pictures/{uuid.UUID(code)}/", wait_until="commit")
    alone = phone.locator(".view__picture > img:not(.preview)")
    expect(alone).to_have_css("width", "390px")
    expect(alone).to_have_css("height", "292.5px")
    line.let_through()
    eventually(lambda: alone.evaluate("image => image.naturalWidth"), what="the picture")
    expect(alone).to_have_css("width", "390px")


def test_wherever_a_picture_stands_large_its_small_size_is_seen_first(
    studio: Running, ada: Page, page_of_ada: Callable[..., Page]
) -> None:
    source, edit = source_and_edit(studio, ada)
    ada.goto(f"{studio.url}/pictures/{source}/")
    ada.get_by_role("button", name="More", exact=True).click()
    ada.get_by_role("button", name="Cut out subject").click()
    layer, split = made(studio, 3)[2]
    ada.goto(f"{studio.url}/pictures/{edit}/keep/")
    expect(ada.locator("keep-work")).to_have_attribute("data-ready", "", timeout=60_000)
    for phone in (False, True):
        page = page_of_ada(phone=phone)
        for path in (
            f"/pictures/{edit}/keep/",
            f"/pictures/{source}/marks/",
            f"/pictures/{source}/crop/",
            f"/pictures/{layer}/edges/",
            f"/jobs/{split}/layers/",
            f"/pictures/{layer}/",
            f"/pictures/{source}/sheet/",
        ):
            _is_seen_first(page, studio.url + path)
    ada.goto(f"{studio.url}/pictures/{edit}/")
    ada.keyboard.press("Delete")
    ada.wait_for_url(lambda url: str(edit) not in url)
    for phone in (False, True):
        _is_seen_first(page_of_ada(phone=phone), f"{studio.url}/pictures/{edit}/")


def _is_seen_first(page: Page, address: str) -> None:
    line = Line(page)
    page.goto(address, wait_until="commit")
    boxes = eventually(lambda: page.evaluate(SMALL), what=f"a small size on {address}")
    assert max(height for _, _, _, height in boxes) > 100
    line.let_through()
    expect(page.locator(".preview")).to_have_count(0)
    page.unroute_all(behavior="wait")


def test_the_dialog_that_crops_shows_the_small_size_first(
    studio: Running, ada: Page, page_of_ada: Callable[..., Page]
) -> None:
    source, _ = source_and_edit(studio, ada)
    page = page_of_ada()
    line = Line(page)
    page.goto(f"{studio.url}/?source={source}", wait_until="domcontentloaded")
    page.get_by_role("button", name=re.compile("^More about")).first.press("Enter")
    page.get_by_role("link", name="Crop or rotate").press("Enter")
    small = page.locator("crop-editor .preview")
    expect(small).to_be_visible()
    page.get_by_role("button", name="Turn right").click()
    box, whole = (page.locator(f"crop-editor {one}").bounding_box() for one in (".preview", "[data-cut]"))
    assert box
    assert whole
    assert box["height"] == pytest.approx(whole["height"], abs=4)
    line.let_through()
    expect(small).to_have_count(0)
