"""A designer shares pictures; a client without an account decides and marks spots, on a phone by touch, at a desk by keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.answering import intercept
from tests.browser.test_any_keyboard import typed
from tests.browser.test_axe import ask, made
from tests.servers import own
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def shared(studio: Running, ada: Page) -> tuple[str, str]:
    """A link to three pictures with a watermark, and its password."""
    for prompt in ("A whitewashed courtyard at noon", "Night market poster", "Golden dunes, long shadows"):
        ask(ada, studio, prompt)
    codes = [code for code, _ in made(studio, 3)]
    ada.goto(f"{studio.url}/proofs/new/?{'&'.join(f'pictures={code}' for code in codes)}")
    ada.get_by_label("Title").fill("Harbour campaign, round 2")
    ada.get_by_label("For (optional)").fill("Harbour Authority")
    ada.get_by_label("Watermark").fill("Proof · Harbour")
    expect(ada.locator("[data-shows=title]")).to_have_text("Harbour campaign, round 2")
    ada.get_by_text("30 days").click()
    password = ada.locator("#id-password").input_value()
    look(ada, "the form of a link")
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("heading", name="Link ready")).to_be_visible()
    look(ada, "the link")
    eventually(lambda: len(own.names(studio.data, "proofs")) == 9, within=60, what="three sizes of three watermarks")
    return ada.get_by_label("Link", exact=True).input_value(), password


def look(page: Page, name: str) -> None:
    """Let axe look at a page in both themes."""
    found: list[str] = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for problem in Axe().run(page).response["violations"]:
            nodes: list[dict[str, Any]] = problem["nodes"]
            found.append(f"{name}, {theme}: {problem['id']}: {nodes[0]['html'][:200]} ({len(nodes)})")
    assert not found, "\n".join(found)


def enter(page: Page, shared: tuple[str, str]) -> None:
    page.goto(shared[0])
    look(page, "password")
    page.get_by_label("Password").fill(shared[1])
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("0 of 3 decided")).to_be_visible()


def test_a_client_decides_by_touch_and_by_keys(
    studio: Running, ada: Page, shared: tuple[str, str], open_page: Open
) -> None:
    phone = open_page(phone=True)
    enter(phone, shared)
    look(phone, "list on a phone")
    # Every picture has its watermark before it is seen.
    expect(phone.locator(".round__item img").first).to_have_js_property("complete", True)
    phone.get_by_role("button", name="Approve").first.tap()
    phone.get_by_label("Name", exact=True).fill("Ingrid Holm")
    phone.get_by_role("button", name="Continue").tap()
    expect(phone.get_by_text("1 of 3 decided")).to_be_visible()
    expect(phone.get_by_role("button", name="Approve").first).to_have_attribute("aria-pressed", "true")
    # From here on without another page.
    phone.get_by_role("button", name="Ask for changes").nth(1).tap()
    expect(phone.get_by_text("2 of 3 decided")).to_be_visible()
    phone.get_by_role("link", name="Next undecided").tap()
    picture = phone.get_by_role("img", name="Picture 3")
    picture.tap(position={"x": 150, "y": 90})
    expect(phone.get_by_text("Spot marked.")).to_be_visible()
    # The pin is dragged to its spot, and what is typed is still there after another picture.
    drag(phone, picture, (150, 90), (60, 40))
    phone.get_by_label("Comment", exact=True).fill("A little lower")
    swipe(phone, picture, 200)
    expect(phone.get_by_role("heading", name="Picture 2")).to_be_attached()
    # However far somebody turned, Back closes the picture.
    phone.go_back()
    expect(phone.get_by_role("button", name="Approve")).to_have_count(3)
    phone.go_forward()
    swipe(phone, phone.get_by_role("img", name="Picture 2"), -200)
    expect(phone.get_by_label("Comment", exact=True)).to_have_value("A little lower")
    expect(phone.get_by_text("Spot marked.")).to_be_visible()
    phone.get_by_role("button", name="Comment", exact=True).tap()
    expect(phone.get_by_role("listitem").filter(has_text="A little lower")).to_be_visible()
    expect(phone.get_by_role("link", name="Comment 1")).to_have_class(re.compile("is-on"))
    # The corner of the pin points at the spot, which lies 14 px left of its middle and 14 px below.
    spot, drop = picture.bounding_box(), phone.get_by_role("link", name="Comment 1").bounding_box()
    assert spot
    assert drop
    middle = (drop["x"] + drop["width"] / 2 - 14 - spot["x"], drop["y"] + drop["height"] / 2 + 14 - spot["y"])
    assert middle == pytest.approx((60, 40), abs=3)
    look(phone, "picture on a phone")

    desk = open_page()
    enter_again(desk, shared)
    desk.keyboard.press("y")
    desk.get_by_label("Name", exact=True).fill("Jon Berg")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("You approved this")).to_be_visible()
    expect(desk.get_by_role("button", name="Tell Ada")).to_be_visible()
    typed(desk, "Г", "KeyU")  # of a Cyrillic keyboard, with Caps Lock
    expect(desk.get_by_text("You asked for changes")).to_be_visible()
    desk.keyboard.press("u")
    expect(desk.get_by_text("2 of 3 decided")).to_be_visible()
    look(desk, "picture at a desk")
    desk.keyboard.press("ArrowLeft")
    expect(desk.get_by_role("heading", name="Picture 2")).to_be_visible()
    desk.get_by_label("Comment", exact=True).fill("y, and u")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("listitem").filter(has_text="y, and u")).to_be_visible()

    decided = studio.rows("SELECT decision FROM studio_picture WHERE origin = 'made' ORDER BY id")
    assert decided == [("approved",), ("rejected",), ("",)]
    ada.goto(f"{studio.url}/proofs/")
    look(ada, "list of links")
    ada.get_by_role("button", name="Revoke Harbour campaign, round 2").click()
    expect(ada.get_by_text("no longer opens")).to_be_visible()
    late = phone.context.new_page()  # whose console may say that the link is gone
    late.goto(shared[0])
    expect(late.get_by_role("heading", name="This link has ended.")).to_be_visible()
    look(late, "ended")


def drag(page: Page, picture: Locator, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Move a finger over the picture, from one of its spots to another (pixels)."""
    box = picture.bounding_box()
    assert box
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *share: float) -> None:
        at = {name: box[name] + start[n] + (end[n] - start[n]) * share[0] for n, name in enumerate("xy") if share}  # type: ignore[literal-required]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at] if at else []})

    touch("touchStart", 0)
    for step in range(1, 5):
        touch("touchMove", step / 4)
    touch("touchEnd")
    session.detach()


def swipe(page: Page, picture: Locator, across: int) -> None:
    drag(page, picture, (20, 150), (20 + across, 150))


def test_nothing_is_lost_without_a_connection(shared: tuple[str, str], open_page: Open) -> None:
    phone = open_page(phone=True).context.new_page()  # whose console may say that nobody answers
    phone.goto(shared[0])
    phone.get_by_label("Password").fill(shared[1])
    phone.get_by_role("button", name="Open").click()
    phone.get_by_role("button", name="Approve").first.tap()
    phone.get_by_label("Name", exact=True).fill("Ingrid Holm")
    phone.get_by_role("button", name="Continue").tap()
    expect(phone.get_by_text("1 of 3 decided")).to_be_visible()
    phone.wait_for_load_state()  # its scripts came too
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Ask for changes").nth(1).tap()
    unsaved = phone.get_by_text("That wasn't saved")
    expect(unsaved).to_be_visible()
    expect(phone.get_by_role("button", name="Ask for changes").nth(1)).to_have_attribute("aria-pressed", "false")
    phone.context.set_offline(False)
    expect(unsaved).to_have_count(0)
    phone.get_by_role("button", name="Ask for changes").nth(1).tap()
    expect(phone.get_by_text("2 of 3 decided")).to_be_visible()
    phone.get_by_role("link", name="Next undecided").tap()
    phone.get_by_label("Comment", exact=True).fill("A little lower")
    phone.wait_for_load_state()
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Comment", exact=True).tap()
    expect(unsaved).to_be_visible()
    expect(phone.get_by_label("Comment", exact=True)).to_have_value("A little lower")
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Comment", exact=True).tap()
    expect(phone.get_by_role("listitem").filter(has_text="A little lower")).to_be_visible()


def test_what_a_gateway_answers_in_place_of_studio_takes_no_buttons_place(
    shared: tuple[str, str], open_page: Open
) -> None:
    page = open_page().context.new_page()  # whose console may say that a gateway answers
    page.goto(shared[0])
    page.get_by_label("Password").fill(shared[1])
    page.get_by_role("button", name="Open").click()
    approve = page.get_by_role("button", name="Approve")
    approve.first.click()
    page.get_by_label("Name", exact=True).fill("Ingrid Holm")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    page.wait_for_load_state()  # its scripts came too
    gateways = iter((200, 502))

    def of_gateway(route: Route) -> None:
        route.fulfill(status=next(gateways), content_type="text/html", body="<h1>Gateway</h1>")

    intercept(page, "**/decision/", of_gateway)
    for _ in range(2):
        with page.expect_response("**/decision/"):
            approve.nth(1).click()
        expect(page.get_by_text("Studio didn't answer. That wasn't saved")).to_be_visible()
        expect(page.get_by_text("Gateway")).to_have_count(0)
        expect(approve).to_have_count(3)
    page.unroute("**/decision/")
    approve.nth(1).click()
    expect(page.get_by_text("2 of 3 decided")).to_be_visible()
    expect(page.get_by_text("Studio didn't answer.")).to_have_count(0)


def enter_again(page: Page, shared: tuple[str, str]) -> None:
    page.goto(shared[0])
    page.get_by_label("Password").fill(shared[1])
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 3 decided")).to_be_visible()
    look(page, "list at a desk")
    page.get_by_role("link", name="Picture 3", exact=True).click()
    expect(page.get_by_role("heading", name="Picture 3")).to_be_visible()


def test_the_form_says_when_a_day_ends_where_the_studio_is(studio: Running, ada: Page) -> None:
    ask(ada, studio, "A whitewashed courtyard at noon")
    [(code, _)] = made(studio, 1)
    ada.goto("about:blank")
    studio.kill()
    # Its clocks go from 23:00 to midnight in spring.
    studio.environment["STUDIO_TIME_ZONE"] = "America/Nuuk"
    studio.start()
    ada.goto(f"{studio.url}/proofs/new/?pictures={code}")
    odd, _, end = str(ada.locator("share-form").get_attribute("data-odd-ends")).partition("/")
    ada.get_by_text("Date…").click()
    before = date.fromisoformat(odd) - timedelta(days=1)
    for day, hour in ((before, "23:59"), (before + timedelta(days=1), "22:59")):
        ada.get_by_label("Last day").fill(day.isoformat())
        words = f"{day:%a} {day.day} {day:%B}, {hour}"
        expect(ada.locator("[data-ends]")).to_have_text(words)
        expect(ada.locator("[data-until]")).to_have_text(words)
    assert end == "22:59"
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("main")).to_contain_text("22:59")
