"""Colleagues who are invited, and the board they look at."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.stack.running import Running

Open = Callable[..., Page]
POST = """([to, fields]) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    return fetch(to, { method: "POST", redirect: "manual", body, headers });
}"""


def post(page: Page, to: str, **fields: str) -> None:
    """Send a form as a person does in another tab: the page that is open hears of it by its pulse alone."""
    page.evaluate(POST, [to, fields])


def invited(ada: Page, studio: Running, role: str) -> str:
    ada.goto(f"{studio.url}/people/")
    ada.locator("form.invite select").select_option(label=role)
    ada.get_by_role("button", name="Create invite").click()
    return ada.get_by_label("Invite link").input_value().replace("localhost", "127.0.0.1")


def on_a_board(page: Page, studio: Running, number: int) -> str:
    """Put the newest pictures on a new board by keys alone, and return its address."""
    page.goto(f"{studio.url}/gallery/")
    page.locator("#grid .tile__link").first.focus()
    page.keyboard.press("x")
    for _ in range(number - 1):
        page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Board…").press("Enter")
    page.get_by_label("New board").fill("Harbour")
    page.get_by_role("button", name="Make and add").press("Enter")
    expect(page.locator("#grid > .tile")).to_have_count(number)
    return of_page(page)


def of_page(page: Page) -> str:
    return page.url.partition("?")[0]


def decisions(studio: Running) -> list[str]:
    return [row[0] for row in studio.rows("SELECT decision FROM studio_picture ORDER BY id DESC LIMIT 4")]
