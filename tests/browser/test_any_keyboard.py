"""The keys of a page on a keyboard of another script, and with Caps Lock."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import ask, made
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def typed(page: Page, key: str, code: str, held: int = 0) -> None:
    """Press a key of a keyboard that writes `key` where a Latin one has the letter of `code`."""
    session = page.context.new_cdp_session(page)
    press = {"key": key, "code": code, "modifiers": held}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **press, **({} if held else {"text": key})})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **press})
    session.detach()


def test_keys_are_those_of_any_script_and_with_caps_lock(studio: Running, ada: Page) -> None:
    page = ada
    ask(page, studio, "A boat")
    [(picture, _)] = made(studio, 1)
    page.goto(f"{studio.url}/gallery/")
    tile, chosen = page.locator("#grid .tile__link").first, page.locator("#grid [aria-pressed=true]")
    tile.focus()
    # ч is where a Latin keyboard has x, ф where it has a; Caps Lock makes them capitals without Shift.
    for key, code, count in (("ч", "KeyX", 1), ("Ч", "KeyX", 0), ("X", "KeyX", 1), ("x", "KeyX", 0)):
        typed(page, key, code)
        expect(chosen).to_have_count(count)
    typed(page, "ф", "KeyA", held=2)  # Ctrl
    expect(chosen).to_have_count(1)
    page.keyboard.press("Escape")
    typed(page, "п", "KeyG")
    expect(page.locator(".scrubber :focus")).to_have_count(1)
    # What a Latin keyboard writes counts, wherever it has it; what is neither a letter nor in a letter's place is left.
    page.goto(f"{studio.url}/pictures/{picture}/")
    word = page.locator("[data-zoom] [data-word]")
    for key, code, says in (
        ("z", "KeyY", "100 %"),
        ("я", "KeyZ", "Fit"),
        ("y", "KeyZ", "Fit"),
        ("ö", "Semicolon", "Fit"),
    ):
        typed(page, key, code)
        expect(word).to_have_text(says)
    # What is typed stays as it is.
    typed(page, "т", "KeyN")
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_be_focused()
    prompt.fill("")
    typed(page, "ы", "KeyS")
    expect(prompt).to_have_value("ы")
