"""The paid POST: a definite no, a perhaps, and a yes must never be mistaken for each other."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl

import pytest

from studio.luma import ApiKey, ImageRef, Luma, Request, errors, prepare
from tests.luma.conftest import CERTIFICATE, KEY
from tests.luma.creating import ID, QUEUED, REQUEST, failure
from tests.luma.wire import Server, Step, drip, hang, reply, reset, send

pytestmark = pytest.mark.anyio


async def test_an_accepted_request_brings_its_id_and_the_limits(luma: Luma, server: Server) -> None:
    told = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "17", "X-RateLimit-Reset": "1775649660"}
    server.play(reply(201, QUEUED, told | {"X-Request-Id": "attempt-1"}))
    created = await luma.create(REQUEST, request_id="attempt-1")
    assert created.generation.id == ID
    assert created.generation.state == "queued"
    assert created.per_minute == 30


async def test_the_request_goes_out_as_documented(luma: Luma, server: Server) -> None:
    server.play(reply(201, QUEUED))
    request = Request(prompt="Snow", source=ImageRef.from_bytes(b"pixels", "image/png"), type="image_edit")
    created = await luma.create(request, request_id="attempt-7")
    (seen,) = server.seen
    assert seen.line == "POST /v1/generations HTTP/1.1"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-request-id"] == "attempt-7"
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["connection"] == "close"
    assert seen.json == {
        "prompt": "Snow",
        "type": "image_edit",
        "model": "uni-1",
        "source": {"data": "cGl4ZWxz", "media_type": "image/png"},
    }
    assert created.per_minute is None


async def test_every_request_gets_a_connection_of_its_own(luma: Luma, server: Server) -> None:
    server.play(reply(201, QUEUED))
    for _ in range(3):
        await luma.create(REQUEST, request_id="attempt")
    assert server.connections == 3


async def test_prepared_bytes_are_sent_as_they_are(luma: Luma, server: Server) -> None:
    server.play(reply(201, QUEUED))
    body = prepare(Request(prompt="\ud800 “Ä”"))
    await luma.create_prepared(body, request_id="attempt")
    assert server.seen[0].body == body
    assert json.loads(body)["prompt"] == "\ud800 “Ä”"


@pytest.mark.parametrize("request_id", ["", "two words", "line\nbreak", "ü", "x" * 201])
async def test_a_request_id_that_would_break_the_header_is_refused(luma: Luma, server: Server, request_id: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        await luma.create(REQUEST, request_id=request_id)
    assert server.connections == 0


# Certainly not accepted, because nothing was sent.


async def test_a_refused_connection_is_a_definite_no(key: ApiKey) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with Luma(key, f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as luma:
            error = await failure(luma)
    assert type(error) is errors.NotSent
    assert error.request_id == "attempt-1"


async def test_a_name_that_cannot_be_looked_up_is_a_definite_no(key: ApiKey) -> None:
    async with Luma(key, "https://nobody.invalid/v1") as luma:
        assert type(await failure(luma)) is errors.NotSent


@pytest.mark.parametrize("step", [send(b"HTTP/1.1 400 no TLS here\r\n\r\n"), send(b""), reset, hang])
async def test_a_broken_tls_greeting_is_a_definite_no(server: Server, key: ApiKey, step: Step) -> None:
    server.play(step)
    server.reads_first = False
    async with Luma(key, f"https://127.0.0.1:{server.port}/v1", connect_timeout=0.3) as luma:
        assert type(await failure(luma)) is errors.NotSent


async def test_a_certificate_nobody_vouches_for_is_a_definite_no(tls_server: Server, key: ApiKey) -> None:
    tls_server.play(reply(201, QUEUED))
    async with Luma(key, f"https://localhost:{tls_server.port}/v1") as luma:
        assert type(await failure(luma)) is errors.NotSent
    assert tls_server.seen == []


async def test_patience_that_ends_before_anything_was_sent_is_a_definite_no(server: Server, key: ApiKey) -> None:
    server.play(hang)
    server.reads_first = False
    async with Luma(key, f"https://127.0.0.1:{server.port}/v1", connect_timeout=9, create_wall=0.2) as luma:
        assert type(await failure(luma)) is errors.NotSent


async def test_tls_that_is_vouched_for_works(tls_server: Server, key: ApiKey) -> None:
    tls_server.play(reply(201, QUEUED))
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    async with Luma(key, f"https://localhost:{tls_server.port}/v1", tls=trusting) as luma:
        assert (await luma.create(REQUEST, request_id="attempt")).generation.id == ID
        tls_server.play(reply(200, QUEUED))
        assert (await luma.get(ID)).id == ID


# Perhaps accepted.

WHOLE = b"HTTP/1.1 201 Created\r\ncontent-length: 2000\r\n\r\n"


@pytest.mark.parametrize(
    "step",
    [
        send(b""),
        reset,
        hang,
        send(b"HTTP/1.1 20"),
        send(b"\x00\x01\x02 no http at all \r\n\r\n"),
        send(b"HTTP/1.1 201 Created\r\nx: " + b"y" * 300_000),
        send(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
        drip(b"HTTP/1.1 201 Created\r\n", b"x: y\r\n"),
        send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
    ],
)
async def test_a_lost_answer_is_ambiguous(hasty: Luma, server: Server, step: Step) -> None:
    server.play(step)
    error = await failure(hasty)
    assert type(error) is errors.Ambiguous
    assert error.request_id == "attempt-1"
    assert len(server.seen) == 1


async def test_a_connection_closed_before_the_request_was_read_is_ambiguous(luma: Luma, server: Server) -> None:
    server.play(reset)
    server.reads_first = False
    body = Request(prompt="x", source=ImageRef.from_bytes(bytes(2**22), "image/png"), type="image_edit")
    assert type(await failure(luma, body)) is errors.Ambiguous
    assert server.connections == 1


@pytest.mark.parametrize("status", [300, 302, 307, 408, 409, 499, 500, 501, 504, 520, 599])
async def test_a_status_that_proves_nothing_is_ambiguous(luma: Luma, server: Server, status: int) -> None:
    server.play(reply(status, {"detail": "Who knows"}))
    error = await failure(luma)
    assert (type(error), error.status, error.detail) == (errors.Ambiguous, status, "Who knows")


@pytest.mark.parametrize("status", [502, 503])
@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", {"detail": "Oh dear"}, {}, b""])
async def test_an_outage_in_unknown_words_is_ambiguous(luma: Luma, server: Server, status: int, body: object) -> None:
    server.play(reply(status, body))
    assert type(await failure(luma)) is errors.Ambiguous


async def test_an_outage_whose_words_are_cut_is_ambiguous(luma: Luma, server: Server) -> None:
    server.play(reply(502, {"detail": "Upstream service unavailable"}, length=400))
    assert type(await failure(luma)) is errors.Ambiguous


async def test_a_cancelled_call_stays_cancelled(luma: Luma, server: Server) -> None:
    server.play(hang)
    task = asyncio.create_task(luma.create(REQUEST, request_id="attempt"))
    while not server.seen:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_redirect_is_not_followed(luma: Luma, server: Server, other: Server) -> None:
    other.play(reply(201, QUEUED))
    server.play(reply(307, b"", {"Location": f"{other.url}/v1/generations"}))
    assert type(await failure(luma)) is errors.Ambiguous
    assert (other.connections, len(server.seen)) == (0, 1)


# Accepted for sure, but the id is not known.

DEEP = b'{"id":' + b"[" * 200_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>Created</html>",
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08\x00" + b"\x00" * 50,
        DEEP,
        b'{"id": NaN}',
        b'{"id": "\\ud800"}',
        {"state": "queued"},
        {"id": 7},
        {"id": None},
        {"id": "not-a-uuid"},
        QUEUED | {"id": "00000000-0000-0000-0000-000000000000"},
        QUEUED | {"id": "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"},
        {"id": f"{{{ID}}}"},
        {"id": [ID]},
        json.dumps(QUEUED | {"padding": "x" * 2**20}).encode(),
    ],
)
async def test_an_acceptance_without_a_readable_id_is_told_apart(luma: Luma, server: Server, body: object) -> None:
    server.play(reply(201, body, {"X-Request-Id": "theirs"}))
    error = await failure(luma)
    assert type(error) is errors.Unreadable
    assert isinstance(error, errors.Ambiguous)
    assert (error.status, error.request_id) == (201, "theirs")
    error.sentence.encode()
    error.detail.encode()


@pytest.mark.parametrize("cut", [0, 1, 20, 60, 150])
async def test_an_acceptance_cut_anywhere_is_unreadable(luma: Luma, server: Server, cut: int) -> None:
    content = json.dumps(QUEUED).encode()
    server.play(send(b"HTTP/1.1 201 Created\r\ncontent-length: %d\r\n\r\n" % len(content) + content[:cut]))
    error = await failure(luma)
    assert type(error) is errors.Unreadable
    assert error.detail == content[:cut].decode().strip()


async def test_an_acceptance_that_drips_for_ever_is_unreadable(hasty: Luma, server: Server) -> None:
    server.play(drip(b"HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n"))
    assert type(await failure(hasty)) is errors.Unreadable


async def test_any_success_with_an_id_counts(luma: Luma, server: Server) -> None:
    server.play(reply(202, QUEUED))
    assert (await luma.create(REQUEST, request_id="attempt")).generation.id == ID


@pytest.mark.parametrize(
    "address",
    [
        "http://agents.lumalabs.ai/v1",
        "ftp://agents.lumalabs.ai",
        "https://user:pass@agents.lumalabs.ai/v1",
        "https://agents.lumalabs.ai/v1?x=1",
        "https://agents.lumalabs.ai/v1#x",
        "https:///v1",
        "https://[::1",
        "https://agents.lumalabs.ai:99999/v1",
        "",
        None,
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(key: ApiKey, address: str) -> None:
    with pytest.raises(ValueError, match="address of the Luma API"):
        Luma(key, address)


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("https://agents.lumalabs.ai/v1/", False),
        ("http://localhost:8001/v1", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
    ],
)
def test_only_a_neighbour_may_hand_out_links_to_this_machine(key: ApiKey, address: str, is_near: bool) -> None:
    assert Luma(key, address).allow_loopback is is_near
