"""The web server over real sockets: who keeps it waiting, what could be read in two ways, and what it answers."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from studio.launcher import connections, server
from tests.launcher.served import MEMBER, STREAM, Served, post, read_all
from tests.stack.running import eventually

SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"


def is_ended(sock: socket.socket) -> bool:
    try:
        return sock.recv(10) == b""
    except ConnectionResetError:
        return True


# ---- Who has not finished sending costs nobody anything


def test_silent_connections_and_half_bodies_do_not_stop_a_page(served: Served) -> None:
    silent = [served.open(b"GET / HTTP/1.1\r\nHost: x\r\n") for _ in range(200)]
    halves = [served.open(post(1_000_000) + b"x" * 400_000) for _ in range(40)]
    eventually(lambda: served.files() == 40)
    assert served.get()[0] == 200
    for sock in (*silent, *halves):
        sock.close()
    eventually(lambda: served.files() == 0, what="no temporary file of a body that never came")
    assert not list(served.folder.iterdir())
    assert served.get()[0] == 200


def test_headers_that_do_not_end_are_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_TIME", 0.3)
    with served.open(b"GET / HTTP/1.1\r\n") as sock:
        for _ in range(50):
            try:
                sock.sendall(b"A: b\r\n")
            except OSError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("a header now and then kept the connection open")


def test_a_connection_that_never_speaks_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_TIME", 0.3)
    with served.open() as sock:
        assert is_ended(sock)


def test_a_body_that_trickles_is_told_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_TIME", 0.3)
    answer = served.ask(post(1_000_000, cookie=MEMBER) + b"x" * 100)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The connection is too slow." in answer
    assert served.application.seen == []


def test_a_body_that_comes_steadily_is_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_TIME", 0.2)
    with served.open(post(40_000)) as sock:
        for _ in range(10):
            sock.sendall(b"x" * 4_000)
            time.sleep(0.05)
        assert b"POST 40000" in read_all(sock)


def test_who_takes_nothing_of_an_answer_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALLED_TIME", 0.3)
    with served.open(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"):
        eventually(lambda: served.application.seen == ["/large"])
        eventually(lambda: not served.server.active_channels, within=10)


def test_who_takes_long_answers_slowly_keeps_nobody_else_waiting(served: Served) -> None:
    """Such as zips out of a bucket: they are written as they are read, and each keeps its thread until the end."""
    asked = b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    slow = [served.open(asked) for _ in range(server.PAGE_THREADS + 2)]
    eventually(lambda: served.application.seen == ["/stream"] * len(slow))
    assert served.get()[0] == 200
    for sock in slow:
        assert len(read_all(sock).partition(b"\r\n\r\n")[2]) == STREAM
    eventually(
        lambda: len(served.server.task_dispatcher.threads) == server.PAGE_THREADS, what="the threads are as before"
    )
    assert served.get()[0] == 200


def test_the_oldest_silent_connection_makes_room(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_FOR_ONE_ADDRESS", 5)
    with served.open(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as busy:
        eventually(lambda: served.application.seen == ["/slow"])
        silent = [served.open() for _ in range(10)]
        assert is_ended(silent[0]), "the first of them had to go"
        served.application.may_go.set()
        assert read_all(busy).startswith(b"HTTP/1.1 200"), "who is being answered stays"
        assert served.get()[0] == 200
        for sock in silent:
            sock.close()


def test_behind_a_proxy_its_address_is_not_counted(served: Served, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(server, "MOST_FOR_ONE_ADDRESS", 3)
    settings.STUDIO_PROXIES = 1
    silent = [served.open() for _ in range(20)]
    eventually(lambda: len(served.server.active_channels) == 20)
    for sock in silent:
        sock.close()


def test_one_address_sends_so_many_files_at_once_and_others_still_may(
    served: Served, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(server, "MOST_UPLOADS_FOR_ONE_ADDRESS", 2)
    settings.STUDIO_PROXIES = 1
    one, other = "X-Forwarded-For: 9.9.9.9, 1.2.3.4\r\n", "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n"
    halves = [served.open(post(1_000_000, more=one) + b"x" * 300_000) for _ in range(2)]
    eventually(lambda: served.files() == 2)
    assert served.ask(post(1_000_000, more=one)).startswith(b"HTTP/1.1 429 ")
    assert b"POST 1000000" in served.ask(post(1_000_000, more=other) + b"x" * 1_000_000)
    for sock in halves:
        sock.close()


@pytest.mark.parametrize(
    "hello", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500, b"\x80\x2e\x01\x03\x01"]
)
def test_a_browser_that_was_given_https_hears_at_once_that_this_is_http(served: Served, hello: bytes) -> None:
    """Neither has an end of a line: the hello of today, and that of SSL 2."""
    assert served.ask(hello).startswith(b"HTTP/1.0 400 ")
    assert served.application.seen == []


def test_head_is_answered_without_a_body_and_without_a_warning(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    answer = served.ask(b"HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")
    assert caplog.records == []


# ---- What could be read in two ways


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
    ],
)
def test_a_request_of_two_meanings_is_refused_and_what_follows_is_not_read(served: Served, sent: bytes) -> None:
    answer = served.ask(sent + SECOND)
    assert answer.split(b" ", 2)[1] == b"400"
    assert answer.count(b"HTTP/1.") == 1
    assert served.application.seen == []


def test_an_unknown_transfer_coding_is_refused(served: Served) -> None:
    sent = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    assert served.ask(sent + SECOND).startswith(b"HTTP/1.1 501 ")


# ---- Answers


def test_a_204_and_a_head_keep_the_connection(served: Served) -> None:
    with served.open() as sock:
        for _ in range(3):
            sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = sock.recv(1000)
            assert answer.startswith(b"HTTP/1.1 204 ")
            assert b"close" not in answer
        sock.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = sock.recv(1000)
        assert answer.endswith(b"\r\n\r\n")
        assert b"Content-Length: 7" in answer


def test_requests_sent_together_are_answered_in_order(served: Served) -> None:
    asked = b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(5))
    answer = served.ask(asked + b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 6
    assert served.application.seen == ["/0", "/1", "/2", "/3", "/4", "/last"]


def test_an_old_client_is_served(served: Served) -> None:
    assert served.ask(b"GET / HTTP/1.0\r\n\r\n").endswith(b"GET 0 ")


def test_a_large_answer_arrives_whole(served: Served) -> None:
    assert served.get("/large")[1] == b"x" * 5_000_000


def test_what_breaks_is_a_page_without_the_secret(served: Served) -> None:
    status, body = served.get("/broken")
    assert status == 500
    assert b"Something went wrong on our side." in body
    assert b"secret" not in body


def test_files_do_not_take_the_threads_of_the_pages(served: Served) -> None:
    waiting = [served.open(post(300_000, path="/slow") + b"x" * 300_000) for _ in range(20)]
    eventually(lambda: served.application.seen.count("/slow") == server.UPLOAD_THREADS)
    assert served.get()[0] == 200
    served.application.may_go.set()
    assert all(b"POST 300000" in read_all(sock) for sock in waiting)


def test_what_is_being_answered_is_answered_before_the_end(served: Served) -> None:
    with served.open(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") as sock:
        eventually(lambda: served.application.seen == ["/slow"])
        silent = served.open(b"GET / HT")
        served.server.stop()
        assert is_ended(silent)
        served.application.may_go.set()
        assert sock.recv(1000).startswith(b"HTTP/1.1 200")
    served.thread.join(5)
    assert not served.thread.is_alive()
