"""What in a refusal speaks of a made picture, and what does not."""

from __future__ import annotations

import base64
import json

import pytest

from studio.luma import ImageRef, Request, evidence, prepare
from tests import people

PICTURE = people.image_bytes()
TEXT = base64.b64encode(PICTURE).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(100))).decode()
SENT = prepare(Request(prompt="Like https://example.com/lake.png", source=ImageRef.from_bytes(PICTURE, "image/png")))
HEADERS = {"content-type": "application/json"}

SPEAKS: dict[str, object] = {
    "an output": {"output": [{"type": "image", "url": "s3://made/1"}]},
    "an output of the second kind": {"generation": {"Outputs": {"key": "made/1"}}},
    "under a mistake": {"error": {"message": "slow down", "result": {"href": "https://cdn.example.com/1"}}},
    "a link": {"detail": "no", "url": "https://cdn.example.com/1.webp"},
    "links": {"urls": ["https://cdn.example.com/1?X-Goog-Signature=2"]},
    "a picture's link in words": {"detail": "see https://cdn.example.com/1.PNG."},
    "a signed link in words": {"message": "see https://cdn.example.com/1?Expires=1&X-Amz-Signature=2"},
    "base64": {"b64_json": JPEG},
    "a data URI in words": {"detail": f"here: data:image/jpeg;base64,{JPEG}"},
    "a JSON in a JSON": {"body": json.dumps({"output": ["made"]})},
    "a list": [{"output": ["made"]}],
    "an output that is told twice": b'{"output": ["https://cdn.example.com/1.png"], "output": []}',
    "slashes as PHP writes them": b'{"data": "' + JPEG.replace("/", "\\/").encode() + b'"}',
    "UTF-16": json.dumps({"output": ["made"]}).encode("utf-16"),
    "lines": b'{"a": 1}\n{"output": ["made"]}\n',
    "bytes": b"\xff\xd8\xff" + bytes(20),
    "parts": b"--x\r\n\r\n{}\r\n--x\r\n\r\n" + PICTURE,
}
SAYS_NOTHING: dict[str, object] = {
    "Luma's own words": {"detail": "Rate limit exceeded"},
    "no output": {"detail": "no", "output": [], "url": None, "image": "", "result": {"state": "refused"}},
    "an output of nothing": {"output": [None, {}, " "]},
    "a word as output": {"output": "Too many requests"},
    "what was sent, whole": {"detail": [{"input": {"source": {"data": TEXT}}}]},
    "what was sent, cut": {"detail": f"not a picture: {TEXT[:60]}…"},
    "a link that was sent": {"detail": "Can't fetch https://example.com/lake.png"},
    "a link to what was sent": {"detail": "source: failed to fetch https://files.example.com/1.png?X-Amz-Signature=2"},
    "a page about the mistake": {"detail": [{"msg": "missing", "url": "https://errors.pydantic.dev/2.5/v/missing"}]},
    "links to help": {
        "detail": "Slow down",
        "url": "https://docs.example.com/1",
        "links": {"self": "https://x.example/"},
    },
    "a problem": {"type": "https://example.com/problems/slow", "documentation_url": "https://docs.example.com/limits"},
    "a page": b"<html><img src='https://cdn.example.com/logo.png'><img src='data:image/png;base64," + TEXT.encode(),
    "nothing": b"",
    "nonsense": b"\x00\xfe[{",
}


def body(said: object) -> bytes:
    return said if isinstance(said, bytes) else json.dumps(said).encode()


@pytest.mark.parametrize("said", SPEAKS.values(), ids=SPEAKS)
def test_a_picture_is_seen(said: object) -> None:
    assert evidence.has_picture(HEADERS, body(said), SENT)


@pytest.mark.parametrize("said", SAYS_NOTHING.values(), ids=SAYS_NOTHING)
def test_what_speaks_of_none_stays_a_refusal(said: object) -> None:
    assert not evidence.has_picture(HEADERS, body(said), SENT)


def test_headers_say_it_too() -> None:
    assert evidence.has_picture({"content-type": "Image/WebP"}, b"x", SENT)
    assert not evidence.has_picture({"content-type": "image/png"}, b"", SENT)
    assert evidence.has_picture({"location": "https://cdn.example.com/1.webp"}, b"", SENT)
    assert not evidence.has_picture({"location": "https://luma.example.com/sign-in"}, b"", SENT)
