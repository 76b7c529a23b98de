"""What leaves by the doors of programs says that AI made it, as what leaves by a page does."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image
from pytest_django import Settings

from studio.embedding import read
from studio.models import Picture, User
from tests import people
from tests.api.calling import Caller, make_token
from tests.api.test_openai import ends

__all__ = ["ends"]
Leave = Callable[[], bytes]


@pytest.fixture
def picture(alice: User) -> Picture:
    return people.make_job(alice, state="done").pictures.get()


@pytest.fixture
def linked(alice: User, picture: Picture) -> Leave:
    """Its file by the link of an answer in Luma's words."""
    luma = Caller(make_token(alice)[1], base="/v1")

    def leave() -> bytes:
        said = luma.get(f"/generations/{picture.job.code}").json()  # type: ignore[union-attr]
        link = said["output"][0]["url"]
        answer = Client().get(link)
        assert answer.headers["Content-Type"] == f"image/{link.rpartition('.')[2]}", answer.content
        return b"".join(answer.streaming_content)

    return leave


def test_a_linked_file_is_marked_with_the_pixels_that_came(linked: Leave, picture: Picture) -> None:
    file = linked()
    assert read(io.BytesIO(file)).source_type == "trained"
    stored = Path(default_storage.path(picture.file)).read_bytes()
    assert Image.open(io.BytesIO(file)).tobytes() == Image.open(io.BytesIO(stored)).tobytes()


def test_words_for_everybody_to_see_are_on_it_as_well(linked: Leave, picture: Picture, settings: Settings) -> None:
    before = Image.open(io.BytesIO(linked()))
    settings.VISIBLE_MARKS = True
    file = linked()
    after = Image.open(io.BytesIO(file))
    assert (after.size, after.tobytes() == before.tobytes()) == (before.size, False)
    assert read(io.BytesIO(file)).source_type == "trained"


def test_what_no_mark_can_be_laid_into_leaves_as_a_marked_png(linked: Leave, picture: Picture) -> None:
    Image.new("RGB", (48, 32), "teal").save(Path(default_storage.path(picture.file)), "TIFF")
    Picture.objects.update(format="tiff")
    file = linked()
    assert (file[:4], read(io.BytesIO(file)).source_type) == (b"\x89PNG", "trained")
    # Where it is lost, a sentence is the answer.
    Path(default_storage.path(picture.file)).unlink()
    with pytest.raises(AssertionError, match="missing"):
        linked()


def test_a_picture_within_an_answer_is_marked(alice: User, ends: dict[str, str]) -> None:
    openai = Caller(make_token(alice)[1], base="/v1")
    [one] = openai.post("/images/generations", {"prompt": "A boat", "size": "1024x1024"}).json()["data"]
    assert read(io.BytesIO(base64.b64decode(one["b64_json"]))).source_type == "trained"


def test_a_file_that_cannot_be_read_is_no_reason_to_pay_again(
    alice: User, ends: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(name: str) -> None:
        raise FileNotFoundError(name)

    monkeypatch.setattr("studio.storage.open_file", lost)
    answer = Caller(make_token(alice)[1], base="/v1").post("/images/generations", {"prompt": "A boat"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "file_unreadable")
    assert "in the gallery" in answer.json()["error"]["message"]
