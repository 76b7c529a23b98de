"""A link that ends, or a picture that leaves it, while a client has the page open: what was typed is there to be copied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
TYPED = "A little lower,\nand <warmer>"


@pytest.fixture
def link(studio: Running, ada: Page) -> str:
    """A link to six pictures that a client may download."""
    fill(studio, 6)
    codes = [row[0] for row in studio.rows("SELECT code FROM studio_picture ORDER BY id")]
    ada.goto(f"{studio.url}/proofs/new/?{'&'.join(f'pictures={code}' for code in codes)}")
    ada.get_by_label("Title").fill("Harbour")
    ada.get_by_label("Watermark").fill("")
    if ada.locator("#id-password").input_value():
        ada.locator("#id-password").fill("")
    ada.get_by_text("Web size", exact=True).click()
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("heading", name="Link ready")).to_be_visible()
    return ada.get_by_label("Link", exact=True).input_value()


def at_picture(page: Page, link: str, number: int) -> str:
    """Open a picture as a client who has a name, and type a comment; return the picture's address."""
    page.goto(link)
    page.get_by_role("button", name="Approve").last.click()
    page.get_by_label("Name", exact=True).fill("Ingrid Holm")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("1 of 6 decided")).to_be_visible()
    page.get_by_role("link", name=f"Picture {number}", exact=True).click()
    page.get_by_label("Comment", exact=True).fill(TYPED)
    return page.url


def revoke(ada: Page, studio: Running) -> None:
    ada.goto(f"{studio.url}/proofs/")
    ada.evaluate(
        """() => fetch(document.querySelector("form[action*=revocation]").action, {
            method: "POST", redirect: "manual", headers: JSON.parse(document.body.getAttribute("hx-headers"))})"""
    )


def delete(ada: Page, studio: Running, address: str) -> None:
    code = address.rstrip("/").rpartition("/")[2]
    ada.goto(f"{studio.url}/pictures/{code}/")
    ada.evaluate(
        """(to) => fetch(to, {
            method: "POST", redirect: "manual", headers: JSON.parse(document.body.getAttribute("hx-headers"))})""",
        f"/pictures/{code}/trash/",
    )


@pytest.mark.parametrize(
    ("act", "phone"),
    [("Approve", True), ("Comment", True), ("Download picture 2", True), ("Picture 3", False), ("back", False)],
)
def test_a_link_that_ends_shows_what_was_typed(
    studio: Running, ada: Page, link: str, open_page: Open, act: str, phone: bool
) -> None:
    page = open_page(phone=phone).context.new_page()  # whose console may say 410
    at_picture(page, link, 2)
    revoke(ada, studio)
    if act in {"Approve", "Comment"}:
        page.get_by_role("button", name=act, exact=True).click()
    elif act == "back":
        page.locator("[data-back]").click()
    else:
        page.get_by_role("link", name=act, exact=True).click()
    expect(page.get_by_role("heading", name="This link has ended.")).to_be_visible()
    expect(page.get_by_text("Ask Ada Admin for a new one.")).to_be_visible()
    expect(page.locator("blockquote")).to_have_count(1)
    assert page.locator("blockquote").inner_text().split() == TYPED.split()


def test_a_picture_that_leaves_a_link_takes_no_word_with_it(
    studio: Running, ada: Page, link: str, open_page: Open
) -> None:
    page = open_page(phone=True).context.new_page()  # whose console may say 404
    address = at_picture(page, link, 2)
    delete(ada, studio, address)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#toasts")).to_contain_text("This picture isn't part of this link any more. Nothing was saved.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value(TYPED)
    notice, field = page.locator("#toasts > .notice").bounding_box(), page.locator("#compose").bounding_box()
    assert notice
    assert field
    assert notice["y"] + notice["height"] <= field["y"], "the notice covers the field"
    page.get_by_role("link", name="Download picture 2", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing here.")).to_be_visible()
    assert page.locator("blockquote").inner_text().split() == TYPED.split()
    page.get_by_role("link", name="Back to the pictures").click()
    expect(page.get_by_role("link", name="Picture 5", exact=True)).to_be_visible()


def test_a_picture_that_comes_no_more_says_that_the_link_has_ended(
    studio: Running, ada: Page, link: str, open_page: Open
) -> None:
    page = open_page(phone=True).context.new_page()  # whose console may say 410
    page.goto(link)
    expect(page.get_by_role("link", name="Picture 1", exact=True)).to_be_visible()
    revoke(ada, studio)
    page.locator("img[data-again]").first.evaluate("(image) => { image.srcset = ''; image.src += '?'; }")
    expect(page.get_by_role("heading", name="This link has ended.")).to_be_visible()
