"""Keep the rest: what may be kept of an edit, and the version that comes of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from studio import storage
from studio.engine import integrity
from studio.engine.files import chained
from studio.forms.edits import keep as keeping
from studio.models import ApiAccount, Comparison, GalleryMonth, Job, JobCount, Picture, User
from tests.people import HTMX, complete_sizes, make_job
from tests.views.kept_edits import SIZE, edit_of, mask, save, scene, spotted


def opened(picture: Picture) -> Image.Image:
    with storage.open_file(picture.file) as file:
        return Image.open(io.BytesIO(file.read())).convert("RGB")


@pytest.fixture
def edit(alice: User) -> Picture:
    before = scene()
    return edit_of(alice, before, spotted(before))


def test_the_page_lists_what_changed_and_works_it_out_once(as_alice: Client, edit: Picture) -> None:
    address = reverse("studio:keep", args=[edit.code])
    page = as_alice.get(address).content.decode()
    assert page.count('class="region"') == 2
    assert "Top left" in page
    assert "Bottom right" in page
    assert "nothing moved" in page
    assert Comparison.objects.get().content in Comparison.objects.get().numbers
    before = Comparison.objects.values().get()
    assert as_alice.get(address).status_code == 200
    assert Comparison.objects.values().get() == before
    for which in ("difference", "numbers"):
        found = as_alice.get(reverse("studio:comparison_map", args=[edit.code, before["content"][:12], which]))
        assert Image.open(io.BytesIO(b"".join(found.streaming_content))).size == SIZE


def test_maps_that_are_gone_are_made_again(as_alice: Client, edit: Picture) -> None:
    address = reverse("studio:keep", args=[edit.code])
    as_alice.get(address)
    default_storage.delete(Comparison.objects.get().numbers)
    as_alice.get(address)
    assert default_storage.exists(Comparison.objects.get().numbers)


def test_a_painted_part_becomes_a_version_of_the_family(as_alice: Client, alice: User, edit: Picture) -> None:
    answer = save(as_alice, edit, mask=mask())
    kept = Picture.objects.get(origin="kept")
    assert answer.headers["Location"] == kept.get_absolute_url()
    assert (kept.job_id, kept.position, kept.kept_from_id, kept.person) == (edit.job_id, 1, edit.pk, alice)
    assert kept.original_name == "Edit, kept 1 area"
    assert kept.title == "Add lamps"
    source = Comparison.objects.get().source
    result = opened(kept)
    outside = Image.new("L", SIZE, 255)
    ImageDraw.Draw(outside).rectangle((10, 10, 99, 99), fill=0)
    black = Image.new("RGB", SIZE)
    untouched = [Image.composite(one, black, outside).tobytes() for one in (result, opened(source))]
    assert untouched[0] == untouched[1]
    inside = (10, 10, 100, 100)
    assert result.crop(inside).tobytes() == opened(edit).crop(inside).tobytes()
    # Shown where the family and the gallery are shown; nothing was paid or sent.
    assert str(kept.code) in as_alice.get(reverse("studio:gallery")).content.decode()
    for member in (source, edit):
        assert "Edit, kept 1 area" in as_alice.get(member.get_absolute_url()).content.decode()
    page = as_alice.get(kept.get_absolute_url()).content.decode()
    family = page[page.index("Made from") :]
    assert str(edit.code) in family
    assert "<span>Edit</span>" in family
    assert "Free" in page
    assert Job.objects.count() == 1
    assert list(JobCount.wrong()) == []
    assert list(GalleryMonth.wrong()) == []
    assert [one.pk for one in edit.job.outputs] == [edit.pk]
    # What the Create page and the job's own page show stays the edit.
    assert str(kept.code) not in as_alice.get(edit.job.get_absolute_url()).content.decode()


def test_the_same_parts_are_saved_once(as_alice: Client, edit: Picture) -> None:
    first = save(as_alice, edit, mask=mask(), name="Two lamps")
    assert save(as_alice, edit, mask=mask(), name="Again").headers["Location"] == first.headers["Location"]
    assert Picture.objects.get(origin="kept").original_name == "Two lamps"
    assert save(as_alice, edit, mask=mask((150, 100, 300, 220))).status_code == 302
    assert sorted(Picture.objects.filter(job=edit.job).values_list("position", flat=True)) == [0, 1, 2]


def test_two_clicks_at_once_make_one(as_alice: Client, edit: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    store = keeping._row

    def overtaken(*args: Any, **fields: Any) -> Picture:
        monkeypatch.setattr(keeping, "_row", store)
        store(*args, **fields)
        return store(*args, **fields)

    monkeypatch.setattr(keeping, "_row", overtaken)
    answer = save(as_alice, edit, mask=mask())
    assert answer.headers["Location"] == Picture.objects.get(origin="kept").get_absolute_url()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table of three rows whole")
def test_what_was_kept_of_an_edit_is_found_by_an_index(edit: Picture) -> None:
    assert "one_kept_version_for_each_content" in Picture.objects.filter(kept_from=edit).explain()


def test_integrity_takes_a_kept_version_for_what_it_is(as_alice: Client, edit: Picture) -> None:
    save(as_alice, edit, mask=mask())
    for picture in Picture.objects.all():
        complete_sizes(picture)
    # A row in edit_of is given its file afterwards, and the file that it had then has none.
    found = [one for one in integrity.check(timezone.now(), deep=True) if one.invariant != "no-orphans"]
    assert found == []
    kept = Picture.objects.get(origin="kept")
    default_storage.delete(kept.file)
    gone = [one for one in integrity.check(timezone.now()) if one.invariant == "original-is-whole"]
    # Luma does not have it: fetching the edit again would bring another picture.
    assert [(one.picture, one.repairable) for one in gone] == [(kept.pk, False)]


def test_luma_is_never_given_the_edit_for_a_kept_version(as_alice: Client, alice: User, edit: Picture) -> None:
    save(as_alice, edit, mask=mask())
    kept = Picture.objects.get(origin="kept")
    Job.objects.update(provider="http://127.0.0.1:1/v1", accepted_at=timezone.now())
    for picture, is_chained in ((edit, True), (kept, False)):
        use = make_job(alice, type="image_edit", source=picture).submission.inputs.select_related("picture__job").get()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("studio.engine.files.settings.LUMA_BASE_URL", "http://127.0.0.1:1/v1")
            assert bool(chained(use, ApiAccount.current(), timezone.now())) == is_chained


def test_regions_are_taken_without_a_script(as_alice: Client, edit: Picture) -> None:
    address = reverse("studio:keep", args=[edit.code])
    shown = save(as_alice, edit, **{"region-1": "drop", "region-2": "take", "act": "preview"})
    assert shown.headers["Location"] == f"{address}?show=preview&take=2"
    page = as_alice.get(shown.headers["Location"]).content.decode()
    picture = reverse("studio:keep_preview", args=[edit.code]) + "?show=preview&amp;take=2"
    assert picture in page
    preview = as_alice.get(picture.replace("&amp;", "&"))
    assert Image.open(io.BytesIO(preview.content)).size == SIZE
    save(as_alice, edit, **{"region-1": "drop", "region-2": "take"})
    result = opened(Picture.objects.get(origin="kept"))
    places = sorted((region["x"], region) for region in Comparison.objects.get().regions)
    # The larger region is the first.
    assert places[1][1]["ppm"] > places[0][1]["ppm"]
    assert result.getpixel((60, 55)) == opened(edit).getpixel((60, 55))
    assert result.getpixel((240, 170)) != opened(edit).getpixel((240, 170))


def test_a_script_is_told_where_the_version_is(as_alice: Client, edit: Picture) -> None:
    answer = save(as_alice, edit, mask=mask(), headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == Picture.objects.get(origin="kept").get_absolute_url()


def test_an_edit_leads_there(as_alice: Client, edit: Picture) -> None:
    address = reverse("studio:keep", args=[edit.code])
    for page in (edit.get_absolute_url(), reverse("studio:gallery"), reverse("studio:create")):
        assert f'href="{address}"' in as_alice.get(page).content.decode(), page
