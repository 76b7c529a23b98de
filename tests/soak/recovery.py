"""How long until it goes on: after kill -9 of the conductor, and after a queue has wedged without a word.

python -m tests.soak.recovery    this part of a soak alone, a few minutes
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.soak import processes
from tests.soak.environment import environment
from tests.soak.report import say
from tests.stack.running import ROOT, Running, eventually

KILLS, WEDGES = 10, 2
# Kills of idle workers in a row; the second usually takes the lock of the queue with it.
MOST_IDLE_KILLS = 6
# The launcher asks a silent queue for a sign of life every few seconds; a longer silence is a wedge (seconds).
WEDGED = 10.0
# Both are for the slowest.
POLLING_TARGET, WEDGE_TARGET = 1.0, 30.0  # seconds, on the machine that conducts


class Endless(BaseHTTPRequestHandler):
    """An API whose jobs are accepted and never end. It writes down when it was asked."""

    asked: list[float] = []
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, str(uuid.uuid4()), "queued")

    def do_GET(self) -> None:
        self.asked.append(time.monotonic())
        self._answer(200, self.path.rpartition("/")[2], "processing")

    def _answer(self, status: int, generation: str, state: str) -> None:
        known = {"id": generation, "type": "image", "state": state, "model": "uni-1", "output": []}
        body = json.dumps(known | {"created_at": "2026-04-08T12:00:00Z"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def endless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def measure(data: Path) -> bool:
    """Print the times; return whether the targets were met."""
    with endless() as address:
        studio = Running(data, LUMA_AGENTS_API_KEY="luma-api-soak", LUMA_BASE_URL=address)
        studio.start()
        try:
            started = eventually(lambda: len(found := processes.queues(studio)) == 2 and found, what="both queues run")
            roots = dict(zip(("io", "studio"), started or [], strict=True))
            wedged = [after_a_wedge(studio, roots, queue) for queue in roots for _ in range(WEDGES)]
            subprocess.run(
                [sys.executable, "-m", "tests.soak.orders", "1", "1", "stuck"],
                cwd=ROOT,
                env=environment(studio),
                stdout=subprocess.DEVNULL,
                check=True,
            )
            again = sorted(until_polling(studio) for _ in range(KILLS))
        finally:
            studio.stop()
            studio.kill()
    say(
        f"kill -9, polling again ({KILLS}×)",
        f"median {statistics.median(again):.2f} s, slowest {again[-1]:.2f} s; the target is {POLLING_TARGET:g} s",
    )
    for name, seconds, kills in wedged:
        what = f"wedged by {kills} kills" if seconds else f"did not wedge in {kills} kills"
        told = f", runs tasks again after {seconds:.1f} s; the target is {WEDGE_TARGET:g} s" if seconds else ""
        say(f"queue {name}", what + told)
    return again[-1] <= POLLING_TARGET and all(seconds <= WEDGE_TARGET for _, seconds, _ in wedged)


def until_polling(studio: Running) -> float:
    """Kill the conductor while it follows a job; return the seconds until the API is asked again."""
    before = len(Endless.asked)
    eventually(lambda: len(Endless.asked) > before and processes.conductor(studio), what="the job is followed")
    victim = processes.conductor(studio)
    processes.send(victim, signal.SIGKILL)
    killed = time.monotonic()
    asked = eventually(lambda: next((at for at in Endless.asked if at > killed), 0), what="the job is followed again")
    eventually(lambda: processes.conductor(studio) not in {0, victim}, what="somebody else sits there")
    return asked - killed


def after_a_wedge(studio: Running, roots: dict[str, int], queue: str) -> tuple[str, float, int]:
    """Kill idle workers of a queue until it runs nothing.

    Return the queue, the seconds until it runs tasks again (0 if it never stopped), and the kills it took.
    `roots` are the processes of the queues by name; a queue that was started again is found by what is new.
    """
    eventually(lambda: beat(studio, queue), what=f"{queue} beats")
    for kills in range(1, MOST_IDLE_KILLS + 1):
        eventually(lambda: _are_known(studio, roots), what="both queues run")
        # Its worker is the oldest of three at first, and the youngest once it was replaced.
        worker = processes.workers(roots[queue])[0 if kills == 1 else -1]
        last = beat(studio, queue)
        processes.send(worker, signal.SIGKILL)
        waited = _until_changed(studio, queue, last, 120.0)
        if waited > WEDGED:
            return queue, waited, kills
    return queue, 0.0, MOST_IDLE_KILLS


def _are_known(studio: Running, roots: dict[str, int]) -> bool:
    running = processes.queues(studio)
    new = [pid for pid in running if pid not in roots.values()]
    for name, pid in roots.items():
        if pid not in running and new:
            roots[name] = new.pop(0)
    return set(running) == set(roots.values()) and all(len(processes.workers(pid)) == 3 for pid in running)


def _until_changed(studio: Running, queue: str, last: str, within: float) -> float:
    began = time.monotonic()
    eventually(lambda: beat(studio, queue) != last, within=within, what=f"{queue} beats again")
    return time.monotonic() - began


def beat(studio: Running, queue: str) -> str:
    rows = studio.rows("select at from studio_heartbeat where name = ?", queue)
    return str(rows[0][0]) if rows else ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="studio-recovery-") as folder:
        sys.exit(0 if measure(Path(folder) / "data") else 1)
