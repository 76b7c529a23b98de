"""Keep the rest: what cannot be kept, and what is said then."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from studio.forms.files import decoding
from studio.models import Picture, User
from tests import people
from tests.people import HTMX, make_job, make_picture
from tests.views.kept_edits import SIZE, edit_of, mask, png, save, scene, spotted


@pytest.fixture
def edit(alice: User) -> Picture:
    before = scene()
    return edit_of(alice, before, spotted(before))


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


def test_the_name_of_a_version_is_never_cut(as_alice: Client, edit: Picture) -> None:
    answer = save(as_alice, edit, mask=mask((200, 140, 260, 200)), name="日" * 121)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Shorten the name to 120 characters." in html
    assert f'value="{"日" * 121}"' in html
    save(as_alice, edit, mask=mask((200, 140, 260, 200)), name="日" * 120)
    assert Picture.objects.get(kept_from=edit).original_name == "日" * 120


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
