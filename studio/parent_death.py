"""Tie the life of a process to that of its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends (Linux). Exit at once when `parent`, a pid, has ended."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without it: the lifeline of the launcher still ends parts
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before the line above.
    if parent is not None and os.getppid() != parent:
        os._exit(1)
