"""What Review costs with 100,000 failures in the table: CPU of each page in this process, and its queries.

python -m benchmarks.failures --count 100000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from benchmarks import fill, scratch

WARM, COUNTED = 3, 9
# Milliseconds of CPU.
REVIEW, GROUP = 30.0, 25.0


def pages(person: int) -> Iterator[tuple[str, str, float]]:
    """Yield the name, the address and the target of each page."""
    yield "Review", "/review/", REVIEW
    for cause in ("unknown", "refused", "luma_failed"):
        yield f"Group: {cause}", f"/review/?cause={cause}", GROUP
    yield "Acknowledged", "/review/?show=acknowledged", REVIEW
    yield "Resolved", "/review/?show=settled", REVIEW
    yield "By person (newest 5,000)", f"/review/?person={person}", 0
    yield "By words (newest 5,000)", "/review/?q=courtyard", 0
    yield "By number", "/review/?q=J-77", 0
    yield "Usage of a day", "/review/usage/", REVIEW


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=100_000)
    count = asked.parse_args().count
    with scratch.tables():
        from django.contrib.auth import get_user_model
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from studio.models.state.upkeep import tune

        people = [get_user_model().objects.create_user(f"Person {n}", role="admin") for n in range(fill.PEOPLE)]
        fill.FAILED, fill.IN_PROGRESS = 1, 20
        fill.fill(count, people[0].pk)
        tune()
        client = Client(HTTP_HOST="localhost")
        client.force_login(people[0], backend="studio.signing_in.sign_in.NameOrEmailBackend")
        for name, address, target in pages(people[3].pk):
            spent = []
            for number in range(WARM + COUNTED):
                began = time.process_time()
                answer = client.get(address)
                if number >= WARM:
                    spent.append(1000 * (time.process_time() - began))
                if answer.status_code != 200:
                    raise SystemExit(f"{address} was answered {answer.status_code}")
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            aim = f" (at most {target:.0f})" if target else ""
            print(f"{name:28} {min(spent):7.1f} ms{aim}, {len(queries)} queries")


if __name__ == "__main__":
    main()
