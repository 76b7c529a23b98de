"""The web server over real sockets: who may send files, and how much."""

from __future__ import annotations

import errno
import json
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from studio.launcher import connections, server
from tests.launcher.served import MEMBER, MOST, Served, post, read_all


def test_a_stranger_may_send_a_form_but_no_file(served: Served) -> None:
    assert b"POST 1000" in served.ask(post(1_000, cookie="none") + b"x" * 1_000)
    answer = served.ask(post(1_000_000, cookie="none") + b"x" * 1_000_000)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"Sign in first." in answer
    assert b"<!doctype html>" in answer
    assert served.application.seen == ["/"]


def test_a_fragment_hears_it_as_a_notice(served: Served) -> None:
    answer = served.ask(post(1_000_000, cookie="none", more="HX-Request: true\r\n"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"HX-Retarget: #toasts" in head
    assert body.startswith(b"<toast-note")


def test_too_large_a_body_is_refused_before_it_comes(served: Served) -> None:
    with served.open(post(MOST + 1)) as sock:
        assert read_all(sock).startswith(b"HTTP/1.1 413 ")


def test_a_refusal_is_read_although_the_body_still_comes(served: Served) -> None:
    with served.open(post(MOST + 1)) as sock:
        for _ in range(20):
            sock.sendall(b"x" * 50_000)
        assert b"too much to send at once." in read_all(sock)


def test_who_is_refused_may_go_on_sending_for_a_while(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser on a slow line reads nothing before it has sent all: it must not be reset meanwhile."""
    monkeypatch.setattr(connections, "LINGER_TIME", 0.3)
    monkeypatch.setattr(connections, "LONGEST_LINGER", 2.5)
    with served.open(post(MOST + 1)) as sock:
        read_all(sock)
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 10:
                sock.sendall(b"x" * 1_000)
                threading.Event().wait(0.01)
        assert 2 < time.monotonic() - began < 9


def test_a_full_disk_is_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "DISK_RESERVE", 10**18)
    answer = served.ask(post(1_000_000))
    assert answer.startswith(b"HTTP/1.1 507 ")
    assert b"disk is full" in answer
    assert b"POST 1000" in served.ask(post(1_000) + b"x" * 1_000)


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [(errno.ENOSPC, b"507", b"disk is full"), (errno.EROFS, b"503", b"can't use its disk")],
)
def test_a_disk_that_takes_no_more_meanwhile_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch, number: int, status: bytes, words: bytes
) -> None:
    from waitress.buffers import TempfileBasedBuffer

    def refuse(self: Any, s: bytes) -> None:
        raise OSError(number, "x")

    monkeypatch.setattr(TempfileBasedBuffer, "append", refuse)
    answer = served.ask(post(1_000_000) + b"x" * 1_000_000)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert words in answer.replace(b"&#x27;", b"'")


def test_too_long_headers_are_refused(served: Served) -> None:
    lines = b"".join(b"A%d: %s\r\n" % (number, b"x" * 1_000) for number in range(40))
    assert served.ask(b"GET / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n").startswith(b"HTTP/1.0 431 ")


def test_expect_continue_is_answered_only_to_who_may_send(served: Served) -> None:
    with served.open(post(1_000_000, more="Expect: 100-continue\r\n")) as sock:
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"x" * 1_000_000)
        assert b"POST 1000000" in read_all(sock)
    answer = served.ask(post(1_000_000, cookie="none", more="Expect: 100-continue\r\n"))
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_body_in_chunks_arrives_whole(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nCookie: %s\r\n\r\n"
    chunks = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    assert b"POST 100000" in served.ask(head % b"none" + chunks + b"0\r\n\r\n")
    assert b"POST 1000000" in served.ask(head % MEMBER.encode() + chunks * 10 + b"0\r\n\r\n")
    assert served.ask(head % b"none" + chunks * 10 + b"0\r\n\r\n").startswith(b"HTTP/1.1 401 ")
    assert served.ask(head % MEMBER.encode() + chunks * 40 + b"0\r\n\r\n").startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("path", "kind", "named"),
    [
        ("/api/v1/pictures", "application/problem+json", "code"),
        ("/mcp", "application/problem+json", "code"),
        ("/v1/generations", "application/json", "detail"),
        ("/v1/uploads/x", "application/json", "detail"),
        ("/v1/images/edits", "application/json", "error"),
    ],
)
def test_a_program_hears_of_it_in_the_form_of_its_door(served: Served, path: str, kind: str, named: str) -> None:
    for sent, status in (
        (post(1_000_000, cookie="none", path=path), 401),
        (post(MOST + 1, path=path), 413),
        (post(9, path=path, more="Transfer-Encoding: chunked\r\n"), 400),
        (post(9, path=path, more="Transfer-Encoding: gzip\r\n"), 501),
    ):
        head, _, body = served.ask(sent).partition(b"\r\n\r\n")
        told = json.loads(body)
        assert head.split()[1] == str(status).encode()
        assert f"Content-Type: {kind}\r\n".encode() in head
        assert told[named]
        assert told.get("status", status) == status
        assert (b"WWW-Authenticate: Bearer" in head) == (status == 401)
