"""Answers that bend or break the rules of HTTP: one POST each, and a picture comes wherever its id can be read."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Callable

import pytest

from studio.models import Job, User
from tests.faults.answers import accept, accept_as_then, queued, raw, reply
from tests.faults.call import Act
from tests.faults.conftest import Settle, job_for
from tests.faults.double import Double
from tests.faults.submitted import is_unknown

PACKED = "Content-Encoding: gzip"


def said(made: str) -> bytes:
    return json.dumps(queued(made)).encode()


def head(*lines: str, status: str = "201 Created") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode()


def chunks(made: str, size: int, end: bytes = b"\r\n0\r\n\r\n") -> Act:
    """Announce a chunk of so many bytes more than it has."""
    body = said(made)
    return raw(head("Transfer-Encoding: chunked") + b"%x\r\n" % (len(body) + size) + body + end)


def packed(made: str, longer: int) -> Act:
    """Announce so many bytes more than there are."""
    body = gzip.compress(said(made))
    return raw(head(PACKED, f"Content-Length: {len(body) + longer}") + body)


def parts(made: str) -> Act:
    body = said(made)
    return reply(201, gzip.compress(body[:40]) + gzip.compress(body[40:]), {"Content-Encoding": "gzip"})


def damaged(made: str) -> Act:
    noise = json.dumps({"id": made, "note": [str(uuid.uuid5(uuid.NAMESPACE_URL, f"{n}"))[:23] for n in range(200)]})
    return reply(201, gzip.compress(noise.encode())[:-8] + b"damaged!", {"Content-Encoding": "gzip"})


# What says the id, however oddly: made of it.
READABLE: dict[str, Callable[[str], Act]] = {
    "a chunk that is cut": lambda made: chunks(made, 50),
    "a chunk of more than it says": lambda made: chunks(made, -50),
    "chunks without an end": lambda made: chunks(made, 0, b"\r\n"),
    "chunks and another length": lambda made: raw(
        head("Transfer-Encoding: chunked", "Content-Length: 5")
        + b"%x\r\n" % len(said(made))
        + said(made)
        + b"\r\n0\r\n\r\n"
    ),
    "a storm of 1xx": lambda made: raw(
        head(status="100 Continue") * 300 + head("Link: </x>", status="103 Early Hints") * 300 + head() + said(made)
    ),
    "gzip, shorter": lambda made: packed(made, -9),
    "gzip, longer": lambda made: packed(made, 9),
    "gzip in parts": parts,
    "gzip, damaged": damaged,
    "gzip that is none": lambda made: reply(201, said(made), {"Content-Encoding": "gzip"}),
    "a byte-order mark": lambda made: reply(200, b"\xef\xbb\xbf" + said(made)),
    "UTF-16": lambda made: reply(200, said(made).decode().encode("utf-16")),
    "UTF-32": lambda made: reply(200, said(made).decode().encode("utf-32")),
    "only where it is": lambda made: reply(201, b"", {"Location": f"/v1/generations/{made}"}),
    "see other": lambda made: reply(303, b"", {"Location": f"/v1/generations/{made}"}),
    "HTTP/1.0": lambda made: raw(b"HTTP/1.0 201 Created\r\n\r\n" + said(made)),
    "an id twice": lambda made: reply(201, said(made)[:-1] + b', "id": "%s"}' % str(uuid.uuid4()).encode()),
    "another id, and then its own": lambda made: reply(
        201, b'{"id": "%s", ' % str(uuid.uuid4()).encode() + said(made)[1:]
    ),
    "an id and then none": lambda made: reply(201, said(made)[:-1] + b', "id": null}'),
    "a list as the id": lambda made: reply(201, queued(made) | {"id": [made]}),
    "a URN": lambda made: reply(201, queued(f"urn:uuid:{made}")),
    "numbers for words": lambda made: reply(201, queued(made) | {"state": 1, "output": "0", "created_at": 5}),
    "a status nobody knows": lambda made: reply(999, queued(made)),
}
# What says nothing that can be read, although it may be made.
UNREADABLE: dict[str, Callable[[str], Act]] = {
    "no number of a chunk": lambda made: raw(
        head("Transfer-Encoding: chunked") + b"zz\r\n" + said(made) + b"\r\n0\r\n\r\n"
    ),
    "another protocol": lambda made: raw(head("Upgrade: h2c", "Connection: Upgrade", status="101 Switching Protocols")),
    "two lengths": lambda made: raw(head("Content-Length: 3", "Content-Length: 300") + said(made)),
    "a header without a name": lambda made: raw(head("nonsense") + said(made)),
    "moved for good": lambda made: reply(308, b"", {"Location": "/v1/generations"}),
    "elsewhere": lambda made: reply(307, b"", {"Location": "http://127.0.0.1:9/v1/generations"}),
    "not modified": lambda made: reply(304, b""),
}


@pytest.mark.parametrize("says", READABLE.values(), ids=READABLE)
def test_a_picture_comes_where_its_id_can_be_read(
    double: Double, settle: Settle, alice: User, says: Callable[[str], Act]
) -> None:
    made = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(made, says(made))])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, made, 1)


@pytest.mark.parametrize("says", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_unknown_and_posted_once(
    double: Double, settle: Settle, alice: User, says: Callable[[str], Act]
) -> None:
    made = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(made, says(made))])
    job = job_for(alice, "a lake")
    settle()
    assert is_unknown(job)
    assert len(double.posts) == 1


@pytest.mark.parametrize(
    "waits", [("1", "300"), ("1, 300",), ("0x10",), ("9" * 400,)], ids=["two", "list", "hex", "huge"]
)
def test_however_luma_names_a_wait_it_is_one(
    double: Double, settle: Settle, alice: User, waits: tuple[str, ...]
) -> None:
    body = b'{"detail": "Rate limit exceeded"}'
    lines = [f"Retry-After: {wait}" for wait in waits]
    refused = raw(head(*lines, f"Content-Length: {len(body)}", status="429 X") + body)
    double.part("a lake", post=[refused, accept])
    job = job_for(alice, "a lake")
    settle(resume=True)
    job.refresh_from_db()
    assert (job.state, len(double.posts)) == (Job.State.DONE, 2)
