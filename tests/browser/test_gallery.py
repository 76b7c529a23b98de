"""The gallery with thousands of pictures in a browser: few tiles in the document, and the place and the choice kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Joined, Open
from tests.browser.filled import add, fill
from tests.browser.grid_window import COME_TO_REST, OBSERVE, facts, scroll_until
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MOST_TILES = 600
# Tiles that come into the document in one go. The time of one such go depends on what else the machine does: some 0.4 ms
# of CPU a tile, so that no task is long (static/js/gallery/grid-window.js); docs/performance.md has the times.
MOST_AT_ONCE = 130


def tiles(page: Page) -> Locator:
    return page.locator("#grid > .tile")


def count(page: Page) -> Locator:
    return page.locator("#selection [data-count]")


TOP = "(id) => document.getElementById(id).getBoundingClientRect().top"


def come_back(page: Page) -> None:
    """Open a tile in the middle of the window and come back: it is where it was, and has the focus."""
    place, top = page.evaluate(
        """() => {
          const inView = (tile) => { const { top, bottom } = tile.getBoundingClientRect(); return top > 300 && bottom < 800; };
          const tile = [...document.querySelectorAll("#grid > .tile")].find(inView);
          return [tile.id, tile.getBoundingClientRect().top];
        }"""
    )
    link = page.locator(f"#{place} > .tile__link")
    link.click()
    page.wait_for_url("**/pictures/**")
    page.go_back()
    expect(link).to_be_focused()
    assert abs(page.evaluate(TOP, place) - top) < 3


def test_of_five_thousand_tiles_few_are_in_the_document_and_the_place_is_kept(studio: Running, ada: Page) -> None:
    page = ada
    fill(studio, 5_000)
    page.add_init_script(OBSERVE)
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator("#grid h2").first).to_be_visible()
    way = scroll_until(page, 5_000, within=240)
    assert max(one["tiles"] for one in way) <= MOST_TILES
    assert min(one["seen"] for one in way) > 0
    longest = sorted(round(one) for one in page.evaluate("window.longTasks"))[-6:]
    print("long tasks", longest, "most at once", page.evaluate("window.most"))  # noqa: T201
    assert page.evaluate("window.most") <= MOST_AT_ONCE
    assert len(page.evaluate("document.querySelector('#grid').innerHTML")) < 3_000_000

    # Every row stands where it was worked out to stand.
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, -40_000)
    eventually(lambda: page.evaluate(COME_TO_REST, before))
    eventually(lambda: facts(page)["seen"] > 0)
    assert (
        page.evaluate(
            """() => {
          const grid = document.querySelector("#grid");
          const start = grid.getBoundingClientRect().top;
          return Math.max(...grid.window.rows.flatMap(({ first, top }) => {
            const { node } = grid.window.items[first];
            return node?.isConnected ? [Math.abs(node.getBoundingClientRect().top - start - top)] : [];
          }));
        }"""
        )
        < 12
    )

    come_back(page)
    assert facts(page)["loaded"] < 300  # it did not load everything above again

    # At the end the list that begins elsewhere may be a row shorter.
    eventually(lambda: (page.mouse.wheel(0, 2_000), page.locator("#more").count() == 0)[1], within=120, what="the end")
    eventually(lambda: page.evaluate(COME_TO_REST, -1), what="the end of scrolling")
    come_back(page)
    # The room that this took below the end goes when nobody sees it.
    room = page.locator("#grid")
    room.evaluate("(grid) => { grid.style.paddingBlockEnd ||= '180px'; }")
    page.mouse.wheel(0, -3_000)
    expect(room).not_to_have_attribute("style", re.compile("padding-block-end"))


@pytest.mark.parametrize("by", ["", "?by=day"])
def test_a_month_is_jumped_to_and_one_goes_on_both_ways_without_a_jolt(studio: Running, ada: Page, by: str) -> None:
    page = ada
    fill(studio, 2_000)
    page.goto(f"{studio.url}/gallery/{by}")
    first = tiles(page).first
    first.locator(".tile__link").focus()
    page.keyboard.press("g")
    stops = page.locator("#months a")
    expect(stops.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    month = stops.nth(2).get_attribute("data-month")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery/?*")
    heading = page.locator(f'#grid [data-span^="{month}"]').first
    expect(heading).to_be_in_viewport()
    expect(page.locator("#months a[aria-current]")).to_have_attribute("data-month", month or "")

    # What is newer comes above, and what one looks at stays.
    eventually(lambda: facts(page)["loaded"] > 60, what="newer ones")
    expect(heading).to_be_in_viewport()
    page.mouse.move(600, 500)
    eventually(lambda: (page.mouse.wheel(0, -2_000), page.locator("#newer").count() == 0)[1], within=60, what="the top")
    shown = page.evaluate("document.querySelector('#grid').window.keys")
    assert len(shown) == len(set(shown))
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#grid h2").first).to_be_in_viewport()
    newest = studio.rows("SELECT code FROM studio_picture ORDER BY shown_at DESC, id DESC LIMIT 1")[0][0]
    assert shown[0].replace("picture-", "").replace("-", "") == newest.replace("-", "")


def test_one_comes_back_to_the_last_tile_of_a_page_whose_row_is_filled_by_the_next(studio: Running, ada: Page) -> None:
    page = ada
    fill(studio, 600)
    page.goto(f"{studio.url}/gallery/")
    scroll_until(page, 300)
    before = page.evaluate("document.querySelector('#more a').search").replace("after", "before")
    page.goto(f"{studio.url}/gallery/{before}")
    scroll_until(page, 180)
    opened = page.evaluate(
        """() => {
          const { window } = document.querySelector("#grid");
          const { key } = window.items.findLast((item) => item.page === location.search && item.ratio);
          return window.reveal(key).id;
        }"""
    )
    eventually(lambda: page.evaluate(COME_TO_REST, -1), what="the end of scrolling")
    top = page.evaluate(TOP, opened)
    link = page.locator(f"#{opened} > .tile__link")
    link.press("Enter")
    page.wait_for_url("**/pictures/**")
    page.go_back()
    expect(link).to_be_focused()
    eventually(lambda: abs(page.evaluate(TOP, opened) - top) < 3, what="its place")


def test_a_choice_outlasts_scrolling_opening_news_and_esc(studio: Running, ada: Page) -> None:
    page = ada
    fill(studio, 400)
    page.goto(f"{studio.url}/gallery/")
    tile = tiles(page)
    tile.nth(1).hover()
    tile.nth(1).get_by_role("button", name="Select", exact=True).click()
    expect(count(page)).to_have_text("1 selected")
    tile.nth(4).click(modifiers=["Shift"])
    expect(count(page)).to_have_text("4 selected")
    tile.nth(6).click(modifiers=["Control"])
    expect(count(page)).to_have_text("5 selected")

    # By keys: x, Shift with an arrow, and back again.
    tile.nth(8).locator(".tile__link").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect(count(page)).to_have_text("7 selected")
    page.keyboard.press("Shift+ArrowLeft")
    expect(count(page)).to_have_text("6 selected")

    # Far away and back.
    chosen = tile.nth(1).get_attribute("id")
    scroll_until(page, 240)
    expect(page.locator(f"#{chosen}")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(f"#{chosen} > .tile__pick")).to_have_attribute("aria-pressed", "true")

    # News wait in the pill while something is chosen.
    add(studio, 2)
    expect(page.locator("#new-pictures")).to_contain_text("2 new", timeout=15_000)
    page.locator("#new-pictures").click()
    expect(page.locator("#new-pictures")).to_be_hidden()
    expect(count(page)).to_have_text("6 selected")

    # Another page and back.
    page.goto(f"{studio.url}/pictures/{(chosen or '').removeprefix('picture-')}/")
    page.goto(f"{studio.url}/gallery/")
    expect(count(page)).to_have_text("6 selected")

    # Esc asks nothing and can be taken back; all of them are more than are loaded.
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(count(page)).to_have_text("6 selected")
    page.get_by_role("button", name="Select all 402").click()
    expect(count(page)).to_have_text("402 selected")
    tile.nth(0).click()
    expect(count(page)).to_have_text("401 selected")
    # What comes in later is not meant.
    sent = page.evaluate("Object.fromEntries(new FormData(document.getElementById('selection')))")
    assert (sent["all"], sent["upto"]) == ("on", page.locator("#grid").get_attribute("data-upto"))
    references = page.get_by_role("button", name="Use as references")
    expect(references).to_have_attribute("aria-disabled", "true")
    expect(references).to_have_attribute("title", re.compile("up to 9"))
    page.keyboard.press("Escape")

    # Dragged over; then they go to Create as references.
    tile.nth(2).hover()
    box = tile.nth(2).locator(".tile__pick").bounding_box()
    end = tile.nth(5).bounding_box()
    assert box
    assert end
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 30, steps=8)
    page.mouse.up()
    expect(count(page)).to_have_text("4 selected")
    references.click()
    # Create takes them out of its address at once.
    expect(page.locator("ol[aria-label=References] > li")).to_have_count(4)


@pytest.mark.parametrize("by", ["", "?by=day"])
def test_at_rest_at_the_top_new_pictures_come_in_by_themselves(studio: Running, ada: Page, by: str) -> None:
    page = ada
    fill(studio, 100)
    page.goto(f"{studio.url}/gallery/{by}")
    first = tiles(page).first.get_attribute("id")
    tiles(page).first.locator(".tile__link").focus()
    add(studio, 2)
    expect(page.locator(f"#grid > .tile:nth-of-type(3)#{first}")).to_be_visible(timeout=15_000)
    expect(page.locator("#new-pictures")).to_be_hidden()
    expect(page.locator(f"#{first} > .tile__link")).to_be_focused()
    expect(page.locator("#grid .grid__count").first).to_have_text(re.compile(r"^\d+$"))
    # Scrolled, nothing is put above what one looks at.
    page.mouse.move(600, 500)
    page.mouse.wheel(0, 400)
    eventually(lambda: page.evaluate("scrollY") > 100)
    add(studio, 1)
    expect(page.locator("#new-pictures")).to_contain_text("1 new", timeout=15_000)
    assert facts(page)["loaded"] <= 102


def test_a_long_press_chooses_on_a_touch_screen(studio: Running, joined: Joined, open_page: Open) -> None:
    page = open_page(phone=True)
    page.context.add_cookies(
        [{"name": name, "value": value, "url": studio.url} for name, value in joined.cookies.items()]
    )
    fill(studio, 100)
    page.goto(f"{studio.url}/gallery/")
    tile = tiles(page).nth(1)
    box = tile.bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 40
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(count(page)).to_have_text("1 selected")
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(count(page)).to_have_text("1 selected")
    expect(page).to_have_url(f"{studio.url}/gallery/")
    # From now on a tap chooses.
    tiles(page).nth(2).tap()
    expect(count(page)).to_have_text("2 selected")
    for act in page.locator("#selection .selection__acts button:visible").all():
        assert (act.bounding_box() or {}).get("height", 0) >= 44


def test_the_keys_are_found_in_a_sheet_and_a_tile_opens_at_once(studio: Running, ada: Page) -> None:
    page = ada
    fill(studio, 100)
    page.goto(f"{studio.url}/gallery/")
    tiles(page).nth(2).locator(".tile__link").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("re?")
    expect(sheet.locator(".keysheet__found")).to_have_text("No key for that")
    sheet.get_by_role("searchbox").fill("refer")
    expect(sheet.locator("dl > div:visible")).to_have_count(2)
    expect(sheet.locator("mark").first).to_have_text("refer")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(tiles(page).nth(2).locator(".tile__link")).to_be_focused()

    # The page behind a tile is fetched while the pointer rests there, and is shown from there.
    address = tiles(page).nth(5).locator(".tile__link").get_attribute("href")
    with page.expect_request(f"**{address}") as asked:
        tiles(page).nth(5).hover()
    assert asked.value.headers.get("sec-purpose", "").startswith("prefetch")
    eventually(lambda: asked.value.response(), what="the page ahead")
    tiles(page).nth(5).locator(".tile__link").click()
    page.wait_for_url(f"**{address}")
    delivered = page.evaluate("performance.getEntriesByType('navigation')[0].deliveryType")
    shown = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventStart")
    print("delivered by", delivered, "in", shown)  # noqa: T201
    assert delivered == "navigational-prefetch"
