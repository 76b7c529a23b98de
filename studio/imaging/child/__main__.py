"""The child process: one request line in, one reply line out, then the end."""

from __future__ import annotations

import errno
import importlib
import json
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

from studio.imaging import unusable
from studio.imaging.child.decode import DECODER_ERRORS, guard_pillow
from studio.imaging.child.tasks import TASKS, OutputFolder
from studio.parent_death import die_with_parent

_NICENESS = 5
# The machine's fault, not the picture's: the parent raises these as they are.
_MACHINE_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EIO, errno.EMFILE}
)
_LONGEST_DETAIL = 4000
_LEAST_ROOM = 1024 * 1024  # bytes: more than what the interpreter has at hand, less than any picture takes
# Tasks with options, and their modules. Loaded when asked for: the others start without numpy and fonts.
_OPTION_TASKS = {
    "compare_edit": "pair",
    "compose": "pair",
    "preview": "pair",
    "put_back": "pair",
    "mark": "marks",
    "copy": "leaving",
    "watermark": "watermark",
}


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    die_with_parent(request["parent"])
    limit_resources(**request["limits"])
    expect_room()
    guard_pillow()
    reply = json.dumps(reply_to(request)).encode()
    sys.stdout.buffer.write(reply + b"\n")
    sys.stdout.buffer.flush()
    # Skip the interpreter's teardown: the decoders' threads and half a gigabyte of buffers end with the process.
    os._exit(0)


def reply_to(request: dict[str, Any]) -> dict[str, Any]:
    """Do the task; a failure is a reply with a reason, or with the `errno` of the machine's error."""
    output = OutputFolder(Path(request["into"]), request["prefix"])
    try:
        if module := _OPTION_TASKS.get(request["task"]):
            tasks = importlib.import_module(f"studio.imaging.child.{module}").TASKS
            reply: dict[str, Any] = tasks[request["task"]](Path(request["source"]), output, request["options"])
            return reply
        return TASKS[request["task"]](Path(request["source"]), output, request["sizes"])
    except unusable.Unusable as refusal:
        return _refusal(refusal)
    except MemoryError:
        return _refusal(unusable.too_complex())
    except DECODER_ERRORS as error:
        if isinstance(error, OSError) and error.errno in _MACHINE_ERRORS:
            return {"errno": error.errno}
        # Decoding is guarded where it happens, so this is a mode or a value our own code did not foresee.
        return _refusal(unusable.too_complex(), traceback.format_exc())


def limit_resources(*, cpu_seconds: int, memory_bytes: int, file_bytes: int, open_files: int) -> None:
    """Set this process's own limits. A hard limit that is already lower stays."""
    os.nice(_NICENESS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds, slack=1)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)
    if sys.platform == "linux":
        # Elsewhere the address space is not limited in earnest and may not be set at all.
        _limit(resource.RLIMIT_AS, memory_bytes)


def expect_room() -> None:
    """End at once where this process may have no memory at all: a decoder would take the picture for a damaged one."""
    try:
        bytearray(_LEAST_ROOM)
    except MemoryError:
        os._exit(errno.ENOMEM)


def _limit(which: int, amount: int, *, slack: int = 0) -> None:
    # The soft CPU limit sends SIGXCPU, which distinguishes "too long" from other deaths; the hard one kills.
    _, ceiling = resource.getrlimit(which)
    soft, hard = amount, amount + slack
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))


def _refusal(refusal: unusable.Unusable, detail: str = "") -> dict[str, Any]:
    return {"reason": refusal.reason, "sentence": refusal.sentence, "detail": detail[-_LONGEST_DETAIL:]}


if __name__ == "__main__":
    main()
