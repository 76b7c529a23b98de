"""Run a task in a child process with limits. The child never outlives the call, and a call that fails leaves no file.

asyncio is imported inside functions: the child imports this package too, and would take twice as long to start.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from studio.imaging.kinds import foreign
from studio.imaging.limits import LIMITS, MAX_BYTES, MAX_REPLY_BYTES, Limits
from studio.imaging.reply import InvalidReply, Reply
from studio.imaging.unusable import REASONS, Unusable, empty, not_a_picture, too_complex, too_many_bytes, took_too_long

if TYPE_CHECKING:
    from asyncio.subprocess import Process

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# -I and -S: nothing from the environment, the user's folder or .pth files, which also saves their time; so the folders
# the child needs are handed over.
_BOOT = "import sys; sys.path += sys.argv[1:]; from studio.imaging.child.__main__ import main; main()"
# The child's whole environment: it never sees the API key or the database's password. Own arenas for threads would use
# up the address space.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}

_LONGEST_SENTENCE = 300

# Seconds before a child that was killed is followed by another one; after the last the caller hears of it.
_RETRY_PAUSES = (0.2, 1.0)

# No picture makes its decoder send these: the kernel did, short of memory, or somebody who stops the machine.
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})


class ChildLost(OSError):
    """The child was killed or could not work, which says nothing about the picture: try again."""

    def __init__(self, code: int) -> None:
        super().__init__(errno.EAGAIN, f"the picture process ended with {code}")


@dataclass
class ChildTask(Generic[Result]):
    """One task for a child: what it is asked to do, which files it may write, and how its reply is read."""

    name: str
    source: Path
    into: Path
    read: Callable[[Reply], Result]
    sizes: Sequence[int] = ()
    # What the tasks of child/pair.py and child/marks.py need beside their source.
    options: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = LIMITS
    # Begins the name of every file the child may write in `into`.
    prefix: str = field(default_factory=lambda: f".making-{os.urandom(8).hex()}-")

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, *_code_folders()]

    @property
    def request(self) -> bytes:
        """The line the child reads."""
        limits = self.limits._asdict()
        del limits["wall_seconds"]
        request = {
            "task": self.name,
            "source": str(self.source.absolute()),
            "into": str(self.into.absolute()),
            "prefix": self.prefix,
            "sizes": list(self.sizes),
            "options": dict(self.options),
            "limits": limits,
            "parent": os.getpid(),
        }
        return json.dumps(request).encode() + b"\n"

    def check_source(self) -> None:
        """Refuse what needs no child to refuse. Raises FileNotFoundError when there is no such file."""
        status = self.source.stat()
        if not stat.S_ISREG(status.st_mode):
            raise not_a_picture()
        if status.st_size == 0:
            raise empty()
        if status.st_size > MAX_BYTES:
            raise too_many_bytes(status.st_size)

    def result(self, code: int, answer: bytes) -> Result:
        """Read the child's reply, or its death. Raises `Unusable`, or OSError when the machine fails."""
        if code == -signal.SIGXCPU:
            raise took_too_long()
        if code != 0 or len(answer) > MAX_REPLY_BYTES:
            # An exit code is what a broken installation does.
            level = logging.WARNING if code < 0 else logging.ERROR
            logger.log(level, "The picture child for %s ended with %d after %d bytes", self.name, code, len(answer))
            # One that floods was killed by us.
            if len(answer) <= MAX_REPLY_BYTES and (code > 0 or -code in _FROM_OUTSIDE):
                raise ChildLost(code)
            raise too_complex()
        try:
            reply = Reply.parse(answer, self.into.absolute(), self.prefix)
            self._raise_failure(reply)
            return self.read(reply)
        except InvalidReply as invalid:
            logger.error("The picture child's reply to %s is invalid: %s", self.name, invalid)
            raise too_complex() from invalid

    def delete_files(self) -> None:
        """Delete every file this task's child has written."""
        for leftover in self.into.glob(f"{self.prefix}*"):
            leftover.unlink(missing_ok=True)

    def _raise_failure(self, reply: Reply) -> None:
        if reply.has("errno"):
            number = reply.integer("errno", 1, 4096)
            raise OSError(number, os.strerror(number))
        if reply.has("reason"):
            reason = reply.text("reason")
            if reason not in REASONS:
                raise InvalidReply(f"reason {reason!r}")
            if detail := reply.text("detail", MAX_REPLY_BYTES):
                logger.error("The picture child failed at %s: %s", self.name, detail)
            kind = foreign(self.source) if reason == "not_a_picture" else ""
            raise Unusable(reason, reply.text("sentence", _LONGEST_SENTENCE), kind)  # type: ignore[arg-type]


@functools.cache
def _code_folders() -> tuple[str, ...]:
    """Name the folders that hold this project and the picture libraries, without importing the latter."""
    folders = [Path(__file__).parents[2]]
    for library in ("PIL", "pillow_heif", "simplejpeg", "numpy", "psd_tools", "attrs"):
        found = importlib.util.find_spec(library)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{library} is not installed: run pip install -r requirements.txt")
        folders.append(Path(found.origin).parents[1])
    return tuple(dict.fromkeys(str(folder) for folder in folders))


def run(task: ChildTask[Result]) -> Result:
    """Wait for `run_async` in an event loop of this thread's own; any thread without a running loop may call it."""
    import asyncio

    return asyncio.run(run_async(task))


async def run_async(task: ChildTask[Result]) -> Result:
    """Run the child, and another when it was killed. Cancelling kills it.

    Raises `Unusable`, or OSError when the machine fails: `ChildLost`, or TimeoutError after `limits.wall_seconds`.
    """
    import asyncio

    task.check_source()
    for pause in _RETRY_PAUSES:
        try:
            return await _run_once(task)
        except ChildLost:
            await asyncio.sleep(pause)
    return await _run_once(task)


async def _run_once(task: ChildTask[Result]) -> Result:
    import asyncio

    done = False
    process: Process | None = None
    try:
        async with asyncio.timeout(task.limits.wall_seconds):
            process = await asyncio.create_subprocess_exec(
                *task.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
            answer = await _ask(process, task.request)
            code = await process.wait()
        result = task.result(code, answer)
        done = True
    except TimeoutError as late:
        # It has waited for the machine for too long; its processor time has a limit of its own.
        raise TimeoutError(errno.ETIMEDOUT, "the picture process did not end in time") from late
    finally:
        if process is not None:
            # Close the pipes, whoever else may hold their other ends, and kill what still runs.
            process._transport.close()  # type: ignore[attr-defined]
            await process.wait()
        if not done:
            task.delete_files()
    return result


async def _ask(process: Process, request: bytes) -> bytes:
    """Send the request and read the reply to its end, or to just above the cap, which kills the child."""
    import asyncio

    if process.stdin is None or process.stdout is None:
        raise AssertionError("both ends are pipes")
    # A child that died at once has closed its end; its exit code says why.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(request)
        await process.stdin.drain()
    process.stdin.close()
    try:
        answer = await process.stdout.readexactly(MAX_REPLY_BYTES + 1)
    except asyncio.IncompleteReadError as ended:
        return ended.partial
    # Not kill() alone: wait() would also wait for a pipe whose reading is paused.
    process._transport.close()  # type: ignore[attr-defined]
    return answer
