"""Polling: trouble never says anything about the job."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable

import pytest

from studio.luma import ApiKey, Luma, errors
from tests.luma.conftest import KEY
from tests.luma.wire import Server, Step, drip, hang, reply, reset, send

pytestmark = pytest.mark.anyio

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
OTHER_ID = "00000000-6c54-4b01-90e6-d701748f0851"
DONE = {
    "id": ID,
    "type": "image",
    "state": "completed",
    "model": "uni-1",
    "output": [{"type": "image", "url": "https://storage.example.com/output.png?X-Amz-Expires=3600"}],
}


async def failure(luma: Luma) -> errors.Error:
    with pytest.raises(errors.Error) as caught:
        await luma.get(ID)
    return caught.value


async def test_a_finished_generation_brings_its_link(luma: Luma, server: Server) -> None:
    server.play(reply(200, DONE))
    generation = await luma.get(ID.upper())
    assert generation.is_completed
    assert generation.outputs[0].url == "https://storage.example.com/output.png?X-Amz-Expires=3600"
    assert server.seen[0].line == f"GET /v1/generations/{ID.upper()} HTTP/1.1"
    assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.seen[0].headers["accept-encoding"] == "identity"


async def test_polls_share_a_connection(luma: Luma, server: Server) -> None:
    server.play(reply(200, DONE))
    for _ in range(5):
        await luma.get(ID)
    assert (server.connections, len(server.seen)) == (1, 5)


async def test_a_hundred_polls_run_at_once(server: Server, key: ApiKey) -> None:
    everybody = asyncio.Barrier(100)

    async def together(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await everybody.wait()
        await reply(200, DONE)(reader, writer)

    server.play(together)
    async with Luma(key, f"{server.url}/v1") as luma:
        answers = await asyncio.gather(*(luma.get(ID) for _ in range(100)))
    assert len(answers) == server.connections == 100


@pytest.mark.parametrize("generation_id", ["", "7", f"{ID}/../x", f"{ID}\n", "../files"])
async def test_an_id_that_is_no_uuid_never_reaches_the_network(luma: Luma, server: Server, generation_id: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        await luma.get(generation_id)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("status", "kind"), [(404, errors.NotFound), (401, errors.Unauthorized), (403, errors.Suspended)]
)
async def test_what_luma_says_for_good_is_told_apart(
    luma: Luma, server: Server, status: int, kind: type[errors.Error]
) -> None:
    server.play(reply(status, {"detail": "Generation not found"}, {"X-Request-Id": "r-1"}))
    error = await failure(luma)
    assert (type(error), error.status, error.detail) == (kind, status, "Generation not found")
    assert error.request_id == "r-1"


@pytest.mark.parametrize("body", [b"<html><h1>404 Not Found</h1>nginx</html>", b"", b'"Not Found"'])
async def test_a_404_that_is_not_lumas_says_nothing_of_the_picture(luma: Luma, server: Server, body: bytes) -> None:
    server.play(reply(404, body))
    assert type(await failure(luma)) is errors.Unreachable
    await luma.reach()


async def test_a_number_of_any_length_hides_nothing_else(luma: Luma, server: Server) -> None:
    body = json.dumps(DONE | {"cost": "many"}).replace('"many"', "9" * 5000)
    server.play(reply(200, body.encode()))
    assert (await luma.get(ID)).is_completed


@pytest.mark.parametrize("status", [200, 202, 203, 206])
async def test_any_success_about_this_picture_counts(luma: Luma, server: Server, status: int) -> None:
    server.play(reply(status, DONE))
    assert (await luma.get(ID)).is_completed


@pytest.mark.parametrize("status", [302, 401, 403, 404, 410, 429, 500, 503])
async def test_a_made_picture_under_an_error_status_counts_where_it_is_named(
    luma: Luma, server: Server, status: int
) -> None:
    """It is paid for, and only a download tells more; what else such an answer says is not believed."""
    server.play(reply(status, {"detail": "late", "generation": DONE}))
    assert (await luma.get(ID)).is_made
    for said in (DONE | {"id": OTHER_ID}, {**DONE, "id": None}, DONE | {"state": "failed"}, DONE | {"output": []}):
        server.play(reply(status, said))
        assert (await failure(luma)).status == status


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress)]
)
async def test_an_answer_that_was_packed_on_the_way_is_read(
    luma: Luma, server: Server, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    server.play(reply(200, pack(json.dumps(DONE).encode()), {"Content-Encoding": coding}))
    assert (await luma.get(ID)).is_completed


@pytest.mark.parametrize("status", [401, 403])
async def test_what_a_firewall_says_of_the_key_only_means_ask_again(luma: Luma, server: Server, status: int) -> None:
    server.play(reply(status, b"<html>Just a moment</html>"))
    error = await failure(luma)
    assert (type(error), error.status) == (errors.Unreachable, status)
    with pytest.raises(errors.Unreachable):
        await luma.reach()


@pytest.mark.parametrize("status", [400, 404, 418, 422])
async def test_luma_is_reached_where_it_refuses_the_id_of_nobody(luma: Luma, server: Server, status: int) -> None:
    server.play(reply(status, {"detail": "no such generation"}))
    await luma.reach()
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [204, 302, 400, 402, 408, 418, 422, 429, 500, 502, 503, 504])
async def test_every_other_status_only_means_ask_again(luma: Luma, server: Server, status: int) -> None:
    server.play(reply(status, b"", {"Retry-After": "9", "Location": "/elsewhere"}))
    error = await failure(luma)
    assert (type(error), error.status, error.retry_after) == (errors.Unreachable, status, 9)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "step",
    [
        send(b""),
        reset,
        hang,
        send(b"HTTP/1.1 2"),
        send(b"not http\r\n\r\n"),
        send(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"),
        send(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n"),
        send(b"HTTP/1.1 200 OK\r\ncontent-length: minus\r\n\r\n{}"),
        send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        drip(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"),
        send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (2**20 + 1)),
        reply(200, b"<html>"),
        reply(200, b"[1]"),
        reply(200, b'{"id": ' * 100_000),
        reply(200, b"\x1f\x8b\x08\x00" + b"\x00" * 99, {"content-encoding": "gzip"}),
        reply(200, gzip.compress(bytes(2**22)), {"content-encoding": "gzip"}),
        reply(200, gzip.compress(json.dumps(DONE).encode())[:-9], {"content-encoding": "gzip"}),
        reply(200, {"state": "completed"}),
        reply(200, DONE | {"id": OTHER_ID}),
    ],
)
async def test_trouble_on_the_way_only_means_ask_again(hasty: Luma, server: Server, step: Step) -> None:
    server.play(step)
    error = await failure(hasty)
    assert type(error) is errors.Unreachable
    assert error.__context__ is None
    server.play(reply(200, DONE))
    assert (await hasty.get(ID)).is_completed


async def test_a_closed_port_only_means_ask_again(key: ApiKey) -> None:
    async with Luma(key, "http://127.0.0.1:1/v1") as luma:
        assert type(await failure(luma)) is errors.Unreachable


async def test_a_connection_the_server_has_closed_is_replaced(luma: Luma, server: Server) -> None:
    server.play(reply(200, DONE))
    await luma.get(ID)
    server.writers[0].transport.abort()
    assert (await luma.get(ID)).is_completed
    assert server.connections == 2


@pytest.mark.parametrize("pause", [0.0, 0.05])
async def test_what_comes_unasked_on_a_kept_connection_is_no_answer(luma: Luma, server: Server, pause: float) -> None:
    """It would be taken for the answer about another job."""
    unasked = json.dumps({name: value for name, value in DONE.items() if name != "id"}).encode()
    more = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(unasked) + unasked

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reply(200, DONE | {"state": "processing", "output": []})(reader, writer)
        await asyncio.sleep(pause)
        writer.write(more)
        await writer.drain()

    server.play(twice)
    for _ in range(4):
        assert (await luma.get(ID)).state == "processing"
        await asyncio.sleep(0.1)


async def test_a_redirect_is_not_followed(luma: Luma, server: Server, other: Server) -> None:
    other.play(reply(200, DONE))
    server.play(reply(302, b"", {"Location": f"{other.url}/v1/generations/{ID}"}))
    assert type(await failure(luma)) is errors.Unreachable
    assert other.connections == 0


async def test_cookies_are_not_kept(server: Server, key: ApiKey) -> None:
    server.play(reply(200, DONE, {"Set-Cookie": "a=b; Path=/"}))
    async with Luma(key, f"http://localhost:{server.port}/v1") as luma:
        await luma.get(ID)
        await luma.get(ID)
    assert "cookie" not in server.seen[1].headers
