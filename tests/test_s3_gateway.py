"""Files on S3 behind a gateway, whose S3 is away."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from studio import storage
from tests.test_s3 import on_s3, own_turns

__all__ = ["own_turns"]


class Gateway(BaseHTTPRequestHandler):
    """What a gateway says of every address while the S3 behind it is away."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404)
        self.send_header("Content-Length", "19")
        self.end_headers()
        self.wfile.write(b"404 page not found\n")

    def do_PUT(self) -> None:
        self.do_GET()

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()


def test_a_gateway_without_its_s3_is_not_taken_for_a_bucket_without_the_file(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"bytes of a picture")
    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with on_s3(f"http://127.0.0.1:{server.server_port}"):
            for ask in (
                lambda: storage.open_file("originals/ab/cd/name.png"),
                lambda: storage.store(tmp_path / "part", "originals/ab/cd/name.png"),
                storage.check,
            ):
                with pytest.raises(storage.Unavailable, match="does not answer"):
                    ask()
        server.shutdown()
    assert (tmp_path / "part").exists()
