"""Luma's wire format: fields, errors and headers as its own, our queue and rules behind them."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from studio.api import plain
from studio.models import ApiToken, Job, Picture, Submission, User
from tests import people
from tests.api.calling import Caller, caller, make_token


@pytest.fixture
def luma(alice: User) -> Caller:
    return Caller(make_token(alice)[1], base="/v1")


def a_picture() -> dict[str, str]:
    return {"data": base64.b64encode(people.image_bytes()).decode(), "media_type": "image/png"}


def test_a_generation_goes_its_way_in_their_words(luma: Caller, alice: User) -> None:
    sent = luma.post("/generations", {"prompt": "A sunset", "aspect_ratio": "16:9", "model": "uni-1", "user_id": "u"})
    said = sent.json()
    assert (sent.status_code, sent.headers["X-API-Version"]) == (201, "2026-04-01")
    assert {"X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(sent.headers)
    job = Job.objects.get()
    assert said == {
        "id": str(job.code),
        "type": "image",
        "state": "queued",
        "model": "uni-1",
        "created_at": job.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "output": [],
        "failure_reason": None,
        "failure_code": None,
    }
    got = luma.get(f"/generations/{job.code}")
    assert (got.json(), "X-RateLimit-Limit" in got.headers) == (said, False)
    done = people.make_job(alice, state="done")
    finished = luma.get(f"/generations/{done.code}").json()
    assert finished["state"] == "completed"
    link = finished["output"][0]["url"]
    file = Client().get(link)
    assert b"".join(file.streaming_content)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Client().get(link).status_code == 403
    assert Client().get(link.replace("linked/", "linked/x")).status_code == 403
    Picture.objects.update(trashed_at=timezone.now())
    assert Client().get(link).status_code == 404
    User.objects.update(is_active=False)
    assert Client().get(link).status_code == 403


@pytest.mark.parametrize(
    ("state", "told", "code"),
    [
        ("making", "processing", None),
        ("failed", "failed", "content_moderated"),
        ("unknown", "processing", None),
        ("cancelled", "failed", "invalid_request"),
    ],
)
def test_each_end_has_its_state(luma: Caller, alice: User, state: str, told: str, code: str | None) -> None:
    job = people.make_job(alice, state="waiting" if state == "cancelled" else state)
    if state == "cancelled":
        job.cancel(now=timezone.now())
    said = luma.get(f"/generations/{job.code}").json()
    assert (said["state"], said["failure_code"]) == (told, code)
    assert bool(said["failure_reason"]) == bool(code)
    if state == "unknown":
        # A client that was told of a failure would pay a second time; after a person has settled it, it is one.
        job.write_off(by=alice, now=timezone.now())
        assert luma.get(f"/generations/{job.code}").json()["failure_code"] == "generation_failed"


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({"prompt": "x", "model": "super-model-v9"}, 400, "Unknown model: super-model-v9"),
        ({"prompt": "x", "type": "video"}, 400, "Type 'video' is not supported for model 'uni-1'"),
        ({"prompt": "x", "type": "song"}, 400, "Unknown type: song"),
        (
            {"prompt": "x", "aspect_ratio": "4:3"},
            400,
            "Invalid aspect_ratio '4:3'. Valid: 1:1, 1:2, 1:3, 16:9, 2:1, 2:3, 3:1, 3:2, 9:16",
        ),
        ({}, 400, "Prompt must be between 1 and 6000 characters"),
        ({"prompt": "x" * 6_001}, 400, "Prompt must be between 1 and 6000 characters"),
        ({"prompt": "x", "image_ref": [{}]}, 400, "image_ref[0]: provide either 'url' or 'data', not neither"),
        (
            {"prompt": "x", "image_ref": [{"url": "a", "data": "b"}]},
            400,
            "image_ref[0]: provide either 'url' or 'data', not both",
        ),
        ({"prompt": "x", "image_ref": [{"data": "YQ=="}]}, 400, "image_ref[0]: 'media_type' is required with 'data'"),
        ({"prompt": "x", "image_ref": [{"data": 5}]}, 400, "image_ref[0]: 'data' must be a string"),
        ({"prompt": "x", "image_ref": [{"file_id": "x"}]}, 400, "image_ref[0]: file_id not found"),
        ({"prompt": "x", "image_ref": {}}, 201, ""),
        ({"prompt": "x", "image_ref": "x"}, 400, "image_ref must be a list"),
        (
            {"prompt": "x", "image_ref": [{"data": "!", "media_type": "image/png"}]},
            422,
            "image_ref[0]: invalid base64 data",
        ),
        ({"prompt": "x", "image_ref": [{"url": "https://a.example/x.png"}]}, 503, "Image URL ingestion unavailable"),
        ({"prompt": "x", "source": {"url": "a"}}, 400, "source is only valid for type 'image_edit'"),
        ({"prompt": "x", "type": "image_edit"}, 400, "source is required for type 'image_edit'"),
        (
            {"prompt": "x", "type": "image_edit", "source": {"generation_id": str(uuid.uuid4())}},
            400,
            "source: generation_id not found",
        ),
        (
            {"prompt": "x", "type": "image_edit", "source": {"data": "YQ=="}, "image_ref": [{}] * 9},
            400,
            "image_edit supports up to 8 reference images (source occupies one slot)",
        ),
        ({"prompt": "x", "seed": 7}, 400, "Unknown field: seed"),
        ({"prompt": ["x"]}, 422, "prompt must be a string"),
        ({"prompt": "x", "style": "oil"}, 400, "Choose the style Auto or Manga."),
        ({"prompt": "\ud800 "}, 400, "Write what you want to see."),
    ],
)
def test_what_luma_refuses_is_refused_in_its_words(
    luma: Caller, asked: dict[str, Any], status: int, detail: str
) -> None:
    answer = luma.post("/generations", asked)
    assert (answer.status_code, answer.json().get("detail", "")) == (status, detail)


def test_pictures_come_with_the_body_or_by_their_ids(luma: Caller, alice: User) -> None:
    first = people.make_job(alice, state="done")
    upload = people.make_picture(alice)
    asked = {"prompt": "x", "type": "image_edit", "source": {"generation_id": str(first.code)}}
    # Luma takes a ratio with an edit; an edit has none, so it is left out.
    inputs = {"image_ref": [{"file_id": str(upload.code)}, a_picture()]}
    assert luma.post("/generations", {**asked, **inputs, "aspect_ratio": "1:1"}).status_code == 201
    made = Submission.objects.order_by("-pk")[0]
    assert (made.source, made.aspect_ratio) == (first.pictures.get(), "")
    assert [one.picture.origin for one in made.references] == ["upload", "upload"]
    no_picture = {"data": base64.b64encode(b"nothing").decode(), "media_type": "image/png"}
    refused = luma.post("/generations", {**asked, "source": no_picture})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("source: ")
    split = {"type": "layering", "source": {"generation_id": str(first.code)}, "layering": {"resolution": "1k"}}
    assert luma.post("/generations", split).json()["type"] == "layering"


def test_errors_of_the_door_are_theirs(luma: Caller, alice: User, settings: Any) -> None:
    token, secret = make_token(alice, cap_per_day=Decimal("0.01"))
    capped = Caller(secret, base="/v1")
    broke = capped.post("/generations", {"prompt": "x"})
    assert (broke.status_code, broke.json()["detail"]) == (402, "Insufficient balance. Please add funds to continue.")
    settings.WAITING_PER_PERSON = 0
    full = luma.post("/generations", {"prompt": "x"})
    assert (full.status_code, full.json()["detail"]) == (429, "Too many concurrent jobs")
    assert (full.headers["Retry-After"], "X-RateLimit-Limit" in full.headers) == ("60", False)
    reads = Caller(make_token(alice, "read")[1], base="/v1").post("/generations", {"prompt": "x"})
    assert reads.status_code == 403
    for secret_of, status, detail in (
        ("", 401, "Missing or invalid API key"),
        ("studio-x", 401, "Invalid API key"),
        (_revoked(token, secret), 401, "API key has been revoked"),
    ):
        answer = Caller(secret_of, base="/v1").get("/generations/x")
        assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert luma.get(f"/generations/{uuid.uuid4()}").json() == {"detail": "Generation not found"}
    assert luma.get("/generations/x").status_code == 404
    assert [luma.get("/generations").status_code, luma.post("/generations/x").status_code] == [405, 405]
    assert luma.client.post("/v1/generations", "{", "application/json").status_code == 422
    User.objects.update(is_active=False)
    assert luma.get("/generations/x").status_code == 403


def _revoked(token: ApiToken, secret: str) -> str:
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    return secret


def test_a_client_that_sends_again_is_not_charged_twice(luma: Caller) -> None:
    again = {"X-Stainless-Retry-Count": "1"}
    first = luma.post("/generations", {"prompt": "x"}, **{"X-Stainless-Retry-Count": "0"}).json()
    assert luma.post("/generations", {"prompt": "x"}, **again).json()["id"] == first["id"]
    assert luma.post("/generations", {"prompt": "y"}, **again).json()["id"] != first["id"]
    # Asked for twice on purpose, it is made twice.
    assert luma.post("/generations", {"prompt": "x"}).json()["id"] != first["id"]


def test_a_body_that_is_too_large_is_not_read(luma: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.luma.MOST_BYTES", 10)
    assert luma.post("/generations", {"prompt": "x" * 20}).status_code == 413
    monkeypatch.setattr("studio.imaging.MAX_BYTES", 3)
    with pytest.raises(plain.NotTaken):
        plain.keep_base64("YWJjZA==", ApiToken.objects.get().person, "a")
    assert caller(ApiToken.objects.get().person)
