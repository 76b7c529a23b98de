"""Fetching a picture: whole or not at all, never with the key, never anywhere private."""

from __future__ import annotations

import asyncio
import errno
import gzip
import hashlib
import io
import random
import socket
import ssl
import zlib
from collections.abc import Callable
from pathlib import Path, PosixPath

import pytest

from studio.luma import ApiKey, Luma, download, errors, pace
from tests.luma.conftest import CERTIFICATE
from tests.luma.wire import Server, Step, drip, hang, reply, reset, send

pytestmark = pytest.mark.anyio

PICTURE = b"\x89PNG" + bytes(range(256)) * 2000


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "picture.part"


async def failure(luma: Luma, url: str, to: Path, **limits: float) -> errors.Error:
    with pytest.raises(errors.DownloadFailed) as caught:
        await luma.download(url, to, **limits)  # type: ignore[arg-type]
    assert not to.exists()
    assert "Signature" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    return caught.value


async def test_a_picture_arrives_whole_and_measured(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, PICTURE, {"Content-Type": "Image/PNG; charset=x"}))
    downloaded = await luma.download(f"{server.url}/out.png?X-Amz-Signature=5f%2Fa", to)
    assert to.read_bytes() == PICTURE
    assert downloaded.bytes == len(PICTURE)
    assert downloaded.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert server.seen[0].line == "GET /out.png?X-Amz-Signature=5f%2Fa HTTP/1.1"


async def test_the_key_stays_at_home(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, PICTURE))
    await luma.download(f"{server.url}/out.png", to)
    headers = server.seen[0].headers
    assert "authorization" not in headers
    assert "canary" not in str(headers)
    assert headers["accept-encoding"] == "identity"
    assert headers["host"] == f"127.0.0.1:{server.port}"


async def test_a_body_that_ends_with_the_connection_is_taken(luma: Luma, server: Server, to: Path) -> None:
    server.play(send(b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE))
    assert (await luma.download(server.url, to)).bytes == len(PICTURE)


async def test_a_file_that_was_there_is_overwritten(luma: Luma, server: Server, to: Path) -> None:
    to.write_bytes(b"old" * 10**6)
    server.play(reply(200, PICTURE))
    await luma.download(server.url, to)
    assert to.read_bytes() == PICTURE


@pytest.mark.parametrize("status", [403, 404])
async def test_an_expired_link_is_told_apart(luma: Luma, server: Server, to: Path, status: int) -> None:
    server.play(reply(status, b"<Error><Code>AccessDenied</Code></Error>"))
    error = await failure(luma, f"{server.url}/o?X-Amz-Signature=5f", to)
    assert (type(error), error.status) == (errors.LinkExpired, status)


@pytest.mark.parametrize(
    ("status", "range", "is_whole"),
    [
        (206, f"{unit}0-{len(PICTURE) - 1}/{total}", True)
        for unit in ("bytes ", "Bytes=")
        for total in (len(PICTURE), "*")
    ]
    + [(status, "", True) for status in (201, 202, 203, 206, 226)]
    + [(206, said, False) for said in ("bytes 0-9/99", "bytes 5-9/10", "bytes 0-9/9x")],
)
async def test_a_proxy_may_say_otherwise_that_all_of_it_comes(
    luma: Luma, server: Server, to: Path, status: int, range: str, is_whole: bool
) -> None:
    server.play(reply(status, PICTURE, {"Content-Range": range} if range else {}))
    if is_whole:
        assert (await luma.download(server.url, to)).bytes == len(PICTURE)
    else:
        assert (await failure(luma, server.url, to)).status == status


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 304, 400, 429, 500, 503])
async def test_every_other_status_is_a_bad_download(
    luma: Luma, server: Server, other: Server, to: Path, status: int
) -> None:
    other.play(reply(200, PICTURE))
    server.play(reply(status, b"", {"Location": other.url}))
    error = await failure(luma, server.url, to)
    assert isinstance(error, errors.BadDownload)
    assert error.status == status
    assert isinstance(error, download.Redirected) is (status in {301, 302, 307})
    assert other.connections == 0


@pytest.mark.parametrize(
    "step",
    [
        reply(200, PICTURE, length=len(PICTURE) + 1),
        reply(200, b"", length=10),
        reply(200, b""),
        send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
        send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    ],
)
async def test_a_short_picture_is_truncated(luma: Luma, server: Server, to: Path, step: Step) -> None:
    server.play(step)
    error = await failure(luma, server.url, to)
    assert isinstance(error, errors.Truncated)
    assert error.status == 200


@pytest.mark.parametrize("step", [send(b""), reset, send(b"no http at all\r\n\r\n"), send(b"HTTP/1.1 200")])
async def test_a_storage_that_breaks_off_is_a_bad_download(luma: Luma, server: Server, to: Path, step: Step) -> None:
    server.play(step)
    assert type(await failure(luma, server.url, to)) is errors.BadDownload


@pytest.mark.parametrize("step", [hang, drip(b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n"), drip(b"HTTP/1.1")])
async def test_a_picture_that_takes_too_long_is_given_up(luma: Luma, server: Server, to: Path, step: Step) -> None:
    server.play(step)
    error = await failure(luma, server.url, to, wall=0.2)
    assert type(error) is download.TooSlow
    assert "0.2 seconds" in error.detail


@pytest.mark.parametrize("step", [hang, send(b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n", then_close=False)])
async def test_an_impatient_download_ends_when_nothing_comes(luma: Luma, server: Server, to: Path, step: Step) -> None:
    server.play(step)
    error = await failure(luma, server.url, to, wall=30.0, stall=0.2)
    assert type(error) is download.TooSlow
    assert error.detail == "It stopped coming for 0.2 seconds."


async def test_what_keeps_coming_takes_longer_than_a_stall(luma: Luma, server: Server, to: Path) -> None:
    server.play(drip(b"HTTP/1.1 200 OK\r\ncontent-length: 1310720\r\n\r\n", bytes(pace.PACE)))
    assert (await luma.download(server.url, to, wall=30.0, stall=0.3)).bytes == 20 * pace.PACE


@pytest.mark.parametrize(
    "step",
    [
        send(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n"),
        send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n"),
        reply(200, bytes(1001)),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", bytes(400)),
        drip(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"190\r\n" + bytes(400) + b"\r\n"),
    ],
)
async def test_a_picture_that_never_ends_is_too_big(luma: Luma, server: Server, to: Path, step: Step) -> None:
    server.play(step)
    error = await failure(luma, server.url, to, max_bytes=1000)
    assert type(error) is errors.TooBig


async def test_a_picture_of_exactly_the_limit_is_taken(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, bytes(1000)))
    assert (await luma.download(server.url, to, max_bytes=1000)).bytes == 1000


@pytest.mark.parametrize(
    ("words", "pack"),
    [
        ("gzip", gzip.compress),
        ("aws-chunked, GZIP", gzip.compress),
        ("gzip", lambda picture: gzip.compress(picture[:50]) + gzip.compress(picture[50:])),
        ("deflate", zlib.compress),
        ("gzip, gzip", lambda picture: gzip.compress(gzip.compress(picture))),
        ("deflate, gzip", lambda picture: gzip.compress(zlib.compress(picture))),
        ("", gzip.compress),
        ("gzip", bytes),
        ("aws-chunked", bytes),
        ("", bytes),
    ],
)
async def test_a_picture_that_was_packed_on_the_way_comes_as_it_was(
    luma: Luma, server: Server, to: Path, words: str, pack: Callable[[bytes], bytes]
) -> None:
    server.play(reply(200, pack(PICTURE), {"Content-Encoding": words}))
    downloaded = await luma.download(server.url, to)
    assert to.read_bytes() == PICTURE
    assert (downloaded.bytes, downloaded.sha256) == (len(PICTURE), hashlib.sha256(PICTURE).hexdigest())


@pytest.mark.parametrize(
    ("words", "body", "error"),
    [
        ("gzip", gzip.compress(PICTURE, mtime=0)[:-9], errors.Truncated),
        ("gzip", gzip.compress(random.Random(1).randbytes(4000))[:-8] + b"damaged!", download.Packed),
        ("gzip", gzip.compress(bytes(2**23), mtime=0), errors.TooBig),
        ("gzip", gzip.compress(b"", mtime=0), errors.Empty),
        ("br", b"\x0b\x02\x80", download.Packed),
        ("zstd, gzip", gzip.compress(PICTURE, mtime=0), download.Packed),
    ],
)
async def test_what_is_packed_otherwise_is_never_taken_for_the_picture(
    luma: Luma, server: Server, to: Path, words: str, body: bytes, error: type[errors.Error]
) -> None:
    server.play(reply(200, body, {"Content-Encoding": words}))
    assert type(await failure(luma, server.url, to, max_bytes=2**20)) is error


async def test_a_storage_nobody_answers_at_is_a_bad_download(luma: Luma, to: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(luma, f"http://127.0.0.1:{taken.getsockname()[1]}/", to)
    assert (type(error), error.detail) == (errors.BadDownload, "ConnectError")


async def test_a_name_is_tried_at_each_of_its_addresses(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, PICTURE))
    await luma.download(f"http://localhost:{server.port}/", to)
    assert server.seen[0].headers["host"] == f"localhost:{server.port}"


async def test_tls_is_checked_against_the_name_not_the_address(tls_server: Server, key: ApiKey, to: Path) -> None:
    tls_server.play(reply(200, PICTURE))
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    async with Luma(key, "http://127.0.0.1:1/v1", tls=trusting) as luma:
        assert (await luma.download(f"https://localhost:{tls_server.port}/", to)).bytes == len(PICTURE)
        error = await failure(luma, f"https://127.0.0.1:{tls_server.port}/", to)
    assert type(error) is errors.BadDownload
    assert len(tls_server.seen) == 1


async def test_the_real_service_cannot_send_us_to_this_machine(server: Server, key: ApiKey, to: Path) -> None:
    server.play(reply(200, PICTURE))
    async with Luma(key) as luma:
        for url in (server.url, f"https://127.0.0.1:{server.port}", f"http://localhost:{server.port}"):
            assert type(await failure(luma, url, to)) is errors.Blocked
    assert server.connections == 0


async def test_trouble_with_our_own_disk_is_not_lumas(luma: Luma, server: Server, to: Path, tmp_path: Path) -> None:
    server.play(reply(200, PICTURE))
    with pytest.raises(IsADirectoryError):
        await luma.download(server.url, tmp_path)
    with pytest.raises(FileNotFoundError):
        await luma.download(server.url, tmp_path / "missing" / "x.part")
    full = tmp_path / "full.part"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        await luma.download(server.url, full)
    assert not full.is_symlink()


class StalledDisk(PosixPath):
    """A file on a network disk that gives up while it is written."""

    def open(self, *_: object, **__: object) -> io.BytesIO:  # type: ignore[override]
        class Stalled(io.BytesIO):
            def write(self, _data: object) -> int:
                raise TimeoutError(errno.ETIMEDOUT, "the disk does not answer")

        return Stalled()


async def test_a_network_disk_that_gives_up_is_not_lumas(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, PICTURE))
    with pytest.raises(TimeoutError, match="disk"):
        await luma.download(server.url, StalledDisk(to))


async def test_waiting_for_a_turn_does_not_count_as_slow(luma: Luma, server: Server, to: Path) -> None:
    server.play(reply(200, PICTURE))
    asked = 0

    async def turn() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.15)

    downloaded = await luma.download(server.url, to, wall=0.3, stall=0.1, turn=turn)
    assert downloaded.bytes == len(PICTURE)
    # One for each part of PACE bytes, and the first of them is free.
    assert 3 <= asked <= len(PICTURE) // pace.PACE
