"""The child process: one request line in, one reply line out, then the end."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys

from studio.imaging.child.opening import guard_pillow
from studio.imaging.child.replying import reply_to

_PR_SET_PDEATHSIG = 1
_NICENESS = 5


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    die_with(request["parent"])
    confine(**request["limits"])
    guard_pillow()
    reply = json.dumps(reply_to(request)).encode()
    sys.stdout.buffer.write(reply + b"\n")
    sys.stdout.buffer.flush()
    # Skip the interpreter's teardown: the decoders' threads and half a gigabyte of buffers end with the process.
    os._exit(0)


def die_with(parent: int) -> None:
    """End when the parent ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before the line above.
    if os.getppid() != parent:
        os._exit(1)


def confine(*, cpu_seconds: int, memory_bytes: int, file_bytes: int, open_files: int) -> None:
    """Set this process's own limits. A hard limit that is already lower stays."""
    os.nice(_NICENESS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds, slack=1)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)
    if sys.platform == "linux":
        # Elsewhere the address space is not limited in earnest and may not be set at all.
        _limit(resource.RLIMIT_AS, memory_bytes)


def _limit(which: int, amount: int, *, slack: int = 0) -> None:
    # The soft CPU limit sends SIGXCPU, which tells "too long" from other deaths; the hard one kills.
    _, ceiling = resource.getrlimit(which)
    soft, hard = amount, amount + slack
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))


if __name__ == "__main__":
    main()
