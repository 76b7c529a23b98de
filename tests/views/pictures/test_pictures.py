"""The page of a picture."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiAccount, Job, Picture, SendingPause, User
from studio.models.pictures.layers import stack
from studio.ratios import ratio_words
from tests import people
from tests.views.picture_pages import page, words

NIGHT = "Make it night, lanterns lit under every arch"


@pytest.fixture
def source(alice: User) -> Picture:
    return people.make_job(alice, state="done", prompt="Courtyard at noon").pictures.get()


@pytest.fixture
def night(alice: User, source: Picture) -> Picture:
    reference = people.make_picture(alice, original_name="vase.png")
    job = people.make_job(
        alice, state="done", type="image_edit", source=source, references=[reference], prompt=NIGHT, size=(2464, 1696)
    )
    return job.pictures.get()


@time_machine.travel("2026-11-10T10:20:00Z", tick=False)
def test_the_page_tells_what_was_asked_by_whom_and_what_it_cost(db: None) -> None:
    alice = people.make_person("Alice Moreau")
    source = people.make_picture(alice)
    job = people.make_job(alice, state="done", type="image_edit", source=source, prompt=NIGHT, size=(2464, 1696))
    read = words(page(people.signed_in(alice), job.pictures.get()))
    assert NIGHT in read
    assert "Alice Moreau Today 10:20 · took 14 s" in read
    assert "Ratio 3:2 2464 × 1696" in read
    assert "Model uni-1 Style Auto" in read
    assert "File PNG" in read
    assert "Cost $0.04 charged" in read


@pytest.mark.parametrize(
    ("act", "key", "address"),
    [
        ("Use as source", "e", "/?source={picture}"),
        ("Add as reference", "Shift+E", "/?reference={picture}"),
        ("Mark up", "m", "/pictures/{picture}/marks/"),
        ("Another like this", "r", "/?like={submission}"),
        ("Prompt only", "Shift+R", "/?words={submission}"),
        ("Download", "d", "/pictures/{picture}/download/"),
    ],
)
def test_each_next_step_is_a_link_with_a_key(as_bob: Client, night: Picture, act: str, key: str, address: str) -> None:
    assert night.job
    url = address.format(picture=night.code, submission=night.job.submission.code)
    links = re.findall(
        rf'<a class="(?:btn|menu__item)" href="{re.escape(url)}"[^>]*aria-keyshortcuts="{re.escape(key)}".*?</a>',
        page(as_bob, night),
    )
    assert len(links) == 1
    assert act in links[0]


def test_the_family_goes_from_its_source_to_what_came_of_it(
    as_bob: Client, alice: User, source: Picture, night: Picture
) -> None:
    edit = people.make_job(alice, state="done", type="image_edit", source=night, size=(2464, 1696)).pictures.get()
    used = people.make_job(alice, state="done", references=[night]).pictures.get()
    family = re.search(r'<nav class="family".*?</nav>', page(as_bob, night), re.DOTALL)
    assert family
    kin = re.findall(r'<a class="kin" href="([^"]+)".*?<span>([^<]+)</span></a>', family[0], re.DOTALL)
    assert kin == [
        (source.get_absolute_url(), "Made from"),
        (night.get_absolute_url(), "This"),
        (edit.get_absolute_url(), "Edit"),
        (used.get_absolute_url(), "With this"),
    ]


def test_a_picture_without_relatives_has_no_family_strip(as_bob: Client, source: Picture) -> None:
    assert 'class="family"' not in page(as_bob, source)


def test_an_unfinished_edit_is_not_shown_as_a_relative(as_bob: Client, alice: User, source: Picture) -> None:
    people.make_job(alice, state="making", type="image_edit", source=source)
    assert 'class="family"' not in page(as_bob, source)


def test_an_upload_has_a_page_that_says_what_was_changed(as_bob: Client, alice: User) -> None:
    upload = people.make_picture(alice, original_name="scan <1>.tif", changes=["Converted from TIFF", "Turned upright"])
    html = page(as_bob, upload)
    assert "scan &lt;1&gt;.tif" in html
    assert "Converted from TIFF, Turned upright" in html
    assert "Another like this" not in html
    assert "Newer picture" not in html


def test_a_picture_whose_renditions_are_not_made_yet_has_a_page(as_bob: Client, alice: User) -> None:
    bare = people.make_picture(alice, renditions=())
    assert page(as_bob, bare)


def test_a_prompt_cannot_write_html(as_bob: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done", prompt='<script>alert("x")</script>').pictures.get()
    assert "<script>alert" not in page(as_bob, picture)


def test_a_page_takes_as_many_queries_with_many_relatives_as_with_one(
    as_bob: Client, alice: User, source: Picture, django_assert_num_queries: Any
) -> None:
    def edit() -> None:
        people.make_job(alice, state="done", type="image_edit", source=source, size=(64, 64))

    edit()
    ApiAccount.configure()
    with django_assert_num_queries(21):
        page(as_bob, source)
    for _ in range(5):
        edit()
    with django_assert_num_queries(21):
        page(as_bob, source)


def test_a_picture_page_hears_of_pauses_and_shows_an_admin_what_is_open(as_ada: Client, source: Picture) -> None:
    SendingPause.pause("funds", now=timezone.now())
    html = page(as_ada, source)
    assert "Studio is out of budget." in html
    assert re.search(r'id="review-count"[^>]* hidden', html)
    assert f"{reverse('studio:pulse')}?page=picture&amp;" in html


# ---- Layers


def split(person: User, source: Picture, layers: list[dict[str, Any] | None]) -> Job:
    """A finished split into these layers, front first."""
    job = people.make_job(person, state="done", type="layering", source=source, prompt="", size=(800, 600))
    people.delete_pictures(job)
    for place, layer in enumerate(layers):
        people.make_picture(person, job=job, position=place, size=(800, 600), layer=layer, has_alpha=True)
    return job


BOUNDS = {"x": 10, "y": 20, "width": 300, "height": 200, "canvas_width": 800, "canvas_height": 600}


def test_layers_lie_where_their_bounds_say_and_the_front_is_drawn_last(
    as_bob: Client, alice: User, source: Picture
) -> None:
    job = split(alice, source, [{"label": "Dog", "bounds": BOUNDS}, {"label": "Room", "bounds": None}])
    dog, room = job.pictures.order_by("position")
    html = page(as_bob, dog)
    drawn = re.findall(r'<image href="([^"]+)" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/>', html)
    assert [place for _, *place in drawn] == [["0", "0", "800", "600"], ["10", "20", "300", "200"]]
    assert str(room.code) in drawn[0][0]
    assert str(dog.code) in drawn[1][0]
    assert 'viewBox="0 0 800 600"' in html
    assert reverse("studio:download", args=[room.code]) in html
    assert "Download Room" in html


@pytest.mark.parametrize(
    "told", [None, {}, {"bounds": None}, {"bounds": {}}, {"bounds": {"x": "1"}}, {"bounds": [1, 2]}, {"label": ""}]
)
def test_a_layer_without_bounds_fills_the_canvas_and_has_a_number(
    alice: User, source: Picture, told: dict[str, Any] | None
) -> None:
    placed = stack(split(alice, source, [told]).pictures.all()).layers[0]
    assert (placed.x, placed.y, placed.width, placed.height, placed.label) == (0, 0, 800, 600, "Layer 1")


def test_the_price_of_layers_is_not_invented(as_bob: Client, alice: User, source: Picture) -> None:
    job = split(alice, source, [None])
    assert job.price is None
    assert "Cost price per layer" in words(page(as_bob, job.pictures.get()))


def test_a_refunded_job_says_so(as_bob: Client, night: Picture) -> None:
    Job.objects.filter(pk=night.job_id).update(charge=Job.Charge.REFUNDED, price=Decimal("0.0404"))
    assert "Cost $0.04 refunded" in words(page(as_bob, night))


# ---- Ratios in words


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((2464, 1696), "3:2"),
        ((2048, 2048), "1:1"),
        ((1248, 3360), "1:3"),
        ((1920, 1080), "16:9"),
        ((800, 600), "4:3"),
        ((1000, 683), "1.46:1"),
        ((683, 1000), "1:1.46"),
    ],
)
def test_a_ratio_is_told_as_people_say_it(size: tuple[int, int], told: str) -> None:
    assert ratio_words(*size) == told


def test_the_time_of_an_old_picture_names_its_day(as_bob: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done", now=datetime(2025, 3, 4, 10, 18, tzinfo=UTC)).pictures.get()
    assert "4 Mar 2025 10:18 · took 14 s" in words(page(as_bob, picture))
