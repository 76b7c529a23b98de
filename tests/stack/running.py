"""The whole studio as its own processes, in a folder of its own: started, killed and watched from outside."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from studio.network import loopback
from tests.servers import own

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")
OPEN = re.compile(r"Studio is open at (\S+)")
FIRST = re.compile(r"(http\S+/welcome/\S+)")
# What the tests must not inherit from the machine they run on.
OWN = ("LUMA_", "STUDIO_", "DATABASE_URL", "DJANGO_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(find: Callable[[], T], *, within: float = 30.0, what: str = "") -> T:
    """Return the first true value of `find`. Raises AssertionError after `within` seconds."""
    until = time.monotonic() + within
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < until, f"it never came true in {within} s: {what or find}"
        time.sleep(0.05)


@cache
def _empty_tables() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="studio-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith((*OWN, "COVERAGE_"))}
    made = {**inherited, "STUDIO_DOTENV": "off", "STUDIO_DATA": str(folder)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=made, check=True)
    return folder / "studio.sqlite3"


def with_tables(data: Path) -> Path:
    """Give a folder empty tables and return it: to make them takes a studio seconds of its first start."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copy(_empty_tables(), data / "studio.sqlite3")
    return data


class Running:
    """One studio. `start` returns when its first page can be asked for."""

    def __init__(self, data: Path, role: str = "all", inside: Sequence[str] = (), **environment: str) -> None:
        """`inside`: the command that gives it surroundings of its own, such as a container would."""
        self.data, self.role, self.inside = data, role, inside
        self.port, self.simulator_port = free_port(), free_port()
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None
        self.first_link = ""
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def surroundings(self) -> dict[str, str]:
        """What it reads of its environment."""
        return {
            "STUDIO_DOTENV": "off",
            "STUDIO_DATA": str(self.data),
            "STUDIO_PORT": str(self.port),
            "STUDIO_SIMULATOR_PORT": str(self.simulator_port),
            "STUDIO_SIMULATOR_SPEED": "0.03",
            **own.surroundings(self.data),
            **self.environment,
        }

    def start(self) -> float:
        """Start it and return the seconds until it was open."""
        began = time.monotonic()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        self.process = subprocess.Popen(
            [
                *self.inside,
                sys.executable,
                "manage.py",
                "studio",
                *(["--only", self.role] if self.role != "all" else []),
            ],
            cwd=ROOT,
            env={**inherited, **self.surroundings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        opened = threading.Event()
        self.reader = threading.Thread(target=self._read, args=(self.process, opened), daemon=True)
        self.reader.start()
        if not opened.wait(60):
            self.kill()
            raise AssertionError("Studio did not open:\n" + self.log)
        return time.monotonic() - began

    def _read(self, process: subprocess.Popen[str], opened: threading.Event) -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip())
                if found := FIRST.search(line):
                    self.first_link = found[1].replace("localhost", "127.0.0.1")
                if "stops everything" in line:
                    opened.set()

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def stop(self) -> float:
        """Ask it to stop and return the seconds it took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(40)
        self.reader.join(10)
        return time.monotonic() - began

    def kill(self) -> None:
        """kill -9 to every process of it at once."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process:
            self.process.wait(10)
            self.reader.join(10)

    def pids(self) -> list[int]:
        """Every living process of this studio: those whose environment names its data folder."""
        return [pid for pid, _ in self.processes()]

    def processes(self) -> Iterator[tuple[int, str]]:
        mark = f"STUDIO_DATA={self.data}".encode()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if alive and mark in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue

    def ask(self, path: str) -> str:
        with loopback.ask(self.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Read or write the tables beside the running studio."""
        if own.POSTGRES:
            return own.rows(self.data, query, *values)
        connection = sqlite3.connect(self.data / "studio.sqlite3", timeout=10)
        try:
            with connection:
                return connection.execute(query, values).fetchall()
        finally:
            connection.close()
