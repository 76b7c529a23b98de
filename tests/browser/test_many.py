"""Many at once in a browser: a matrix of twelve with its price, and one edit over twelve pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_user import join
from tests.browser.conftest import Open
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MADE = 180_000  # milliseconds


def price(page: Page, words: str) -> None:
    expect(page.locator("make-button button")).to_have_text(re.compile(rf"^\s*{re.escape(words)}\s*$"))


def test_a_matrix_of_twelve_is_priced_listed_and_made_and_its_pictures_edited(studio: Running, ada: Page) -> None:
    page = ada
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("A {red|green|blue} kite {over the harbour|over the dunes}")
    price(page, "List 6 · $0.24")
    page.locator('[data-setting="ratio"] summary').click()
    page.locator('[name="ratios"][value="9:16"]').check()
    page.keyboard.press("Escape")
    price(page, "List 12 · $0.48")

    # By keyboard: the list comes and nothing is made; a cleared box changes every number.
    prompt.press("Control+Enter")
    boxes = page.locator('#dock-many [name="combination"]')
    expect(boxes).to_have_count(12)
    expect(page.get_by_role("heading", name="12 pictures · $0.48")).to_be_visible()
    price(page, "Make 12 · $0.48")
    boxes.nth(11).focus()
    page.keyboard.press("Space")
    price(page, "Make 11 · $0.44")
    expect(page.get_by_role("heading", name="11 pictures · $0.44")).to_be_visible()
    boxes.nth(11).focus()
    page.keyboard.press("Space")

    # The list belongs to what was listed: another word takes it away, Esc too.
    prompt.press("End")
    prompt.type(".")
    expect(page.locator("#dock-many")).to_be_hidden()
    price(page, "List 12 · $0.48")
    prompt.press("Control+Enter")
    expect(boxes).to_have_count(12)
    # Leaving the field, which then says that it changed, takes nothing away.
    boxes.first.focus()
    expect(boxes).to_have_count(12)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/groups/**")
    expect(page.locator(".pair")).to_have_count(12)
    expect(page.locator(".batch__count")).to_contain_text("12 of 12", timeout=MADE)
    expect(page.locator(".batch__count")).to_contain_text("Cost $0.48")

    # One edit over these twelve.
    page.get_by_role("link", name="Gallery").click()
    page.get_by_role("link", name="Select").click()
    page.wait_for_load_state()  # its scripts know the keys then
    tiles = page.locator("#grid .tile__link")
    tiles.first.focus()
    page.keyboard.press("x")
    page.keyboard.press("Control+a")
    expect(page.locator("[data-count]")).to_have_text("12 selected")
    page.get_by_role("button", name="Edit all").press("Enter")
    count = page.locator(".selection__count")
    instruction = page.get_by_label("What should change in all of them?")
    expect(instruction).to_be_focused()
    instruction.fill("Make it night")
    page.get_by_role("button", name="Make 12 · $0.52").press("Enter")
    page.wait_for_url("**/groups/**")
    expect(page.get_by_alt_text(re.compile("^Before:"))).to_have_count(12)
    expect(page.locator(".batch__count")).to_contain_text("12 of 12", timeout=MADE)

    # Keep and redo by keys; the redo joins, and the first result stays.
    first = page.locator(".pair").first
    first.locator(".tile__link").focus()
    page.keyboard.press("k")
    expect(first.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")
    expect(count).to_contain_text("1 kept")
    page.keyboard.press("ArrowRight")
    second = page.locator(".pair").nth(1)
    page.keyboard.press("r")
    expect(second.locator("summary")).to_have_text(re.compile("1 other"))
    expect(second.get_by_role("button", name="Redo")).to_be_visible(timeout=MADE)
    page.get_by_role("button", name="Keep the 11").click()
    expect(count).to_contain_text("12 kept")


def test_without_script_combinations_and_a_selection_work_as_plain_forms(new_studio: Running, open_page: Open) -> None:
    page = open_page(script=False)
    join(page, new_studio)
    page.get_by_label("Prompt", exact=True).fill("A {red|green} boat")
    page.locator("make-button button").click()
    expect(page.locator('#dock-many [name="combination"]')).to_have_count(2)
    page.locator("make-button button", has_text="Make 2").click()
    page.wait_for_url("**/groups/**")

    def is_made() -> bool:
        page.reload()
        return "2 of 2" in page.locator(".batch__count").inner_text()

    eventually(is_made, within=MADE / 1000, what="both are made")
    page.get_by_role("link", name="Gallery").click()
    page.get_by_role("link", name="Select").click()
    for box in page.locator('[name="picture"]').all():
        box.check()
    page.get_by_role("button", name="Edit all").click()
    page.get_by_label("What should change in all of them?").fill("Make it night")
    page.get_by_role("button", name="Make 2").click()
    page.wait_for_url("**/groups/**")
    expect(page.locator(".pair")).to_have_count(2)


def test_what_cannot_be_listed_is_said_beside_the_button(ada: Page) -> None:
    page = ada
    prompt, reasons = page.get_by_label("Prompt", exact=True), page.locator("#dock-reasons")
    for words, said in {
        "A {red|{green|blue}} kite": "Close each pair of braces",
        "A {red|green kite": "Close each pair of braces",
        "{1|2|3|4|5|6|7|8} {1|2|3|4|5|6|7|8}": "64 combinations; the limit is 60.",
    }.items():
        prompt.fill(words)
        expect(reasons).to_contain_text(said)
        expect(page.locator("make-button button")).to_have_attribute("aria-disabled", "true")
    prompt.fill("A kite")
    expect(reasons).to_be_empty()


def test_ratios_that_are_made_too_stay_with_their_mode(studio: Running, ada: Page) -> None:
    page = ada
    page.get_by_label("Prompt", exact=True).fill("A lamp")
    chip = page.locator('[data-setting="ratio"] summary')
    chip.click()
    page.get_by_role("radio", name="Auto").first.check(force=True)
    with page.expect_response(lambda one: "/draft/" in one.url and '"9:16"' in (one.request.post_data or "")):
        page.locator('[name="ratios"][value="9:16"]').check()
    page.keyboard.press("Escape")
    price(page, "List 2 · $0.08")
    expect(chip).to_have_attribute("aria-label", "Aspect ratio: Auto +1")
    page.reload()
    price(page, "List 2 · $0.08")
    page.get_by_role("radio", name="Edit").check(force=True)
    expect(chip).to_have_attribute("aria-label", "Aspect ratio: As source")
    price(page, "Make 1 · $0.04")
    page.get_by_role("radio", name="Generate").check(force=True)
    price(page, "List 2 · $0.08")
