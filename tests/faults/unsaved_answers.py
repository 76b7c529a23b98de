"""All that can keep a picture which Luma made from being stored, and what its card says then."""

from __future__ import annotations

import gzip

from tests import people
from tests.faults.answers import close, completed, drip, hang, queued, raw, reply, reset
from tests.faults.answers import state as at_luma
from tests.faults.call import Act, Call

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
PNG = people.image_bytes(64, 64)
EMPTY_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(8) + b"\x08\x02\x00\x00\x00" + bytes(4)

CUT = "its download was cut short"
SLOW = "its download was too slow"
NO_PICTURE = "what was downloaded is not a picture that Studio can open"
FORBIDDEN = "its link leads to a place that Studio must not visit"
NO_LINK = "Luma gave no link to it"
ELSEWHERE = "its link leads somewhere else"
UNREACHED = "Luma's storage could not be reached"


async def to_itself(call: Call) -> None:
    await reply(302, b"", {"Location": call.path})(call)


# What the storage does to each download, and what the card says of it.
DOWNLOADS: dict[str, tuple[Act, str]] = {
    "cut": (reply(200, PNG[:60], length=5000), CUT),
    "cut in a chunk": (raw(CHUNKED + b"40\r\n" + PNG[:20]), CUT),
    "garbage for chunks": (raw(CHUNKED + b"zz\r\nnonsense"), CUT),
    "longer than it is and kept open": (raw(HEAD + b"content-length: 9999\r\n\r\n" + PNG, then_close=False), SLOW),
    "a byte now and then": (drip(HEAD + b"content-length: 9999\r\n\r\n"), SLOW),
    "silent": (hang, UNREACHED + "|" + SLOW),
    "empty": (reply(200, b""), "its download was empty"),
    "packed": (reply(200, b"\x0b\x02\x80", {"content-encoding": "br"}), "its download came packed"),
    "packed, and no picture": (reply(200, gzip.compress(b"<html>")), NO_PICTURE),
    "moved": (reply(302, b"", {"Location": "http://127.0.0.1:9/"}), ELSEWHERE),
    "moved to itself": (to_itself, ELSEWHERE),
    "expired": (reply(403, b"<Error><Code>AccessDenied</Code></Error>"), "Luma's storage refused its link (HTTP 403)"),
    "gone": (reply(404, b"<Error/>"), "Luma's storage refused its link (HTTP 404)"),
    "gone for good": (reply(410, b""), "HTTP 410"),
    "nothing to say": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "HTTP 204"),
    "not modified": (reply(304), "Luma's storage did not send it (HTTP 304)"),
    "a part": (reply(206, PNG[:50], {"content-range": "bytes 0-49/99"}), "HTTP 206"),
    "broken": (reply(500, b"oops"), "HTTP 500"),
    "down": (reply(503, b"slow down"), "HTTP 503"),
    "hangs up": (close, UNREACHED),
    "reset": (reset, UNREACHED),
    "no http": (raw(b"\x00 no http \r\n\r\n"), UNREACHED),
    "a huge head": (raw(HEAD + b"x-huge: " + b"h" * 300_000 + b"\r\n\r\n"), UNREACHED),
    "endless": (reply(200, b"x" * 400_000), "larger than the 80 MB"),
    "said to be huge": (raw(HEAD + b"content-length: 99999999999\r\n\r\n"), "larger than the 80 MB"),
    "a page": (reply(200, b"<html>Sign in</html>", {"content-type": "text/html"}), NO_PICTURE),
    "json": (reply(200, {"error": "not yet"}), NO_PICTURE),
    "another format": (reply(200, b"\xff\x0a" + bytes(90)), "Luma sent a JPEG XL, which Studio can't read"),
    "half a picture": (reply(200, PNG[: len(PNG) // 2]), NO_PICTURE),
    "no pixels": (reply(200, EMPTY_PNG), NO_PICTURE),
}


def linked(url: object) -> Act:
    return completed([{"type": "image", "url": url}])


# What Luma says of a picture that it calls completed.
ANSWERS: dict[str, tuple[Act, str]] = {
    "no output": (completed([]), NO_LINK),
    "output is no list": (completed("x"), NO_LINK),
    "null": (completed([None]), NO_LINK),
    "no link": (completed([{"type": "image"}]), NO_LINK),
    "link is a number": (linked(7), NO_LINK),
    "link is empty": (linked(""), NO_LINK),
    "data": (linked("data:image/png;base64,AAAA"), NO_PICTURE),
    "data that is damaged": (linked("data:image/png;base64,AA!A"), CUT),
    "data without a byte": (linked("data:image/png;base64,"), "its download was empty"),
    "data in plain words": (linked("data:text/plain,hello"), FORBIDDEN),
    "a file": (linked("file:///etc/passwd"), FORBIDDEN),
    "ftp": (linked("ftp://example.com/a.png"), FORBIDDEN),
    "no url": (linked("not a link at all"), FORBIDDEN),
    "inward": (linked("http://169.254.169.254/latest/meta-data"), FORBIDDEN),
    "private": (linked("https://10.0.0.8/a.png"), FORBIDDEN),
}

# What Luma says afterwards of a picture that it called completed once, without a link.
LATER: dict[str, tuple[Act, str]] = {
    "404": (reply(404, {"detail": "Generation not found"}), "Luma doesn't find it just now"),
    "410": (reply(410, {"detail": "gone"}), "Luma gives no usable answer just now"),
    "500": (reply(500, b"oops"), "Luma gives no usable answer just now"),
    "html": (reply(200, b"<html>"), "Luma gives no usable answer just now"),
    "another's": (
        reply(200, queued("d290f1ee-6c54-4b01-90e6-d701748f0851", "completed")),
        "Luma gives no usable answer",
    ),
    "the key": (reply(401, {"detail": "no"}), "Luma refuses Studio's key"),
    "on its way again": (at_luma("processing"), "Luma no longer says so"),
}
