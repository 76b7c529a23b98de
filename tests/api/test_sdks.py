"""The official clients of Luma and OpenAI, through WSGI: what a stranger tries, and the errors that come as their own."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import luma_agents
import openai
import pytest
from luma_agents import Luma
from openai import OpenAI
from PIL import Image
from pytest_django import Settings

from studio.api import door, waiting
from studio.models import Job, Submission, User
from studio.wsgi import application
from tests import people
from tests.api.calling import make_token

pytestmark = pytest.mark.django_db
BASE = "http://testserver/v1"


def http() -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app=application), base_url=BASE)


def luma(secret: str) -> Luma:
    return Luma(auth_token=secret, base_url=BASE, http_client=http(), max_retries=0)


def openai_of(secret: str) -> OpenAI:
    return OpenAI(api_key=secret, base_url=BASE, http_client=http(), max_retries=0)


@pytest.fixture
def mine(alice: User) -> Luma:
    return luma(make_token(alice)[1])


@pytest.fixture
def theirs(alice: User, monkeypatch: pytest.MonkeyPatch) -> OpenAI:
    """OpenAI's client, and pictures that are made at once."""

    def made(is_done: Callable[[], bool], seconds: float) -> bool:
        for job in Job.objects.filter(state="waiting").order_by("number"):
            people.make_job(alice, state="done", submission=job.submission)
        return is_done()

    monkeypatch.setattr(waiting, "watch", made)
    return openai_of(make_token(alice)[1])


# ---- Luma's


def test_an_sdks_file_is_uploaded_listed_used_and_deleted(mine: Luma) -> None:
    content = people.image_bytes()
    made = mine.files.create(mime_type="image/png", size_bytes=len(content), purpose="input", filename="cat.png")
    upload = made.upload
    assert upload
    with http() as client:
        assert client.put(upload.url, content=content, headers=upload.headers).status_code == 200
    assert mine.files.complete(made.id).state == "ready"
    assert [one.id for one in mine.files.list(limit=1).data] == [made.id]
    with mine.files.with_streaming_response.list() as answer:
        assert b"cat.png" in b"".join(answer.iter_bytes())
    edited = mine.generations.create(prompt="At night", type="image_edit", source={"file_id": made.id})
    assert edited.state == "queued"
    mine.files.delete(made.id)
    assert mine.files.get(made.id).state == "deleted"
    form: Any = {"headers": {"Content-Type": "multipart/form-data"}}
    dog = {"file": ("dog.png", content, "image/png")}
    inline: Any = mine.post("/files", files=dog, body={"purpose": "reference"}, options=form, cast_to=object)
    assert (inline["file"]["purpose"], inline["upload"]) == ("reference", None)
    assert mine.files.get(inline["id"]).state == "ready"


def test_a_header_makes_a_request_once(mine: Luma) -> None:
    ids = {mine.generations.create(prompt="A cat", extra_headers={"Idempotency-Key": "k"}).id for _ in range(2)}
    assert len(ids) == Submission.objects.count() == 1


def test_lumas_errors_are_the_sdks_own(
    mine: Luma, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(kind: type[luma_agents.APIStatusError], status: int, client: Luma, **asked: Any) -> Any:
        with pytest.raises(kind) as raised:
            client.generations.create(**{"prompt": "A cat", **asked})
        assert raised.value.status_code == status
        assert set(raised.value.body) == {"detail"}  # type: ignore[arg-type]
        assert raised.value.response.headers["X-API-Version"] == "2026-04-01"
        return raised.value

    refused(luma_agents.BadRequestError, 400, mine, aspect_ratio="4:3")
    refused(luma_agents.AuthenticationError, 401, luma("studio-nobody"))
    refused(luma_agents.APIStatusError, 402, luma(make_token(alice, cap_per_day=Decimal("0.01"))[1]))
    refused(luma_agents.PermissionDeniedError, 403, luma(make_token(alice, "read")[1]))
    refused(luma_agents.UnprocessableEntityError, 422, mine, image_ref=[{"data": "!", "media_type": "image/png"}])
    with pytest.raises(luma_agents.NotFoundError):
        mine.generations.get("00000000-0000-0000-0000-000000000000")
    monkeypatch.setattr("studio.api.luma.MOST_BYTES", 10)
    refused(luma_agents.APIStatusError, 413, mine)
    monkeypatch.undo()
    settings.WAITING_PER_PERSON = 0
    full = refused(luma_agents.RateLimitError, 429, mine)
    assert (full.body, full.response.headers["Retry-After"]) == ({"detail": "Too many concurrent jobs"}, "60")
    assert "X-RateLimit-Limit" not in full.response.headers
    monkeypatch.setattr(door, "CALLS_PER_MINUTE", 0)
    often = refused(luma_agents.RateLimitError, 429, mine)
    assert often.body == {"detail": "Rate limit exceeded"}
    assert often.response.headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(often.response.headers["Retry-After"]) <= 60


# ---- OpenAI's


def test_openais_client_gets_several_as_bytes_or_links(theirs: OpenAI) -> None:
    assert [one.id for one in theirs.models.list()] == ["uni-1", "uni-1-max"]
    made = theirs.images.generate(prompt="A boat", n=2, size="1024x1536", quality="auto", response_format="b64_json")
    assert made.data
    assert [Image.open(io.BytesIO(base64.b64decode(one.b64_json or ""))).format for one in made.data] == ["PNG"] * 2
    links = theirs.images.generate(prompt="A boat", response_format="url", model="uni-1-max").data
    assert links
    with http() as client:
        assert client.get(links[0].url or "").status_code == 200


def test_openais_client_edits_with_several_images(theirs: OpenAI) -> None:
    files = [("a.png", people.image_bytes(), "image/png"), ("b.png", people.image_bytes(), "image/png")]
    assert theirs.images.edit(image=files, prompt="Both").data
    submission = Submission.objects.get()
    assert (submission.type, bool(submission.source), len(submission.references)) == ("image_edit", True, 1)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"quality": "high"}, "quality 'high' is not supported"),
        ({"background": "transparent"}, "background 'transparent' is not supported"),
        ({"style": "vivid"}, "style 'vivid' is not supported"),
        ({"stream": True}, "stream 'True' is not supported"),
        ({"output_format": "webp"}, "output_format is png or jpeg"),
        ({"n": 50}, "20"),
        ({"size": "huge"}, "size is auto, or WIDTHxHEIGHT"),
        ({"extra_body": {"seed": 7}}, "Unknown parameter: 'seed'"),
    ],
)
def test_what_is_not_supported_is_said_plainly_and_costs_nothing(
    theirs: OpenAI, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        theirs.images.generate(**{"prompt": "A boat", **asked})
    assert words in raised.value.message
    assert not Submission.objects.exists()


def test_openais_errors_are_the_clients_own(theirs: OpenAI, alice: User) -> None:
    cat = ("a.png", people.image_bytes(), "image/png")
    with pytest.raises(openai.BadRequestError) as masked:
        theirs.images.edit(image=cat, mask=cat, prompt="x")
    assert (masked.value.param, "Masks are not supported" in masked.value.message) == ("mask", True)
    with pytest.raises(openai.NotFoundError) as unknown:
        theirs.images.generate(prompt="x", model="gpt-image-1")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        theirs.post("/images/variations", cast_to=object)
    with pytest.raises(openai.AuthenticationError):
        openai_of("studio-nobody").images.generate(prompt="x")
    with pytest.raises(openai.AuthenticationError):
        openai_of("studio-nobody").models.list()
    with pytest.raises(openai.PermissionDeniedError):
        openai_of(make_token(alice, "read")[1]).images.generate(prompt="x")
    with pytest.raises(openai.APIStatusError) as poor:
        openai_of(make_token(alice, cap_per_day=Decimal("0.01"))[1]).images.generate(prompt="x")
    assert (poor.value.status_code, poor.value.code) == (402, "insufficient_quota")
