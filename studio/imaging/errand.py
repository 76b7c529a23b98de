"""One request to a child: the command, the line it reads, and what to make of its end."""

from __future__ import annotations

import errno
import functools
import importlib.util
import json
import logging
import os
import secrets
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from studio.imaging.limits import LIMITS, MAX_BYTES, MAX_REPLY_BYTES, Limits
from studio.imaging.reply import Fields, Garbled
from studio.imaging.unusable import REASONS, Unusable, empty, not_a_picture, too_complex, too_many_bytes, took_too_long

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# -I and -S: nothing from the environment, the user's folder or .pth files, which also saves their time; so the two
# folders the child needs are handed over. Own arenas for threads would use up the address space.
_BOOT = "import sys; sys.path += sys.argv[1:]; from studio.imaging.child.__main__ import main; main()"
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}

_LONGEST_SENTENCE = 300

# No picture makes its decoder send these: the kernel did, short of memory, or somebody who stops the machine.
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})


class ChildLost(OSError):
    """The child was killed or could not work, which says nothing about the picture: try again."""

    def __init__(self, code: int) -> None:
        super().__init__(errno.EAGAIN, f"the picture process ended with {code}")


def out_of_time() -> OSError:
    """Say that the child has waited for the machine for too long; its processor time has a limit of its own."""
    return TimeoutError(errno.ETIMEDOUT, "the picture process did not get to its end in time")


class Errand(Generic[Result]):
    """A task for one child, with the files it may leave behind until it has succeeded."""

    def __init__(
        self,
        task: str,
        source: Path,
        into: Path,
        read: Callable[[Errand[Result], Fields], Result],
        *,
        sizes: Sequence[int] = (),
        limits: Limits = LIMITS,
    ) -> None:
        self.source = source.absolute()
        self.into = into.absolute()
        self.limits = limits
        self.prefix = f".making-{secrets.token_hex(8)}-"
        self._task = task
        self._sizes = list(sizes)
        self._read = read

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, *_code_folders()]

    @property
    def environment(self) -> dict[str, str]:
        """The child's whole environment; the API key and the database's password stay here."""
        return _ENVIRONMENT

    @property
    def line(self) -> bytes:
        limits = self.limits._asdict()
        del limits["wall_seconds"]
        request = {
            "task": self._task,
            "source": str(self.source),
            "into": str(self.into),
            "prefix": self.prefix,
            "sizes": self._sizes,
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
        """Read the child's reply, or its death. Raises `Unusable`, or OSError for trouble of the machine."""
        if code == -signal.SIGXCPU:
            raise took_too_long()
        if code != 0 or len(answer) > MAX_REPLY_BYTES:
            self._log_death(code, answer)
            # One that floods was killed by us.
            if len(answer) <= MAX_REPLY_BYTES and (code > 0 or -code in _FROM_OUTSIDE):
                raise ChildLost(code)
            raise too_complex()
        try:
            fields = Fields.parse(answer)
            self._raise_refusal(fields)
            return self._read(self, fields)
        except Garbled as garbled:
            logger.error("The picture child's reply to %s cannot be believed: %s", self._task, garbled)
            raise too_complex() from garbled

    def sweep(self) -> None:
        """Remove every file this errand's child has left."""
        for leftover in self.into.glob(f"{self.prefix}*"):
            leftover.unlink(missing_ok=True)

    def _raise_refusal(self, fields: Fields) -> None:
        if fields.has("errno"):
            number = fields.whole("errno", 1, 4096)
            raise OSError(number, os.strerror(number))
        if fields.has("reason"):
            reason = fields.text("reason", 40)
            if reason not in REASONS:
                raise Garbled(f"reason {reason!r}")
            if detail := fields.text("detail", MAX_REPLY_BYTES):
                logger.error("The picture child failed at %s: %s", self._task, detail)
            raise Unusable(reason, fields.text("sentence", _LONGEST_SENTENCE))  # type: ignore[arg-type]

    def _log_death(self, code: int, answer: bytes) -> None:
        # An exit code is what a broken installation does.
        level = logging.WARNING if code < 0 else logging.ERROR
        logger.log(level, "The picture child for %s ended with %d after %d bytes", self._task, code, len(answer))


@functools.cache
def _code_folders() -> tuple[str, ...]:
    """Name the folders that hold this project and the picture libraries, without importing the latter."""
    folders = [Path(__file__).parents[2]]
    for library in ("PIL", "pillow_heif", "simplejpeg", "numpy"):
        found = importlib.util.find_spec(library)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{library} is not installed: run pip install -r requirements.txt")
        folders.append(Path(found.origin).parents[1])
    return tuple(dict.fromkeys(str(folder) for folder in folders))
