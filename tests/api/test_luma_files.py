"""Luma's Files API in the drop-in: both ways in, every state, and what a generation makes of a file's id."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.forms.files.uploads import BUSY, Refusal
from studio.models import ApiFile, Job, Picture, User
from studio.models.files.api_file import UNUSED, UPLOAD_LASTS
from studio.signing_in.sign_in import may_send_files
from tests import people
from tests.api.calling import Caller, caller, make_token

PNG = {"mime_type": "image/png"}
FIELDS = {
    *("id", "created_at", "mime_type", "purpose", "size_bytes", "state", "filename", "user_id"),
    *("expires_at", "deleted_at", "failure_reason"),
}


@pytest.fixture
def luma(alice: User) -> Caller:
    return Caller(make_token(alice)[1], base="/v1")


def announce(luma: Caller, content: bytes, **more: Any) -> dict[str, Any]:
    answer = luma.post("/files", {**PNG, "size_bytes": len(content), **more})
    assert (answer.status_code, answer.headers["X-API-Version"]) == (201, "2026-04-01")
    return answer.json()


def put(upload: dict[str, Any], content: bytes, **headers: str) -> HttpResponse:
    given = dict(upload["headers"]) | headers
    kind = given.pop("Content-Type")
    return Client().generic("PUT", upload["url"], content, kind, headers=given)


def inline(luma: Caller, content: bytes, **more: Any) -> HttpResponse:
    return luma.client.post("/v1/files", {"file": SimpleUploadedFile("cat.png", content, "image/png"), **more})


def test_a_file_comes_in_three_calls_and_becomes_a_source(luma: Caller, alice: User) -> None:
    content = people.image_bytes()
    made = announce(luma, content, filename="cat.png", purpose="reference", user_id="u7")
    file = made["file"]
    assert (made["id"], made["state"], set(file)) == (file["id"], "pending", FIELDS)
    assert (file["purpose"], file["filename"], file["user_id"]) == ("reference", "cat.png", "u7")
    assert (made["upload"]["method"], made["upload"]["headers"]["Content-Type"]) == ("PUT", "image/png")
    at = f"/files/{made['id']}"
    early = luma.post(f"{at}/complete")
    assert (early.status_code, early.json()) == (400, {"detail": "File bytes have not been uploaded"})
    edit = {"type": "image_edit", "prompt": "At night", "source": {"file_id": made["id"]}}
    assert luma.post("/generations", edit).json() == {"detail": "source: file is not ready"}
    assert put(made["upload"], content).status_code == 200
    assert luma.get(at).json()["state"] == "pending"
    assert luma.post(f"{at}/complete").json()["state"] == "ready"
    assert luma.post(f"{at}/complete").json()["state"] == "ready"
    assert put(made["upload"], content).status_code == 403
    assert luma.post("/generations", edit).status_code == 201
    assert Job.objects.get().submission.source == Picture.objects.get() == ApiFile.objects.get().picture
    assert Picture.objects.get().person == alice


def test_a_file_comes_inline_and_becomes_a_reference(luma: Caller) -> None:
    sent = inline(luma, people.image_bytes(), purpose="input", expires_at="2030-01-01T00:00:00Z")
    made = sent.json()
    assert (sent.status_code, made["state"], made["upload"]) == (201, "pending", None)
    got = luma.get(f"/files/{made['id']}")
    assert (got.json()["state"], got.json()["filename"], "X-RateLimit-Limit" in got.headers) == (
        "ready",
        "cat.png",
        False,
    )
    asked = {"prompt": "A cat", "image_ref": [{"file_id": made["id"]}]}
    assert luma.post("/generations", asked).status_code == 201
    gone = luma.ask("DELETE", f"/files/{made['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    deleted = luma.get(f"/files/{made['id']}").json()
    assert (deleted["state"], bool(deleted["deleted_at"])) == ("deleted", True)
    assert luma.post("/generations", asked).json() == {"detail": "image_ref[0]: file not found"}
    assert luma.post(f"/files/{made['id']}/complete").status_code == 404
    # The picture stays where people are.
    assert Picture.objects.count() == 1


def test_what_is_no_picture_or_not_as_announced_fails(luma: Caller) -> None:
    bad = inline(luma, b"no picture").json()
    told = luma.get(f"/files/{bad['id']}").json()
    assert (told["state"], bool(told["failure_reason"])) == ("failed", True)
    content = people.image_bytes()
    made = announce(luma, content)
    assert put(made["upload"], content + b"more").status_code == 200
    done = luma.post(f"/files/{made['id']}/complete").json()
    assert (done["state"], done["failure_reason"]) == ("failed", "Uploaded size does not match size_bytes.")
    use = {"prompt": "x", "image_ref": [{"file_id": made["id"]}]}
    assert luma.post("/generations", use).json() == {"detail": "image_ref[0]: file is not ready"}


def test_an_upload_is_let_in_by_its_headers_alone_for_an_hour(luma: Caller) -> None:
    content = people.image_bytes()
    made = announce(luma, content)
    upload, words = made["upload"], made["upload"]["headers"]["Authorization"]
    assert may_send_files("", words)
    assert not may_send_files("", "Upload nonsense")
    other = announce(luma, content)["upload"]
    for headers in ({"Authorization": ""}, {"Authorization": f"{words}x"}, {"Content-Type": "image/jpeg"}):
        assert put(upload, content, **headers).status_code == 403
    assert put({**upload, "url": other["url"]}, content).status_code == 403
    assert Client().post(upload["url"]).status_code == 403
    with time_machine.travel(timezone.now() + UPLOAD_LASTS + timedelta(minutes=1)):
        assert put(upload, content).status_code == 403
        assert not may_send_files("", words)


def test_a_busy_studio_asks_to_come_again(luma: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.luma_files.store_upload", lambda *_: Refusal("a", BUSY, is_busy=True))
    made = announce(luma, b"1234")
    for answer in (inline(luma, people.image_bytes()), put(made["upload"], b"1234")):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    monkeypatch.setattr("studio.api.luma_files.imaging.MAX_BYTES", 3)
    assert put(made["upload"], b"1234").status_code == 400
    monkeypatch.setattr("studio.api.luma_files.LARGEST_INLINE", 3)
    assert inline(luma, b"1234").json() == {"detail": "File exceeds 25 MB inline upload limit"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"mime_type": 5}, "mime_type is required"),
    ({"mime_type": "image/\n"}, "mime_type is required"),
    ({"size_bytes": 0}, "size_bytes must be between 1 and 209715200"),
    ({"size_bytes": True}, "size_bytes must be between 1 and 209715200"),
    ({"purpose": "fun"}, "purpose must be one of: input, reference"),
    ({"purpose": ["input"]}, "purpose must be one of: input, reference"),
    ({"filename": "\0"}, "filename must be a string of at most 1024 characters"),
    ({"user_id": "x" * 257}, "user_id must be a string of at most 256 characters"),
    ({"expires_at": "soon"}, "expires_at must be an ISO 8601 time"),
    ({"expires_at": "2026-99-99T00:00:00"}, "expires_at must be an ISO 8601 time"),
    ({"expires_at": ["x"]}, "expires_at must be an ISO 8601 time"),
    ({"expires_at": "2020-01-01T00:00:00"}, "expires_at must be in the future"),
]


@pytest.mark.parametrize(("fields", "detail"), WRONG)
def test_what_is_not_as_described_is_refused(luma: Caller, fields: dict[str, Any], detail: str) -> None:
    answer = luma.post("/files", {**PNG, "size_bytes": 4, **fields})
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_other_bodies_and_methods_are_refused(luma: Caller) -> None:
    assert luma.client.generic("POST", "/v1/files", b"[]", "application/json").status_code == 422
    cut = luma.client.generic("POST", "/v1/files", b"--x\r\nContent-Dispo", "multipart/form-data; boundary=x")
    assert cut.status_code == 400
    assert luma.client.post("/v1/files", {"file": "text"}).json() == {"detail": "A 'file' part is required"}
    assert luma.ask("PUT", "/files").headers["Allow"] == "POST, GET"
    assert luma.ask("DELETE", f"/files/{uuid.uuid4()}/complete").status_code == 405
    for code in (uuid.uuid4(), "x"):
        answer = luma.get(f"/files/{code}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "File not found"})


def test_each_token_gets_its_own_files(luma: Caller, alice: User, bob: User) -> None:
    made = inline(luma, people.image_bytes()).json()
    theirs = Caller(make_token(bob)[1], base="/v1")
    assert theirs.get(f"/files/{made['id']}").status_code == 404
    assert theirs.get("/files").json() == {"data": [], "has_more": False, "next_cursor": None}
    use = {"prompt": "x", "image_ref": [{"file_id": made["id"]}]}
    assert theirs.post("/generations", use).status_code == 400
    # Any picture that a person sees is named by its code as well.
    use["image_ref"] = [{"file_id": str(people.make_job(bob, state="done").pictures.get().code)}]
    assert luma.post("/generations", use).status_code == 201
    reads, makes = (Caller(make_token(alice, scope)[1], base="/v1") for scope in ("read", "make"))
    assert (reads.get("/files").status_code, reads.post("/files", PNG).status_code) == (200, 403)
    assert (makes.get("/files").status_code, makes.post("/files", PNG).status_code) == (403, 400)
    assert reads.ask("DELETE", f"/files/{made['id']}").status_code == 403
    assert Caller("", base="/v1").get("/files").json() == {"detail": "Missing or invalid API key"}
    assert caller(alice).get("/pictures").status_code == 200


def test_files_are_listed_page_by_page(luma: Caller) -> None:
    names = ["a.png", "b.png", "c.png"]
    for name in names:
        announce(luma, b"1234", filename=name, purpose="reference" if name == "b.png" else "input")
    inline(luma, people.image_bytes())
    first = luma.get("/files?limit=2").json()
    assert ([one["filename"] for one in first["data"]], first["has_more"]) == (["cat.png", "c.png"], True)
    second = luma.get(f"/files?limit=2&cursor={first['next_cursor']}").json()
    assert ([one["filename"] for one in second["data"]], second["next_cursor"]) == (["b.png", "a.png"], None)
    assert [one["filename"] for one in luma.get("/files?purpose=reference").json()["data"]] == ["b.png"]
    counts = {state: len(luma.get(f"/files?state={state}").json()["data"]) for state in ("pending", "ready", "failed")}
    assert counts == {"pending": 3, "ready": 1, "failed": 0}
    ApiFile.objects.filter(filename="a.png").update(expires_at=timezone.now())
    assert [one["filename"] for one in luma.get("/files?state=deleted").json()["data"]] == ["a.png"]
    assert len(luma.get("/files").json()["data"]) == 3
    for query, detail in (
        ("limit=0", "limit must be between 1 and 100"),
        ("limit=x", "limit must be between 1 and 100"),
        ("state=lost", "state must be one of: pending, ready, failed, deleted"),
        ("cursor=!", "Invalid cursor"),
        ("cursor=c2VxOi01", "Invalid cursor"),
    ):
        assert luma.get(f"/files?{query}").json() == {"detail": detail}


def test_a_file_whose_picture_was_deleted_here_is_gone_and_what_never_came_is_forgotten(luma: Caller) -> None:
    made = inline(luma, people.image_bytes()).json()
    ApiFile.objects.update(picture=None)
    assert luma.get(f"/files/{made['id']}").json()["state"] == "deleted"
    announce(luma, b"1234")
    ApiFile.clear_old(now=timezone.now() + UNUSED + timedelta(minutes=1))
    assert [str(one.code) for one in ApiFile.objects.all()] == [made["id"]]
    assert made["id"] in str(ApiFile.objects.get())
