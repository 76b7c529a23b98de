"""A board: pictures put on it from the gallery, and arranged by keys and by dragging."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MADE = "SELECT count(*) FROM studio_picture WHERE shown_at IS NOT NULL"
ORDER = """SELECT s.prompt FROM studio_boardpicture b JOIN studio_picture p ON p.id = b.picture_id
    JOIN studio_job j ON j.id = p.job_id JOIN studio_submission s ON s.id = j.submission_id ORDER BY b.place"""


def test_pictures_are_put_on_a_board_and_arranged_by_keys_and_by_dragging(studio: Running, ada: Page) -> None:
    for number, prompt in enumerate(("Boat", "Dune", "Lamp"), start=1):
        ada.get_by_label("Prompt", exact=True).fill(prompt)
        ada.keyboard.press("Control+Enter")
        eventually(lambda number=number: studio.rows(MADE)[0][0] == number, within=60)
    ada.goto(f"{studio.url}/gallery/")
    for tile in ada.locator(".tile__link").all():
        tile.focus()
        ada.keyboard.press("x")
    ada.get_by_role("button", name="Board…").click()
    ada.get_by_label("New board").fill("Harbour")
    ada.get_by_role("button", name="Make and add").click()
    expect(ada.get_by_role("heading", name="Harbour")).to_be_visible()
    expect(ada.locator("#grid .tile")).to_have_count(3)
    ada.get_by_role("link", name="Arrange").click()
    before = [row[0] for row in studio.rows(ORDER)]

    def order() -> list[str]:
        return [row[0] for row in studio.rows(ORDER)]

    ada.get_by_role("button", name=f"Move later: {before[0]}").focus()
    ada.keyboard.press("Alt+ArrowRight")
    expect(ada.locator("#board-says")).to_contain_text("Moved to 2 of 3.")
    eventually(lambda: order() == [before[1], before[0], before[2]], within=10)
    expect(ada.get_by_role("button", name=f"Move later: {before[0]}")).to_be_focused()
    tiles = ada.locator("#moves .tile")
    tiles.nth(2).hover(position={"x": 20, "y": 20})
    ada.mouse.down()
    tiles.nth(0).hover(position={"x": 30, "y": 20})
    tiles.nth(0).hover(position={"x": 20, "y": 20})
    ada.mouse.up()
    eventually(lambda: order() == [before[2], before[1], before[0]], within=10)
    # The settings open in their sheet, and Esc leaves them.
    ada.get_by_role("link", name="Done").click()
    ada.get_by_role("link", name="Board settings").click()
    expect(ada.get_by_role("dialog", name="Board settings")).to_be_visible()
    ada.get_by_role("textbox", name="Client").fill("Brygga")
    ada.keyboard.press("Control+Enter")
    expect(ada.locator(".board-head")).to_contain_text("Brygga")
