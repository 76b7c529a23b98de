"""Pictures within an answer go to files as they come, however the letters are written and wherever the answer is cut."""

from __future__ import annotations

import asyncio
import base64
import errno
import gzip
import json
import os
import textwrap
import tracemalloc
from pathlib import Path

import pytest

from studio.luma import Luma, errors
from studio.luma.inline import Inline
from studio.luma.outputs import INLINE
from studio.luma.pace import PACE
from tests import people
from tests.luma.test_get import DONE, ID
from tests.luma.wire import Server, drip, reply, send

PICTURE = people.image_bytes(64, 64)
TEXT = base64.b64encode(PICTURE).decode()


def said(url: str) -> bytes:
    return json.dumps(DONE | {"output": [{"type": "image", "url": url}]}).encode()


FORMS: dict[str, bytes] = {
    "a link": said(f"data:image/png;base64,{TEXT}"),
    "a link with more of its kind": said(f" data:image/png;name=a.png;BASE64,{TEXT}"),
    "bare": said(TEXT),
    "without padding": said(f"data:;base64,{TEXT.rstrip('=')}"),
    "in lines": said("data:image/png;base64," + "\r\n".join(textwrap.wrap(TEXT, 76))),
    "escaped": said(f"data:image/png;base64,{TEXT}").replace(b"/", b"\\/").replace(b"=", b"\\u003D"),
    "as a link writes it": said("data:image/png;base64," + TEXT.replace("+", "%2B").replace("/", "%2f")),
    "for links": said("data:image/png;base64," + TEXT.replace("+", "-").replace("/", "_")),
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10**6])
@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_a_picture_is_taken_out_of_an_answer_in_pieces(tmp_path: Path, body: bytes, size: int) -> None:
    inline = Inline(tmp_path)
    left = b"".join(inline.feed(body[at : at + size]) for at in range(0, len(body), size))
    left += inline.feed(b"", is_last=True)
    inline.close()
    link = json.loads(left)["output"][0]["url"]
    assert link == f"{INLINE}0"
    got = inline.taken(link, tmp_path / "picture")
    assert ((tmp_path / "picture").read_bytes(), got.bytes) == (PICTURE, len(PICTURE))


def test_what_is_no_picture_stays_as_it_came(tmp_path: Path) -> None:
    body = json.dumps({"a": 'say "data:image/png;base64,AAAA"', "b": "data:text/plain,x", "c": "x" * 500}).encode()
    for size in (1, 5, 1000):
        inline = Inline(tmp_path)
        left = b"".join(inline.feed(body[at : at + size]) for at in range(0, len(body), size))
        assert left + inline.feed(b"", is_last=True) == body
        assert not inline.has_begun


DAMAGED: dict[str, tuple[str, type[errors.Error]]] = {
    "another letter": (f"{TEXT[:80]}!{TEXT[80:]}", errors.Truncated),
    "more after its end": (f"{TEXT[:80]}=={TEXT[80:]}", errors.Truncated),
    "one letter too many": (TEXT.rstrip("=")[: len(TEXT) // 8 * 4 + 1], errors.Truncated),
    "empty": ("", errors.Empty),
    "too large": (base64.b64encode(bytes(len(PICTURE) + 1)).decode(), errors.TooBig),
}


@pytest.mark.parametrize(("text", "kind"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_or_too_large_is_never_called_a_picture(
    tmp_path: Path, text: str, kind: type[errors.Error]
) -> None:
    inline = Inline(tmp_path, max_bytes=len(PICTURE))
    inline.feed(said(f"data:image/png;base64,{text}"), is_last=True)
    inline.close()
    with pytest.raises(kind):
        inline.taken(f"{INLINE}0", tmp_path / "picture")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= len(PICTURE)


@pytest.mark.parametrize("link", [f"{INLINE}7", f"{INLINE}-1", f"{INLINE}x", f"{INLINE}{'9' * 5000}"])
def test_a_link_of_ours_that_luma_wrote_leads_nowhere(tmp_path: Path, link: str) -> None:
    with pytest.raises(errors.BadDownload):
        Inline(tmp_path).taken(link, tmp_path / "picture")


def test_a_disk_that_refuses_says_so_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    inline = Inline(tmp_path)
    inline.feed(said(f"data:image/png;base64,{TEXT}"), is_last=True)
    monkeypatch.setattr(os, "fsync", full)
    inline.close()
    with pytest.raises(OSError, match="No space"):
        inline.taken(f"{INLINE}0", tmp_path / "picture")
    gone = Inline(tmp_path / "nowhere")
    gone.feed(said(f"data:image/png;base64,{TEXT}"), is_last=True)
    gone.close()
    with pytest.raises(FileNotFoundError):
        gone.taken(f"{INLINE}0", tmp_path / "picture")


@pytest.mark.anyio
async def test_a_large_picture_never_stands_in_memory_and_waits_for_its_turns(
    luma: Luma, server: Server, tmp_path: Path
) -> None:
    """One of 12 MB, in an answer that may have one megabyte of anything else."""
    content = os.urandom(2**20) * 12
    body = said(f"data:image/png;base64,{base64.b64encode(content).decode()}")

    async def in_pieces(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 2**16):
            writer.write(body[at : at + 2**16])
            await writer.drain()

    server.play(in_pieces)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        turns += 1
        await asyncio.sleep(0)

    assert (await luma.get(ID)).outputs[0].is_inline  # passed over
    inline = Inline(tmp_path)
    tracemalloc.start()
    try:
        generation = await luma.get(ID, inline=inline, turn=turn)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    inline.close()
    inline.taken(generation.outputs[0].url, tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes() == content
    assert turns > len(content) / PACE / 20
    assert most < 4 * 2**20


@pytest.mark.anyio
async def test_a_picture_that_comes_slowly_has_the_time_of_a_download(hasty: Luma, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n" + said("data:image/png;base64,")[:-4]

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(16):
            writer.write(TEXT.encode()[:40])
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(b'"}]}')
        writer.close()

    server.play(slowly)
    assert (await hasty.get(ID)).has_pictures
    server.play(drip(b"HTTP/1.1 200 OK\r\n\r\n" + said("data:image/png;base64,")[:30]))
    with pytest.raises(errors.Unreachable):
        await hasty.get(ID)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [said("x" * 2**20), said("data:image/png;base64,AAAA")[:-9], said("data:text/plain," + "x" * 2**20)]
)
async def test_an_answer_that_is_long_or_cut_without_a_picture_is_none(luma: Luma, server: Server, body: bytes) -> None:
    server.play(send(b"HTTP/1.1 200 OK\r\n\r\n" + body))
    with pytest.raises(errors.Unreachable):
        await luma.get(ID)


@pytest.mark.anyio
async def test_answers_whose_pictures_never_end_are_left(
    luma: Luma, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.luma.transports.MOST_IN_ALL", 1000)
    server.play(reply(200, said(f"data:image/png;base64,{'A' * 2000}")))
    with pytest.raises(errors.Unreachable):
        await luma.get(ID)


@pytest.mark.anyio
async def test_a_picture_in_an_answer_that_was_packed_on_the_way_is_taken_too(
    luma: Luma, server: Server, tmp_path: Path
) -> None:
    server.play(reply(200, gzip.compress(said(f"data:image/png;base64,{TEXT}")), {"Content-Encoding": "gzip"}))
    inline = Inline(tmp_path)
    generation = await luma.get(ID, inline=inline)
    inline.close()
    assert inline.taken(generation.outputs[0].url, tmp_path / "picture").bytes == len(PICTURE)
