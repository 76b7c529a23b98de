"""Unpack what somebody on the way packed, although plain bytes were asked for, piece by piece as it comes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "aws-chunked"})
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP = b"\x1f\x8b\x08"
# Finds the start of a gzip or zlib stream by itself; many send a bare deflate stream, which has none.
_WITH_HEAD, _BARE = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
# So much comes out at a time, so that no bomb fills the memory; damage is found to within so many bytes of what went in.
PIECE, _STEP = 64 * 2**10, 64
# How much of a stream without a head is looked at before it is believed to be one, and how JSON and pages begin.
_SAMPLE, _BEGINNINGS = 4096, b'{["<'
# Nobody on the way packs what two before have packed.
_DEEPEST = 3


class Unpacked:
    """A body as it was before: `feed` what comes and take the pieces, to the `end`.

    What comes out of a damaged stream before the damage is kept: it may name what was made.
    """

    def __init__(self, headers: Mapping[str, str], *, depth: int = 1) -> None:
        words = [word.strip().lower() for word in headers.get("content-encoding", "").split(",")]
        self._words = [word for word in words if word not in _PLAIN]
        self._headers, self._depth = headers, depth
        self._held = b""
        self._is_begun = self._is_over = self._is_damaged = False
        # None: plain.
        self._stream: zlib._Decompress | None = None
        self._inner: Unpacked | None = None

    @property
    def is_all(self) -> bool:
        """Whether all of it came, once it has ended."""
        if self._stream is None:
            return True  # nothing at all needs no packing, whatever its headers say
        is_whole = self._stream.eof and not self._held and not self._is_damaged
        return is_whole and (self._inner is None or self._inner.is_all)

    @property
    def is_damaged(self) -> bool:
        return self._is_damaged or (self._inner is not None and self._inner.is_damaged)

    @property
    def _is_named(self) -> bool:
        return bool(self._words) and set(self._words) <= _KNOWN and len(self._words) >= self._depth

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what more is known of the body."""
        self._held += chunk
        if not self._is_begun and not self._begin(is_last=False):
            return
        yield from self._pieces()

    def end(self) -> Iterator[bytes]:
        """Yield what was held back."""
        if not self._is_begun and self._held:
            self._begin(is_last=True)
        yield from self._pieces()
        if self._stream and not self._stream.eof and not self._is_over:
            piece = self._stream.flush()
            yield from self._inner.feed(piece) if self._inner else [piece]
        if self._inner:
            yield from self._inner.end()

    def _begin(self, *, is_last: bool) -> bool:
        """Find out what it is; False until enough of it came."""
        is_named = self._is_named
        if len(self._held) < (_SAMPLE if is_named and not _has_head(self._held) else len(_GZIP)) and not is_last:
            return False
        self._is_begun = True
        if self._held.startswith(_GZIP) or (is_named and _has_head(self._held)):
            self._stream = zlib.decompressobj(_WITH_HEAD)
        elif is_named and _is_bare(self._held[:_SAMPLE]):
            self._stream = zlib.decompressobj(_BARE)
        if self._stream and self._depth < _DEEPEST:
            self._inner = Unpacked(self._headers, depth=self._depth + 1)
        return True

    def _pieces(self) -> Iterator[bytes]:
        held, self._held = self._held, b""
        if self._stream is None:
            if held:
                yield held
            return
        while held and not self._is_over:
            if self._stream.eof:
                # Several streams, one after the other, are one; what else follows is no part of it.
                if len(held) < len(_GZIP) and _GZIP.startswith(held):
                    self._held = held
                    return
                if not held.startswith(_GZIP):
                    self._is_over = True
                    return
                self._stream = zlib.decompressobj(_WITH_HEAD)
            piece, held = self._inflate(self._stream, held)
            yield from self._inner.feed(piece) if self._inner else [piece]

    def _inflate(self, stream: zlib._Decompress, packed: bytes) -> tuple[bytes, bytes]:
        """Return a piece, and what remains of what went in."""
        before = stream.copy()
        try:
            piece = stream.decompress(packed, PIECE)
            return piece, stream.unused_data if stream.eof else stream.unconsumed_tail
        except zlib.error:
            self._is_over = self._is_damaged = True
        piece = b""
        for at in range(0, len(packed), _STEP):
            try:
                piece += before.decompress(packed[at : at + _STEP], PIECE)
            except zlib.error:
                break
            if before.unconsumed_tail:
                break
        return piece, b""


def _has_head(packed: bytes) -> bool:
    """Whether it begins as zlib streams do (RFC 1950, 2.2)."""
    return len(packed) > 1 and packed[0] & 15 == 8 and int.from_bytes(packed[:2]) % 31 == 0


def _is_bare(sample: bytes) -> bool:
    """Whether it is a bare deflate stream: what comes out of it looks like an answer."""
    try:
        plain = zlib.decompressobj(_BARE).decompress(sample, PIECE)
    except zlib.error:
        return False
    return plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in [_BEGINNINGS[n : n + 1] for n in range(len(_BEGINNINGS))]
