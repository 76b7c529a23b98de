"""One end for everything that is asked of another server: a timeout alone begins anew with each byte, and a server that
sends one at a time would hold a page, or the queue, for as long as it likes.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Cut:
    """The connections of what is being asked, all shut when its time is over.

    `handles` are second ones: TLS takes the first ones away.
    """

    handles: list[socket.socket] = field(default_factory=list)
    is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, opened: socket.socket) -> None:
        with self._lock:
            self.handles.append(opened.dup())
            if self.is_over:
                _shut(self.handles[-1])

    def end(self) -> None:
        with self._lock:
            self.is_over = True
            for one in self.handles:
                _shut(one)

    def close(self) -> None:
        with self._lock:
            for one in self.handles:
                one.close()
            self.handles.clear()


_current: ContextVar[Cut | None] = ContextVar("cut", default=None)


@contextmanager
def after(seconds: float) -> Iterator[Cut]:
    """Shut every connection that is noted within, `seconds` from now."""
    cut = Cut()
    token = _current.set(cut)
    end = threading.Timer(seconds, cut.end)
    end.daemon = True
    end.start()
    try:
        yield cut
    finally:
        end.cancel()
        _current.reset(token)
        cut.close()


def note(opened: socket.socket) -> socket.socket:
    """Let this connection end with the others of `after`; return it."""
    if (cut := _current.get()) is not None:
        cut.add(opened)
    return opened


def is_over() -> bool:
    """Whether the time of `after` is up, so that what was read is not all there is."""
    cut = _current.get()
    return cut is not None and cut.is_over


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
