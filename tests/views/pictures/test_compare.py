from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.forms.edits.keep import compared
from studio.models import Picture, User
from studio.views.pictures.compare import address, box_of
from tests import people
from tests.views.picture_pages import words

NIGHT = "Make it night, keep the sphere"


def made(person: User, minutes: int = 0, **spec: Any) -> Picture:
    return people.make_job(
        person, state="done", now=timezone.now() - timedelta(minutes=60 - minutes), **spec
    ).pictures.get()


@pytest.fixture
def noon(alice: User) -> Picture:
    return made(alice, 1, prompt="Make it noon, keep the sphere", size=(2464, 1696))


@pytest.fixture
def night(alice: User, noon: Picture) -> Picture:
    return made(alice, 2, type="image_edit", source=noon, prompt=NIGHT, size=(2464, 1696))


def page(client: Client, *pictures: Picture, **more: str) -> str:
    response = client.get(address([one.code for one in pictures], **more))
    assert response.status_code == 200
    return response.content.decode()


def strip(html: str) -> dict[str, list[tuple[str, str]]]:
    """What differs, by name: the letters and what they have, with <del> and <ins>."""
    items = re.findall(r'<div class="differ__item[^"]*">\s*<h2>([^<]+)</h2>(.*?)</dl>', html, re.DOTALL)
    return {
        name: [
            (letter, " ".join(value.split()))
            for letter, value in re.findall(r"<dt>(\w)</dt>\s*<dd[^>]*>(.*?)</dd>", body, re.DOTALL)
        ]
        for name, body in items
    }


def letters(html: str) -> list[str]:
    return re.findall(r'data-letter="(\w)"', html)


def test_the_strip_lists_what_differs_and_ends_with_what_is_the_same(
    as_bob: Client, noon: Picture, night: Picture
) -> None:
    html = page(as_bob, night, noon)
    assert strip(html) == {
        "Prompt": [
            ("A", "Make it <del>noon</del>, keep the sphere"),
            ("B", "Make it <ins>night</ins>, keep the sphere"),
        ],
        "Type": [("A", "Generate"), ("B", "Edit of A")],
    }
    assert "The same Ratio, size, model, style, format, person, cost" in words(html)
    assert "A Source" in words(html)
    assert "B Edit" in words(html)


def test_a_is_the_older_and_stands_left_until_they_are_swapped(as_bob: Client, noon: Picture, night: Picture) -> None:
    assert letters(page(as_bob, night, noon)) == ["A", "B"]
    html = page(as_bob, night, noon, swap="on")
    assert letters(html) == ["B", "A"]
    assert strip(html)["Type"][0] == ("A", "Generate")


@pytest.mark.parametrize(
    ("way", "shown"), [("flip", "flip"), ("difference", "difference"), ("", "slider"), ("x", "slider")]
)
def test_the_address_says_which_way(as_bob: Client, noon: Picture, night: Picture, way: str, shown: str) -> None:
    assert f'data-way="{shown}"' in page(as_bob, noon, night, way=way)


def test_four_stand_beside_each_other_and_only_those_with_a_setting_differ_in_it(as_bob: Client, alice: User) -> None:
    upload = people.make_picture(alice, shown_at=timezone.now() - timedelta(hours=2))
    kites = [
        made(alice, number, prompt=f"A {word} kite", size=(2464, 1696)) for number, word in enumerate(["red", "blue"])
    ]
    ultra = made(alice, 9, prompt="A red kite", model="uni-1-max", size=(2464, 1696))
    html = page(as_bob, upload, *kites, ultra, way="slider")
    assert 'data-way="side"' in html
    assert 'role="slider"' not in html
    found = strip(html)
    assert found["Type"][0] == ("A", "Upload, no settings")
    assert found["Model"] == [("A", "none"), ("B", "uni-1"), ("C", "uni-1"), ("D", "uni-1-max")]
    assert "Style" not in found


def test_nothing_but_the_pictures_may_differ(as_bob: Client, alice: User) -> None:
    job = people.make_job(alice, state="done", size=(2464, 1696))
    beside = people.make_picture(alice, job=job, position=1, size=(2464, 1696))
    assert "Nothing in their settings" in page(as_bob, job.pictures.get(position=0), beside)


def test_a_split_and_a_kept_version_say_what_they_are(as_bob: Client, alice: User, night: Picture) -> None:
    kept = people.make_picture(alice, job=night.job, position=1, origin="kept", kept_from=night)
    split = people.make_job(alice, state="done", type="layering", source=night, prompt="").pictures.get()
    layer = people.make_picture(alice, job=split.job, position=1)
    html = page(as_bob, night, kept, split, layer)
    assert strip(html)["Type"] == [
        ("A", "Edit"),
        ("B", "Kept from A"),
        ("C", "Layers of A"),
        ("D", "Layer of A"),
    ]
    assert 'class="stack"' in html


def test_a_difference_that_was_worked_out_is_used(as_bob: Client, alice: User) -> None:
    source = people.make_picture(alice)
    for _ in range(60):
        people.image_bytes()
    edit = people.make_job(alice, state="done", type="image_edit", source=source).pictures.get()
    assert "pane--map" not in page(as_bob, source, edit)
    lying = compared(edit, source)
    assert f"/pictures/{edit.code}/keep/{lying.content[:12]}-difference.png" in page(as_bob, source, edit)


def test_words_of_people_are_no_markup(as_bob: Client, alice: User) -> None:
    one, other = made(alice, 1, prompt="<b>noon</b> & sea"), made(alice, 2, prompt="<i>night</i> & sea")
    html = page(as_bob, one, other)
    assert "&lt;" in html
    assert "<b>noon" not in html
    assert "<i>night" not in html


@pytest.mark.parametrize(
    ("codes", "status", "sentence", "way_on"),
    [
        ("", 400, "Choose two to four pictures to compare.", "/gallery/?select=on"),
        ("{0}", 400, "You chose one picture.", "/gallery/?select=on"),
        ("{0} {0}", 400, "You chose the same picture twice.", "/gallery/?select=on"),
        ("{0} {x}", 404, "Some of these pictures don't exist", "/gallery/?select=on"),
        ("{x}", 404, "There's no such picture.", "/gallery/?select=on"),
        ("{0} {1} nonsense", 404, "Some of these pictures don't exist", "/compare/?picture={0}&amp;picture={1}"),
        ("{0} {1} {2} {3} {4}", 400, "You chose 5 pictures", "/compare/?picture={0}&amp;picture={1}"),
        ("{0} {1} {2} a b c", 400, "You chose 6 pictures", "/gallery/?select=on"),
        ("\x00 ' {0}", 404, "Some of these pictures don't exist", "/gallery/?select=on"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_said_with_a_way_on(
    as_bob: Client, alice: User, codes: str, status: int, sentence: str, way_on: str
) -> None:
    own = [str(made(alice, number).code) for number in range(5)]
    x = str(uuid.uuid4())
    response = as_bob.get("/compare/", {"picture": [one.format(*own, x=x) for one in codes.split(" ") if one]})
    html = response.content.decode()
    assert response.status_code == status
    assert sentence in html.replace("&#x27;", "'")
    assert f'href="{way_on.format(*own)}' in html


@pytest.mark.parametrize(
    ("sizes", "box"),
    [
        ([(2464, 1696), (2464, 1696)], (2464, 1696)),
        ([(300, 200), (3000, 2000)], (3000, 2000)),
        ([(2000, 1000), (1000, 2000)], (2000, 2000)),
        ([(4000, 1000), (1000, 1000)], (4000, 2000)),
    ],
    ids=str,
)
def test_pictures_of_different_shapes_are_fitted_into_one_box(
    sizes: list[tuple[int, int]], box: tuple[int, int]
) -> None:
    assert box_of([Picture(width=width, height=height) for width, height in sizes]) == box


def test_a_comparison_costs_few_queries(as_bob: Client, alice: User, noon: Picture) -> None:
    edits = [made(alice, 3 + n, type="image_edit", source=noon, prompt=str(n), size=(2464, 1696)) for n in range(3)]
    page(as_bob, noon, edits[0])
    with CaptureQueriesContext(
        connection,
    ) as two:
        page(as_bob, noon, edits[0])
    with CaptureQueriesContext(connection) as four:
        page(as_bob, noon, *edits)
    assert len(four) <= len(two) <= 12


@pytest.mark.parametrize(
    ("referer", "url"),
    [
        ("http://testserver/pictures/{0}/?of=mine", "/pictures/{0}/?of=mine"),
        ("http://testserver/pictures/{0}/family/", "/pictures/{0}/family/"),
        ("http://testserver/gallery/?q=x", "/gallery/?q=x"),
        (
            "http://testserver/boards/7b3f4c6e-6a1c-4b8f-9d0e-1f2a3b4c5d6e/?order=newest",
            "/boards/7b3f4c6e-6a1c-4b8f-9d0e-1f2a3b4c5d6e/?order=newest",
        ),
        ("http://elsewhere/pictures/{0}/", "/pictures/{1}/"),
        ("http://[", "/pictures/{1}/"),
        ("", "/pictures/{1}/"),
    ],
    ids=str,
)
def test_the_way_back_leads_to_the_page_that_asked(
    as_bob: Client, noon: Picture, night: Picture, referer: str, url: str
) -> None:
    codes = (noon.code, night.code)
    response = as_bob.get(address(codes), headers={"Referer": referer.format(*codes)})
    assert f'href="{url.format(*codes)}" data-back' in response.content.decode()
