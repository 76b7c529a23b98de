"""What somebody on the way packed is unpacked as it comes, wherever it is cut, and what is damaged as far as it came."""

from __future__ import annotations

import gzip
import json
import random
import zlib

import pytest

from studio.luma.packed import PIECE, Unpacked

PLAIN = b'{"id": "' + b"0123456789abcdef" * 40 + b'"}'
GZIP, DEFLATE = {"content-encoding": "gzip"}, {"content-encoding": "deflate"}
# Longer than what is looked at before anything is unpacked, and short enough to come byte by byte.
LONGER = random.Random(3).randbytes(6000).hex().encode()
LONG = json.dumps({"data": random.Random(2).randbytes(200_000).hex()}).encode()


def bare(plain: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(plain) + packing.flush()


def unpacked(headers: dict[str, str], body: bytes, size: int = 10**9) -> tuple[bytes, bool]:
    unpacking, plain = Unpacked(headers), []
    for at in range(0, len(body), size):
        plain += unpacking.feed(body[at : at + size])
    plain += unpacking.end()
    assert max(map(len, plain), default=0) <= max(PIECE, size if size < 10**9 else len(body))
    return b"".join(plain), unpacking.is_all


FORMS: dict[str, tuple[dict[str, str], bytes, bytes, bool]] = {
    "whole": (GZIP, gzip.compress(PLAIN), PLAIN, True),
    "in secret": ({}, gzip.compress(PLAIN), PLAIN, True),
    # Several streams, one after the other, are one (RFC 1952, 2.2); what else follows is no part of it.
    "two": (GZIP, gzip.compress(PLAIN[:40]) + gzip.compress(PLAIN[40:]), PLAIN, True),
    "two, longer": (GZIP, gzip.compress(LONGER[:9000]) + gzip.compress(LONGER[9000:]), LONGER, True),
    "two, the second cut at once": (GZIP, gzip.compress(LONGER) + b"\x1f\x8b", LONGER, False),
    "longer, and more": (GZIP, gzip.compress(LONGER) + b"and a word", LONGER, True),
    "more": (GZIP, gzip.compress(PLAIN) + b"and a word", PLAIN, True),
    "cut": (GZIP, gzip.compress(PLAIN)[:-9], PLAIN, False),
    "empty": (GZIP, b"", b"", True),
    "empty, and not packed": ({}, b"", b"", True),
    "not packed": (GZIP, b"plain", b"plain", True),
    "JSON, not packed": (DEFLATE, PLAIN, PLAIN, True),
    "long, not packed": (GZIP, LONG, LONG, True),
    "zlib": (DEFLATE, zlib.compress(PLAIN), PLAIN, True),
    "bare": (DEFLATE, bare(PLAIN), PLAIN, True),
    "long": (GZIP, gzip.compress(LONG), LONG, True),
    "long, zlib": (DEFLATE, zlib.compress(LONG), LONG, True),
    "long, bare": (DEFLATE, bare(LONG), LONG, True),
    "bare under another name": (GZIP, bare(LONG), LONG, True),
    "twice": ({"content-encoding": "gzip, gzip"}, gzip.compress(gzip.compress(LONG)), LONG, True),
    "in two ways": ({"content-encoding": "deflate, gzip"}, gzip.compress(zlib.compress(LONG)), LONG, True),
    "twice, cut": (GZIP, gzip.compress(gzip.compress(PLAIN)[:-9]), PLAIN, False),
    "repeats": (GZIP, gzip.compress(bytes(2**21)), bytes(2**21), True),
    "another way": ({"content-encoding": "br"}, b"\x0b\x02\x80", b"\x0b\x02\x80", True),
}


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 10**9])
@pytest.mark.parametrize(("headers", "body", "plain", "is_all"), FORMS.values(), ids=FORMS)
def test_what_was_packed_on_the_way_is_unpacked(
    headers: dict[str, str], body: bytes, plain: bytes, is_all: bool, size: int
) -> None:
    if len(body) / size > 20_000:
        size = 997
    assert unpacked(headers, body, size) == (plain, is_all)


@pytest.mark.parametrize("size", [50, 10**9])
def test_what_comes_before_the_damage_is_kept(size: int) -> None:
    noise = random.Random(1).randbytes(4000)
    came, is_all = unpacked({}, gzip.compress(noise)[:-8] + b"damaged!", size)
    assert not is_all
    assert len(came) > 3000
    assert noise.startswith(came)
