"""A provider that is slow on purpose, or says what it should not, holds no page and is told as what it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from studio.signing_in import provider_calls
from tests.views.providers import START, provider, put, sentence, told, walk

__all__ = ["provider", "told"]

SILENT = "Example Login doesn't answer. Try again in a moment, or sign in another way."
STRANGE = "Example Login gave an answer that Studio can't trust. Try again, or tell an admin."


@pytest.fixture
def server() -> Iterator[Callable[..., str]]:
    """Make a server that answers everything in one way: the address of it."""
    made: list[tuple[ThreadingHTTPServer, threading.Thread]] = []
    over = threading.Event()

    def make(status: int, body: bytes = b"", *, drips: str = "") -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(OSError):
                    if drips == "headers":
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
                    else:
                        self.send_response(status)
                        self.send_header("Content-Type", "application/json")
                        self.end_headers()
                        self.wfile.write(body)
                    while drips and not over.wait(0.05):
                        self.wfile.write(b" ")

            def do_POST(self) -> None:
                # What was not read breaks the connection under the answer.
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None: ...

        one = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        made.append((one, threading.Thread(target=one.serve_forever)))
        made[-1][1].start()
        return f"http://127.0.0.1:{one.server_port}"

    yield make
    over.set()
    for one, thread in made:
        one.shutdown()
        one.server_close()
        thread.join()


@pytest.mark.parametrize("drips", ["headers", "body"])
def test_a_provider_that_answers_a_byte_at_a_time_is_cut_off(
    client: Client, told: Any, server: Any, drips: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_calls, "WALL", 0.3)
    told.OIDC_URL, began = server(200, drips=drips), time.monotonic()
    assert sentence(client.get(START)) == SILENT
    assert time.monotonic() - began < 5


ANSWERS = [
    (502, b"<html>Bad Gateway</html>", SILENT),
    (404, b"<html>Not Found</html>", STRANGE),
    (200, b"<html>Maintenance</html>", STRANGE),
    (200, b"[" * 100_000, STRANGE),
    (200, b" " * (provider_calls.MOST_BYTES + 1), SILENT),
    (200, b"null", STRANGE),
]


@pytest.mark.parametrize(("status", "body", "said"), ANSWERS)
def test_what_a_provider_says_of_itself_may_be_anything(
    client: Client, told: Any, server: Any, status: int, body: bytes, said: str
) -> None:
    told.OIDC_URL = server(status, body)
    assert sentence(client.get(START)) == said


@pytest.mark.parametrize("endpoint", ["access_token_url", "profile_url"])
@pytest.mark.parametrize(("status", "body", "said"), ANSWERS)
def test_what_it_answers_about_a_person_may_be_anything(
    client: Client,
    provider: str,
    server: Any,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    status: int,
    body: bytes,
    said: str,
) -> None:
    put(provider, "grace")
    monkeypatch.setattr(f"studio.signing_in.oidc.Adapter.{endpoint}", server(status, body))
    assert sentence(walk(client)) == said


def test_the_secret_follows_no_redirect(
    client: Client, provider: str, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(provider, "grace")
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(307)
            self.send_header("Location", "/further")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as one:
        threading.Thread(target=one.serve_forever).start()
        monkeypatch.setattr(
            "studio.signing_in.oidc.Adapter.access_token_url", f"http://127.0.0.1:{one.server_port}/token"
        )
        assert sentence(walk(client)) == STRANGE
        one.shutdown()
    assert asked == ["/token"]


def test_sign_ins_that_wait_for_the_provider_leave_threads_for_the_pages(
    client: Client, told: Any, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_calls, "PATIENCE", 0.01)
    turns = [provider_calls.turn() for _ in range(provider_calls.AT_ONCE)]
    for one in turns:
        one.__enter__()
    assert sentence(client.get(START)) == SILENT
    for one in turns:
        one.__exit__(None, None, None)
    cache.clear()
    assert client.get(START).status_code == 302
