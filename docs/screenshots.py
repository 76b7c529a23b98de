"""`make screenshots`: fill a studio of its own with the simulator's pictures and photograph every page."""

from __future__ import annotations

import io
import tempfile
import uuid
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.browser_user import browser, join
from tests.stack.running import Running, eventually

FOLDER = Path(__file__).resolve().parent / "screenshots"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
DONE = "SELECT count(*) FROM studio_job WHERE state IN ('done', 'failed', 'unknown')"
# Oldest first: the newest stand at the top of the gallery.
WISHES = [
    ("Aurora over low hills, very wide", "3:1", 1),
    ("Pine forest in fog, pale sun, quiet", "2:3", 1),
    ("Green volcanic island from above, coral shallows", "1:1", 1),
    ("Folded violet silk, studio light", "16:9", 1),
    ("City skyline across a river at night, lit windows", "16:9", 1),
    ("Clay teapot on a folded linen cloth, north light", "1:1", 1),
    ("Aerial view of tulip fields, exact stripes, one yellow tractor", "3:2", 1),
    ("Marbled ink, teal and coral", "3:2", 1),
    ("Glass greenhouse in snow, warm light inside", "3:2", 1),
    ("Night market poster, hand-cut letters, orange sun", "2:3", 1),
    ("Mountain ridges at dusk, seven layers of haze", "16:9", 1),
    ("Dahlia seen from above, every petal folded from paper, dark green background", "1:1", 1),
    ("Sun going down over a violet sea", "2:1", 1),
    ("Still life in morning light, blue vase, a bowl of oranges", "2:3", 1),
    ("Concert poster, concentric red rings on warm paper, strict Swiss grid, small black type", "2:3", 1),
    ("Rose desert after sunset, violet shadow", "16:9", 1),
    ("A whitewashed courtyard at noon, three arches, a red sphere on the terrace, still water in front", "3:2", 1),
    ("Golden dunes, long shadows, clear sky", "3:2", 4),
    ("Portrait of the mayor holding our product [moderated]", "3:2", 1),
    ("Harbour wall in the rain, one lamp [accept-then-drop]", "3:2", 1),
    ("Relief map of the bay, engraved sea [generation_failed]", "16:9", 1),
]
LIVE = [
    ("Lighthouse stairwell from below", "9:16"),
    ("Salt flats after rain, a single red umbrella far away, mirror sky, very still", "16:9"),
    ("Harbour market at blue hour, wet cobbles, strings of paper lanterns", "3:2"),
]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="studio-screenshots-") as folder:
        studio = Running(Path(folder) / "var", STUDIO_SIMULATOR_SPEED="0.12", STUDIO_REQUESTS_PER_MINUTE="30")
        studio.start()
        try:
            with sync_playwright() as playwright, browser(playwright) as chromium:
                photograph(studio, chromium)
        finally:
            studio.kill()


def photograph(studio: Running, chromium: Browser) -> None:
    """Walk from the first link to a full studio, and take each page on the way."""
    context = chromium.new_context(viewport=DESK, color_scheme="dark")
    page = context.new_page()
    page.goto(studio.first_link)
    keep(page, "join-dark")
    join(page, studio, name="Anna Lindqvist")
    keep(page, "first-dark")
    for number, (prompt, ratio, count) in enumerate(WISHES, start=1):
        wish(page, prompt, ratio, count)
        eventually(lambda number=number: studio.rows(DONE)[0][0] >= number - 6, within=180)
    jobs = sum(count for *_, count in WISHES)
    eventually(lambda: studio.rows(DONE)[0][0] == jobs, within=300, what="every picture")
    edit(page, studio)
    for prompt, ratio in LIVE:
        wish(page, prompt, ratio, 1)
    page.wait_for_timeout(3500)
    keep(page, "create-dark")
    state: Any = context.storage_state()
    picture = code_of(studio, "s.type = 'image_edit'")
    pages = {
        "create": "/",
        "gallery": "/gallery/",
        "picture": f"/pictures/{picture}/",
        "review": "/review/",
        "people": "/people/",
    }
    for theme in ("dark", "light"):
        visit(chromium.new_context(viewport=DESK, color_scheme=theme, storage_state=state), studio, pages, theme)
    phone = chromium.new_context(
        viewport=PHONE, color_scheme="dark", storage_state=state, has_touch=True, device_scale_factor=2
    )
    visit(phone, studio, pages, "phone")
    for name, options in {"dark": DESK, "light": DESK, "phone": PHONE}.items():
        page = chromium.new_context(viewport=options, color_scheme="light" if name == "light" else "dark").new_page()
        page.goto(f"{studio.url}/sign-in/")
        keep(page, f"sign-in-{name}")


def visit(context: BrowserContext, studio: Running, pages: dict[str, str], suffix: str) -> None:
    page = context.new_page()
    for name, path in pages.items():
        if f"{name}-{suffix}" == "create-dark":
            continue
        page.goto(studio.url + path)
        keep(page, f"{name}-{suffix}")
    context.close()


def wish(page: Page, prompt: str, ratio: str, count: int) -> None:
    button = page.locator('.dock button[type="submit"]')
    eventually(lambda: button.get_attribute("aria-disabled") != "true")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.locator('input[name="count"]').fill(str(count))
    radio = page.locator(f'input[name="aspect_ratio"][value="{ratio}"]')
    radio.evaluate("radio => { radio.checked = true; radio.dispatchEvent(new Event('change', { bubbles: true })); }")
    before = page.locator("[data-rev]").count()
    button.click()
    eventually(lambda: page.locator("[data-rev]").count() > before, within=20)


def edit(page: Page, studio: Running) -> None:
    """Make the courtyard a night, from its own page."""
    code = code_of(studio, "s.prompt LIKE '%courtyard%'")
    page.goto(f"{studio.url}/?source={code}")
    page.get_by_label("Prompt", exact=True).fill("Make it night, lanterns lit under every arch, keep the sphere")
    page.locator('.dock button[type="submit"]').click()
    eventually(lambda: code_of(studio, "s.type = 'image_edit'"), within=120)
    page.goto(f"{studio.url}/")
    page.locator("#compose .slot__x").first.dispatch_event("click")


def code_of(studio: Running, where: str) -> str:
    """The public code of the first made picture that fits, or nothing."""
    found = studio.rows(
        "SELECT p.code FROM studio_picture p JOIN studio_job j ON j.id = p.job_id "
        f"JOIN studio_submission s ON s.id = j.submission_id WHERE {where}"
    )
    return str(uuid.UUID(found[0][0])) if found else ""


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(900)
    shot = Image.open(io.BytesIO(page.screenshot()), formats=["PNG"])
    shot.convert("RGB").save(FOLDER / f"{name}.webp", quality=86, method=6)
    print(FOLDER / f"{name}.webp")


if __name__ == "__main__":
    main()
