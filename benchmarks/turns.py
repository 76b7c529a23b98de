"""Fair turns: one person asked for forty pictures a moment ago, another asks for one, and the account has two slots."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from benchmarks import scratch
from benchmarks.figures import Figure

MANY, SLOTS = 40, 2
LATEST_PLACE = 2


def measure() -> list[Figure]:
    """Let the studio's own admission choose, slot by slot, until the single picture is chosen."""
    from studio.engine import capacity
    from studio.models import ApiAccount, Job
    from tests import people

    scratch.empty()
    ApiAccount.current()
    ApiAccount.objects.update(slots=SLOTS, per_minute=10_000)
    now = timezone.now()
    busy, brief = people.make_person("Bea Busy"), people.make_person("Ben Brief")
    for _ in range(MANY):
        people.make_job(busy, now=now, took=timedelta(0))
    running = capacity.admit("bench", now=now)
    assert len(running) == SLOTS
    wanted = people.make_job(brief, now=now + timedelta(seconds=1), took=timedelta(0))
    place = 0
    while wanted not in running:
        now += timedelta(seconds=10)
        Job.objects.filter(pk=running.pop(0).pk).update(state="done", lease_until=None)
        type(busy).objects.filter(jobs__in=running).update(served_at=now)
        running += capacity.admit("bench", now=now)
        place += 1
    return [
        Figure(
            f"1 picture beside {MANY} of another person: its place",
            place,
            "",
            LATEST_PLACE,
            note=f"{SLOTS} slots, both taken when it is asked for",
        )
    ]
