"""One part of the running studio: a forked process in a session of its own, so that it can be stopped whole."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import connections

from studio.parent_death import die_with_parent

log = logging.getLogger(__name__)

# A part that dies at once again is not started faster than this.
BACKOFF, LONGEST_BACKOFF = 0.5, 15.0  # seconds
STEADY = 30.0


class Lifeline:
    """A pipe whose write end only the launcher holds: whoever reads its end knows that the launcher is gone.

    The kernel closes it however the launcher ends. A parent-death signal alone reaches only direct children.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def hold(self) -> None:
        """In a part: end its whole process group as soon as the launcher has ended."""
        os.close(self._write)
        threading.Thread(target=self._watch, args=(os.getpgid(0),), name="lifeline", daemon=True).start()

    def _watch(self, group: int) -> None:
        os.read(self._read, 1)
        os.killpg(group, signal.SIGKILL)


class Process:
    """Starts `body` in a fork, which shares the memory of everything imported before."""

    def __init__(self, name: str, body: Callable[[], None], lifeline: Lifeline) -> None:
        self.name, self.body, self.lifeline = name, body, lifeline
        self.pid = 0
        self.started = 0.0
        self.failures = 0
        self.not_before = 0.0

    def start(self) -> None:
        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(parent)
        self.started = time.monotonic()

    def _become(self, parent: int) -> None:
        code = 1
        try:
            os.setsid()
            die_with_parent(parent)
            self.lifeline.hold()
            # For what a part leaves behind when it is killed a moment before the launcher is.
            os.register_at_fork(after_in_child=die_with_parent)
            # The terminal's Ctrl-C is the launcher's to answer.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            self.body()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except Exception:
            log.exception("%s broke", self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def ended(self) -> bool:
        """Whether the process is gone; its exit is then collected."""
        if not self.pid:
            return True
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            pid, status = self.pid, 0
        if not pid:
            return False
        log.debug("%s ended with %s", self.name, os.waitstatus_to_exitcode(status))
        self.signal_group(signal.SIGKILL)  # whatever it left running
        self.pid = 0
        return True

    def plan_restart(self) -> None:
        """Wait a little longer after each quick death."""
        now = time.monotonic()
        self.failures = 0 if now - self.started > STEADY else self.failures + 1
        self.not_before = now + min(LONGEST_BACKOFF, BACKOFF * 2**self.failures) if self.failures else now

    def terminate(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def signal_group(self, number: int) -> None:
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def stop(self, patience: float) -> None:
        """Ask it to end, wait, then end the whole group."""
        self.terminate()
        until = time.monotonic() + patience
        while not self.ended():
            if time.monotonic() > until:
                self.signal_group(signal.SIGKILL)
            time.sleep(0.05)
