"""Files on S3 behind a gateway, whose S3 is away, or a proxy that answers in its place."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.request import proxy_bypass

import pytest

from studio import storage
from studio.network import loopback
from tests.test_s3 import on_s3, own_turns

__all__ = ["own_turns"]

NAME = "originals/ab/cd/name.png"


class Gateway(BaseHTTPRequestHandler):
    """What a gateway says of every address while the S3 behind it is away."""

    status, body = 404, b"404 page not found"
    head_status = 404
    headers_of_it: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.head_status if self.command == "HEAD" else self.status)
        for name, value in {"Content-Length": str(len(self.body)), **self.headers_of_it}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    def do_PUT(self) -> None:
        self.do_GET()

    def do_HEAD(self) -> None:
        self.do_GET()


@contextmanager
def answering(kind: type[BaseHTTPRequestHandler]) -> Iterator[None]:
    """Files lie where this answers."""
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with on_s3(f"http://127.0.0.1:{server.server_port}"):
            yield
        server.shutdown()


def test_a_gateway_without_its_s3_is_not_taken_for_a_bucket_without_the_file(tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(b"bytes of a picture")
    with answering(Gateway):
        for ask in (lambda: storage.open_file(NAME), lambda: storage.store(part, NAME), storage.check):
            with pytest.raises(storage.Unavailable, match="does not answer"):
                ask()
    assert part.exists()


class Portal(Gateway):
    """What a proxy says of every address: 200, and a page of its own."""

    status = head_status = 200
    body = b"<h1>Sign in</h1>\n\n"


class Maintenance(Portal):
    """A page that a web server has in a file, named as S3 names files."""

    headers_of_it: ClassVar[dict[str, str]] = {"ETag": '"5f-12"', "Content-Type": "text/html; charset=utf-8"}


class Redirect(Portal):
    """Leads to a page to sign in."""

    status = head_status = 302
    headers_of_it: ClassVar[dict[str, str]] = {"Location": "https://login.example/"}


class Forgetful(Portal):
    """Takes every file, and has none."""

    head_status = 404


@pytest.mark.parametrize("kind", [Portal, Maintenance, Redirect, Forgetful])
def test_a_page_that_a_proxy_answers_with_is_no_file_and_keeps_none(kind: type[Gateway], tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(b"bytes of a picture")  # as many as the page has
    asked = [lambda: storage.open_file(NAME), lambda: storage.store(part, NAME)]
    # Its HEAD alone cannot be told from that of a bucket without the file.
    asked += [lambda: storage.has(NAME)] if kind is not Forgetful else []
    with answering(kind):
        for ask in asked:
            with pytest.raises(storage.Unavailable):
                ask()
    assert part.exists()


@pytest.mark.parametrize("own", ["", "files.example, .corp.example", "*"])
def test_files_on_this_machine_are_asked_for_without_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, own)
    loopback.spare_from_proxies()
    with answering(Portal), pytest.raises(storage.Unavailable, match="something else answers in its place"):
        storage.open_file(NAME)
    # What the environment says of others stays.
    assert os.environ["no_proxy"].startswith(own.replace(", ", ","))
    assert proxy_bypass("pictures.corp.example") == bool(own)
    assert proxy_bypass("corp.test") == (own == "*")
