"""Mark up: what is sent of marks and their words, what is drawn for it, and what hostile marks get."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from studio import storage
from studio.forms.edits import marks
from studio.forms.files.decoding import Busy
from studio.models import Picture, Submission, User
from tests import people
from tests.people import HTMX
from tests.views.kept_edits import scene, stored

BOX = {"kind": "box", "points": [20, 20, 100, 90], "words": "a blue  sphere"}
NUMBER = {"kind": "number", "points": [250, 200], "words": "A cat!"}


@pytest.fixture
def source(alice: User) -> Picture:
    picture = people.make_picture(alice)
    Picture.objects.filter(pk=picture.pk).update(**stored(scene()))
    return Picture.objects.get(pk=picture.pk)


def test_what_holds_for_the_whole_picture_is_never_cut(as_alice: Client, source: Picture) -> None:
    for given in (None, (BOX, NUMBER)):
        answer = send(as_alice, source, given, whole="a" * 4_500, **{"x-1": "9" * 30, "y-1": "5", "words-1": "b"})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "Shorten the sentence for the whole picture to 1,000 characters." in html
        assert "a" * 4_500 in html
        assert ("9" * 30 in html) == (given is None)
    assert not Submission.objects.exists()


def send(
    client: Client, source: Picture, given: Any = (BOX, NUMBER), headers: Any = None, **fields: str
) -> HttpResponse:
    form = {"token": str(uuid.uuid4()), "model": "uni-1", "count": "2", **fields}
    if given is not None:
        form["marks"] = given if isinstance(given, str) else json.dumps(given)
    return client.post(reverse("studio:marks", args=[source.code]), form, headers=headers or {})


def test_the_source_stays_clean_and_the_marks_go_along_as_the_first_reference(
    as_alice: Client, source: Picture
) -> None:
    answer = send(as_alice, source, whole="Keep the noon light")
    assert answer.status_code == 302
    asked = Submission.objects.get()
    assert asked.prompt == (
        "@1 is the source with numbered marks. At mark 1: a blue sphere. At mark 2: A cat! Keep the noon light. "
        "Change nothing else and draw no marks."
    )
    assert (asked.type, asked.model, asked.count, asked.jobs.count()) == ("image_edit", "uni-1", 2, 2)
    assert str(asked.total) == "0.0928"
    assert asked.source == source
    [copy] = [one.picture for one in asked.references]
    assert copy.origin == "marked"
    assert copy.marks == {
        "marks": [BOX | {"words": "a blue sphere"}, NUMBER],
        "whole": "Keep the noon light",
        "of": str(source.code),
    }
    with storage.open_file(copy.file) as file:
        drawn = Image.open(io.BytesIO(file.read())).convert("RGB")
    assert drawn.size == (1024, 768)
    apart = ImageChops.difference(drawn, scene().resize(drawn.size, Image.Resampling.LANCZOS)).convert("L")
    changed = apart.point([0] * 90 + [255] * 166).getbbox()
    assert changed
    assert changed[:2] < (70, 70)
    assert changed[2:] > (800, 640)


def test_a_marked_copy_is_in_no_gallery_and_is_no_upload(as_alice: Client, source: Picture) -> None:
    send(as_alice, source)
    copy = Picture.objects.get(origin="marked")
    assert copy not in Picture.objects.made()
    assert not copy.is_made
    assert str(copy.code) not in as_alice.get(reverse("studio:gallery")).content.decode()


def test_the_same_form_is_sent_once(as_alice: Client, source: Picture) -> None:
    token = str(uuid.uuid4())
    first, second = (send(as_alice, source, token=token) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Submission.objects.count() == Picture.objects.filter(origin="marked").count() == 1


def test_the_same_again_at_once_is_asked_about(as_alice: Client, source: Picture) -> None:
    send(as_alice, source)
    again = send(as_alice, source, headers=HTMX)
    assert (again.status_code, again["Asks-Again"]) == (422, "on")
    assert Submission.objects.count() == 1
    assert send(as_alice, source, headers=HTMX, again="on").status_code == 204
    # One copy for the same marks.
    assert Picture.objects.filter(origin="marked").count() == 1


def test_a_script_is_told_where_to_go_and_else_why_not(as_alice: Client, source: Picture) -> None:
    assert send(as_alice, source, headers=HTMX)["HX-Redirect"].startswith("/#submission-")
    refused = send(as_alice, source, [BOX, NUMBER | {"words": " "}], headers=HTMX)
    assert (refused.status_code, refused.content.decode()) == (422, "Mark 2 needs a sentence.")


def test_a_page_without_script_has_numbered_points_and_shows_what_is_sent(as_alice: Client, source: Picture) -> None:
    points = {"x-1": "10", "y-1": "20,5 %", "words-1": "A lamp", "x-3": "90", "y-3": "50", "words-3": "A door"}
    read = send(as_alice, source, None, act="read", **points)
    assert "At mark 1: A lamp. At mark 2: A door." in read.content.decode()
    assert 'value="20,5 %"' in read.content.decode()
    assert not Submission.objects.exists()
    assert send(as_alice, source, None, **points).status_code == 302
    assert [one["points"] for one in Picture.objects.get(origin="marked").marks["marks"]] == [[32, 49], [288, 120]]


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ({}, "Say where the first point is and what should change there."),
        ({"words-1": "A cat"}, "Say where mark 1 is, in percent from the left and from the top."),
        ({"x-1": "101", "y-1": "5", "words-1": "A cat"}, "Mark 1: give its place in percent, from 0 to 100."),
        ({"x-1": "nan", "y-1": "5", "words-1": "A cat"}, "Mark 1: give its place in percent, from 0 to 100."),
        ({"x-1": "5", "y-1": "5"}, "Mark 1 needs a sentence."),
        ({"x-1": "5", "y-1": "5", "words-1": "A" * 1001}, "Shorten the sentence at mark 1 to 1,000 characters."),
    ],
)
def test_what_is_missing_without_script_is_said(
    as_alice: Client, source: Picture, points: dict[str, str], sentence: str
) -> None:
    page = send(as_alice, source, None, **points)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Submission.objects.exists()


HOSTILE: list[tuple[str, int]] = [
    ("", 422),
    ("[]", 422),
    ("{", 400),
    ("[" * 100_000, 400),
    ("null", 400),
    ('"box"', 400),
    ("[1]", 400),
    ("[null]", 400),
    (json.dumps([BOX] * 21), 422),
    (" " * 400_001, 400),
    *(
        (json.dumps([BOX | wrong]), 400)
        for wrong in (
            {"kind": "star"},
            {"kind": ["box"]},
            {"kind": {}},
            {"points": "1,2,3,4"},
            {"points": [1, 2, 3]},
            {"points": [1, 2]},
            {"points": [1, 2, 3, 4, 5, 6]},
            {"points": [1, 2, True, 4]},
            {"points": [1.5, 2, 3, 4]},
            {"points": [-1, 2, 3, 4]},
            {"points": [1, 2, 321, 4]},
            {"points": [1, 2, 3, 10**400]},
            {"points": [1, 2, 3, None]},
            {"kind": "free", "points": [1, 2] * 401},
            {"kind": "free", "points": []},
            {"kind": "number", "points": [1, 2, 3, 4]},
            {"words": None},
            {"words": ["a"]},
        )
    ),
    ('[{"kind": "box", "points": [NaN, 1, 2, 3], "words": "a"}]', 400),
    (json.dumps([BOX | {"words": "\x00\ud800"}]), 422),
    (json.dumps([BOX | {"words": "a" * 1001}]), 422),
    (json.dumps([BOX | {"words": "a" * 999}] * 7), 422),
]


@pytest.mark.parametrize(("raw", "status"), HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_hostile_marks_are_refused_in_words(as_alice: Client, source: Picture, raw: str, status: int) -> None:
    for headers in ({}, HTMX):
        answer = send(as_alice, source, raw, headers=headers)
        assert answer.status_code == status
        assert answer.content
    assert not Submission.objects.exists()
    assert not Picture.objects.filter(origin="marked").exists()


def test_other_words_with_the_same_token_are_not_taken_for_sent(as_alice: Client, source: Picture) -> None:
    token = str(uuid.uuid4())
    send(as_alice, source, token=token)
    send(as_alice, source, [BOX | {"words": "no lamp at all"}], token=token)
    assert Submission.objects.count() == 1
    assert "What you changed since" in as_alice.get("/").content.decode()


@pytest.mark.parametrize(
    "field", [{"token": "x"}, {"count": "0"}, {"count": "21"}, {"count": "²"}, {"model": "dall-e"}]
)
def test_the_rules_of_the_dock_hold_here_too(as_alice: Client, source: Picture, field: dict[str, str]) -> None:
    assert send(as_alice, source, **field).status_code == 422
    assert not Picture.objects.filter(origin="marked").exists()


def test_odd_but_true_marks_are_drawn(as_alice: Client, source: Picture) -> None:
    edges = [
        {"kind": "box", "points": [0, 0, 0, 0], "words": "a"},
        {"kind": "box", "points": [320, 240, 0, 0], "words": "b"},
        {"kind": "arrow", "points": [5, 5, 5, 5], "words": "c"},
        {"kind": "free", "points": [320, 240, 320, 240], "words": "{d}"},
    ]
    assert send(as_alice, source, edges).status_code == 302
    assert "At mark 4: {d}." in Submission.objects.get().prompt


def test_trouble_with_the_machine_or_the_file_is_said(
    as_alice: Client, source: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Picture.objects.filter(pk=source.pk).update(file="originals/gone.png")
    gone = send(as_alice, source, headers=HTMX)
    assert (gone.status_code, gone.content.decode()) == (422, marks.GONE)

    def busy() -> None:
        raise Busy

    monkeypatch.setattr("studio.forms.files.decoding.place", busy)
    full = send(as_alice, source, headers=HTMX)
    assert (full.status_code, full.content.decode()) == (503, marks.BUSY)


def test_the_marks_of_a_result_can_be_changed(as_alice: Client, source: Picture, alice: User) -> None:
    send(as_alice, source)
    copy = Picture.objects.get(origin="marked")
    made = people.make_picture(alice, job=Submission.objects.get().jobs.first())
    link = f"{reverse('studio:marks', args=[source.code])}?again={copy.code}"
    assert link in as_alice.get(made.get_absolute_url()).content.decode()
    assert "a blue sphere" in as_alice.get(link).content.decode()
    # Of another picture, or of none: an empty page.
    other = people.make_picture(alice, size=(100, 100))
    for code in (copy.code, "x", other.code):
        page = as_alice.get(f"{reverse('studio:marks', args=[other.code])}?again={code}")
        assert page.status_code == 200
        assert "a blue sphere" not in page.content.decode()


def test_the_page_begins_with_what_was_chosen_for_edits(as_alice: Client, source: Picture, alice: User) -> None:
    page = as_alice.get(reverse("studio:marks", args=[source.code])).content.decode()
    assert "· $0.05" in page
    assert "Draw a mark, then say what should change there." in page
    assert reverse("studio:marks", args=[source.code]) in as_alice.get(source.get_absolute_url()).content.decode()


def test_a_split_has_layers_and_no_marks(as_alice: Client, alice: User) -> None:
    split = people.make_split(alice, [(Image.new("RGBA", (9, 9)), None)])
    assert as_alice.get(reverse("studio:marks", args=[split.pictures.get().code])).status_code == 404


def test_the_words_of_a_mark_are_sent_as_they_are_read(as_alice: Client, alice: User, source: Picture) -> None:
    people.make_look(alice)
    for words in ("a {red|blue} door #harbour-dusk", "a {green} door"):
        send(as_alice, source, [BOX | {"words": words}])
        asked = Submission.objects.latest("pk")
        assert f"At mark 1: {words}" in asked.prompt
        # The same marks with other words are brought back with these.
        assert asked.references[0].picture.marks["marks"][0]["words"] == words
