"""The paid POST that was answered: what is a definite no, and what an answer says besides."""

from __future__ import annotations

import json
import traceback

import pytest

from studio.luma import ImageRef, Luma, Request, errors, transports
from tests.luma.conftest import KEY
from tests.luma.creating import ID, QUEUED, REQUEST, failure
from tests.luma.wire import Server, drip, hang, reply, reset, send

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (401, errors.Unauthorized),
        (402, errors.OutOfFunds),
        (403, errors.Suspended),
        (404, errors.Rejected),
        (405, errors.Rejected),
        (413, errors.TooLarge),
        (422, errors.Rejected),
    ],
)
async def test_an_answered_refusal_is_a_definite_no(
    luma: Luma, server: Server, status: int, kind: type[errors.Error]
) -> None:
    server.play(reply(status, {"detail": "source: failed"}, {"X-Request-Id": "theirs"}))
    error = await failure(luma)
    assert type(error) is kind
    assert (error.status, error.detail, error.request_id) == (status, "source: failed", "theirs")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"", b"<html>Just a moment</html>", b"[1]"])
async def test_what_a_firewall_says_of_the_key_is_not_lumas(
    luma: Luma, server: Server, status: int, body: bytes
) -> None:
    server.play(reply(status, body))
    error = await failure(luma)
    assert (type(error), error.status, error.detail) == (errors.TurnedAway, status, f"HTTP {status}, not from Luma")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 429])
async def test_a_cut_answer_proves_nothing_whatever_its_status(luma: Luma, server: Server, status: int) -> None:
    server.play(send(f"HTTP/1.1 {status} X\r\ncontent-length: 500\r\n\r\n".encode() + b'{"detail": "source: inv'))
    error = await failure(luma)
    assert (type(error), error.status, error.detail) == (errors.Ambiguous, status, "")


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (502, "Upstream service unavailable"),
        (502, "source: fetch proxy unavailable"),
        (503, "Image URL ingestion unavailable"),
        (503, "Media URL ingestion is unavailable"),
    ],
)
async def test_no_text_of_a_server_error_is_taken_as_proof(
    luma: Luma, server: Server, status: int, detail: str
) -> None:
    server.play(reply(status, {"detail": detail}, {"Retry-After": "7"}))
    error = await failure(luma)
    assert (type(error), error.status) == (errors.Ambiguous, status)


MADE, OTHER = "3F2B8C1E-5d4a-4c6b-9e8f-0a1b2c3d4e5f", "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("status", "body", "headers", "found"),
    [
        (500, {"error": {"generation": MADE}}, {}, [MADE]),
        (502, f"<html>made {MADE}, then lost {OTHER} and {MADE.lower()}", {}, [MADE, OTHER]),
        (201, {"data": {"id": MADE}}, {}, [MADE]),
        (303, "", {"Location": f"/v1/generations/{MADE}"}, [MADE]),
        (409, {"detail": f"duplicate of {MADE}"}, {}, [MADE]),
        (500, {"request_id": "3f2b8c1e-0000-4000-8000-000000000001"}, {}, []),
        (500, {"trace": MADE + "0", "more": "a" + OTHER}, {}, []),
    ],
)
async def test_what_looks_like_an_id_in_an_unclear_answer_is_kept_to_be_asked_about(
    luma: Luma, server: Server, status: int, body: object, headers: dict[str, str], found: list[str]
) -> None:
    content = body.encode() if isinstance(body, str) else body
    server.play(reply(status, content, {"X-Request-Id": OTHER if MADE in str(headers) else "theirs", **headers}))
    with pytest.raises(errors.Ambiguous) as raised:
        await luma.create(REQUEST, request_id="3f2b8c1e-0000-4000-8000-000000000001")
    assert list(raised.value.possible_ids) == [one.lower() for one in found]


async def test_an_id_beside_the_generations_own_makes_both_doubtful(luma: Luma, server: Server) -> None:
    server.play(reply(201, QUEUED | {"parent": {"id": MADE}}, {"X-Request-Id": "theirs"}))
    error = await failure(luma)
    assert type(error) is errors.Doubtful
    assert list(error.possible_ids) == [ID, MADE.lower()]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(QUEUED | {"parent": MADE}).encode("utf-16"),
        json.dumps(QUEUED | {"parent": MADE}).replace("3F2B", r"\u0033F2B").encode(),
        json.dumps(QUEUED | {"n": "many", "parent": MADE}).replace('"many"', "9" * 5000).encode(),
    ],
    ids=["UTF-16", "letters as codes", "a huge number"],
)
async def test_another_id_is_found_however_it_is_written(luma: Luma, server: Server, body: bytes) -> None:
    server.play(reply(201, body))
    error = await failure(luma)
    assert isinstance(error, errors.Unreadable)
    assert list(error.possible_ids) == [ID, MADE.lower()]


@pytest.mark.parametrize("place", ["prompt", "source", "request id"])
async def test_an_id_that_we_sent_ourselves_is_no_new_picture(luma: Luma, server: Server, place: str) -> None:
    ours = MADE.lower()
    server.play(reply(201, QUEUED | {"request": {"said": ours}}))
    source = ImageRef.from_generation(ours) if place == "source" else None
    prompt = f"Like {MADE}" if place == "prompt" else "A harbour"
    request_id = ours if place == "request id" else "attempt"
    created = await luma.create(Request(prompt=prompt, source=source), request_id=request_id)
    assert created.generation.id == ID


async def test_too_many_requests_is_told_with_its_wait(luma: Luma, server: Server) -> None:
    told = {"Retry-After": "12", "X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"}
    server.play(reply(429, {"detail": "Rate limit exceeded"}, told))
    error = await failure(luma)
    assert isinstance(error, errors.RateLimited)
    assert type(error) is errors.RateLimited
    assert error.retry_after == 12
    assert error.per_minute == 30


@pytest.mark.parametrize(
    ("detail", "weights"),
    [
        ("Too many concurrent jobs", (None, None)),
        (
            "Concurrent generation capacity reached (limit=10 weight units; this request needs 3). "
            "Wait for existing jobs to complete.",
            (10, 3),
        ),
        ("Busy (limit=12 weight units; this request needs 1)", (12, 1)),
        # No request could ever have such a place: the number is not learnt.
        ("Concurrent (limit=10 weight units; this request needs 11).", (10, None)),
        ("Concurrent (limit=1001 weight units; this request needs 1001).", (None, None)),
        ("Concurrent (limit=0 weight units; this request needs 3).", (None, None)),
        ("Concurrent (limit=5 weight units; this request needs 0).", (5, None)),
        ("Concurrent (limit=10 weight units; this request needs 99999999999999999999).", (None, None)),
    ],
)
async def test_full_capacity_is_told_with_its_weights(
    luma: Luma, server: Server, detail: str, weights: tuple[int | None, int | None]
) -> None:
    server.play(reply(429, {"detail": detail}, {"Retry-After": "60"}))
    error = await failure(luma)
    assert isinstance(error, errors.AtCapacity)
    assert (error.limit_weight, error.needs_weight) == weights
    assert (error.retry_after, error.per_minute, error.status) == (60, None, 429)


async def test_the_ceiling_over_all_calls_is_a_wait_without_limits(luma: Luma, server: Server) -> None:
    server.play(reply(429, b"slow down", {"Retry-After": "30"}))
    error = await failure(luma)
    assert isinstance(error, errors.RateLimited)
    assert (type(error), error.per_minute, error.retry_after) == (errors.RateLimited, None, 30)


async def test_no_failure_drags_the_key_along(hasty: Luma, server: Server) -> None:
    for step in (hang, reset, reply(401, {"detail": f"Bad key {KEY}"}), reply(201, f'"{KEY}"'.encode())):
        server.play(step)
        error = await failure(hasty)
        assert "canary" not in f"{error} {error!r} {error.detail} {vars(error)}"
        assert error.__context__ is None
        assert "canary" not in "".join(traceback.TracebackException.from_exception(error).format())


async def test_an_id_behind_the_picture_itself_is_found(luma: Luma, server: Server) -> None:
    picture = b'{"output": [{"url": "data:image/png;base64,' + b"A" * 2**21 + b'"}], '
    server.play(reply(201, picture + json.dumps(QUEUED).encode()[1:]))
    error = await failure(luma)
    assert type(error) is errors.Unreadable
    assert list(error.possible_ids) == [ID]


async def test_an_answer_without_an_end_is_left(luma: Luma, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "MOST_READ", 2**21)
    server.play(drip(b"HTTP/1.1 201 Created\r\n\r\n", b"x" * 2**19))
    assert type(await failure(luma)) is errors.Unreadable
