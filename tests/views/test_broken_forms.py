"""Forms that break off, are malformed or too large: whatever was kept of them is gone with the answer."""

from __future__ import annotations

import gc
import html
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from studio.forms.files import uploads
from studio.models import Picture
from tests.people import HTMX, image_bytes

pytestmark = pytest.mark.untraced

HEAD = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}.png"\r\nContent-Type: image/png\r\n\r\n'
PICTURE = "p" * 200_000


def part(number: int, content: str = PICTURE) -> str:
    return HEAD.format(number) + content + "\r\n"


BROKEN = {
    "no end": part(1) + part(2),
    "cut in a file": part(1) + HEAD.format(2) + PICTURE,
    "cut in a head": part(1) + "--x\r\nContent-Disp",
    "an encoding that is none": part(1)
    + "--x\r\nContent-Disposition: form-data; name=a; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
    "too many files": "".join(part(number, "p") for number in range(40)) + "--x--\r\n",
    "too many fields": part(1)
    + "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(1_100))
    + "--x--\r\n",
    "fields too large": part(1)
    + '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
    + "1" * 3_000_000
    + "\r\n--x--\r\n",
    "no picture": part(1) + "--x--\r\n",
}


@pytest.fixture(autouse=True)
def collector_at_rest() -> Iterator[None]:
    """Files must be closed, not found by chance."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def names() -> list[str]:
    return [path.name for path in settings.WORK_DIR.glob("*")]


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("path", ["/uploads/", "/submissions/", "/theme/"])
def test_a_broken_form_leaves_no_file(as_alice: Client, kind: str, path: str) -> None:
    as_alice.raise_request_exception = False
    before = names()
    response = as_alice.generic("POST", path, BROKEN[kind].encode(), "multipart/form-data; boundary=x")
    assert 400 <= response.status_code < 500
    assert names() == before


def test_a_body_beyond_the_cap_leaves_no_file(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 300_000)
    as_alice.raise_request_exception = False
    before = names()
    as_alice.generic("POST", "/uploads/", (part(1) + part(2) + "--x--\r\n").encode(), "multipart/form-data; boundary=x")
    assert names() == before


WORDS = {
    "no end": "What you sent didn't arrive whole.",
    "cut in a file": "What you sent didn't arrive whole.",
    "cut in a head": "What you sent didn't arrive whole.",
    "an encoding that is none": "Studio couldn't read what was sent.",
    "too many files": "That's too many files at once.",
    "too many fields": "That's more than 1,000 fields at once.",
    "fields too large": "That's too much text.",
}


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_broken_form_hears_what_is_wrong_with_it(as_alice: Client, kind: str, headers: dict[str, str]) -> None:
    response = as_alice.generic(
        "POST", "/submissions/", BROKEN[kind].encode(), "multipart/form-data; boundary=x", headers=headers
    )
    text = html.unescape(response.content.decode())
    assert WORDS[kind] in text
    assert "Nothing was changed." in text
    assert ("<!doctype html>" in text) is not bool(headers)


def test_files_beyond_the_cap_and_long_texts_and_addresses_hear_it_too(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 300_000)
    body = (part(1) + part(2) + "--x--\r\n").encode()
    response = as_alice.generic("POST", "/uploads/", body, "multipart/form-data; boundary=x", headers=HTMX)
    assert (response.status_code, "come to more than 600 MB together" in response.content.decode()) == (413, True)
    response = as_alice.post("/theme/", "prompt=" + "p" * 3_000_000, "application/x-www-form-urlencoded")
    assert "too much text" in response.content.decode()
    response = as_alice.get("/?" + "&".join(f"f{number}=1" for number in range(2_000)))
    assert (response.status_code, "more than 1,000 fields" in response.content.decode()) == (413, True)


@pytest.mark.parametrize("type", ["application/json", "text/plain", "image/png", ""])
@pytest.mark.parametrize("path", ["/uploads/", "/submissions/", "/theme/"])
def test_what_is_no_form_is_not_read_as_an_empty_one(as_alice: Client, type: str, path: str) -> None:
    response = as_alice.generic("POST", path, b'{"prompt": "x"}', type, headers=HTMX)
    assert (response.status_code, "Studio only takes forms." in response.content.decode()) == (415, True)


@pytest.mark.parametrize("name", ["..", "/", "\u202e"])
def test_a_file_with_a_name_that_says_nothing_is_taken(as_alice: Client, name: str) -> None:
    picture = image_bytes()
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    response = as_alice.generic(
        "POST", "/uploads/", head + picture + b"\r\n--x--\r\n", "multipart/form-data; boundary=x", headers=HTMX
    )
    assert response.status_code == 200
    assert Picture.objects.get().title == "Unnamed file"


def test_a_view_that_breaks_leaves_no_file(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.create.uploads.store_upload", lambda *_: 1 / 0)
    as_alice.raise_request_exception = False
    before = names()
    body = (part(1) + "--x--\r\n").encode()
    response = as_alice.generic("POST", "/uploads/", body, "multipart/form-data; boundary=x")
    assert response.status_code == 500
    assert names() == before
