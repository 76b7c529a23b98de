"""The web server before an application of the tests, and a way to speak to it byte by byte."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from studio.launcher import server

MEMBER = "session=member"
MOST = 3_000_000
STREAM = 30_000_000  # bytes: more than the server takes in before its client does


class Application:
    """Echoes the length of the body; /slow waits until it may go on; /stream is written piece by piece."""

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
        if path == "/stream":
            start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(STREAM))])
            return (b"x" * 1_000_000 for _ in range(STREAM // 1_000_000))
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


def read_all(sock: socket.socket) -> bytes:
    found = b""
    while piece := sock.recv(65_536):
        found += piece
    return found


def post(length: int, *, cookie: str = MEMBER, path: str = "/", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nCookie: {cookie}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode()
