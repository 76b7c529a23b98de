"""A picture of the tray is turned and cut; what comes of it takes its place there."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from studio import storage
from studio.models import Draft, Picture, User
from tests.people import HTMX, make_job, make_picture


def real(person: User, size: tuple[int, int] = (300, 200), **fields: Any) -> Picture:
    """A picture whose file has the pixels that its row says."""
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    picture.save(out, "PNG")
    sha256 = hashlib.sha256(out.getvalue()).hexdigest()
    name = storage.original_name(sha256, "png")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(out.getvalue()))
    return make_picture(person, size=size, file=name, sha256=sha256, **fields)


def cut(client: Client, picture: Picture, *, htmx: bool = True, **fields: object) -> HttpResponse:
    address = reverse("studio:crop", args=[picture.code])
    return client.post(address, {"as": "reference", **fields}, headers=HTMX if htmx else {})


def tile(answer: HttpResponse) -> Picture:
    found = re.search(r'<li class="slot"[^>]* data-picture="([0-9a-f-]+)"', answer.content.decode())
    assert found
    return Picture.objects.get(code=found[1])


def test_the_cut_takes_the_place_of_its_picture_and_can_be_undone(as_bob: Client, alice: User, bob: User) -> None:
    whole = real(alice)
    answer = cut(as_bob, whole, turn=1, x=10, y=20, width=100, height=150)
    made = tile(answer)
    assert (made.width, made.height, made.person, made.origin) == (100, 150, bob, "upload")
    assert made.original_name == whole.original_name
    assert made.changes == ["turned right", "cropped from 200 × 300 to 100 × 150 px"]
    whole.refresh_from_db()
    assert (whole.width, whole.height) == (300, 200)
    undo = re.search(r'hx-get="([^"]+)"\s+hx-target=\'([^\']+)\'', answer.content.decode())
    assert undo
    assert undo[1] == f"/uploads/?picture={whole.code}&amp;as=reference"
    assert undo[2] == f'picture-tray [data-picture="{made.code}"]'
    assert "harbour.png: turned right, cropped from 200 × 300 to 100 × 150 px." in answer.content.decode()
    assert list(settings.WORK_DIR.iterdir()) == []


def test_nothing_changed_makes_no_picture(as_alice: Client, alice: User) -> None:
    whole = real(alice)
    answer = cut(as_alice, whole, turn=0, x=0, y=0, width=300, height=200)
    assert tile(answer) == whole
    assert "data-undo" not in answer.content.decode()
    assert Picture.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"x": 290, "width": 20}, "The cut reaches beyond the picture, which has 300 × 200 pixels."),
        ({"turn": 1, "width": 250}, "The cut reaches beyond the picture, which has 200 × 300 pixels."),
        ({"x": -5}, "The cut reaches beyond the picture, which has 300 × 200 pixels."),
        ({"width": 3, "height": 3}, "Cut out at least 16 × 16 pixels."),
        ({"x": 299}, "Cut out at least 16 × 16 pixels."),
        ({"x": "left"}, "Write whole numbers of pixels."),
        ({"x": 10**30}, "The cut reaches beyond the picture, which has 300 × 200 pixels."),
        ({"turn": 7}, "Turn it by quarters."),
    ],
    ids=str,
)
def test_what_cannot_be_cut_is_said_in_the_editor(
    as_alice: Client, alice: User, fields: dict[str, object], sentence: str
) -> None:
    whole = real(alice)
    answer = cut(as_alice, whole, **fields)
    assert answer.status_code == 422
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#crop-dialog", "innerHTML")
    assert f"<li>{sentence}</li>" in answer.content.decode()
    assert Picture.objects.count() == 1


def test_a_missing_file_is_said(as_alice: Client, alice: User) -> None:
    whole = real(alice, original_name="lost.png")
    Picture.objects.update(file="originals/no/ne/none.png")
    answer = cut(as_alice, whole, turn=2)
    assert answer.status_code == 422
    assert "The file of this picture is missing" in answer.content.decode()


def test_without_script_the_cut_stands_in_the_draft(as_alice: Client, alice: User) -> None:
    whole, other = real(alice), make_picture(alice)
    content = {"type": "image", "prompt": "Boats", "references": [str(other.code), str(whole.code)]}
    Draft.keep(alice, content, seen=0, edited_at=timezone.now())
    page = as_alice.get(f"/pictures/{whole.code}/crop/?as=reference").content.decode()
    assert "hx-post" not in page.partition('class="crop__form"')[2].partition("</form>")[0]
    answer = cut(as_alice, whole, htmx=False, turn=2)
    assert answer["Location"] == "/"
    made = Picture.objects.latest("pk")
    assert Draft.objects.get().content["references"] == [str(other.code), str(made.code)]
    assert Draft.objects.get().content["prompt"] == "Boats"
    elsewhere = make_job(alice, state="done").pictures.get()
    Picture.objects.filter(pk=elsewhere.pk).update(file=whole.file, width=300, height=200)
    answer = cut(as_alice, elsewhere, htmx=False, turn=3)
    assert answer["Location"] == f"/?reference={Picture.objects.latest('pk').code}"
