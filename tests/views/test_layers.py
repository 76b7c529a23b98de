"""The page of a split: to look at, to arrange, to export, and to cut out of."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from studio import storage, tasks
from studio.forms import layer_edits
from studio.models import Job, LayersExport, Picture, Split, Submission, User
from studio.models.layers import proof_address, stack
from studio.views.picture_lists import Gallery
from tests import people
from tests.people import HTMX
from tests.views.test_keep import stored

DOG = Image.new("RGBA", (30, 20), (200, 30, 30, 128))
ROOM = Image.new("RGB", (80, 60), (20, 90, 20))
BOUNDS = {"x": 5, "y": -6, "width": 30, "height": 20, "canvas_width": 80, "canvas_height": 60}


@pytest.fixture
def job(alice: User) -> Job:
    layers = [(DOG, {"label": "Dog", "bounds": BOUNDS}), (DOG, {"label": "Cat", "bounds": BOUNDS}), (ROOM, None)]
    return people.make_split(alice, layers, size=(80, 60))


def url(name: str, job: Job, *more: object) -> str:
    return reverse(f"studio:{name}", args=[job.code, *more])


def download(client: Client, export: LayersExport) -> Any:
    return client.get(reverse("studio:download_export", args=[export.code]))


def edges(client: Client, job: Job, position: int) -> str:
    """The page of the cut-out of a layer."""
    layer = job.pictures.get(position=position)
    return client.get(reverse("studio:cut_out_layer", args=[layer.code])).content.decode()


def page(client: Client, job: Job, query: str = "") -> str:
    response = client.get(url("layers", job) + query)
    assert response.status_code == 200
    return response.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'class="layer__name"[^>]*>([^<]+)</a>', html)


def shown(html: str) -> dict[str, str]:
    """The layers on the stage, back to front, and how they are drawn."""
    return dict(re.findall(r'<image id="shown-(\d+)"([^>]*)/>', html))


def arrange(client: Client, job: Job, **what: str) -> str:
    response = client.post(url("arrange_layers", job), what, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


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
    assert "Only Alice Moreau and admins arrange these layers." in html
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
    with django_assert_num_queries(18) as first:
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


def test_a_very_long_name_is_cut(as_alice: Client, job: Job) -> None:
    arrange(as_alice, job, layer="0", name="日" * 500)
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


# ---- To export


def test_a_file_is_asked_for_made_and_fetched(as_bob: Client, job: Job) -> None:
    asked = as_bob.post(url("export_layers", job), {"kind": "psd", "asked": "1", "hidden": "on"}, headers=HTMX)
    assert "Making the PSD…" in asked.content.decode()
    export = LayersExport.objects.get()
    assert f'hx-get="{export.get_absolute_url()}" hx-trigger="every 1s"' in asked.content.decode()
    assert [row.task["func"] for row in OrmQ.objects.all()].count("studio.tasks.export_layers") == 1
    as_bob.post(url("export_layers", job), {"kind": "psd"})
    assert [row.task["func"] for row in OrmQ.objects.all()].count("studio.tasks.export_layers") == 1
    tasks.export_layers(export.pk)
    made = as_bob.get(export.get_absolute_url(), headers=HTMX).content.decode()
    assert "Download PSD" in made
    assert "hx-get" not in made
    file = download(as_bob, export)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert f'-layers-{job.code.hex[:8]}.psd"' in file.headers["Content-Disposition"]
    assert b"".join(file.streaming_content).startswith(b"8BPS")  # type: ignore[arg-type]


def test_hidden_layers_are_left_out_where_that_is_asked(as_alice: Client, job: Job) -> None:
    arrange(as_alice, job, layer="0", hidden="on")
    as_alice.post(url("export_layers", job), {"kind": "zip", "asked": "1", "hidden": "on"})
    as_alice.post(url("export_layers", job), {"kind": "zip", "asked": "1"})
    plans = [export.plan["layers"] for export in LayersExport.objects.order_by("pk")]
    assert [[(one["name"], one["hidden"]) for one in plan] for plan in plans] == [
        [("Dog", True), ("Cat", False), ("Layer 3", False)],
        [("Cat", False), ("Layer 3", False)],
    ]


def test_nothing_is_made_of_nothing(as_alice: Client, job: Job) -> None:
    for layer in "012":
        arrange(as_alice, job, layer=layer, hidden="on")
    response = as_alice.post(url("export_layers", job), {"kind": "psd", "asked": "1"}, headers=HTMX)
    assert "All layers are hidden." in response.content.decode()
    assert as_alice.post(url("export_layers", job), {"kind": "psd", "asked": "1"}).status_code == 302
    assert not LayersExport.objects.exists()


def test_a_file_that_failed_or_takes_too_long_says_so_and_offers_another_try(as_bob: Client, job: Job) -> None:
    as_bob.post(url("export_layers", job), {"kind": "ora"})
    export = LayersExport.objects.get()
    LayersExport.objects.update(asked_at=timezone.now() - timezone.timedelta(minutes=5))
    html = as_bob.get(export.get_absolute_url()).content.decode()
    assert "This took too long and was stopped." in html
    assert "Try again" in html
    assert "every 1s" not in html
    assert download(as_bob, export).status_code == 404
    as_bob.post(url("export_layers", job), {"kind": "ora"})
    assert "every 1s" in as_bob.get(export.get_absolute_url()).content.decode()


@pytest.mark.parametrize("asked", [{}, {"kind": "exe"}, {"kind": "trimmed"}, {"kind": "placed", "layer": "8"}])
def test_no_other_file_is_made(as_bob: Client, job: Job, asked: dict[str, str]) -> None:
    assert as_bob.post(url("export_layers", job), asked).status_code == 404
    assert not LayersExport.objects.exists()


# ---- To cut out of


def test_a_layer_is_taken_as_a_cut_out(as_bob: Client, job: Job) -> None:
    html = edges(as_bob, job, 0)
    assert re.findall(r"<span>(Light|Dark|Checkerboard)</span>", html) == ["Light", "Dark", "Checkerboard"]
    as_bob.post(url("export_layers", job), {"kind": "placed", "layer": "0"})
    export = LayersExport.objects.get()
    tasks.export_layers(export.pk)
    file = download(as_bob, export)
    assert file.headers["Content-Type"] == "image/png"
    assert "studio-dog-cut-out-" in file.headers["Content-Disposition"]
    assert b"".join(file.streaming_content).startswith(b"\x89PNG")  # type: ignore[arg-type]
    other = reverse("studio:cut_out_layer", args=[people.make_job(job.person, state="done").pictures.get().code])
    assert as_bob.get(other).status_code == 404
    assert "no transparent part" in edges(as_bob, job, 2)


def test_cut_out_subject_splits_the_picture_once_and_says_what_it_costs(as_bob: Client, bob: User, alice: User) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    html = as_bob.get(picture.get_absolute_url()).content.decode()
    assert "Luma charges per layer and publishes no price." in html
    token = re.search(r'name="token" value="([0-9a-f-]{36})"', html)
    assert token
    for _ in range(2):
        response = as_bob.post(reverse("studio:cut_out", args=[picture.code]), {"token": token[1]})
    submission = Submission.objects.get(type="layering")
    assert (submission.person, submission.source, submission.layering_resolution) == (bob, picture, "2k")
    assert response.headers["Location"] == submission.jobs.get().get_absolute_url()


def test_a_cut_out_without_its_token_asks_for_nothing(as_bob: Client, alice: User) -> None:
    picture = people.make_picture(alice)
    for token in ("", "nonsense"):
        response = as_bob.post(reverse("studio:cut_out", args=[picture.code]), {"token": token})
        assert response.headers["Location"] == picture.get_absolute_url()
    assert not Submission.objects.exists()
    missing = reverse("studio:cut_out", args=[uuid.uuid4()])
    assert as_bob.post(missing, {"token": str(uuid.uuid4())}).status_code == 404


def test_a_full_line_is_told(as_bob: Client, bob: User, alice: User, settings: object) -> None:
    settings.WAITING_PER_PERSON = 0  # type: ignore[attr-defined]
    picture = people.make_picture(alice)
    response = as_bob.post(reverse("studio:cut_out", args=[picture.code]), {"token": str(uuid.uuid4())}, follow=True)
    assert "wait until some are made" in response.content.decode()
    assert not Picture.objects.made().exists()


# ---- Edit one layer and put it back


def edit_of(person: User, source: Picture, colour: str = "#2040e0", size: tuple[int, int] = (30, 20)) -> Picture:
    """A finished edit of a picture, all of one colour."""
    job = people.make_job(person, state="done", type="image_edit", source=source, prompt="Deep blue")
    edit = job.pictures.get()
    Picture.objects.filter(pk=edit.pk).update(**stored(Image.new("RGB", size, colour)))
    return Picture.objects.get(pk=edit.pk)


def test_a_finished_edit_of_a_layer_takes_its_place_and_gives_it_back(as_alice: Client, alice: User, job: Job) -> None:
    dog = job.pictures.get(position=0)
    edit = edit_of(alice, dog)
    assert f'value="{edit.code}"' in page(as_alice, job)
    assert "Put into the layers" in as_alice.get(edit.get_absolute_url()).content.decode()
    arrange(as_alice, job, layer="0", name="Hound")
    arrange(as_alice, job, layer="0", by="1")
    before = shown(page(as_alice, job))
    html = arrange(as_alice, job, layer="0", content=str(edit.code))
    assert "Hound shows edit 1" in html
    assert names(html) == ["Cat", "Hound", "Layer 3"]
    after = shown(html)
    content = Picture.objects.get(origin="layer")
    assert str(content.code) in after["0"]
    assert after["0"].split("x=")[1].split("opacity")[0] == before["0"].split("x=")[1].split("opacity")[0]
    # The edit's colour in the layer's own outline, in no gallery.
    with storage.open_file(content.file) as file:
        pixels = Image.open(io.BytesIO(file.read()))
        assert (pixels.size, pixels.getpixel((3, 3))) == ((30, 20), (0x20, 0x40, 0xE0, 128))
    assert content not in Picture.objects.made()
    # Exports have it, and the comparison is made anew.
    export, _ = LayersExport.ask(Split.objects.get(), "zip", now=timezone.now())
    assert [layer["picture"] for layer in export.plan["layers"]][1] == content.pk
    assert OrmQ.objects.last().task["func"] == "studio.tasks.compare_layers"
    tasks.compare_layers(Split.objects.get().pk)
    assert "1 layer edited, the rest as in the original." in page(as_alice, job)
    # One click back, and one forward without making it again; nothing is asked of Luma.
    asked = Submission.objects.count()
    back = arrange(as_alice, job, layer="0", content="own")
    assert str(dog.code) in shown(back)["0"]
    assert "Hound is as Luma made it" in back
    arrange(as_alice, job, layer="0", content=str(edit.code))
    assert Picture.objects.filter(origin="layer").count() == 1
    assert Submission.objects.count() == asked


def test_an_edit_of_an_edited_layer_belongs_to_it_too(as_alice: Client, alice: User, job: Job) -> None:
    first = edit_of(alice, job.pictures.get(position=0))
    arrange(as_alice, job, layer="0", content=str(first.code))
    second = edit_of(alice, Picture.objects.get(origin="layer"), "#e02020")
    assert "Put into the layers" in as_alice.get(second.get_absolute_url()).content.decode()
    html = arrange(as_alice, job, layer="0", content=str(second.code))
    assert html.index(str(first.code)) < html.index(f'value="{second.code}"')
    assert Picture.objects.filter(origin="layer", layer_of=job.pictures.get(position=0)).count() == 2


def test_a_kept_version_of_an_edit_takes_the_place_too_and_a_cut_of_it_does_not(
    as_alice: Client, alice: User, job: Job
) -> None:
    dog = job.pictures.get(position=0)
    edit = edit_of(alice, dog)
    kept, cut = (
        people.make_picture(
            alice, job=edit.job, position=place, origin="kept", kept_from=edit, size=size, sha256=f"{place}" * 64
        )
        for place, size in ((1, (dog.width, dog.height)), (2, (20, 20)))
    )
    html = page(as_alice, job)
    assert f'value="{kept.code}"' in html
    assert f'value="{cut.code}"' not in html
    assert "Put into the layers" in as_alice.get(kept.get_absolute_url()).content.decode()
    assert "Put into the layers" not in as_alice.get(cut.get_absolute_url()).content.decode()


def test_the_edit_in_the_place_is_among_the_versions_however_many_are_newer(
    as_alice: Client, alice: User, job: Job
) -> None:
    dog = job.pictures.get(position=0)
    first = edit_of(alice, dog)
    arrange(as_alice, job, layer="0", content=str(first.code))
    for _ in range(layer_edits.MOST_VERSIONS):
        edit_of(alice, dog)
    html = page(as_alice, job)
    assert re.search(rf'value="{first.code}"[^>]*aria-pressed="true"', html)
    assert html.count('name="content" value="') == layer_edits.MOST_VERSIONS + 1  # and the original


def test_an_edit_that_is_being_made_is_waited_for(as_bob: Client, alice: User, job: Job) -> None:
    dog = job.pictures.get(position=0)
    edit = people.make_job(alice, state="making", type="image_edit", source=dog, prompt="Blue")
    part = "?part=versions&layer=0"
    waiting = as_bob.get(url("layers", job) + part, headers=HTMX).content.decode()
    assert "1 edit of this layer" in waiting
    assert "every 3s" in waiting
    Job.objects.filter(pk=edit.pk).update(state="failed")
    assert "every 3s" not in as_bob.get(url("layers", job) + part, headers=HTMX).content.decode()
    assert 'id="own-0"' not in page(as_bob, job)


def test_only_its_own_edits_take_a_layers_place(as_alice: Client, as_bob: Client, alice: User, job: Job) -> None:
    other = edit_of(alice, people.make_picture(alice))
    mine = edit_of(alice, job.pictures.get(position=0))
    for content in (str(other.code), str(uuid.uuid4()), "", "x", str(job.pictures.get(position=1).code)):
        assert as_alice.post(url("arrange_layers", job), {"layer": "0", "content": content}).status_code == 404
    assert as_alice.post(url("arrange_layers", job), {"layer": "1", "content": str(mine.code)}).status_code == 404
    assert as_bob.post(url("arrange_layers", job), {"layer": "0", "content": str(mine.code)}).status_code == 403
    assert not Picture.objects.filter(origin="layer").exists()


def test_an_edit_that_cannot_take_the_place_says_why(as_alice: Client, alice: User, job: Job) -> None:
    tall = edit_of(alice, job.pictures.get(position=0), size=(20, 60))
    assert "another shape than the layer" in arrange(as_alice, job, layer="0", content=str(tall.code))
    plain = as_alice.post(url("arrange_layers", job), {"layer": "0", "content": str(tall.code)}, follow=True)
    assert "another shape than the layer" in plain.content.decode()
    gone = edit_of(alice, job.pictures.get(position=1))
    Picture.objects.filter(pk=gone.pk).update(file="originals/gone.png")
    assert layer_edits.GONE.replace("'", "&#x27;") in arrange(as_alice, job, layer="1", content=str(gone.code))


def test_sizes_are_said_before_anything_is_made(as_bob: Client, job: Job) -> None:
    sizes = r'export__size num">([^<]+)<'
    assert re.findall(sizes, page(as_bob, job)) == ["about 29 KB", "about 1 KB", "about 1 KB"]
    export, _ = LayersExport.ask(Split.of(job), "psd", now=timezone.now())
    LayersExport.objects.filter(pk=export.pk).update(state="done", bytes=41_234_567)
    assert re.findall(sizes, page(as_bob, job))[0] == "41.2 MB"
