"""One end for everything that is asked of another server: a timeout alone begins anew with each byte, and a server that
sends one at a time would hold a page, or the queue, for as long as it likes.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Cut:
    """The connections of what is being asked, all shut when its time is over.

    `handles` are second ones: TLS takes the first ones away.
    """

    seconds: float
    ends_at: float = field(init=False)
    handles: list[socket.socket] = field(default_factory=list)
    is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _done: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.put_off()

    def put_off(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    def add(self, opened: socket.socket) -> None:
        with self._lock:
            self.handles.append(socket.socket(fileno=os.dup(opened.fileno())))
            if self.is_over:
                _shut(self.handles[-1])

    def watch(self) -> None:
        """Wait until all is answered or the time is over, which may be put off meanwhile."""
        while not self._done.wait(max(0.0, self.ends_at - time.monotonic())):
            if time.monotonic() >= self.ends_at:
                self._end()
                return

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for one in self.handles:
                _shut(one)

    def close(self) -> None:
        self._done.set()
        with self._lock:
            for one in self.handles:
                one.close()
            self.handles.clear()


_current: ContextVar[Cut | None] = ContextVar("cut", default=None)


@contextmanager
def after(seconds: float) -> Iterator[None]:
    """Shut every connection that is noted within, `seconds` from now."""
    cut = Cut(seconds)
    token = _current.set(cut)
    threading.Thread(target=cut.watch, daemon=True).start()
    try:
        yield
    finally:
        _current.reset(token)
        cut.close()


def note(opened: socket.socket) -> socket.socket:
    """Let this connection end with the others of `after`; return it."""
    if (cut := _current.get()) is not None:
        cut.add(opened)
    return opened


def put_off() -> None:
    """Begin the time of `after` anew: something has come that was worth the wait."""
    if (cut := _current.get()) is not None:
        cut.put_off()


def is_over() -> bool:
    """Whether the time of `after` is up, so that what was read is not all there is."""
    cut = _current.get()
    return cut is not None and cut.is_over


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
