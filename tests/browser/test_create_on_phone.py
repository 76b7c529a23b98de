"""On a phone: the dock without script, in a low window, and a group whose pictures are not made yet."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from studio.models import Batch, SendingPause, User
from studio.models.requests.request_spec import RequestSpec
from tests import people
from tests.browser.drawn import ORIGIN, Drawn, Look, cut_texts
from tests.browser.filled import fill
from tests.stack.running import Running

pytestmark = pytest.mark.browser


def test_files_are_chosen_without_script(as_alice: Client) -> None:
    drawn = Drawn({"/": as_alice.get("/").content.decode()})

    def see(look: Look) -> None:
        with look.window(390, java_script_enabled=False) as page:
            page.goto(f"{ORIGIN}/")
            found = [one.bounding_box() for one in page.locator('#compose input[type="file"]').all()]
            assert len(found) == 2
            assert all(box and box["height"] >= 44 and box["width"] >= 200 for box in found)

    drawn.look(see)


@pytest.fixture
def groups(as_alice: Client, alice: User) -> Drawn:
    """What waits behind others: candidates of each other and edits beside their sources, with the reason and without."""
    people.make_submission(alice, count=12)
    paths = []
    for ratio in ("3:1", "16:9"):
        source = people.make_job(alice, state="done", aspect_ratio=ratio).pictures.get()
        one = people.make_submission(alice, aspect_ratio=ratio, count=2)
        people.make_job(alice, state="failed", submission=one)
        specs = [RequestSpec(type="image_edit", prompt="Make it night", model="uni-1", source=source)] * 2
        batch, _ = Batch.place(alice, uuid.uuid4(), specs, kind="edit", title="Make it night", now=timezone.now())
        people.make_job(alice, state="failed", submission=batch.submissions.order_by("batch_number")[0])
        paths += [f"/groups/{code}/" for code in (one.code, batch.code)]
    pages = {path: as_alice.get(path).content.decode() for path in paths}
    SendingPause.pause(SendingPause.Reason.LOST, now=timezone.now())
    return Drawn(pages | {f"{path}?paused": as_alice.get(path).content.decode() for path in paths})


def test_a_waiting_card_of_a_wide_group_shows_its_cancel_button(groups: Drawn) -> None:
    found: list[str] = []

    def see(look: Look) -> None:
        for path in groups.pages:
            with look.window(390) as page:
                page.goto(ORIGIN + path)
                found.extend(cut_texts(page))
                for cancel in page.locator(".job__acts .btn:visible").all():
                    card, button = cancel.locator("xpath=ancestor::article").bounding_box(), cancel.bounding_box()
                    assert card
                    assert button
                    if button["y"] + button["height"] > card["y"] + card["height"]:
                        found.append(f"{path}: a button is cut off")

    groups.look(see)
    assert found == []


@pytest.mark.parametrize(("width", "height"), [(360, 225), (844, 390)], ids=["at 400 %", "a phone on its side"])
def test_a_window_as_low_as_the_dock_shows_what_else_is_there(
    studio: Running, ada: Page, width: int, height: int
) -> None:
    fill(studio, 2)
    ada.set_viewport_size({"width": width, "height": height})
    ada.goto(f"{studio.url}/")
    dock = ada.locator(".dock").bounding_box()
    assert dock
    assert dock["height"] < 110, "it is one line until it is used"
    tabs = ada.get_by_role("navigation", name="Main")
    tabs.get_by_role("link", name="Boards").click(timeout=5_000)
    ada.wait_for_url(f"{studio.url}/boards/")
    ada.goto(f"{studio.url}/gallery/")
    ada.locator("#grid .tile__link").first.focus()
    ada.keyboard.press("x")
    ada.locator("#grid > .tile").nth(1).click(timeout=5_000)
    expect(ada.locator("#selection [data-count]")).to_have_text("2 selected")
    box = ada.locator("#selection").bounding_box()
    assert box
    assert box["height"] < 90
    ada.goto(f"{studio.url}/")
    ada.get_by_label("Prompt", exact=True).focus()
    expect(ada.get_by_role("button", name="Make 1 ·")).to_be_in_viewport()
    top = ada.locator(".dock").bounding_box()
    assert top
    assert top["y"] >= 0
