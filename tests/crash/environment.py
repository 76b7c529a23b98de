"""A data folder of its own for one crash after the other, and the server whose forks die in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.faults.double import Double
from tests.servers import own

ROOT = Path(__file__).resolve().parent.parent.parent
# What a room must not inherit from the machine it is on.
FOREIGN = ("LUMA_", "STUDIO_", "DATABASE_URL", "DJANGO_", "COV_", "COVERAGE_")
FOLDERS = ("media", "spool", "work")
DATABASE = "studio.sqlite3"


class Fork:
    """One task under way in a process of its own."""

    def __init__(self, room: Room, pid: int) -> None:
        self.room, self.pid = room, pid

    def end(self) -> tuple[int, Any]:
        """Return how it ended (0, or minus the signal) and what it returned."""
        answer = self.room.hear()
        return int(answer["code"]), answer["told"]

    def go(self) -> None:
        """Let a held fork begin."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def state(self) -> str:
        """One letter: T is stopped (proc(5))."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    @property
    def tracer(self) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("TracerPid")).split()[1])


class Room:
    """Use it as `with`; `data` is thrown away by whoever made it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.book = data / "book"
        self.template = data / "template.sqlite3"

    def __enter__(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        settings = {
            "STUDIO_DATA": str(self.data),
            "STUDIO_DOTENV": "off",
            "STUDIO_REQUESTS_PER_MINUTE": "10000",
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            # A module that is compiled meanwhile would be written and renamed among the calls that are counted.
            "PYTHONDONTWRITEBYTECODE": "1",
            **own.surroundings(self.data),
        }
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.victim"],
            cwd=ROOT,
            env=inherited | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.do("settle")
        if own.POSTGRES:
            own.copy(self.data, self.template)
        else:
            shutil.copyfile(self.data / DATABASE, self.template)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.close()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server.stdout.close()

    def tidy(self) -> None:
        """Make everything as it was before the first order."""
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", "book"):
            (self.data / name).unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(self.data / name, ignore_errors=True)
        (self.data / "work").mkdir()
        if own.S3:
            own.empty_bucket(self.data)
        if own.POSTGRES:
            own.renew(self.data, template=self.template)
        else:
            shutil.copyfile(self.template, self.data / DATABASE)

    def fork(self, act: str, **task: Any) -> Fork:
        assert self.server.stdin
        self.server.stdin.write(json.dumps({"act": act, **task}) + "\n")
        self.server.stdin.flush()
        return Fork(self, int(self.hear()["pid"]))

    def do(self, act: str, **task: Any) -> Any:
        """Do a task that must go well, and return what it returned."""
        code, told = self.fork(act, **task).end()
        assert code == 0, f"{act} ended with {code}"
        return told

    def hear(self) -> dict[str, Any]:
        assert self.server.stdout
        line = self.server.stdout.readline()
        assert line, "the server of forks has ended"
        return dict(json.loads(line))

    def judge(self, api: Double) -> dict[str, Any]:
        book = [vars(line) for line in api.accepted()]
        digests = {remote_id: hashlib.sha256(content).hexdigest() for remote_id, content in api.pictures.items()}
        return dict(self.do("judge", book=book, digests=digests))
