"""The web server over real sockets: what it reads, what it refuses, what it ends, and that pages answer meanwhile."""

from __future__ import annotations

import http.client
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from studio.launcher import connections, server
from tests.stack.running import eventually

MEMBER = "session=member"
SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
MOST = 3_000_000


class Application:
    """Echoes the length of the body; /slow waits until it may go on."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.may_go = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.seen.append(path)
        if path == "/slow":
            self.may_go.wait(10)
        if path == "/broken":
            raise ZeroDivisionError("a secret of ours")
        if path == "/nothing":
            start("204 No Content", [])
            return []
        body = environ["wsgi.input"].read()
        if path == "/large":
            start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5000000")])
            return [b"x" * 5_000_000]
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REQUEST_METHOD']} {len(body)} {environ.get('HTTP_X_FORWARDED_FOR', '')}".encode()]


class Served:
    def __init__(self, folder: Path) -> None:
        self.application = Application()
        self.folder = folder
        self.opened: list[socket.socket] = []
        listener = server.listen("127.0.0.1", 0)
        self.port = listener.getsockname()[1]
        self.server = server.Server(
            self.application, listener, may_send=lambda cookies, _: cookies == MEMBER, most_bytes=MOST
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def open(self, sent: bytes = b"") -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.opened.append(sock)
        if sent:
            sock.sendall(sent)
        return sock

    def ask(self, sent: bytes) -> bytes:
        """Send all of it and return everything that comes until the other end closes."""
        with self.open(sent) as sock:
            return read_all(sock)

    def get(self, path: str = "/") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def files(self) -> int:
        """Unnamed temporary files that this process holds open below the folder."""
        return sum(target(link).startswith(str(self.folder)) for link in Path("/proc/self/fd").iterdir())


def target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""  # closed meanwhile


def is_ended(sock: socket.socket) -> bool:
    try:
        return sock.recv(10) == b""
    except ConnectionResetError:
        return True


def read_all(sock: socket.socket) -> bytes:
    found = b""
    while piece := sock.recv(65_536):
        found += piece
    return found


def post(length: int, *, cookie: str = MEMBER, path: str = "/", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nCookie: {cookie}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(server, "DISK_RESERVE", 0)
    monkeypatch.setattr(server, "TICK", 0.05)
    running = Served(tmp_path)
    yield running
    for sock in running.opened:
        sock.close()
    running.application.may_go.set()
    running.server.stop()
    running.thread.join(10)
    assert not running.thread.is_alive()


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


# ---- Who may send files, and how much


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


def test_a_disk_that_fills_meanwhile_is_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from waitress.buffers import TempfileBasedBuffer

    def full(self: Any, s: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TempfileBasedBuffer, "append", full)
    assert served.ask(post(1_000_000) + b"x" * 1_000_000).startswith(b"HTTP/1.1 507 ")


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
