"""An S3 that is slow on purpose, or broken, holds no thread for long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile

from studio import storage
from studio.network import cut_off
from studio.s3 import storage as s3
from tests.test_s3 import endpoint, on_s3, own_turns

__all__ = ["endpoint", "own_turns"]

FOUND = b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 99999\r\n\r\n"
GONE = b"HTTP/1.1 404 Not Found\r\nX: "


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize(
    ("head", "ask"),
    [
        *((head, lambda: storage.open_file("a.png")) for head in (b"", FOUND, GONE)),
        *((head, lambda: _save(b"a" * 100_000)) for head in (b"", FOUND, GONE)),
        # Half of a 404 is no word about the file.
        *((head, lambda: storage.has("a.png")) for head in (b"", GONE)),
    ],
)
def test_a_server_that_answers_a_byte_at_a_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, head: bytes, ask: Callable[[], object], is_used: bool
) -> None:
    """On a connection of its own, and on one over which the server has answered before."""
    over, whole = threading.Event(), b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 1\r\n\r\na"

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            if is_used:
                connection.recv(65_536)
                connection.sendall(whole)
            connection.recv(65_536)
            connection.sendall(head)
            while not over.wait(0.05):
                connection.sendall(b"0")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        with on_s3(f"http://127.0.0.1:{server.getsockname()[1]}"):
            if is_used:
                with storage.open_file("a.png") as first:
                    assert first.read() == b"a"
            monkeypatch.setattr(s3, "STEP_SECONDS", 0.5)
            began = time.monotonic()
            with pytest.raises(storage.Unavailable):
                ask()
            assert time.monotonic() - began < 5
        over.set()
        thread.join()


def _save(content: bytes) -> str:
    return str(storage.storages["default"].save("a.png", ContentFile(content)))


def test_the_time_begins_anew_with_each_piece_that_goes_up_or_comes(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[float] = []
    put_off = cut_off.Cut.put_off

    def count(cut: cut_off.Cut) -> None:
        put_off(cut)
        pieces.append(cut.ends_at)

    with on_s3(endpoint):
        monkeypatch.setattr(cut_off.Cut, "put_off", count)
        _save(b"a" * 3 * s3.STEP)
        assert len(pieces) > 3
        assert pieces == sorted(pieces)
        assert pieces[-1] > pieces[0]
        pieces.clear()
        with storage.open_file("a.png") as file:
            assert len(file.read()) == 3 * s3.STEP
        assert len(pieces) > 3


def test_whoever_finds_no_turn_spares_the_next_ones_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "WAIT_FOR_A_TURN", 0.1)
    turns = s3.Turns()
    turns.limit(1)
    with turns.one():
        with pytest.raises(storage.Unavailable, match="too many"), turns.one():
            pass
        with pytest.raises(storage.Unavailable, match="a moment ago"), turns.one():
            pass
