"""What somebody did on a page stays as it is when an answer comes that was asked for before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.filled import fill
from tests.browser.team import post
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser


def late(page: Page, part: str, change: Callable[[], None]) -> Callable[[], None]:
    """Have the pulse ask for what `change` changes, and keep the answer that has this part of the page; the next ones
    wait. Returns what lets it come.
    """
    held: list[tuple[Route, APIResponse | None]] = []

    def hold(route: Route) -> None:
        if held:
            held.append((route, None))
            return
        answer = route.fetch()
        if part in answer.text():
            held.append((route, answer))
        else:
            route.fulfill(response=answer)

    change()
    page.route("**/pulse/*", hold)
    page.evaluate("htmx.trigger('#pulse', 'pulse')")
    eventually(lambda: page.evaluate("1") and held, what="an answer that waits")

    def come() -> None:
        route, answer = held[0]
        assert answer is not None
        route.fulfill(response=answer)
        eventually(lambda: page.evaluate("1") and len(held) > 1, what="the next question")

    return come


def test_a_star_a_rating_and_a_decision_stay(studio: Running, ada: Page) -> None:
    fill(studio, 2)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile__link").first.press("Enter")
    ada.wait_for_url("**/pictures/**")
    star, five = ada.get_by_role("button", name="Star", exact=True), ada.get_by_role("button", name="5 of 5")
    code = ada.url.split("/pictures/")[1].split("/")[0]
    come = late(ada, 'id="opinions-now"', lambda: post(ada, f"/pictures/{code}/tags/", tag="Harbour"))
    for control, answer in ((star, "**/star/"), (five, "**/rating/")):
        with ada.expect_response(answer):
            control.click()
        expect(control).to_have_attribute("aria-pressed", "true")
    come()
    for control in (star, five):
        assert control.get_attribute("aria-pressed") == "true"
    ada.unroute("**/pulse/*")


def test_the_star_of_a_tile_stays(studio: Running, ada: Page) -> None:
    fill(studio, 2)
    ada.goto(f"{studio.url}/gallery/")
    tile = ada.locator("#grid .tile").first
    code = str(tile.get_attribute("id")).removeprefix("picture-")
    come = late(ada, "data-tiles", lambda: post(ada, f"/pictures/{code}/rating/", value="3"))
    tile.locator(".tile__link").focus()
    with ada.expect_response("**/star/*"):
        tile.locator(".tile__star").click()
    expect(tile.locator(".tile__star")).to_have_attribute("aria-pressed", "true")
    come()
    assert tile.locator(".tile__star").get_attribute("aria-pressed") == "true"
    ada.unroute("**/pulse/*")
