"""Pictures for an edit, and a host that hands them out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from luma_agents import Luma
from luma_agents.types import Generation

from tests.simulator.conftest import ended, picture

PICTURE = picture((120, 80))


class Handler(BaseHTTPRequestHandler):
    """A host of pictures, good and bad."""

    def do_GET(self) -> None:
        if self.path == "/hop":
            self.send_response(302)
            self.send_header("Location", "/picture.png")
            self.end_headers()
            return
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        found = self.path in ("/picture.png", "/page", "/huge")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "image/png")
        self.end_headers()
        if self.path == "/huge":
            self._flood()
        elif found:
            self.wfile.write(PICTURE)

    def _flood(self) -> None:
        try:
            for _ in range(60):
                self.wfile.write(bytes(1024 * 1024))
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def edit(luma: Luma, source: Any, **fields: Any) -> Generation:
    return ended(luma, luma.generations.create(prompt="Bluer", type="image_edit", source=source, **fields))
