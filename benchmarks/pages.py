"""What a page costs at a thousand, a hundred thousand and a million pictures.

    python -m benchmarks.pages --sizes 1000,100000,1000000

Each size is measured in a process of its own over tables of its own: SQLite, or the empty PostgreSQL database that
DATABASE_URL names, where `{size}` stands for the size. CPU is that of the process from Django's test client in to the
compressed answer out, and of the PostgreSQL server beside it; the least of several requests, because others who use the
machine only add to it. A tile is a picture or a card that the answer shows.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import os
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import pages_studio, pages_team, scratch
from benchmarks.figures import Figure, show
from studio.launcher.frame_room import with_room

SIZES = (1_000, 100_000, 1_000_000)
WARM, COUNTED = 2, 15
# Each act takes a failed job of its own, and a thousand pictures have forty.
ACTS = {"Dismiss": 5, "Write off": 5, "Try again": 5}
# Everything is asked again after a while: somebody else may use the machine for a minute.
PASSES = 2
# Milliseconds of CPU: for the page, and for sixty tiles on it.
PAGE, SIXTY_TILES = 15.0, 10.0
# A thumbnail, and the answer that the browser has it already.
THUMBNAIL = {"Thumbnail": 3.0, "Thumbnail, not modified": 1.0}
# What is typed is kept once a second.
DRAFT = {"Draft": 5.0}
GROWTH = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One request at one size."""

    name: str
    cpu: float  # milliseconds
    server: float  # milliseconds of the database's own process; 0 where it is in this one
    queries: int
    calls: int  # of Python and C functions: what a busy machine does not change
    tiles: int
    bytes: int
    wall: float  # milliseconds from the request to the whole answer, the median
    slowest: float  # of the counted ones

    @property
    def target(self) -> float:
        if self.name.startswith(pages_team.TEAM):
            return pages_team.MOST
        return THUMBNAIL.get(self.name) or DRAFT.get(self.name) or PAGE + SIXTY_TILES * self.tiles / 60


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--sizes", default=",".join(map(str, SIZES)))
    options.add_argument("--skewed", action="store_true", help="nine in ten pictures are one person's")
    options.add_argument("--requests", default="", help="only those whose name begins so")
    options.add_argument("--kept", default="", help="a folder whose tables are filled once and used again")
    options.add_argument("--only", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.only:
        # As the web server's threads begin.
        told = with_room(lambda: _at(asked.only, skewed=asked.skewed, chosen=asked.requests, kept=asked.kept))
        print(json.dumps(told))
        return 0
    sizes = [int(size) for size in asked.sizes.split(",")]
    figures = measure(sizes, skewed=asked.skewed, chosen=asked.requests, kept=asked.kept)
    return 0 if all(figure.is_met for figure in figures) else 1


def measure(sizes: list[int], *, skewed: bool = False, chosen: str = "", kept: str = "") -> list[Figure]:
    """Measure each size and print what was found: each request's cost, and how it grew from the first size to the last."""
    figures: list[Figure] = []
    first: dict[str, Cost] = {}
    for size in sizes:
        words = [sys.executable, "-m", "benchmarks.pages", "--only", str(size), *(["--skewed"] if skewed else [])]
        words += ["--requests", chosen, "--kept", kept]
        run = subprocess.run(words, cwd=scratch.ROOT, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(run.stdout.splitlines()[-1])
        print(
            f"\n{size:,} pictures on {told['database']}: filled in {told['filled']:.0f} s, {told['disk']:.0f} MB on disk,"
            f" at most {told['memory']:.0f} MB of memory"
        )
        of_size = []
        for row in told["costs"]:
            cost = Cost(**row)
            small = first.setdefault(cost.name, cost)
            beside = f", {cost.server:.1f} ms in the server" if cost.server else ""
            note = f"{cost.wall:.1f} ms on the clock, at most {cost.slowest:.1f}; {cost.calls / 1000:.0f}k calls, {cost.queries} queries, {cost.tiles} tiles, {cost.bytes / 1000:.0f} kB{beside}"
            of_size.append(Figure(cost.name, cost.cpu + cost.server, "ms", round(cost.target, 1), note=note))
            if size == sizes[-1] and size != sizes[0] and not cost.name.startswith(pages_team.TEAM):
                # As it is, although a page that shows more tiles may cost more.
                grown = (cost.cpu + cost.server) / (small.cpu + small.server)
                note = f"of its calls {cost.calls / small.calls:.2f}; {small.tiles} tiles, then {cost.tiles}"
                of_size.append(Figure(f"{cost.name}: growth from {sizes[0]:,}", grown, "times", GROWTH, note=note))
        if of_size:
            show(of_size)
        figures += of_size
    return figures


def _at(size: int, *, skewed: bool, chosen: str, kept: str) -> dict[str, Any]:
    """Fill tables with `size` jobs and ask for every page; what came of it, for the process that asked."""
    folder = Path(kept) / str(size) if kept else None
    with scratch.tables(os.environ.get("DATABASE_URL", "").replace("{size}", str(size)), folder):
        from django.conf import settings
        from django.db import connection

        from benchmarks import fill
        from studio.models import Job, User
        from tests.people import signed_in

        filled = 0.0 if kept and Job.objects.exists() else fill_tables(size, skewed=skewed)
        people = User.objects.order_by("pk")[: fill.PEOPLE]
        settings.WAITING_PER_PERSON = 1_000  # with --skewed more wait than a person may have
        client = signed_in(people[0], SERVER_NAME="localhost")
        client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
        gc.collect()
        gc.freeze()  # as the web server does (studio.launcher.services)
        asked = [(name, ask) for name, ask in pages_studio.requests(people[0]) if name.startswith(chosen)]
        costs = [_cost(name, ask, client) for name, ask in asked]
        for _ in range(PASSES - 1):
            for at, (name, ask) in enumerate(asked):
                if name not in ACTS:
                    costs[at] = min(costs[at], _cost(name, ask, client), key=_total)
        return {
            "database": connection.vendor,
            "filled": filled,
            "disk": _disk(),
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
            "costs": costs,
        }


def fill_tables(size: int, *, skewed: bool) -> float:
    """Make the people and everything of theirs; return the seconds that it took."""
    from django.core.management import call_command
    from django.db import connection

    from benchmarks import fill
    from studio.models import User
    from studio.models.state.upkeep import tune

    if connection.vendor == "postgresql":
        call_command("flush", verbosity=0, interactive=False)
    people = [
        User.objects.create_user(f"Person {n}", None, role="admin" if n == 0 else "designer")
        for n in range(fill.PEOPLE)
    ]
    filled = fill.fill(size, people[0].pk, skewed=skewed)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    else:
        tune()
    return filled


def _cost(name: str, ask: Callable[[Any], Any], client: Any) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = ask(client)
    queries = len(captured)
    assert answer.status_code in {200, 204, 304, 302}, (name, answer.status_code)
    for _ in range(WARM):
        body = ask(client)
        assert body.status_code == answer.status_code, (name, body.status_code)
    with cProfile.Profile() as profile:
        ask(client)
    calls = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    took, waited = [], []
    for _ in range(ACTS.get(name, COUNTED)):
        server, began, asked = _server_cpu(), time.process_time(), time.perf_counter()
        body = ask(client)
        own, wall = time.process_time() - began, time.perf_counter() - asked
        took.append((own * 1000, (_server_cpu() - server) * 1000))
        waited.append(wall * 1000)
    cpu, server = min(took, key=sum)
    content = "" if name in THUMBNAIL else _plain(body)
    return {
        "name": name,
        "cpu": cpu,
        "server": server,
        "queries": queries,
        "calls": calls,
        "tiles": content.count('<article class="tile'),
        "bytes": len(body.content),
        "wall": median(waited),
        "slowest": max(waited),
    }


def _total(cost: dict[str, Any]) -> float:
    return float(cost["cpu"] + cost["server"])


def _plain(answer: Any) -> str:
    import gzip

    raw = gzip.decompress(answer.content) if answer.get("Content-Encoding") == "gzip" else answer.content
    return str(raw.decode())


def _server_cpu() -> float:
    """Seconds of CPU of the PostgreSQL process that serves this connection; 0 where it runs elsewhere."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def _disk() -> float:
    """Megabytes that the tables take."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "sqlite":
        return sum(file.stat().st_size for file in settings.STUDIO_DATA.glob("studio.sqlite3*")) / 1e6
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return float(cursor.fetchone()[0]) / 1e6


if __name__ == "__main__":
    sys.exit(main())
