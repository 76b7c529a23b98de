from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiAccount, Job, Picture, SendingPause, User
from studio.models.layers import stack
from studio.ratios import ratio_words
from studio.views.picture_lists import Gallery, position
from tests import people

NIGHT = "Make it night, lanterns lit under every arch"


def page(client: Client, picture: Picture) -> str:
    response = client.get(picture.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """The text of a page, as somebody reads it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


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


def test_the_arrows_lead_to_the_neighbours_in_the_gallery(as_bob: Client, alice: User) -> None:
    now = timezone.now()
    older, this, newer = (
        people.make_job(alice, state="done", now=now - timedelta(minutes=10 - place)).pictures.get()
        for place in range(3)
    )
    html = page(as_bob, this)
    assert re.search(
        rf'href="{newer.get_absolute_url()}"\s+aria-label="Newer picture" aria-keyshortcuts="ArrowLeft"', html
    )
    assert re.search(
        rf'href="{older.get_absolute_url()}"\s+aria-label="Older picture" aria-keyshortcuts="ArrowRight"', html
    )
    assert "Newer picture" not in page(as_bob, newer)
    assert "Older picture" not in page(as_bob, older)


def test_the_filmstrip_shows_what_lies_beside_it_in_its_list(alice: User, bob: User) -> None:
    now = timezone.now()
    by = [alice, bob, alice, bob, alice]
    made = [
        people.make_job(who, state="done", now=now - timedelta(minutes=place)).pictures.get()
        for place, who in enumerate(by)
    ]
    client = people.signed_in(alice)

    def strip(picture: Picture, of: str = "") -> list[str]:
        html = client.get(f"/pictures/{picture.code}/filmstrip/{of}").content.decode()
        return re.findall(r'href="([^"]+)"', html)

    assert strip(made[2]) == [one.get_absolute_url() for one in made]
    assert strip(made[2], "?of=mine") == [f"{one.get_absolute_url()}?of=mine" for one in made[::2]]
    assert strip(people.make_picture(alice)) == []


def test_the_filmstrip_stops_on_both_sides(alice: User, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    made = [
        people.make_job(alice, state="done", now=now - timedelta(minutes=place)).pictures.get() for place in range(25)
    ]
    client = people.signed_in(alice)
    for of in ("", "?of=mine"):
        with django_assert_max_num_queries(12):
            html = client.get(f"/pictures/{made[12].code}/filmstrip/{of}").content.decode()
        assert re.findall(r"/pictures/([0-9a-f-]{36})/[\"?]", html) == [str(one.code) for one in made[2:23]]


def test_neighbours_of_one_instant_are_told_apart(alice: User) -> None:
    at = timezone.now()
    first, second, third = (people.make_job(alice, state="done", now=at).pictures.get() for _ in range(3))
    place = Gallery(alice).place(second)
    assert (place.newer, place.older) == (third, first)


def arrows(client: Client, picture: Picture, query: str = "", **headers: str) -> tuple[str, str, str]:
    """The addresses of the arrows, and how far along the picture stands."""
    html = client.get(picture.get_absolute_url() + query, headers=headers).content.decode()
    newer = re.search(r'rel="prev"\s+href="([^"]+)"', html)
    older = re.search(r'rel="next"\s+href="([^"]+)"', html)
    place = re.search(r'<span class="num nowrap">([^<]+)</span>', html)
    return newer[1] if newer else "", older[1] if older else "", place[1] if place else ""


def test_the_arrows_follow_the_list_that_the_picture_was_opened_from(alice: User, bob: User) -> None:
    now = timezone.now()
    by = [alice, bob, alice, bob, alice]
    made = [
        people.make_job(who, state="done", now=now - timedelta(minutes=place)).pictures.get()
        for place, who in enumerate(by)
    ]
    people.make_job(alice, state="failed", now=now - timedelta(seconds=30))
    url = [one.get_absolute_url() for one in made]
    as_alice = people.signed_in(alice)
    assert arrows(as_alice, made[2]) == (url[1], url[3], "3 of 5")
    mine, team = (
        (f"{url[0]}?of=mine", f"{url[4]}?of=mine", "2 of 3"),
        (f"{url[1]}?of=team", f"{url[3]}?of=team", "3 of 5"),
    )
    assert arrows(as_alice, made[2], "?of=mine") == mine
    assert arrows(as_alice, made[2], "?of=team") == team
    assert arrows(as_alice, made[2], Referer="http://testserver/") == mine
    assert arrows(as_alice, made[2], Referer="http://testserver/?whose=team&show=done") == team
    assert arrows(as_alice, made[2], Referer="http://testserver/gallery/") == (url[1], url[3], "3 of 5")
    assert arrows(as_alice, made[2], Referer=f"http://testserver{url[0]}?of=mine") == mine
    # A foreign page names no list.
    assert arrows(as_alice, made[2], Referer="https://elsewhere.example/") == (url[1], url[3], "3 of 5")
    assert arrows(as_alice, made[2], Referer="http://[bad") == (url[1], url[3], "3 of 5")


def test_the_arrows_of_ones_own_walk_through_a_submit_in_its_order(alice: User) -> None:
    now = timezone.now()
    older = people.make_job(alice, state="done", now=now - timedelta(hours=1)).pictures.get()
    asked = people.make_submission(alice, count=3, now=now)
    one, gone, three = (people.make_job(alice, state="done", submission=asked, now=now) for _ in range(3))
    gone.dismiss(now=now)
    client = people.signed_in(alice)
    first, last = one.pictures.get(), three.pictures.get()
    assert arrows(client, first, "?of=mine") == ("", f"{last.get_absolute_url()}?of=mine", "1 of 3")
    assert arrows(client, last, "?of=mine") == (
        f"{first.get_absolute_url()}?of=mine",
        f"{older.get_absolute_url()}?of=mine",
        "2 of 3",
    )


@pytest.mark.parametrize(
    ("number", "of", "is_whole", "words"),
    [
        (12, 486, True, "12 of 486"),
        (12, 1001, False, "12 of 1,000+"),
        (1000, 12345, True, "1,000 of 12,345"),
        (1001, 0, False, ""),
    ],
)
def test_how_far_along_is_counted_to_a_thousand(number: int, of: int, is_whole: bool, words: str) -> None:
    assert position(number, of, is_whole=is_whole) == words


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


def test_the_way_back_leads_to_the_tile(as_bob: Client, source: Picture) -> None:
    assert f'href="{reverse("studio:gallery")}#picture-{source.code}" data-way-back' in page(as_bob, source)


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
