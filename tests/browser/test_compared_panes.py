"""Compared pictures, of any shapes: each has its room, and where it is small its name leaves it whole."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from studio.models import Picture, User
from tests import people
from tests.browser.drawn import ORIGIN, Drawn, Look

pytestmark = pytest.mark.browser
SHAPES = ((3600, 300), (300, 3600), (1, 1), (2464, 1696))
PANES = """() => [...document.querySelectorAll(".pane[data-letter]")].map((one) => one.getBoundingClientRect())
  .map(({ left, top, width, height }) => [left, top, width, height])"""

# Of each: how far its picture lies from the edges of the window, how far its name lies beneath it, and how much of its
# name lies over another picture or below the stage.
NAMES = """() => {
  const box = (one) => one.getBoundingClientRect();
  const stage = box(document.querySelector(".versus__stage"));
  const clips = [...document.querySelectorAll(".pane[data-letter] .pane__clip")].map(box);
  return [...document.querySelectorAll(".pane[data-letter] .pane__name")].map(box).map((name, at) => ({
    edge: Math.min(clips[at].left, innerWidth - clips[at].right),
    beneath: name.top - clips[at].bottom,
    over: Math.max(name.bottom - stage.bottom, ...clips.map((one) =>
      Math.min(name.bottom - one.top, one.bottom - name.top, name.right - one.left, one.right - name.left))),
  }));
}"""


@pytest.mark.parametrize("number", [2, 3, 4])
def test_names_lie_beneath_small_pictures(as_alice: Client, alice: User, number: int) -> None:
    pictures = [people.make_job(alice, state="done", size=(64, 64)).pictures.get() for _ in range(number)]
    path = "/compare/?way=side&" + "&".join(f"picture={one.code}" for one in pictures)

    def see(look: Look) -> None:
        for width in (390, 1440) if number > 2 else (390,):
            for script in (True, False) if number > 2 else (True,):
                with look.window(width, java_script_enabled=script) as page:
                    page.goto(ORIGIN + path)
                    for one in page.locator("main").evaluate(NAMES):
                        assert one["edge"] >= (8 if number > 2 else 0), (width, script, one)
                        assert one["beneath"] > 0, (width, script, one)
                        assert one["over"] <= 0, (width, script, one)

    Drawn({path: as_alice.get(path).content.decode()}).look(see)


@pytest.mark.parametrize("way", ["slider", "side", "flip"])
def test_through_a_transparent_picture_neither_the_room_nor_the_other_is_seen(
    as_alice: Client, alice: User, way: str
) -> None:
    pictures = [people.make_job(alice, state="done", size=(64, 64)).pictures.get() for _ in range(2)]
    Picture.objects.filter(pk=pictures[1].pk).update(has_alpha=True)
    path = f"/compare/?way={way}&" + "&".join(f"picture={one.code}" for one in pictures)
    crop = f"/pictures/{pictures[1].code}/crop/"
    ground = "(one) => getComputedStyle(one).backgroundImage"

    def see(look: Look) -> None:
        with look.window(1440) as page:
            page.goto(ORIGIN + path)
            grounds = [one.evaluate(ground) for one in page.locator(".pane[data-letter] .pane__sheet").all()]
            assert sorted(one.partition("(")[0] for one in grounds) == ["none", "repeating-conic-gradient"]
            page.goto(ORIGIN + crop)
            assert "conic-gradient" in page.locator(".crop__svg").evaluate(ground)

    Drawn({one: as_alice.get(one).content.decode() for one in (path, crop)}).look(see)


@pytest.mark.parametrize("number", [3, 4])
def test_each_has_its_room_on_a_desk_and_on_a_phone(as_alice: Client, alice: User, number: int) -> None:
    pictures = [people.make_job(alice, state="done", size=(64, 64)).pictures.get() for _ in range(number)]
    for picture, (width, height) in zip(pictures, SHAPES, strict=False):
        Picture.objects.filter(pk=picture.pk).update(width=width, height=height)
    path = "/compare/?" + "&".join(f"picture={one.code}" for one in pictures)

    def see(look: Look) -> None:
        for width, script in ((390, True), (390, False), (1440, True)):
            with look.window(width, java_script_enabled=script) as page:
                page.goto(ORIGIN + path)
                boxes = page.locator("main").evaluate(PANES)
                assert min(min(box[2:]) for box in boxes) > 100, (width, script, boxes)
                assert len({tuple(box[:2]) for box in boxes}) == number

    Drawn({path: as_alice.get(path).content.decode()}).look(see)


def twice(page: Page, x: float, y: float) -> None:
    """Press twice there, with a finger where the window is a phone's."""
    if page.evaluate("innerWidth") > 1000:
        page.mouse.dblclick(x, y)
        return
    for _ in range(2):
        page.touchscreen.tap(x, y)


@pytest.mark.parametrize("way", ["slider", "side", "flip"])
def test_a_double_tap_turns_to_the_pixels_of_the_picture_there(as_alice: Client, alice: User, way: str) -> None:
    pictures = [people.make_job(alice, state="done", size=(64, 64)).pictures.get() for _ in range(2)]
    Picture.objects.filter(pk__in=[one.pk for one in pictures]).update(width=2464, height=1696)
    path = f"/compare/?way={way}&" + "&".join(f"picture={one.code}" for one in pictures)
    kept = """(one) => {
      const { left, top, width } = one.querySelector(".pane[data-letter] .pane__sheet").getBoundingClientRect();
      return [left, top, width];
    }"""

    def see(look: Look) -> None:
        for width in (390, 1440):
            with look.window(width) as page:
                page.goto(ORIGIN + path)
                work, word = page.locator("compare-work[data-ready]"), page.locator("[data-word]")
                [left, top, _, height] = page.locator("main").evaluate(PANES)[0]
                x, y = left + 40, top + height / 2
                before = work.evaluate(kept)
                twice(page, x, y)
                expect(word).to_have_text("100 %")
                # What was pressed stays where it is.
                after = work.evaluate(kept)
                assert (x - after[0]) / after[2] == pytest.approx((x - before[0]) / before[2], abs=0.01)
                # Elsewhere: there the third and the fourth press in a row would be none of their own.
                twice(page, x + 60, y + 60)
                expect(word).to_have_text("Fit")

    Drawn({path: as_alice.get(path).content.decode()}).look(see)
