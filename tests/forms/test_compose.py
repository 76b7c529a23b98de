"""The form of a prompt: what it takes, what it refuses, and that it asks once."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from studio.forms.create.compose import ComposeForm
from studio.models import Job, Picture, RemoteFile, Submission, User
from tests.forms.composing import ANOTHER_CODE, posted
from tests.people import image_bytes, make_person, make_picture

# ---- What is asked for


def test_a_spec_carries_what_was_chosen(alice: User) -> None:
    first, second = make_picture(alice), make_picture(alice)
    form = posted(
        alice,
        prompt="  Two lines\r\nof it \x07",
        model="uni-1-max",
        aspect_ratio="2:3",
        style="manga",
        output_format="png",
        web_search="on",
        count=4,
        reference=[second.code, first.code],
    )
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert spec.prompt == "Two lines\nof it"
    assert (spec.type, spec.model, spec.aspect_ratio, spec.style) == ("image", "uni-1-max", "2:3", "manga")
    assert (spec.output_format, spec.web_search, spec.count) == ("png", True, 4)
    assert list(spec.references) == [second, first]


def test_what_the_chosen_mode_does_not_take_waits_in_the_tray(alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    form = posted(alice, type="image", source=source.code)
    assert form.is_valid()
    assert (form.spec().type, form.spec().source, form.dock.source) == ("image", None, source)
    assert form.dock.note == "Generate doesn't use a source. It's kept for Edit and Layers."
    form = posted(alice, type="layering", source=source.code, reference=[reference.code])
    assert form.is_valid()
    assert (form.spec().source, form.spec().references, form.dock.references) == (source, (), [reference])
    assert form.dock.note == "Layers take no references. They're kept for Generate and Edit."


def test_layers_leave_out_what_they_do_not_take(alice: User) -> None:
    form = posted(
        alice,
        type="layering",
        source=make_picture(alice).code,
        style="manga",
        output_format="png",
        web_search="on",
        layering_resolution="2k",
    )
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert (spec.aspect_ratio, spec.style, spec.output_format, spec.web_search) == ("", "auto", "", False)
    assert (spec.layering_resolution, spec.count) == ("2k", 1)


def test_what_a_disabled_control_does_not_send_has_its_usual_value(alice: User) -> None:
    form = ComposeForm(QueryDict(f"token={uuid.uuid4()}&prompt=A+cat"), person=alice)
    assert form.is_valid()
    spec = form.spec()
    assert (spec.type, spec.model, spec.aspect_ratio, spec.style, spec.count) == ("image", "uni-1", "", "auto", 1)


def test_a_new_line_counts_once(alice: User) -> None:
    assert posted(alice, prompt="a" + "\r\n" * 5998 + "b").is_valid()


# ---- What is wrong


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("type", "video", "Choose Generate, Edit or Layers."),
        ("model", "uni-9", "Luma draws with uni-1 or uni-1-max; choose one of them."),
        ("aspect_ratio", "4:3", "Luma makes these ratios: 3:1, 2:1, 16:9, 3:2, 1:1, 2:3, 9:16, 1:2, 1:3."),
        ("style", "noir", "Choose the style Auto or Manga."),
        ("output_format", "webp", "Choose the format PNG or JPEG, or leave it to Luma."),
        ("layering_resolution", "4k", "Choose 1k or 2k for the layers, or leave it to Luma."),
        ("count", "many", "Choose 1 to 20 pictures."),
        ("count", "21", "Choose 1 to 20 pictures."),
        ("prompt", "", "Write what you want to see."),
        ("reference", "nonsense", "A picture in the tray is gone. Remove it and choose another."),
        ("reference", ANOTHER_CODE, "A picture in the tray is gone. Remove it and choose another."),
        ("source", ANOTHER_CODE, "A picture in the tray is gone. Remove it and choose another."),
        ("token", "", "This form was out of date and has been renewed. Press Make again."),
        ("token", "7", "This form was out of date and has been renewed. Press Make again."),
    ],
)
def test_a_wrong_field_is_told_by_its_name(alice: User, field: str, value: str, sentence: str) -> None:
    form = posted(alice, **{field: value})
    assert not form.is_valid()
    assert form.errors == {field: [sentence]}
    assert form.dock.problems == [sentence]
    with pytest.raises(ValueError, match="no spec"):
        form.place()


def test_a_picture_that_luma_refused_lately_is_named_before_anything_is_paid(alice: User, settings: Any) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    now = timezone.now()
    for picture, purpose in ((source, "input"), (reference, "reference")):
        file = RemoteFile.wanted(picture, provider=settings.LUMA_BASE_URL, purpose=purpose, now=now)
        file.refuse("Content was moderated.", now=now)
    form = posted(alice, source=source.code, reference=reference.code)
    assert form.errors == {
        "source": ["Luma refused the source: Content was moderated. Choose another picture."],
        "reference": ["Luma refused @1: Content was moderated. Choose another picture."],
    }
    RemoteFile.objects.update(checked_at=now - timedelta(days=2))
    assert posted(alice, source=source.code, reference=reference.code).is_valid()


def test_nothing_is_lost_when_something_is_wrong(alice: User) -> None:
    source, first, second = make_picture(alice), make_picture(alice), make_picture(alice)
    token = uuid.uuid4()
    form = posted(
        alice,
        token=token,
        type="image_edit",
        prompt="",
        model="uni-1-max",
        aspect_ratio="9:16",
        style="manga",
        output_format="jpeg",
        web_search="on",
        count=3,
        source=source.code,
        reference=[second.code, ANOTHER_CODE, first.code],
    )
    assert set(form.errors) == {"prompt", "reference"}
    dock = form.dock
    assert (dock.token, dock.type, dock.model, dock.ratio, dock.style) == (
        token,
        "image_edit",
        "uni-1-max",
        "",  # an edit has none
        "manga",
    )
    assert (dock.count, dock.web_search, dock.more_label) == (3, True, "JPEG · Web")
    assert (dock.source, dock.references) == (source, [second, first])


def test_a_token_that_cannot_be_read_is_replaced_by_a_fresh_one(alice: User) -> None:
    assert posted(alice, token="7").dock.token.version == 4


def test_somebody_who_may_not_come_in_sees_no_picture(alice: User) -> None:
    picture = make_picture(alice)
    gone = make_person("Gone")
    gone.is_active = False
    assert "reference" in posted(gone, reference=[picture.code]).errors


# ---- Files that come with the form


def png(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or image_bytes(), "image/png")


def test_files_of_a_page_without_script_enter_the_tray(alice: User) -> None:
    known = make_picture(alice)
    files = {"source_file": [png("a.png")], "reference_files": [png("b.png"), png("c.png")]}
    form = posted(alice, reference=[known.code], files=files)
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert spec.type == "image_edit"
    assert spec.source is not None
    assert [p.original_name for p in (spec.source, *spec.references)] == ["a.png", "harbour.png", "b.png", "c.png"]


def test_a_good_file_stays_in_the_tray_beside_a_refused_one(alice: User) -> None:
    form = posted(alice, files={"reference_files": [png("notes.png", b"no picture at all"), png("b.png")]})
    assert list(form.errors) == ["reference"]
    assert form.errors["reference"][0].startswith("notes.png: This file is not a picture")
    assert [p.original_name for p in form.dock.references] == ["b.png"]


def test_surplus_files_are_named_and_not_looked_at(alice: User) -> None:
    eight = [make_picture(alice).code for _ in range(8)]
    files = {"source_file": [png("a.png"), png("b.png")], "reference_files": [png("c.png")]}
    form = posted(alice, reference=eight, files=files)
    assert form.errors == {
        "source": ["b.png: Only one source can be used, so it was left out."],
        "reference": ["c.png: The tray is full, so it was left out."],
    }
    assert Picture.objects.filter(original_name__in=["b.png", "c.png"]).count() == 0


def test_a_picture_is_in_the_tray_once(alice: User) -> None:
    content = image_bytes()
    form = posted(alice, files={"reference_files": [png("b.png", content), png("c.png", content)]})
    assert form.errors == {"reference": ["c.png: Already added as @1."]}
    known = form.dock.references[0]
    form = posted(alice, reference=[known.code, known.code], files={"source_file": [png("d.png", content)]})
    assert form.is_valid()
    assert (form.spec().source, form.spec().references) == (known, ())


def test_what_was_changed_on_the_way_in_is_told(alice: User) -> None:
    form = posted(alice, files={"reference_files": [png("scan.gif", image_bytes(format="GIF"))]})
    assert form.is_valid()
    assert [picture.changes for picture in form.dock.changed] == [["converted from GIF"]]


def test_a_picture_can_be_taken_out_without_script(alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    form = posted(alice, source=source.code, reference=[reference.code], remove=[source.code])
    assert form.is_valid()
    assert (form.spec().type, form.spec().source, list(form.spec().references)) == ("image", None, [reference])


# ---- Once


def test_the_same_token_places_once(alice: User, bob: User) -> None:
    token = uuid.uuid4()
    first, fresh = posted(alice, token=token, count=2).place()
    again, second_fresh = posted(alice, token=token, prompt="Something else").place(timezone.now())
    theirs, _ = posted(bob, token=token).place()
    assert (fresh, second_fresh, again) == (True, False, first)
    assert theirs != first
    assert Job.objects.of(alice).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_moment_place_once() -> None:
    person, token = make_person(), uuid.uuid4()
    start = threading.Barrier(2)
    placed: list[tuple[Submission, bool]] = []

    def send() -> None:
        try:
            form = posted(person, token=token, count=3)
            assert form.is_valid()
            start.wait(10)
            placed.append(form.place())
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(fresh for _, fresh in placed) == [False, True]
    assert placed[0][0] == placed[1][0]
    assert Job.objects.count() == 3
