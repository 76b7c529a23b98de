"""The Files API: both ways up, ingest, list, deletion (luma-api.md section 11)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import luma_agents
import pytest
from luma_agents import Luma
from luma_agents.types import File

from studio.simulator import storage
from tests.simulator.conftest import PLAIN, Clock, Start, caller, inline, picture, quick, raw, send_file, until
from tests.simulator.threads import in_thread

PICTURE = picture()
FIELDS = {
    "id",
    "created_at",
    "mime_type",
    "purpose",
    "size_bytes",
    "state",
    "filename",
    "user_id",
    "expires_at",
    "deleted_at",
    "failure_reason",
}


def put(upload: Any, content: bytes, **headers: str) -> httpx.Response:
    return httpx.put(upload.url, content=content, headers={**upload.headers, **headers}, **PLAIN)


def judged(luma: Luma, file_id: str) -> File:
    return until(lambda: _if_judged(luma.files.get(file_id)))


def _if_judged(file: File) -> File | None:
    return file if file.state != "pending" else None


def test_an_inline_upload_is_pending_then_ready(luma: Luma) -> None:
    answer = send_file(luma, PICTURE, purpose="reference", user_id="u_7")
    assert (answer["upload"], answer["state"], answer["id"]) == (None, "pending", answer["file"]["id"])
    assert set(answer["file"]) == FIELDS
    file = judged(luma, answer["id"])
    assert (file.state, file.purpose, file.user_id, file.filename) == ("ready", "reference", "u_7", "cat.png")
    assert (file.size_bytes, file.mime_type, file.failure_reason) == (len(PICTURE), "image/png", None)


def test_a_presigned_upload_is_put_completed_and_ready(luma: Luma) -> None:
    created = luma.files.create(mime_type="image/png", size_bytes=len(PICTURE), filename="cat.png")
    assert created.upload is not None
    assert (created.upload.method, created.upload.headers) == ("PUT", {"Content-Type": "image/png"})
    assert created.file.purpose == "input"
    assert luma.files.get(created.id).state == "pending"
    response = put(created.upload, PICTURE)
    assert (response.status_code, response.content) == (200, b"")
    assert luma.files.complete(created.id).state in ("pending", "ready")
    assert judged(luma, created.id).state == "ready"
    assert luma.files.complete(created.id).state == "ready"


def test_completing_before_the_bytes_are_there_is_a_400(luma: Luma) -> None:
    created = luma.files.create(mime_type="image/png", size_bytes=5)
    with pytest.raises(luma_agents.BadRequestError, match="File bytes have not been uploaded"):
        luma.files.complete(created.id)


def test_a_put_needs_exactly_the_signed_headers_and_no_key(luma: Luma) -> None:
    created = luma.files.create(mime_type="image/png", size_bytes=len(PICTURE))
    other_type = put(created.upload, PICTURE, **{"Content-Type": "image/jpeg"})
    with_key = put(created.upload, PICTURE, Authorization="Bearer luma-api-x")
    assert (other_type.status_code, with_key.status_code) == (403, 400)
    assert "<Code>SignatureDoesNotMatch</Code>" in other_type.text
    assert "<Code>InvalidArgument</Code>" in with_key.text


def test_a_put_has_a_cap(monkeypatch: pytest.MonkeyPatch, luma: Luma) -> None:
    created = luma.files.create(mime_type="image/png", size_bytes=len(PICTURE))
    monkeypatch.setattr(storage, "LARGEST_OBJECT", len(PICTURE) - 1)
    response = put(created.upload, PICTURE)
    assert response.status_code == 400
    assert "<Code>EntityTooLarge</Code>" in response.text


def test_a_put_link_expires(start: Start, clock: Clock) -> None:
    created = caller(start(clock=clock)).files.create(mime_type="image/png", size_bytes=len(PICTURE))
    assert created.upload.expires_at == datetime.fromtimestamp(clock.now + 3600, UTC)
    clock.now += 3600
    assert put(created.upload, PICTURE).status_code == 403


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (PICTURE, "[moderated].png", "File was flagged by our content moderation system."),
        (PICTURE, "nude-study.png", "File was flagged by our content moderation system."),
        (b"no picture at all", "cat.png", "An input image is in an unsupported format."),
        (PICTURE[:60], "cat.png", "An input image could not be read."),
    ],
    ids=["moderated", "nude", "text", "cut"],
)
def test_ingest_refuses_a_file_by_its_state_and_reason(luma: Luma, content: bytes, name: str, reason: str) -> None:
    file = judged(luma, send_file(luma, content, name)["id"])
    assert (file.state, file.failure_reason) == ("failed", reason)
    with pytest.raises(luma_agents.BadRequestError, match="source: file is not ready"):
        luma.generations.create(prompt="A", type="image_edit", source={"file_id": file.id})


def test_a_put_of_another_size_than_announced_fails(luma: Luma) -> None:
    created = luma.files.create(mime_type="image/png", size_bytes=len(PICTURE) + 1)
    put(created.upload, PICTURE)
    luma.files.complete(created.id)
    assert judged(luma, created.id).failure_reason == "Uploaded size does not match size_bytes."


def test_a_deleted_file_is_shown_but_cannot_be_used(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock))
    file_id = send_file(luma, PICTURE)["id"]
    judged(luma, file_id)
    luma.files.delete(file_id)
    clock.now += 60
    luma.files.delete(file_id)
    file = luma.files.get(file_id)
    assert (file.state, file.deleted_at) == ("deleted", datetime.fromtimestamp(clock.now - 60, UTC))
    with pytest.raises(luma_agents.BadRequestError, match="source: file not found"):
        luma.generations.create(prompt="A", type="image_edit", source={"file_id": file_id})
    with pytest.raises(luma_agents.NotFoundError):
        luma.files.complete(file_id)


def test_deleting_answers_204_and_nothing_else(address: str) -> None:
    with raw(address) as http:
        file_id = http.post("/files", files={"file": ("a.png", PICTURE, "image/png")}).json()["id"]
        response = http.delete(f"/files/{file_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["X-API-Version"] == "2026-04-01"


def test_a_file_expires_by_itself(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock))
    created = luma.files.create(
        mime_type="image/png", size_bytes=5, expires_at=datetime.fromtimestamp(clock.now + 100, UTC)
    )
    clock.now += 100
    file = luma.files.get(created.id)
    assert (file.state, file.deleted_at) == ("deleted", file.expires_at)


def test_files_of_another_client_do_not_exist(address: str, luma: Luma) -> None:
    file_id = send_file(luma, PICTURE)["id"]
    stranger = caller(address)
    for act in (stranger.files.get, stranger.files.delete, stranger.files.complete):
        with pytest.raises(luma_agents.NotFoundError, match="File not found"):
            act(file_id)
    assert stranger.files.list().data == []


def test_the_list_is_newest_first_and_goes_on_by_cursor(luma: Luma) -> None:
    ids = [luma.files.create(mime_type="image/png", size_bytes=5).id for _ in range(5)]
    seen, pages = [], []
    query: dict[str, Any] = {}
    for _ in range(3):
        page = luma.files.list(limit=2, **query)
        pages.append((len(page.data), page.has_more))
        seen += [file.id for file in page.data]
        query = {"cursor": page.next_cursor}
    assert seen == ids[::-1]
    assert pages == [(2, True), (2, True), (1, False)]
    assert query == {"cursor": None}


def test_the_list_filters_by_purpose_and_state(luma: Luma) -> None:
    subject = luma.files.create(mime_type="image/png", size_bytes=5, purpose="input").id
    guide = luma.files.create(mime_type="image/png", size_bytes=5, purpose="reference").id
    gone = luma.files.create(mime_type="image/png", size_bytes=5).id
    luma.files.delete(gone)
    assert [file.id for file in luma.files.list().data] == [guide, subject]
    assert [file.id for file in luma.files.list(purpose="reference").data] == [guide]
    assert [file.id for file in luma.files.list(state="deleted").data] == [gone]
    assert luma.files.list(state="ready").data == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=%21", "state=lost", "purpose=fun"])
def test_a_senseless_list_query_is_a_400(address: str, query: str) -> None:
    with raw(address) as http:
        assert http.get(f"/files?{query}").status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"mime_type": None},
        {"mime_type": "png"},
        {"size_bytes": 0},
        {"size_bytes": 5 * 1024**3 + 1},
        {"size_bytes": "5"},
        {"size_bytes": True},
        {"purpose": "fun"},
        {"filename": "n" * 1025},
        {"user_id": "u" * 257},
        {"expires_at": "soon"},
        {"expires_at": "2001-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_senseless_announcement_is_a_400(address: str, fields: dict[str, Any]) -> None:
    with raw(address) as http:
        assert http.post("/files", json={"mime_type": "image/png", "size_bytes": 5, **fields}).status_code == 400


def test_an_announcement_that_is_no_object_is_a_400(address: str) -> None:
    with raw(address) as http:
        assert http.post("/files", json=[5]).json() == {"detail": "Request body must be a JSON object"}


def test_the_largest_announcement_passes(luma: Luma) -> None:
    assert luma.files.create(mime_type="image/png", size_bytes=5 * 1024**3).state == "pending"


def test_an_inline_upload_has_a_cap_and_needs_its_part(address: str) -> None:
    with raw(address) as http:
        large = http.post("/files", files={"file": ("a.png", bytes(25 * 1024 * 1024 + 1), "image/png")})
        empty = http.post("/files", files={"other": ("a.png", b"x", "image/png")})
    assert (large.status_code, large.json()) == (413, {"detail": "File exceeds 25 MB inline upload limit"})
    assert (empty.status_code, empty.json()) == (400, {"detail": "A 'file' part is required"})


def test_a_form_within_a_form_is_a_400(address: str) -> None:
    form = b'--a\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--a--\r\n'
    with raw(address) as http:
        response = http.post("/files", content=form, headers={"Content-Type": "multipart/form-data; boundary=a"})
    assert (response.status_code, response.json()) == (400, {"detail": "Nested multipart bodies are not supported"})


@pytest.mark.parametrize("form", [b"no parts", b"--a\r\nbroken"])
def test_a_form_that_cannot_be_read_is_a_400(address: str, form: bytes) -> None:
    with raw(address) as http:
        response = http.post("/files", content=form, headers={"Content-Type": "multipart/form-data; boundary=a"})
        unbounded = http.post("/files", content=form, headers={"Content-Type": "multipart/form-data"})
    assert (response.status_code, unbounded.status_code) == (400, 400)


def test_a_refused_upload_leaves_no_bytes(tmp_path: Path) -> None:
    with in_thread(quick(tmp_path)) as address, raw(address) as http:
        files = {"file": ("a.png", PICTURE, "image/png")}
        assert http.post("/files", files=files, data={"purpose": "fun"}).status_code == 400
    assert list(tmp_path.glob("objects/files/*")) == []


def test_ingest_that_was_interrupted_is_finished_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    options = quick(tmp_path, clock=clock)
    with in_thread(options) as address:
        file_id = send_file(caller(address, "luma-api-a"), PICTURE)["id"]
    with in_thread(options) as address:
        assert judged(caller(address, "luma-api-a"), file_id).state == "ready"


def test_a_job_goes_on_with_a_file_that_was_deleted_after_it_began(luma: Luma) -> None:
    file_id = send_file(luma, PICTURE)["id"]
    judged(luma, file_id)
    generation = luma.generations.create(
        prompt="A", type="image_edit", source={"file_id": file_id}, image_ref=[inline(PICTURE)]
    )  # type: ignore[list-item]
    luma.files.delete(file_id)
    assert until(lambda: luma.generations.get(generation.id).state == "completed")
