"""How the bytes of a stored file reach a browser: through Studio, through the web server before it, or from the bucket.

Whoever calls has asked already whether the person may see the file. Parts are answered as RFC 9110, section 14 says; more
than one part at once is answered with the whole file, which that allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from studio import storage
from studio.embedding import Part, Spliced
from studio.text.plurals import counted

# How long a link to the bucket works (seconds). A browser keeps the redirect a little less long.
LINK_SECONDS, KEEP_SECONDS = 300, 240
# Where nginx finds the files (deploy/nginx.conf); no browser may ask there.
INTERNAL = "/_files/"
# Scripts read what lies elsewhere (comparisons, proofs of layers), which a browser allows for Studio's own address alone.
FROM_BUCKET = ("originals/", "renditions/", "proofs/")
# Bytes that are read at once of what comes from elsewhere.
BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.IGNORECASE | re.ASCII)


class Wanted(NamedTuple):
    """The part that a request asks for, in bytes: from `start`, or the last `-start`; up to and with `last`."""

    start: int
    last: int | None

    @classmethod
    def of(cls, request: HttpRequest, etag: str) -> Wanted | None:
        """Read the Range header; None for the whole file. `etag` is the file's, in quotes."""
        header = request.headers.get("Range", "") if request.method == "GET" else ""
        found = _RANGE.fullmatch(header.replace(" ", ""))
        # A browser that has a part of another version gets the whole of this one.
        if not found or request.headers.get("If-Range", etag) != etag:
            return None
        first, last, suffix = found.groups()
        if suffix is not None:
            # The last 0 bytes are none: no start is as far behind as that.
            return cls(-int(suffix) if int(suffix) else 10**18, None)
        if last and int(last) < int(first):
            return None
        return cls(int(first), int(last) if last else None)

    def within(self, total: int) -> tuple[int, int] | None:
        """Return where the part begins and how long it is in a file of `total` bytes; None where it has no such part."""
        start = max(0, total + self.start) if self.start < 0 else self.start
        end = total if self.last is None else min(total, self.last + 1)
        return (start, end - start) if start < end else None


def elsewhere(request: HttpRequest, file: str, media_type: str, named: str) -> HttpResponseBase | None:
    """Answer by letting nginx, Apache or the bucket hand out the file as it lies there; None where Studio does it itself.

    `named` is the Content-Disposition. Raises OSError when the file is not there.
    """
    way = settings.FILE_SERVING
    if way == "presigned" and file.startswith(FROM_BUCKET):
        bucket: Any = storages["default"]
        link = bucket.signed(file, media_type, named, seconds=LINK_SECONDS, method=request.method or "GET")
        answer = HttpResponse(status=302, headers={"Location": link})
        answer.headers["Cache-Control"] = f"private, max-age={KEEP_SECONDS}"
        return answer
    if way not in {"x-accel", "x-sendfile"} or storage.is_remote():
        return None
    path = Path(storages["default"].path(file))
    path.stat()
    answer = HttpResponse(content_type=media_type)
    # The web server says how long it is.
    if way == "x-accel":
        answer.headers["X-Accel-Redirect"] = INTERNAL + quote(file)
    else:
        answer.headers["X-Sendfile"] = quote(str(path))
    return answer


def from_stream(
    request: HttpRequest, stream: IO[bytes] | Spliced, etag: str, media_type: str, *, is_slow: bool = False
) -> HttpResponseBase:
    """Answer with what can be read and sought, or with the part of it that was asked for; it is closed at the end.

    `is_slow`: it comes from elsewhere and takes its time, which then keeps one thread waiting and not the server.
    """
    if request.method == "HEAD":
        total = stream.seek(0, 2)
        stream.close()
        return _head(total, media_type)
    wanted = Wanted.of(request, etag)
    total = stream.seek(0, 2)
    found = wanted.within(total) if wanted else (0, total)
    if found is None:
        stream.close()
        return no_such_part(total)
    start, length = found
    stream.seek(0)
    whole = cast(IO[bytes], stream)
    part = cast(IO[bytes], Spliced([Part("", start, length)], lambda _: whole, ("", whole))) if wanted else whole
    answer: StreamingHttpResponse
    if is_slow:
        answer = StreamingHttpResponse(_blocks(part), content_type=media_type)
        answer.headers["Content-Length"] = str(length)
    else:
        answer = FileResponse(part, content_type=media_type)
    return _partial(answer, start, length, total) if wanted else _with_parts(answer)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while block := stream.read(BLOCK):
            yield block


def from_bucket(request: HttpRequest, file: str, etag: str, media_type: str) -> HttpResponseBase:
    """Answer with a file of the bucket, which is asked once: for its length (HEAD), for a part of it, or for all of it.

    Raises OSError when the file is not there or the bucket does not answer.
    """
    bucket: Any = storages["default"]
    if request.method == "HEAD":
        return _head(bucket.size(file), media_type)
    wanted = Wanted.of(request, etag)
    if wanted is None:
        return _with_parts(FileResponse(storage.open_file(file), content_type=media_type))
    try:
        got = bucket.part(file, *wanted)
    except storage.NoSuchPart as problem:
        return no_such_part(problem.total)
    return _partial(FileResponse(got.stream, content_type=media_type), got.start, got.length, got.total)


def no_such_part(total: int) -> HttpResponse:
    words = f"The file has {counted(total, 'byte')}.\n"
    return HttpResponse(words, status=416, content_type="text/plain", headers={"Content-Range": f"bytes */{total}"})


def _partial(response: StreamingHttpResponse, start: int, length: int, total: int) -> StreamingHttpResponse:
    response.status_code = 206
    response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{total}"
    response.headers["Content-Length"] = str(length)
    return response


def _head(size: int, media_type: str) -> HttpResponseBase:
    return _with_parts(HttpResponse(content_type=media_type, headers={"Content-Length": str(size)}))


def _with_parts(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Accept-Ranges"] = "bytes"
    return response
