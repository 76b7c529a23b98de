"""OpenAI's wire format: fields and errors as its own, our queue and rules behind them."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from studio.api import waiting
from studio.models import Job, Submission, User
from tests import people
from tests.api.calling import Caller, make_token


@pytest.fixture
def luma(alice: User) -> Caller:
    return Caller(make_token(alice)[1], base="/v1")


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Whatever is asked for ends while it is waited for, as `state` says."""
    how: dict[str, Any] = {"state": "done"}

    def pause(_: float) -> None:
        for job in Job.objects.filter(state="waiting"):
            if how["state"] == "done":
                people.make_picture(job.person, job=job)
            Job.objects.filter(pk=job.pk).update(
                state=how["state"], due_at=None, finished_at=timezone.now(), failure_code=how.get("code", "")
            )

    monkeypatch.setattr("studio.api.waiting.time.sleep", pause)
    return how


def test_openais_client_gets_pictures(luma: Caller, ends: dict[str, Any]) -> None:
    answer = luma.post("/images/generations", {"prompt": "A boat", "n": 2, "size": "1024x1536", "quality": "auto"})
    said = answer.json()
    assert [base64.b64decode(one["b64_json"])[:4] for one in said["data"]] == [b"\x89PNG"] * 2
    assert (answer.headers["Studio-Aspect-Ratio"], said["size"], said["data"][0]["revised_prompt"]) == (
        "2:3",
        "2048x2048",
        "A boat",
    )
    link = luma.post("/images/generations", {"prompt": "A boat", "response_format": "url"}).json()["data"][0]["url"]
    assert b"".join(Client().get(link).streaming_content)


def test_openais_client_edits(luma: Caller, ends: dict[str, Any]) -> None:
    files = [SimpleUploadedFile(f"{n}.png", people.image_bytes(), "image/png") for n in "ab"]
    answer = luma.client.post("/v1/images/edits", {"prompt": "At night", "image[]": files, "n": "1"})
    assert len(answer.json()["data"]) == 1
    made = Submission.objects.get()
    assert (made.type, len(made.references)) == ("image_edit", 1)


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        ({"prompt": "x", "model": "dall-e-3"}, 404, "model"),
        ({"prompt": "x", "quality": "hd"}, 400, "quality"),
        ({"prompt": "x", "stream": True}, 400, "stream"),
        ({"prompt": "x", "seed": 4}, 400, "seed"),
        ({"prompt": "x", "n": "many"}, 400, "n"),
        ({"prompt": "x", "n": 21}, 400, "count"),
        ({"prompt": "x", "size": "big"}, 400, "size"),
        ({"prompt": "x", "size": "0x0"}, 400, "size"),
        ({"prompt": "x", "response_format": "xml"}, 400, "response_format"),
        ({"prompt": "x", "output_format": "webp"}, 400, "output_format"),
        ({"prompt": 5}, 400, "prompt"),
        ({"prompt": ""}, 400, "prompt"),
    ],
)
def test_what_luma_has_no_word_for_is_refused(luma: Caller, asked: dict[str, Any], status: int, param: str) -> None:
    answer = luma.post("/images/generations", asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"]) == (status, "invalid_request_error", param)
    assert not Submission.objects.exists()


def test_an_edit_is_refused_for_its_files(luma: Caller) -> None:
    file = people.image_bytes()

    def edit(**fields: Any) -> tuple[int, str | None]:
        answer = luma.client.post("/v1/images/edits", {"prompt": "x", **fields})
        return answer.status_code, answer.json()["error"]["param"]

    def one() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.png", file)

    assert edit() == (400, "image")
    assert edit(image=one(), mask=one()) == (400, "mask")
    assert edit(image=one(), size="1024x1024") == (400, "size")
    assert edit(**{"image[]": [one() for _ in range(10)]}) == (400, "image")
    assert edit(image=SimpleUploadedFile("a.png", b"x")) == (400, "image")
    assert luma.client.generic("POST", "/v1/images/edits", b"--x", "multipart/form-data; boundary=x").status_code == 400
    assert luma.client.get("/v1/images/edits").status_code == 405
    assert luma.client.post("/v1/images/generations", "[", "application/json").status_code == 400


def test_a_failure_is_said_so_that_nobody_pays_again(luma: Caller, ends: dict[str, Any]) -> None:
    ends |= {"state": "failed", "code": "content_moderated"}
    answer = luma.post("/images/generations", {"prompt": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "moderation_blocked")


def test_a_long_wait_goes_on_with_the_next_call(luma: Caller, monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    monkeypatch.setattr("studio.api.openai.LONGEST", 0)
    late = luma.post("/images/generations", {"prompt": "x"})
    assert (late.status_code, late.json()["error"]["type"]) == (503, "server_error")
    again = luma.post("/images/generations", {"prompt": "x"}, **{"X-Stainless-Retry-Count": "1"})
    assert again.status_code == 503
    assert Submission.objects.count() == 1
    for _ in range(waiting.PLACES):
        waiting.take_place()
    try:
        full = luma.post("/images/generations", {"prompt": "other"})
    finally:
        for _ in range(waiting.PLACES):
            waiting.leave_place()
    assert (full.status_code, Submission.objects.count()) == (503, 1)
    capped = Caller(make_token(alice, cap_per_day=Decimal(0))[1], base="/v1")
    assert capped.post("/images/generations", {"prompt": "x"}).json()["error"]["code"] == "insufficient_quota"
