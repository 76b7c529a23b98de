"""20,000 jobs in flight on PostgreSQL: what following them costs, how soon another machine takes over, how pages feel.

    python -m benchmarks.servers

Two conductors that are machines of their own (name spaces) and the stub that plays Luma, all on this machine: a figure holds
for what its share of it can do.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import flight, scratch, stub
from benchmarks.figures import Figure, share, show
from tests.stack.running import Running, eventually
from tests.topology.services import Postgres, machine

JOBS = 20_000
CORES = 2.0
TAKEN_OVER, PAGE = 20.0, 0.3  # seconds
ASKED = 30


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="studio-scale-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = Postgres(folder / "postgres")
        database.start()
        try:
            database.make_database()
            with scratch.tables(database.url):
                figures = [*_follow(), *_take_over(folder)]
        finally:
            database.stop()
    show(figures)
    return int(not all(figure.is_met for figure in figures))


def _follow() -> list[Figure]:
    with stub.Stub() as luma:
        return flight._crowd(luma, JOBS, CORES)


def _take_over(folder: Path) -> list[Figure]:
    """Kill the machine that conducts; meanwhile somebody opens pages."""
    from studio.models import ConductorLease, Job

    def followed(host: str) -> int:
        """How many jobs the conductor of this machine holds."""
        lease = ConductorLease.objects.filter(host=host).exclude(holder="").first()
        return Job.objects.in_progress().filter(lease_owner=lease.holder).count() if lease else 0

    with stub.Stub() as luma:
        opens = time.time()
        lives = [flight.Life(opens - random.uniform(0, 45), opens + 600) for _ in range(JOBS)]
        flight._write(luma, lives)
        shared = {
            **{name: os.environ[name] for name in ("DATABASE_URL", "LUMA_AGENTS_API_KEY")},
            "LUMA_BASE_URL": luma.url,
            "STUDIO_SECRET_KEY": "one secret for both machines, and fifty letters long",
        }
        first, second = (
            Running(folder / name, role="conductor", inside=machine(name), **shared) for name in ("one", "two")
        )
        try:
            first.start()
            eventually(lambda: followed("one") > JOBS * 0.95, within=180, what="one follows them")
            second.start()
            pages = _pages()
            began = time.monotonic()
            first.kill()
            eventually(lambda: ConductorLease.objects.get().host == "two", within=60)
            conducts = time.monotonic() - began
            eventually(lambda: followed("two") > JOBS * 0.95, within=120, what="the other follows them")
            follows = time.monotonic() - began
        finally:
            first.kill()
            second.kill()
    name = f"{JOBS:,} jobs in flight"
    return [
        Figure(f"{name}: another machine conducts after a death", conducts, "s", TAKEN_OVER),
        Figure(f"{name}: and follows 95 % of them", follows, "s", 2 * TAKEN_OVER),
        *(Figure(f"{name}: {path}, p95 in Django", share(took, 0.95), "s", PAGE) for path, took in pages.items()),
    ]


def _pages() -> dict[str, list[float]]:
    from studio.models import User
    from tests.people import signed_in

    client = signed_in(User.objects.get(name="Ada"))
    found: dict[str, list[float]] = {}
    for path in ("/", "/gallery/", "/boards/"):
        for _ in range(ASKED):
            began = time.perf_counter()
            assert client.get(path, headers={"Host": "localhost"}).status_code == 200, path
            found.setdefault(path, []).append(time.perf_counter() - began)
    return found


if __name__ == "__main__":
    sys.exit(main())
