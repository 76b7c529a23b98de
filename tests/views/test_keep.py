"""Keep the rest: an edit and its source, what may be kept of it, and the version that comes of it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops, ImageDraw

from studio import storage
from studio.engine import integrity
from studio.engine.files import chained
from studio.forms import decoding
from studio.forms import keep as keeping
from studio.models import ApiAccount, Comparison, GalleryMonth, Job, JobCount, Picture, User
from tests import people
from tests.people import HTMX, complete_sizes, make_job, make_picture

SIZE = (320, 240)
SPOTS = [(30, 30, 90, 80), (200, 140, 280, 210)]
Content = dict[str, Any]


def scene() -> Image.Image:
    """A picture with detail everywhere."""
    noise = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 80).resize(SIZE, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (noise, ImageChops.offset(noise, 9), ImageChops.offset(noise, 0, 7)))


def spotted(picture: Image.Image, colour: str = "#20c040") -> Image.Image:
    edit = picture.copy()
    for box in SPOTS:
        ImageDraw.Draw(edit).rectangle(box, fill=colour)
    return edit


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def stored(picture: Image.Image) -> Content:
    """The fields of a row whose file is this picture."""
    content = png(picture)
    sha256 = hashlib.sha256(content).hexdigest()
    name = storage.original_name(sha256, "png")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return {
        "file": name,
        "sha256": sha256,
        "format": "png",
        "width": picture.width,
        "height": picture.height,
        "bytes": len(content),
    }


def edit_of(person: User, before: Image.Image, after: Image.Image) -> Picture:
    source = make_picture(person)
    Picture.objects.filter(pk=source.pk).update(**stored(before))
    job = make_job(
        person, state="done", type="image_edit", source=Picture.objects.get(pk=source.pk), prompt="Add lamps"
    )
    edit = job.pictures.get()
    Picture.objects.filter(pk=edit.pk).update(**stored(after))
    return Picture.objects.get(pk=edit.pk)


def opened(picture: Picture) -> Image.Image:
    with storage.open_file(picture.file) as file:
        return Image.open(io.BytesIO(file.read())).convert("RGB")


def save(client: Client, edit: Picture, **fields: Any) -> HttpResponse:
    return client.post(reverse("studio:keep", args=[edit.code]), fields, headers=fields.pop("headers", {}))


def mask(draw: tuple[int, int, int, int] | None = (10, 10, 99, 99), size: tuple[int, int] = SIZE) -> SimpleUploadedFile:
    painted = Image.new("RGBA", size, (255, 255, 255, 0))
    if draw:
        ImageDraw.Draw(painted).rectangle(draw, fill="white")
    return SimpleUploadedFile("mask.png", png(painted), "image/png")


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

    def overtaken(*args: Any) -> Picture:
        monkeypatch.setattr(keeping, "_row", store)
        store(*args)
        return store(*args)

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


def broken_masks() -> list[tuple[str, bytes]]:
    whole = png(Image.new("RGBA", SIZE, "white"))
    return [
        ("empty", b""),
        ("words", b"these are words"),
        ("cut", whole[: len(whole) // 2]),
        ("other-shape", png(Image.new("L", (240, 320), 255))),
        ("too-wide", png(Image.new("L", (4400, 3300), 255))),
        ("not-png", people.image_bytes(*SIZE, format="JPEG")),
        ("too-many-bytes", bytes(4_000_001)),
    ]


@pytest.mark.parametrize(("kind", "content"), broken_masks(), ids=[kind for kind, _ in broken_masks()])
def test_a_broken_mask_is_refused_with_a_sentence(as_alice: Client, edit: Picture, kind: str, content: bytes) -> None:
    sent = SimpleUploadedFile("mask.png", content, "image/png")
    answer = save(as_alice, edit, mask=sent, headers=HTMX)
    # Django takes a file without a byte for one.
    assert answer.status_code == 400, kind
    assert answer.content.decode() == "The mask doesn't fit this picture. Reload the page and paint it again."
    assert not Picture.objects.filter(origin="kept").exists()


def test_nothing_kept_is_said(as_alice: Client, edit: Picture) -> None:
    for fields in ({"mask": mask(None)}, {"region-1": "drop"}, {}):
        answer = save(as_alice, edit, **fields)
        assert answer.status_code == 422
        assert "Nothing of the edit is kept yet" in answer.content.decode()


def test_a_script_is_told_where_the_version_is(as_alice: Client, edit: Picture) -> None:
    answer = save(as_alice, edit, mask=mask(), headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == Picture.objects.get(origin="kept").get_absolute_url()


@pytest.mark.parametrize(
    ("change", "words", "can_save"),
    [
        ("moved", "moved back 6 px left, 4 px up", True),
        ("mirrored", "nothing lines up with the source", False),
        ("other-shape", "has another shape than its source", False),
        ("same", "The edit changed nothing", False),
        ("everywhere", "The edit changed the whole picture", True),
        ("smaller", "The edit is 160 × 120, the source 320 × 240", True),
    ],
)
def test_how_an_edit_lies_on_its_source_is_said(
    as_alice: Client, alice: User, change: str, words: str, can_save: bool
) -> None:
    before = scene()
    changed = spotted(before)
    edits = {
        "moved": ImageChops.offset(changed, 6, 4),
        "mirrored": before.transpose(Image.Transpose.ROTATE_180),
        "other-shape": before.resize((240, 320)),
        "same": before,
        "everywhere": ImageChops.multiply(before, Image.new("RGB", SIZE, "#906040")),
        "smaller": changed.resize((160, 120)),
    }
    edit = edit_of(alice, before, edits[change])
    page = as_alice.get(reverse("studio:keep", args=[edit.code])).content.decode()
    assert words in page
    assert ("Save as new version" in page) == can_save
    answer = save(as_alice, edit, mask=mask((200, 140, 260, 200)))
    assert answer.status_code == (302 if can_save or change == "same" else 422)


def test_a_busy_machine_is_asked_again(as_alice: Client, edit: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "THREADS", 0)
    monkeypatch.setattr(decoding._threads, "acquire", lambda **_: False)
    answer = as_alice.get(reverse("studio:keep", args=[edit.code]))
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "2")
    assert "Studio is busy" in answer.content.decode()


def test_what_is_no_edit_has_no_such_page(as_alice: Client, alice: User) -> None:
    for picture in (make_picture(alice), make_job(alice, state="done").pictures.get()):
        assert as_alice.get(reverse("studio:keep", args=[picture.code])).status_code == 404
        assert "Keep the rest" not in as_alice.get(picture.get_absolute_url()).content.decode()


def test_an_edit_leads_there(as_alice: Client, edit: Picture) -> None:
    address = reverse("studio:keep", args=[edit.code])
    for page in (edit.get_absolute_url(), reverse("studio:gallery"), reverse("studio:create")):
        assert f'href="{address}"' in as_alice.get(page).content.decode(), page
