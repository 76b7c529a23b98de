"""Whether any request of an open studio makes the database read a growing table from end to end.

    python -m benchmarks.plans --size 1000000

The tests ask for the plans over small tables, with the statistics of a million pictures on SQLite; this asks over the
tables themselves, whose values are spread as a team's are. A table of few rows PostgreSQL reads whole because that is
quicker: ask it with many.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import pages, scratch


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--size", type=int, default=1_000_000)
    options.add_argument("--kept", default="", help="a folder whose tables are filled once and used again")
    asked = options.parse_args()
    found = walked(asked.size, Path(asked.kept) / str(asked.size) if asked.kept else None)
    for request, plan in found:
        print(f"{request}:\n  {plan}\n")
    print(f"{len(found)} queries read a growing table from end to end.")
    return 1 if found else 0


def walked(size: int, folder: Path | None) -> list[tuple[str, str]]:
    """Return the requests that do so, each with its query, the query's parameters and its plan."""
    with scratch.tables(os.environ.get("DATABASE_URL", "").replace("{size}", str(size)), folder):
        from benchmarks import fill, pages_studio
        from studio.models import Job, User
        from tests.people import signed_in
        from tests.views.plans import walks

        if not (folder and Job.objects.exists()):
            pages.fill_tables(size, skewed=False)
        people = User.objects.order_by("pk")[: fill.PEOPLE]
        client = signed_in(people[0], SERVER_NAME="localhost")
        found: dict[str, str] = {}  # by the query, which the first request that asks it stands for
        for request, ask in pages_studio.requests(people[0]):
            with walks() as plans:
                ask(client)
            for plan in plans:
                found.setdefault(plan, request)
        return [(request, plan) for plan, request in found.items()]


if __name__ == "__main__":
    sys.exit(main())
