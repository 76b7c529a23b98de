"""Many jobs at Luma at once: what following them costs, how soon a finished one is seen, how often each is asked about.

The rows are put straight into the tables, the conductor is the real one in a process of its own, and a stub on
another port plays Luma. Nothing is sent; everything else is as in a day's work.
"""

from __future__ import annotations

import math
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import NormalDist

from benchmarks import scratch, stub
from benchmarks.figures import Figure, share

# Cores that each number of jobs may take.
COUNTS = {1_000: 0.15, 3_000: 0.35, 10_000: 1.0}
SEEN_HALF, SEEN_MOST = 1.0, 2.0  # seconds
MOST_GETS = 12
START, WINDOW = 10.0, 25.0  # seconds; START covers the process and the first look at every job
# Half of all jobs take from 37 to 49 s, nine in ten from 30 to 60.
MIDDLE, WIDTH = math.log(42.4), 0.21
IN_LINE = 1.2  # seconds
HISTORY = 100
OLDEST = 45.0  # seconds since acceptance when the window opens
# Of the jobs in flight these become ready in the window; decoding more would measure the decoder's processes.
FINISHING, MOST_FINISHING = 0.05, 60
SHORT_RUN = 60
THOUSAND = "1,000 jobs in flight: CPU of one core"


def measure() -> list[Figure]:
    """Follow 1,000, 3,000 and 10,000 jobs for half a minute each, then 60 from their first second to their last."""
    figures: list[Figure] = []
    for count, cores in COUNTS.items():
        with stub.Stub() as luma:
            figures += _crowd(luma, count, cores)
    with stub.Stub() as luma:
        figures += _whole_lives(luma)
    return figures


def _crowd(luma: stub.Stub, count: int, cores: float) -> list[Figure]:
    opens = time.time() + START + count / 4_000
    closes = opens + WINDOW
    lives = []
    for _ in range(count):
        age = random.uniform(0.0, OLDEST)
        lives.append(Life(opens - age, closes + random.uniform(20.0, 60.0)))
    for number, took in enumerate(usual_times(min(MOST_FINISHING, round(count * FINISHING)))):
        ready = random.uniform(opens, closes - 4.0)
        lives[number] = Life(ready - took, ready)
    _write(luma, lives)
    with scratch.command("manage.py", "conductor", "--once", LUMA_BASE_URL=luma.url) as conductor:
        scratch.at(opens)
        before, (asked_before, _) = scratch.own_cpu(conductor.pid), luma.tally()
        began = time.time()
        scratch.at(closes)
        after, (asked, told) = scratch.own_cpu(conductor.pid), luma.tally()
        took = time.time() - began
        assert conductor.poll() is None, "the conductor left early"
    gets = sum(asked.values()) - sum(asked_before.values())
    waits = _waits({code for code, moment in told.items() if opens <= moment < closes})
    name = f"{count:,} jobs in flight"
    return [
        Figure(f"{name}: CPU of one core", (after - before) / took, "cores", cores, note=f"{gets / took:.0f} GET/s"),
        Figure(f"{name}: completion seen, p50", share(waits, 0.5), "s", SEEN_HALF, note=f"{len(waits)} pictures"),
        Figure(f"{name}: completion seen, p95", share(waits, 0.95), "s", SEEN_MOST),
    ]


def _whole_lives(luma: stub.Stub) -> list[Figure]:
    now = time.time() + 4.0
    lives = [Life(sent := now + random.uniform(0.0, 3.0), sent + took) for took in usual_times(SHORT_RUN)]
    _write(luma, lives, drawn=False)
    until = max(life.ready for life in lives) + 6.0
    for _ in range(2):
        if time.time() < until:
            with scratch.command("manage.py", "conductor", "--once", LUMA_BASE_URL=luma.url) as conductor:
                while time.time() < until and conductor.poll() is None:
                    time.sleep(0.2)
    asked, told = luma.tally()
    gets = [asked[code] for code in told]
    waits = _waits(set(told))
    assert len(gets) == SHORT_RUN, f"only {len(gets)} of {SHORT_RUN} pictures were seen"
    return [
        Figure(
            "GETs for a job of 30-60 s, mean",
            sum(gets) / len(gets),
            "",
            MOST_GETS,
            note=f"{len(gets)} jobs, p95 {share(gets, 0.95)}, most {max(gets)}",
        ),
        Figure("these jobs: completion seen, p50", share(waits, 0.5), "s", SEEN_HALF),
        Figure("these jobs: completion seen, p95", share(waits, 0.95), "s", SEEN_MOST),
    ]


@dataclass(frozen=True, slots=True)
class Life:
    """When a job was sent and when its picture is ready, in Unix time."""

    sent: float
    ready: float


def usual_times(count: int) -> list[float]:
    """Return how long so many pictures take, in seconds: log-normal, spread evenly so that each run is alike."""
    normal = NormalDist(MIDDLE, WIDTH)
    return [math.exp(normal.inv_cdf((number + 0.5) / count)) for number in range(count)]


def _write(luma: stub.Stub, lives: Sequence[Life], *, drawn: bool = True) -> None:
    """Empty the tables, then write the history and a running job for each life, known to have left Luma's line or not.

    `drawn` in the crowd, because a poll that changes nothing is what is measured there.
    """
    from django.core.cache import cache

    from studio.models import Job, Submission, User
    from studio.models.jobs.timing import usual

    scratch.empty()
    person = User.objects.filter(name="Ada").first() or User.objects.create_user("Ada", None, role="designer")
    # Made one after another in a random order, as in a day's work: sent together, the slow ones would be the latest.
    first = time.time() - 600.0
    times = random.sample(usual_times(HISTORY), HISTORY)
    history = [Life(first + 2.0 * number - took, first + 2.0 * number) for number, took in enumerate(times)]
    everything = [*history, *lives]
    asks = Submission.objects.bulk_create(
        Submission(person=person, token=uuid.uuid4(), prompt="A harbour at dusk", model="uni-1", aspect_ratio="1:1")
        for _ in everything
    )
    jobs = []
    for number, (ask, life) in enumerate(zip(asks, everything, strict=True)):
        is_done = number < len(history)
        drawing = life.ready - life.sent - IN_LINE
        jobs.append(
            Job(
                submission=ask,
                person=person,
                kind=f"{ask.type}:{ask.model}",
                state="done" if is_done else "running",
                state_at=moment(life.sent),
                due_at=None if is_done else moment(life.sent),
                provider=luma.url,
                remote_id=stub.name(life.ready, drawing=drawing),
                request_id=uuid.uuid4(),
                attempts=1,
                created_at=moment(life.sent),
                sent_at=moment(life.sent),
                accepted_at=moment(life.sent),
                making_at=moment(life.sent) if drawn else None,
                made_at=moment(life.ready) if is_done else None,
                deadline_at=moment(life.sent) + timedelta(minutes=5),
            )
        )
    Job.objects.bulk_create(jobs, batch_size=500)
    cache.clear()
    assert usual(asks[0].type, asks[0].model, now=moment(time.time())), "polls follow no history"


def _waits(codes: set[str]) -> list[float]:
    """Seconds from ready at the API to known in our tables, for each of these ids."""
    from studio.models import Job

    rows = Job.objects.filter(remote_id__in=codes, made_at__isnull=False) if len(codes) < 500 else Job.objects.none()
    return [job.made_at.timestamp() - stub.ready_at(job.remote_id) for job in rows if job.made_at and job.remote_id]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
