"""A mail server that is slow on purpose, or broken, is not waited for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from studio.network import mail


@pytest.fixture
def dripping(greeting: bytes) -> Iterator[int]:
    """The port of a server that greets with a byte at a time, and never comes to an end."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(greeting)
            while not over.wait(0.05):
                connection.sendall(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    yield listener.getsockname()[1]
    over.set()
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("greeting", "over_tls"),
    [(b"220-", False), (b"\x16\x03\x03\x3f\xff", True)],  # a line, and a record of TLS with 16 kB to come
)
def test_a_server_that_answers_a_byte_at_a_time_is_cut_off(dripping: int, settings: Any, over_tls: bool) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "studio.network.mail.Backend",
        "127.0.0.1",
        dripping,
    )
    settings.EMAIL_USE_SSL, settings.EMAIL_TIMEOUT = over_tls, 0.3
    began = time.monotonic()
    assert not mail.send("ada@studio.example", "Hello", "A text")
    assert time.monotonic() - began < 5
