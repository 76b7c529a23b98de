"""Pictures are put on a board from the gallery and from the dock, and moved there by hand: by mouse, and by keys alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.answering import intercept
from tests.browser.browser_user import join
from tests.browser.filled import fill
from tests.browser.team import Open, invited, of_page, on_a_board, post
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
ORDER = "SELECT picture_id FROM studio_boardpicture ORDER BY place, id"


def order(studio: Running) -> list[int]:
    return [row[0] for row in studio.rows(ORDER)]


def test_a_board_is_made_filled_and_ordered(studio: Running, ada: Page) -> None:
    page = ada
    fill(studio, 90)

    # By keys alone: four pictures of the gallery on a new board.
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.focus()
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#selection [data-count]")).to_have_text("4 selected")
    # To the bar of the selection, which is far away, and back.
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Compare")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#grid .tile__link").nth(3)).to_be_focused()
    page.keyboard.press("b")
    page.get_by_label("New board").fill("Harbour")
    page.get_by_role("button", name="Make and add").press("Enter")
    expect(page.locator("#grid > .tile")).to_have_count(4)
    expect(page.get_by_text("4 pictures added to “Harbour”.")).to_be_visible()
    # The act is done: nothing is chosen any more, here and in the gallery; Undo takes them off again.
    chosen = "JSON.parse(sessionStorage.getItem('studio:selection')).codes"
    eventually(lambda: page.evaluate(chosen) == [], what="nothing is chosen")
    expect(page.locator("#selection")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("4 pictures removed.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("4 pictures put back.")).to_be_visible()
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator("#selection")).to_be_hidden()
    page.goto(f"{studio.url}/boards/{studio_board(studio)}/")
    a, b, c, d = order(studio)
    tiles = page.locator("#grid > .tile")
    first = tiles.first.get_attribute("id")

    tiles.first.locator(".tile__link").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-says")).to_have_text("Moved. It is picture 2 of 4 now.")
    expect(tiles.nth(1)).to_have_id(first or "")
    expect(tiles.nth(1).locator(".tile__link")).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-says")).to_have_text("This is the last picture.")
    eventually(lambda: order(studio) == [b, c, d, a], within=10, what="the order by keys")

    # By its handle, to the front.
    tiles.nth(2).hover()
    expect(tiles.nth(2).locator(".tile__grip")).to_be_visible()
    grip = tiles.nth(2).locator(".tile__grip").bounding_box()
    to = tiles.first.bounding_box()
    assert grip
    assert to
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(to["x"] + 30, to["y"] + 40, steps=4)
    expect(page.locator("#board-says")).to_have_text("Moving picture 3 of 4. Drops before picture 1 of 4.")
    page.mouse.up()
    eventually(lambda: order(studio) == [d, b, c, a], within=10, what="the order by hand")
    page.reload()
    expect(tiles.nth(3)).to_have_id(first or "")

    # The settings hold the focus, and Esc leaves them.
    page.get_by_role("link", name="Board settings").press("Enter")
    expect(page.locator("dialog:modal")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Quay")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Quay")).to_be_visible()
    page.get_by_role("link", name="Board settings").press("Enter")
    expect(page.locator("dialog:modal")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # What is made in the dock comes here.
    page.get_by_role("link", name="Make pictures here").press("Enter")
    expect(page.get_by_role("combobox", name="Board")).to_have_value(studio_board(studio))
    page.wait_for_load_state()  # its scripts know the key then
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("A ferry in the rain")
    with page.expect_response("**/submissions/"):
        prompt.press("Control+Enter")
    eventually(lambda: len(order(studio)) == 5, within=60, what="the new picture on its board")
    page.goto(f"{studio.url}/boards/")
    expect(page.get_by_role("link", name="Quay")).to_contain_text("5 pictures")


def test_esc_closes_the_innermost_and_leaves_what_is_not_saved_only_when_pressed_again(
    studio: Running, ada: Page, open_page: Open
) -> None:
    join(open_page(), studio, link=invited(ada, studio, "Designer"), name="Bob Builder")
    ada.goto(f"{studio.url}/boards/new/")
    name, people = ada.get_by_label("Name", exact=True), ada.locator("summary", has_text="Add people")
    name.fill("Harbour")
    people.press("Enter")
    ada.get_by_label("Bob Builder").press("Escape")
    expect(ada.get_by_label("Bob Builder")).to_be_hidden()
    expect(people).to_be_focused()
    people.press("Escape")
    expect(ada.get_by_text("Not saved. Press Esc again to leave.")).to_be_visible()
    expect(name).to_have_value("Harbour")
    name.press("Escape")
    ada.wait_for_url(f"{studio.url}/boards/")


def test_what_the_page_says_is_seen_and_pressed_while_a_sheet_is_open(
    studio: Running, ada: Page, open_page: Open
) -> None:
    page = open_page().context.new_page()  # whose console may say that nothing answers
    join(page, studio, link=invited(ada, studio, "Designer"), name="Ben")
    page.goto(f"{studio.url}/boards/new/")
    [[ben]] = studio.rows("SELECT id FROM studio_user WHERE name = 'Ben'")
    post(ada, f"/people/{ben}/access/", access="admin")
    said = page.locator("toast-note", has_text="You're an admin now.")
    expect(said).to_be_visible()
    said.get_by_role("link", name="Reload").click(trial=True)
    page.context.set_offline(True)
    expect(page.get_by_role("dialog").get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)
    # A dialog that closes gives back what it took along.
    page.goto(f"{studio.url}/gallery/")
    page.keyboard.press("?")
    expect(page.locator("dialog:modal #toasts")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator("body > #toasts")).to_be_attached()


def studio_board(studio: Running) -> str:
    """The code of the only board."""
    code = studio.rows("SELECT code FROM studio_board")[0][0]
    return f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}"


def test_a_move_waits_for_an_answer_and_a_refusal_is_said(studio: Running, ada: Page) -> None:
    fill(studio, 4)
    on_a_board(ada, studio, 4)
    page = ada.context.new_page()  # whose console may say that nothing answers
    page.goto(of_page(ada))
    first = page.locator("#grid > .tile").first
    a, b, c, d = order(studio)
    # Without a connection the page shows two moves, stays, and tells them when Studio answers.
    page.clock.install()
    page.context.set_offline(True)
    first.locator(".tile__link").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-says")).to_have_text("Not saved yet. It is sent again when Studio answers.")
    expect(page.locator("#connection")).to_contain_text("No connection.")
    told: list[Response] = []
    page.on("response", lambda one: told.append(one) if one.url.endswith("/order/") else None)
    page.context.set_offline(False)
    page.clock.run_for(10_000)
    eventually(lambda: order(studio) == [b, c, a, d], what="both moves")
    eventually(lambda: page.evaluate("1") and len(told) > 1, what="their answers")
    expect(page.locator("#board-says")).to_have_text("Saved.")
    # An answer that got lost changes nothing when it is told again.
    intercept(page, "**/order/", lambda route: (route.fetch(), route.abort()), times=1)
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-says")).to_have_text("Not saved yet. It is sent again when Studio answers.")
    page.clock.run_for(10_000)
    eventually(lambda: order(studio) == [b, c, d, a] and page.evaluate("1") and len(told) > 2, what="the third answer")
    # Who may not move any more reads so on the page that comes anew.
    studio.rows("UPDATE studio_user SET role = 'viewer'")
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("#toasts")).to_contain_text("You're a viewer here")
    expect(page.locator("#grid > .tile > .tile__grip")).to_have_count(0)
    assert order(studio) == [b, c, d, a]


def test_nothing_of_the_dock_lies_over_its_button(studio: Running, ada: Page) -> None:
    """Layers has the longest verb, and where there are boards they are one chip more."""
    fill(studio, 1)
    on_a_board(ada, studio, 1)
    ada.goto(f"{studio.url}/")
    ada.locator(".dock .segments").get_by_text("Layers").click()
    button = ada.get_by_role("button", name="Split into layers")
    expect(ada.locator(".dock__chips > :last-child")).to_contain_text("No board")
    for width in (1440, 1100, 800):
        ada.set_viewport_size({"width": width, "height": 900})
        own = button.bounding_box()
        chips = [one.bounding_box() for one in ada.locator(".dock__chips > :visible").all()]
        assert own
        assert len(chips) > 5
        for box in filter(None, chips):
            assert box["x"] + box["width"] <= own["x"] or box["y"] >= own["y"] + own["height"], (width, box, own)


def test_the_dock_remembers_a_board_until_its_chip_is_forgotten(studio: Running, ada: Page) -> None:
    fill(studio, 1)
    on_a_board(ada, studio, 1)
    ada.get_by_role("button", name="More").first.click()
    ada.get_by_role("button", name="Remember in the dock").click()
    expect(ada.locator("#toasts")).to_contain_text("until you pick another board")
    ada.goto(f"{studio.url}/")
    ada.locator("#prompt").fill("A boat that stays typed")
    board, forget = ada.locator("select[name=board]"), ada.get_by_role("button", name="Forget the board")
    expect(board).not_to_have_value("")
    ada.set_viewport_size({"width": 390, "height": 844})
    forget.scroll_into_view_if_needed()
    box = forget.bounding_box()
    assert box
    assert box["width"] > 20
    assert box["x"] + box["width"] <= 390
    forget.focus()
    ada.keyboard.press("Enter")
    expect(forget).to_have_count(0)
    expect(board).to_have_value("")
    expect(board).to_be_focused()
    expect(ada.locator("#prompt")).to_have_value("A boat that stays typed")
    ada.reload()
    expect(board).to_have_value("")
