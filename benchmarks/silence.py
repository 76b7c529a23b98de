"""How long a page takes while hundreds of clients do not finish what they send: `python -m benchmarks.silence`.

500 connections with headers that never end and 100 uploads of 3.9 MB at 256 kbit/s, all from this machine, beside
somebody who is signed in and looks at pages; bounded by SECONDS.
"""

from __future__ import annotations

import http.client
import select
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.figures import Figure, share, show
from tests.stack.running import Running
from tests.stack.visitor import Visitor

SILENT, UPLOADS = 500, 100
RATE = 32_000  # bytes a second: 256 kbit/s
SIZE = 3_900_000
SECONDS = 15.0
PAGES = ("/", "/gallery/", "/review/", "/people/")
TICK = 0.1


@contextmanager
def siege(studio: Running, cookies: str, csrf: str, *, silent: int = SILENT, uploads: int = UPLOADS) -> Iterator[None]:
    """Keep so many connections silent and so many uploads slow until the end of the block."""
    ended = threading.Event()
    held: list[socket.socket] = []
    slow: list[socket.socket] = []
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    body = (
        f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{csrf}\r\n'
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    ).encode()
    post = (
        f"POST /uploads/ HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {SIZE}\r\n\r\n"
    ).encode()

    def connect(sent: bytes) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", studio.port), timeout=10)
        one.sendall(sent)
        return one

    def drip() -> None:
        piece = b"x" * int(RATE * TICK)
        while not ended.wait(TICK):
            _, ready, _ = select.select([], slow, [], 0) if slow and slow[-1].fileno() < 1024 else ([], slow, [])
            for one in ready:
                with suppress(OSError):
                    one.sendall(piece)

    for _ in range(uploads):
        slow.append(connect(post + body))
    for _ in range(silent):
        held.append(connect(head))
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for one in (*held, *slow):
            one.close()


def pages(visitor: Visitor, seconds: float) -> list[float]:
    """Open pages one after the other, each on a connection of its own, and return how long each took."""
    took: list[float] = []
    cookies = _cookies(visitor)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in (*PAGES, "/healthz"):
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", visitor.http.base_url.port, timeout=30)
            connection.request("GET", path, headers={"Cookie": cookies})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            assert answer.status == 200, (path, answer.status)
            took.append(time.monotonic() - began)
            time.sleep(0.05)
    return took


def _cookies(visitor: Visitor) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.http.cookies.jar)


def besieged(studio: Running, visitor: Visitor, seconds: float = SECONDS) -> list[float]:
    visitor.http.get("/")
    with siege(studio, _cookies(visitor), visitor.csrf()):
        return pages(visitor, seconds)


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        studio = Running(Path(folder) / "var")
        try:
            studio.start()
            with Visitor(studio) as visitor:
                alone, among = pages(visitor, 5.0), besieged(studio, visitor)
        finally:
            studio.kill()
    return [
        Figure("a page at rest, p95", share(alone, 0.95), "s", None),
        Figure(
            f"a page beside {SILENT} silent connections and {UPLOADS} slow uploads, p95",
            share(among, 0.95),
            "s",
            1.0,
            note=f"{len(among)} pages, worst {max(among):.2f} s",
        ),
    ]


if __name__ == "__main__":
    figures = measure()
    show(figures)
    sys.exit(0 if all(figure.is_met for figure in figures) else 1)
