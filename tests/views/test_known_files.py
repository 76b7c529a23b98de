"""A file that was downloaded from the studio is its picture again, and brings its settings back."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from studio import storage
from studio.models import Picture, User
from studio.models.files.file_names import file_name
from tests.people import HTMX, image_bytes, make_job, make_picture, make_split


def send(client: Client, name: str, content: bytes, **fields: Any) -> HttpResponse:
    files = SimpleUploadedFile(name, content)
    return client.post(reverse("studio:upload"), {"files": [files], "as": "reference", **fields}, headers=HTMX)


def downloaded(client: Client, picture: Picture) -> bytes:
    return b"".join(client.get(reverse("studio:download", args=[picture.code])).streaming_content)


def tiles(response: HttpResponse) -> list[str]:
    return re.findall(r'name="reference" value="([0-9a-f-]+)"', response.content.decode())


def begins(response: HttpResponse) -> Any:
    found = re.search(r'data-begin="([^"]*)"', response.content.decode())
    return json.loads(unescape(found[1])) if found else None


def test_the_same_bytes_are_the_picture_itself(as_bob: Client, alice: User) -> None:
    source = make_picture(alice)
    made = make_job(
        alice, state="done", prompt="Deep <snow>", type="image_edit", source=source, count=2, style="auto"
    ).pictures.get()
    answer = send(as_bob, "anything.png", downloaded(as_bob, made))
    assert tiles(answer) == [str(made.code)]
    assert not Picture.objects.filter(person__name="Bob Stranger").exists()
    assert "“Deep &lt;snow&gt;” was made here." in answer.content.decode()
    begun = begins(answer)
    assert (begun["type"], begun["prompt"], begun["source"]) == ("image_edit", "Deep <snow>", str(source.code))
    assert begun["choices"]["image_edit"]["count"] == 2
    assert made.job
    assert f'href="/?reuse={made.job.submission.code}"' in answer.content.decode()


def test_what_was_uploaded_and_downloaded_is_not_stored_again(as_alice: Client, alice: User) -> None:
    uploaded = make_picture(alice)
    answer = send(as_alice, "harbour.png", downloaded(as_alice, uploaded))
    assert tiles(answer) == [str(uploaded.code)]
    assert begins(answer) is None
    again = send(as_alice, "harbour.png", downloaded(as_alice, uploaded), reference=[str(uploaded.code)])
    assert "Already added as @1." in again.content.decode()


def test_a_copy_in_another_format_is_known_by_its_name(as_alice: Client, alice: User) -> None:
    made = make_job(alice, state="done", prompt="Boats", size=(1000, 500)).pictures.get()
    name = file_name(made).replace(".png", " (1).jpg")
    answer = send(as_alice, name, image_bytes(200, 100, format="JPEG"))
    assert tiles(answer) != [str(made.code)]
    assert begins(answer)["prompt"] == "Boats"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("studio-boats-{code}.png", (300, 100)),  # cropped: not the picture any more
        ("boats-{code}.png", (200, 100)),
        ("studio-boats-0123.png", (200, 100)),
        ("studio-boats-{code}0.png", (200, 100)),
    ],
)
def test_another_name_or_shape_tells_nothing(as_alice: Client, alice: User, name: str, size: tuple[int, int]) -> None:
    made = make_job(alice, state="done", size=(1000, 500)).pictures.get()
    answer = send(as_alice, name.format(code=made.code.hex[:8]), image_bytes(*size))
    assert answer.status_code == 200
    assert begins(answer) is None


def test_a_layer_of_a_split_comes_in_as_a_file_like_any_other(as_alice: Client, alice: User) -> None:
    job = make_split(alice, [(Image.new("RGBA", (40, 30), (9, 9, 9, 90)), None)])
    layer = job.pictures.get()
    with storage.open_file(layer.file) as file:
        answer = send(as_alice, "layer.png", file.read())
    assert tiles(answer) != [str(layer.code)]
    assert begins(answer) is None
