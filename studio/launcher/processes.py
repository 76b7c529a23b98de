"""Keep a number of forks at work until SIGTERM: the web server's, which share a listening socket and their imports."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import connections

from studio.parent_death import die_with_parent

log = logging.getLogger(__name__)

STOP_PATIENCE = 3.0  # seconds
# One that dies at once again is not started faster than this.
PAUSE = 0.5  # seconds

Stop = Callable[[], None]
Body = Callable[[Callable[[Stop], None]], None]


def keep(count: int, body: Body) -> None:
    """Run `body` in `count` forks and start again whichever ends. `body` is handed a function that takes its stop.

    Returns on SIGTERM, once all have ended; the forks end with this process, however it ends.
    """
    asked: list[int] = []
    reads, writes = os.pipe()  # macOS has no pipe2
    for end in (reads, writes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writes, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, float] = {}
    while not asked:
        while len(running) < count:
            running[_fork(body)] = time.monotonic()
        select.select([reads], [], [], 5)
        with suppress(BlockingIOError):
            os.read(reads, 4096)
        for pid in _ended(running):
            log.warning("A web process ended; it is started again")
            time.sleep(max(0.0, PAUSE - (time.monotonic() - running.pop(pid))))
    for pid in running:
        _signal(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_PATIENCE
    while running:
        for pid in _ended(running):
            del running[pid]
        if time.monotonic() > until:
            for pid in running:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.02)


def _fork(body: Body) -> int:
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(parent)
        body(lambda stop: _on_terminate(stop))
        code = 0
    except Exception:
        log.exception("A web process broke")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _on_terminate(stop: Stop) -> None:
    signal.signal(signal.SIGTERM, lambda *_: stop())


def _ended(running: dict[int, float]) -> list[int]:
    return [pid for pid in running if _waited(pid)]


def _waited(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
