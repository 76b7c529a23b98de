"""The page of a split: to look at and to arrange, and one picture everywhere else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from studio.models import Job, Split, User
from studio.models.pictures.layers import proof_address, stack
from studio.views.pictures.picture_lists import Gallery
from tests import people
from tests.people import HTMX
from tests.views.split_pages import BOUNDS, DOG, ROOM, a_split, arrange, names, page, shown, url


@pytest.fixture
def job(alice: User) -> Job:
    return a_split(alice)


# ---- To look at


def test_the_layers_stand_front_to_back_and_are_drawn_back_to_front(as_bob: Client, job: Job) -> None:
    html = page(as_bob, job)
    assert names(html) == ["Dog", "Cat", "Layer 3"]
    assert list(shown(html)) == ["2", "1", "0"]
    assert 'x="5" y="-6" width="30" height="20"' in shown(html)["0"]
    assert 'x="0" y="0" width="80" height="60"' in shown(html)["2"]
    assert "At 5, -6 · 30 × 20 px" in html


def test_who_did_not_ask_for_it_looks_and_exports_only(as_bob: Client, job: Job) -> None:
    html = page(as_bob, job)
    assert "Only <bdi>Alice Moreau</bdi> and admins arrange these layers." in html
    assert url("arrange_layers", job) not in html
    assert url("export_layers", job) in html


def test_without_script_links_choose_show_alone_and_change_the_ground(as_bob: Client, job: Job) -> None:
    html = page(as_bob, job, "?layer=1&solo=1&ground=dark")
    assert re.search(r'id="layer-1"[^>]*aria-current="true"', html)
    assert {key for key, how in shown(html).items() if 'visibility="hidden"' not in how} == {"1"}
    assert "canvas--dark" in html
    for nonsense in ("?layer=9", "?layer=x", "?layer=²", "?ground=pink", "?solo=-1"):
        assert names(page(as_bob, job, nonsense)) == ["Dog", "Cat", "Layer 3"]


def test_the_comparison_is_shown_when_it_is_there_and_asked_for_until_then(as_bob: Client, job: Job) -> None:
    split = Split.of(job)
    assert 'hx-trigger="every 2s"' in page(as_bob, job)
    Split.objects.update(average=0.6, greatest=9, compare_due_at=None)
    html = as_bob.get(f"{split.get_absolute_url()}?part=proof", headers=HTMX).content.decode()
    assert "The layers match the original." in html
    assert "On average 0.6 of 255 apart, at most 9" in html
    assert "every 2s" not in html
    Split.objects.update(average=3.2)
    assert "The layers differ from the original." in page(as_bob, job)
    Split.objects.update(average=None)
    html = page(as_bob, job)
    assert "couldn&#x27;t be compared" in html or "couldn't be compared" in html
    assert "every 2s" not in html


def test_a_split_that_is_not_made_leads_to_its_job(as_bob: Client, alice: User) -> None:
    job = people.make_job(alice, state="making", type="layering", source=people.make_picture(alice), prompt="")
    assert as_bob.get(url("layers", job)).headers["Location"] == job.get_absolute_url()
    picture = people.make_job(alice, state="done")
    assert as_bob.get(url("layers", picture)).status_code == 404


def test_the_page_costs_the_same_for_any_number_of_layers(
    as_alice: Client, alice: User, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many = people.make_split(alice, [(DOG, {"label": f"{n}", "bounds": BOUNDS}) for n in range(40)], size=(80, 60))
    for one in (job, many):
        Split.of(one)
        page(as_alice, one)
    with django_assert_num_queries(15):
        page(as_alice, job)
    with django_assert_num_queries(15):
        assert len(names(page(as_alice, many))) == 40


# ---- One picture everywhere else


def test_a_split_is_one_picture_of_the_gallery_and_of_the_family(as_bob: Client, alice: User, job: Job) -> None:
    before = people.make_job(alice, state="done").pictures.get()
    html = as_bob.get(reverse("studio:gallery")).content.decode()
    tiles = re.findall(r'<article class="tile ([^"]+)" id="picture-([0-9a-f-]{36})"', html)
    front = job.pictures.get(position=0)
    assert [code for _, code in tiles] == [str(before.code), str(front.code)]
    assert "3 layers" in html
    assert f'href="{url("layers", job)}"' in html
    assert html.count("<image ") == 3
    split = Split.of(job)
    Split.objects.filter(pk=split.pk).update(together_file="layers/x.webp", average=0.5)
    html = as_bob.get(reverse("studio:gallery")).content.decode()
    assert re.findall(r'<image href="([^"]+)"', html) == [proof_address(job.code, "together", "layers/x.webp")]
    assert Gallery(alice).place(before).older == front
    source = job.submission.source
    assert source
    family = as_bob.get(source.get_absolute_url()).content.decode()
    assert re.findall(r'<a class="kin" href="([^"]+)">.*?<span>([^<]+)</span></a>', family, re.DOTALL) == [
        (url("layers", job), "Layers")
    ]


def test_the_arrows_come_to_the_whole_split_and_go_on(as_bob: Client, alice: User, job: Job) -> None:
    after = people.make_job(alice, state="done").pictures.get()
    front = job.pictures.get(position=0)
    html = " ".join(as_bob.get(after.get_absolute_url()).content.decode().split())
    assert f'href="{front.get_absolute_url()}" aria-label="Older picture"' in html
    html = " ".join(as_bob.get(front.get_absolute_url()).content.decode().split())
    assert f'href="{after.get_absolute_url()}" aria-label="Newer picture"' in html
    assert html.count("<image ") == 3
    assert '<span class="faint">80 × 60</span>' in html
    assert f'href="{url("layers", job)}"' in html
    assert reverse("studio:original", args=[front.code]) not in html
    assert f"?source={front.code}" not in html


def test_a_gallery_of_splits_takes_a_fixed_number_of_queries(
    as_bob: Client, alice: User, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    as_bob.get(reverse("studio:gallery"))
    with django_assert_num_queries(13) as first:
        as_bob.get(reverse("studio:gallery"))
    people.make_split(alice, [(DOG, None), (ROOM, None)], size=(80, 60))
    with django_assert_num_queries(len(first)):
        as_bob.get(reverse("studio:gallery"))


def test_the_page_of_a_job_shows_its_layers_as_one(as_bob: Client, job: Job) -> None:
    html = as_bob.get(job.get_absolute_url()).content.decode()
    assert html.count('<li class="tile ') == 1
    assert url("layers", job) in html


# ---- To arrange


def test_what_is_changed_is_kept_for_everybody(as_alice: Client, as_bob: Client, job: Job) -> None:
    assert "Renamed to Küste 日本" in arrange(as_alice, job, layer="0", name="  Küste   日本 ")
    assert "Cat, 60 %" in arrange(as_alice, job, layer="1", opacity="60")
    assert "Layer 3 hidden" in arrange(as_alice, job, layer="2", hidden="on")
    assert "Layer 3, 1 of 3" in arrange(as_alice, job, layer="2", to="0")
    html = page(as_bob, job)
    assert names(html) == ["Layer 3", "Küste 日本", "Cat"]
    assert 'opacity="0.6"' in shown(html)["1"]
    assert 'visibility="hidden"' in shown(html)["2"]
    split = Split.objects.get(job=job)
    assert split.changed_by == job.person
    arrange(as_alice, job, layer="0", name=" ")
    arrange(as_alice, job, show_all="on")
    html = page(as_bob, job)
    assert names(html) == ["Layer 3", "Dog", "Cat"]
    assert 'visibility="hidden"' not in shown(html)["2"]


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ({"layer": "2", "by": "-1"}, ["Dog", "Layer 3", "Cat"]),
        ({"layer": "0", "by": "1"}, ["Cat", "Dog", "Layer 3"]),
        ({"layer": "0", "by": "-1"}, ["Dog", "Cat", "Layer 3"]),
        ({"layer": "0", "to": "99"}, ["Cat", "Layer 3", "Dog"]),
        ({"layer": "1", "to": "-99"}, ["Cat", "Dog", "Layer 3"]),
        ({"layer": "1", "to": "nonsense"}, ["Dog", "Cat", "Layer 3"]),
    ],
)
def test_a_layer_moves_within_the_stack(as_alice: Client, job: Job, asked: dict[str, str], order: list[str]) -> None:
    assert names(arrange(as_alice, job, **asked)) == order


@pytest.mark.parametrize(("asked", "kept"), [("-5", 0), ("250", 100), ("nonsense", 100), ("37", 37)])
def test_an_opacity_stays_within_its_range(as_alice: Client, job: Job, asked: str, kept: int) -> None:
    arrange(as_alice, job, layer="0", opacity=asked)
    assert Split.objects.get(job=job).stack.layers[0].opacity == kept


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_very_long_name_is_told_and_stays_in_its_field(as_alice: Client, job: Job, headers: dict[str, str]) -> None:
    before = Split.of(job).stack.layers[0].label
    answer = as_alice.post(url("arrange_layers", job), {"layer": "0", "name": "日" * 121}, headers=headers)
    html = answer.content.decode()
    assert "Shorten the name to 120 characters." in html
    assert f'value="{"日" * 121}"' in html
    assert Split.objects.get(job=job).stack.layers[0].label == before
    arrange(as_alice, job, layer="0", name="日" * 120)
    assert Split.objects.get(job=job).stack.layers[0].label == "日" * 120


def test_a_change_without_script_comes_back_to_its_layer(as_alice: Client, job: Job) -> None:
    response = as_alice.post(url("arrange_layers", job), {"layer": "1", "ground": "dark", "hidden": "on"})
    assert response.headers["Location"] == f"{url('layers', job)}?layer=1&ground=dark"


def test_a_cut_of_a_layer_is_no_layer(as_bob: Client, alice: User, job: Job) -> None:
    behind = job.pictures.order_by("position")[1]
    people.make_picture(alice, job=job, position=9, origin="kept", kept_from=behind)
    split = Split.of(job)
    assert [layer.picture for layer in split.stack.layers] == list(job.pictures.of_luma().order_by("position"))
    assert Job.objects.count() == 1
    assert f"{len(split.pictures)} layers" in as_bob.get("/gallery/").content.decode()


@pytest.mark.parametrize("asked", [{}, {"layer": "7", "name": "x"}, {"layer": "0"}, {"layer": "9" * 5000}])
def test_a_change_of_nothing_is_not_found(as_alice: Client, job: Job, asked: dict[str, str]) -> None:
    assert as_alice.post(url("arrange_layers", job), asked).status_code == 404


@pytest.mark.parametrize(
    "bounds",
    [
        {"x": 0, "y": 0, "width": 0, "height": 5},
        {"x": 0, "y": 0, "width": 10**7, "height": 5},
        {"x": 10**6, "y": 0, "width": 5, "height": 5},
        {"width": 5, "height": 5},
        {"x": True, "y": 0, "width": 5, "height": 5},
    ],
)
def test_impossible_bounds_are_ignored(alice: User, bounds: dict[str, int]) -> None:
    told = {"label": "Dog", "bounds": {"canvas_width": 80, "canvas_height": 60, **bounds}}
    placed = stack(people.make_split(alice, [(ROOM, told)], size=(80, 60)).pictures.all())
    assert (placed.width, placed.height) == (80, 60)
    assert [(one.x, one.y, one.width, one.height) for one in placed.layers] == [(0, 0, 80, 60)]


def test_a_layer_that_is_not_there_is_neither_named_nor_moved(alice: User, job: Job) -> None:
    split = Split.of(job)
    assert not split.rename(99, "Nobody", by=alice)
    assert not split.move(99, 0, by=alice)
    assert not split.put(99, None, by=alice)
    assert Split.of(job).arrangement == split.arrangement
