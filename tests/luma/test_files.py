"""The Files API: both ways in, and out again."""

from __future__ import annotations

import pytest

from studio.luma import File, FileUpload, Luma, errors, parse
from tests.luma.wire import Server, Step, hang, reply, reset, send

pytestmark = pytest.mark.anyio

FILE = {
    "id": "8c7d0f0e-0b0a-4908-8706-050403020100",
    "created_at": "2026-08-05T10:00:00Z",
    "mime_type": "image/png",
    "purpose": "input",
    "size_bytes": 183244,
    "state": "pending",
    "filename": "cat.png",
    "user_id": None,
    "expires_at": None,
    "deleted_at": None,
    "failure_reason": None,
}
ID = str(FILE["id"])


def announced(url: str, **changes: object) -> dict[str, object]:
    upload = {
        "url": url,
        "method": "PUT",
        "headers": {"Content-Type": "image/png", "x-amz-meta": "7", "Host": "evil.example", "Bad Name": "x", "n": 1},
        "expires_at": "2026-08-05T11:00:00Z",
    }
    return {"id": ID, "state": "pending", "file": FILE, "upload": upload | changes}


async def test_a_file_goes_up_in_one_call(luma: Luma, server: Server) -> None:
    server.play(reply(201, {"id": ID, "state": "pending", "file": FILE, "upload": None}))
    file = await luma.upload_file(b"\x89PNG pixels", "image/png", purpose="input", filename='a "cat".png')
    assert file == File(id=ID, state="pending", expires_at=None, failure_reason="")
    (seen,) = server.seen
    assert seen.line == "POST /v1/files HTTP/1.1"
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="purpose"\r\n\r\ninput\r\n' in seen.body
    assert b'name="file"; filename="a %22cat%22.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG pixels\r\n' in seen.body


async def test_a_file_goes_up_in_three_calls(luma: Luma, server: Server, other: Server) -> None:
    server.play(reply(201, announced(f"{other.url}/put?X-Amz-Signature=5f")), reply(200, FILE | {"state": "ready"}))
    other.play(reply(200))
    upload = await luma.create_file(mime_type="image/png", size_bytes=6, purpose="reference", filename="ä.png")
    assert server.seen[0].json == {
        "mime_type": "image/png",
        "size_bytes": 6,
        "purpose": "reference",
        "filename": "ä.png",
    }
    await luma.put_file(upload, b"pixels")
    (put,) = other.seen
    assert (put.line, put.body) == ("PUT /put?X-Amz-Signature=5f HTTP/1.1", b"pixels")
    assert (put.headers["content-type"], put.headers["x-amz-meta"]) == ("image/png", "7")
    assert put.headers["host"] == f"127.0.0.1:{other.port}"
    assert "canary" not in str(put.headers)
    assert (await luma.complete_file(upload.file.id)).state == "ready"
    assert server.seen[1].line == f"POST /v1/files/{ID}/complete HTTP/1.1"
    assert server.seen[1].body == b""


async def test_a_small_announcement_leaves_out_what_is_unset(luma: Luma, server: Server) -> None:
    server.play(reply(200, announced("https://storage.example/put")))
    await luma.create_file(mime_type="image/png", size_bytes=6)
    assert server.seen[0].json == {"mime_type": "image/png", "size_bytes": 6}


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        {"id": ID, "file": FILE, "upload": None},
        {"file": {"id": "../x"}, "upload": {"url": "https://x.example"}},
        announced("https://x.example", method="POST"),
        announced(""),
        announced("https://x.example/\ud800"),
    ],
)
async def test_an_announcement_that_leads_nowhere_is_unreachable(luma: Luma, server: Server, answer: object) -> None:
    server.play(reply(201, answer))
    with pytest.raises(errors.Unreachable):
        await luma.create_file(mime_type="image/png", size_bytes=6)


async def upload_to(luma: Luma, url: str) -> errors.Error:
    file = parse.file(b'{"id": "f-1"}')
    assert file is not None
    with pytest.raises(errors.Error) as caught:
        await luma.put_file(FileUpload(file, url, ()), b"pixels", wall=0.3)
    return caught.value


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (reply(403), errors.LinkExpired),
        (reply(404), errors.LinkExpired),
        (reply(413), errors.TooLarge),
        (reply(307, b"", {"Location": "/"}), errors.Unreachable),
        (reply(500), errors.Unreachable),
        (send(b""), errors.Unreachable),
        (reset, errors.Unreachable),
        (hang, errors.Unreachable),
    ],
)
async def test_a_put_that_fails_says_why(luma: Luma, server: Server, step: Step, kind: type[errors.Error]) -> None:
    server.play(step)
    assert type(await upload_to(luma, server.url)) is kind


async def test_a_put_never_goes_to_a_private_address(luma: Luma) -> None:
    assert type(await upload_to(luma, "https://10.0.0.1/put")) is errors.Blocked


async def test_a_file_is_looked_up(luma: Luma, server: Server) -> None:
    server.play(reply(200, FILE | {"state": "failed", "failure_reason": "Flagged"}))
    file = await luma.get_file(ID)
    assert (file.state, file.failure_reason) == ("failed", "Flagged")


async def test_what_is_said_of_another_file_says_nothing(luma: Luma, server: Server) -> None:
    """A picture that Luma is said to refuse stays refused."""
    server.play(reply(200, FILE | {"id": "another", "state": "failed"}))
    for call in (luma.get_file, luma.complete_file):
        with pytest.raises(errors.Unreachable):
            await call(ID)


@pytest.mark.parametrize("file_id", ["", "..", "a/b", "a?b", "ä", "x" * 129])
async def test_an_id_that_would_leave_its_folder_never_reaches_the_network(
    luma: Luma, server: Server, file_id: str
) -> None:
    for call in (luma.get_file, luma.complete_file):
        with pytest.raises(ValueError, match="file id"):
            await call(file_id)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (401, errors.Unauthorized),
        (402, errors.OutOfFunds),
        (403, errors.Suspended),
        (404, errors.NotFound),
        (413, errors.TooLarge),
        (422, errors.Rejected),
        (429, errors.Unreachable),
        (500, errors.Unreachable),
    ],
)
async def test_a_refused_file_call_says_why(luma: Luma, server: Server, status: int, kind: type[errors.Error]) -> None:
    server.play(reply(status, {"detail": "No"}, {"X-Request-Id": "r-2"}))
    for call in (luma.get_file(ID), luma.upload_file(b"x", "image/png", purpose="input")):
        with pytest.raises(errors.Error) as caught:
            await call
        error = caught.value
        assert (type(error), error.status, error.detail, error.request_id) == (kind, status, "No", "r-2")


async def test_a_file_call_that_hangs_is_unreachable(hasty: Luma, server: Server) -> None:
    server.play(hang)
    with pytest.raises(errors.Unreachable):
        await hasty.get_file(ID)
