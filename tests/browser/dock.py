"""The dock as somebody uses it, and the ends of a session."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.stack.running import Running, eventually

ENDED = "Your session has ended."


def empty(page: Page) -> None:
    """Put the first draft back, as if nothing had been chosen."""
    page.evaluate("""async () => {
      const dock = document.querySelector("compose-dock");
      dock.take({ type: "image", prompt: "", source: "", references: [], choices: {} });
      document.querySelector("#compose").dispatchEvent(new Event("change"));
    }""")
    kept(page)


def kept(page: Page) -> dict[str, Any]:
    """Wait until the server has what the page shows, and return it."""
    asked = """async () => {
      const draft = document.querySelector("form-draft");
      const answer = await fetch(draft.dataset.address, { headers: { "Studio-Person": draft.dataset.person } });
      const { content } = await answer.json();
      const { state } = document.querySelector("compose-dock");
      const isFirst = !content && !state.prompt;
      return { content, isKept: isFirst || JSON.stringify(content) === JSON.stringify(state) };
    }"""
    found: dict[str, Any] = {}

    def is_kept() -> bool:
        found.update(page.evaluate(asked))
        return bool(found["isKept"])

    eventually(is_kept, within=10, what="the server has the draft")
    content: dict[str, Any] = found["content"]
    return content


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def mode(page: Page, name: str) -> None:
    page.locator(".segments label", has_text=name).click()
    expect(page.get_by_role("radio", name=name)).to_be_checked()


def ratio(page: Page, name: str) -> None:
    page.locator('[data-setting="ratio"] summary').click()
    radios = page.locator('[data-setting="ratio"] label:has([type="radio"])')
    radios.filter(has_text=re.compile(rf"^\s*{name}\s*$")).click()
    page.keyboard.press("Escape")


def shown(page: Page) -> dict[str, Any]:
    """What would be sent, or is out of use."""
    return dict(
        page.locator("#compose").evaluate("""form => ({
          type: form.elements.type.value,
          style: form.elements.style.value,
          ratio: form.elements.aspect_ratio.value,
          count: form.elements.count.value,
          format: form.elements.output_format.value,
          web: form.elements.web_search.checked,
          source: new FormData(form).getAll("source").length,
          references: new FormData(form).getAll("reference").length,
          tiles: form.querySelectorAll("li.slot:not(.slot--busy)").length,
        })""")
    )


def photo(folder: Path, name: str, colour: str) -> Path:
    file = folder / name
    Image.new("RGB", (90, 60), colour).save(file)
    return file


def add(page: Page, role: str, *files: Path) -> None:
    before = shown(page)["tiles"]
    page.locator(f'[data-pick="{role}"] input').set_input_files(list(files))
    eventually(lambda: shown(page)["tiles"] == before + len(files), within=20, what="the pictures are in the tray")


def say_ended(page: Page) -> None:
    """Type on: the page stays, says what happened and refuses to make."""
    prompt(page).fill("Half a sentence")
    expect(page.locator("#connection")).to_contain_text(ENDED)
    prompt(page).press("Control+Enter")
    expect(page.locator("#dock-problems")).to_contain_text("sign in, then press Make again")
    prompt(page).press_sequentially(", kept")


def sign_out(context: BrowserContext, studio: Running) -> None:
    tab = context.new_page()
    tab.goto(f"{studio.url}/gallery/")
    tab.get_by_role("button", name=re.compile("account menu")).click()
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/sign-in/")
    tab.close()


def access(admin: Page, studio: Running, wanted: str) -> None:
    admin.goto(f"{studio.url}/people/")
    admin.get_by_role("link", name="Ben Okafor").click()
    if wanted == "none":
        admin.get_by_role("button", name="Disable the account of").click()
    admin.locator(f'button[value="{wanted}"]:visible').click()
    role = "Designer" if wanted == "back" else "Disabled"
    expect(admin.get_by_role("row", name="Ben Okafor")).to_contain_text(role)
