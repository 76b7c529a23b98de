"""A long bad day: the whole studio, orders all the time, and something killed or frozen every few seconds.

    SOAK_MINUTES=5 python -m tests.soak     (the default)
    SOAK_MINUTES=30 python -m tests.soak    a thousand jobs

It ends by itself, prints what became of every order, leaves no process, and exits with 1 when a promise was broken.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.network import loopback
from tests.soak import api, recovery, referee
from tests.soak.environment import environment
from tests.soak.report import say
from tests.soak.storm import Storm
from tests.stack.running import ROOT, Running, eventually, free_port

MINUTES = float(os.environ.get("SOAK_MINUTES", "5"))
JOBS_A_MINUTE = 1000 / 30
# The storm goes on for a while after the last order; then there is calm, and everything must be done in this time.
STORM_SHARE, ORDER_SHARE = 0.9, 0.85
DRAIN = 120.0  # seconds
KEY = "luma-api-soak"
OPEN_WORK = (
    "select (select count(*) from studio_job where state in ('waiting','sending','running','saving')) "
    "+ (select count(*) from studio_picture where renditions_due_at is not null)"
)
# Luma may keep a picture for a day before it gives the link, and is asked for it until then: a person ends it sooner.
LINKED = (
    " - (select count(*) from studio_job job join studio_submission submission on submission.id = job.submission_id "
    "where job.state = 'saving' and job.cause != '' and submission.prompt like '%[null-output]%')"
)


@contextmanager
def simulator(folder: Path) -> Iterator[str]:
    """Serve the API and yield its root address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.soak.api", str(port), str(folder)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(f"{address}/healthz"), what="the simulator answers")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        with loopback.ask(url, timeout=2):
            return True
    except OSError:
        return False


def soak(folder: Path, seed: int) -> bool:
    """Let it storm; print what became of everything and return whether all promises were kept."""
    seconds = MINUTES * 60
    jobs = round(MINUTES * JOBS_A_MINUTE)
    with simulator(folder / "api") as address:
        studio = Running(
            folder / "data",
            LUMA_AGENTS_API_KEY=KEY,
            LUMA_BASE_URL=f"{address}/v1",
            STUDIO_SLOTS=str(api.CONCURRENT),
            STUDIO_REQUESTS_PER_MINUTE=str(api.REQUESTS_A_MINUTE),
            # Four people ask for everything here.
            STUDIO_WAITING_PER_PERSON=str(jobs + 8),
        )
        studio.start()
        try:
            placed, storm = weather(studio, jobs, seconds, seed)
            calm = time.monotonic()
            until = calm + DRAIN
            while studio.rows(OPEN_WORK + LINKED)[0][0] and time.monotonic() < until:
                time.sleep(0.25)
            gave_up = ask_python(studio, "-m", "tests.soak.giving_up").strip()
            left = studio.rows(OPEN_WORK)[0][0]
            drained = time.monotonic() - calm
            stopped = studio.stop()
        finally:
            studio.kill()
        with loopback.ask(f"{address}/ledger", timeout=30) as answer:
            book: list[dict[str, Any]] = json.load(answer)["generations"]
    outcome = referee.compare(studio, placed, book)
    findings = integrity(studio)
    restarts = sum("is started again" in line for line in studio.lines)
    silent = sum("gives no sign of life" in line for line in studio.lines)
    say("blows", ", ".join(f"{name} {times} times" for name, times in sorted(storm.blows.items())))
    if storm.reopened:
        say(
            f"supervisor killed {len(storm.gone)}×",
            f"its processes gone within {max(storm.gone):.2f} s, open again within {max(storm.reopened):.1f} s",
            *storm.broken,
        )
    say("restarts by the launcher", f"{restarts}, of them {silent} for silence")
    say("asked for", f"{outcome.asked} pictures in {len(placed)} orders; {outcome.accepted} accepted by the API")
    say("explained", f"{outcome.explained}: " + ", ".join(f"{n} {state}" for state, n in outcome.states.most_common()))
    say("lost", str(len(outcome.lost)), *outcome.lost)
    say("paid twice", str(len(outcome.double)), *outcome.double)
    say("given up by a person", f"{gave_up} that were made and never linked to")
    say("drained after the storm in", f"{drained:.1f} s" if not left else f"not within {DRAIN:.0f} s: {left} left")
    say("stopped in", f"{stopped:.1f} s; processes left: {len(studio.pids())}")
    say("integrity --deep", "nothing broken" if not findings else f"{len(findings)} findings", *findings)
    broken = [
        *outcome.lost,
        *outcome.double,
        *findings,
        *storm.broken,
        *(["left over"] if left or studio.pids() else []),
    ]
    if broken:
        kept = Path(tempfile.mkdtemp(prefix="studio-soak-kept-"))
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        (kept / "studio.log").write_text(studio.log)
        say("kept for a closer look", str(kept))
    return not broken


def weather(studio: Running, jobs: int, seconds: float, seed: int) -> tuple[dict[str, int], Storm]:
    """Place orders in a storm; return the orders that were placed."""
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.soak.orders", str(jobs), str(seconds * ORDER_SHARE)]
    people = subprocess.Popen(command, cwd=ROOT, env=environment(studio), stdout=subprocess.PIPE, text=True)
    try:
        with Storm(studio, seed) as storm:
            said, _ = people.communicate(timeout=seconds * 2)
            time.sleep(max(0.0, began + seconds * STORM_SHARE - time.monotonic()))
    finally:
        people.kill()
        people.wait()
    lines = [line.split() for line in said.splitlines()]
    return {token: int(count) for token, count in lines}, storm


def integrity(studio: Running) -> list[str]:
    """Check every promise over rows and files, decoding every original."""
    said = ask_python(studio, "manage.py", "integrity", "--deep", "--json")
    return [f"{found['invariant']}: {found['sentence']}" for found in json.loads(said)]


def ask_python(studio: Running, *command: str) -> str:
    """Run a command beside the studio and return what it prints."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment(studio), capture_output=True, text=True)
    return done.stdout


def main() -> int:
    seed = random.SystemRandom().randrange(10**6)
    say("soak", f"{MINUTES:g} minutes, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="studio-soak-") as folder:
        recovered = recovery.measure(Path(folder) / "recovery")
        kept = soak(Path(folder) / "soak", seed)
    say("recovery", "in time" if recovered else "TOO LATE")
    say("promises", "kept" if kept else "BROKEN")
    return 0 if kept and recovered else 1


if __name__ == "__main__":
    sys.exit(main())
