"""A layer that is cut out, and one that is edited and put back into its split."""

from __future__ import annotations

import io
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from studio import storage, tasks
from studio.forms.edits import layer_edits
from studio.models import Job, LayersExport, Picture, Split, Submission, User
from tests import people
from tests.people import HTMX
from tests.views.kept_edits import stored
from tests.views.split_pages import a_split, arrange, download, names, page, shown, url


@pytest.fixture
def job(alice: User) -> Job:
    return a_split(alice)


def edges(client: Client, job: Job, position: int) -> str:
    """The page of the cut-out of a layer."""
    layer = job.pictures.get(position=position)
    return client.get(reverse("studio:cut_out_layer", args=[layer.code])).content.decode()


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
