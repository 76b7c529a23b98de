import pytest
from playwright.sync_api import expect

from tests.browser.filled import fill

pytestmark = pytest.mark.browser


def test_shots(studio, ada, open_page):
    fill(studio, 40)
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid > .tile .tile__link").nth(2).focus()
    ada.keyboard.press("x")
    for _ in range(4):
        ada.keyboard.press("Shift+ArrowRight")
    ada.screenshot(path="/dev/shm/tb/s-select.png")
    ada.keyboard.press("s")
    expect(ada.locator("toast-note", has_text="stacked")).to_be_visible()
    ada.locator("#grid > .tile .tile__link").nth(10).focus()
    ada.keyboard.press("Delete")
    expect(ada.locator("toast-note", has_text="trash")).to_be_visible()
    ada.locator("#grid > .tile .tile__link").nth(11).focus()
    ada.keyboard.press("Delete")
    expect(ada.locator("toast-note", has_text="trash")).to_be_visible()
    stack = ada.locator(".tile:has(.tile__stack) .tile__link").get_attribute("href")
    ada.goto(f"{studio.url}/trash/")
    trashed = ada.locator(".trash__picture").first.get_attribute("href")
    member = ada.request.get(f"{studio.url}{stack}").text().split('id="picture-')[2][:36]
    cookies = ada.context.cookies()
    for name, phone in (("desk", False), ("phone", True)):
        page = open_page(phone=phone)
        page.context.add_cookies(cookies)
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)
            for what, url in (
                ("gallery", "/gallery/"),
                ("oldest", "/gallery/?sort=oldest&type=image"),
                ("stack", stack),
                ("trashed", trashed),
                ("member", f"/pictures/{member}/"),
            ):
                page.goto(f"{studio.url}{url}")
                page.wait_for_load_state("networkidle")
                if what == "gallery" and not phone:
                    page.locator(".tile:has(.tile__stack)").hover()
                page.screenshot(path=f"/dev/shm/tb/s-{what}-{name}-{theme}.png")
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if wide:
                    print("WIDE", what, name)
