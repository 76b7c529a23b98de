"""Two conductors on the same tables, and no lease to keep them apart: only the rows do. `python -m tests.soak.rivals`.

Each run has 500 waiting jobs and two processes that both conduct until nothing is left. The API keeps the book: no
job may be posted twice, and never may more be in flight than the account has slots. RIVAL_RUNS=20 is the default;
with DATABASE_URL it runs on PostgreSQL, in a database that it empties.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

RUNS = int(os.environ.get("RIVAL_RUNS", "20"))
ROWS, CONDUCTORS, SLOTS = 500, 2, 6
PATIENCE = 120.0  # seconds for one run
OURS = {
    "STUDIO_DOTENV": "off",
    "STUDIO_LOG_LEVEL": "WARNING",
    "STUDIO_SLOTS": str(SLOTS),
    "STUDIO_REQUESTS_PER_MINUTE": "10000",
    "STUDIO_WAITING_PER_PERSON": str(ROWS + 8),
    "LUMA_AGENTS_API_KEY": "luma-api-rivals",
    "DJANGO_SETTINGS_MODULE": "studio.settings",
}


def conduct(address: str) -> None:
    """Conduct beside the other one until nothing has been left for a while."""
    from studio.engine import conductor, pacing
    from studio.luma import ApiKey, Created, Luma
    from studio.models import ConductorLease

    ConductorLease.acquire = classmethod(lambda *_, **__: uuid.uuid4().hex)  # type: ignore[assignment]
    ConductorLease.renew = classmethod(lambda *_, **__: True)  # type: ignore[assignment]
    pacing.NO_HISTORY = pacing.BRISK = 0.05
    pacing.FIRST_LOOKS = (0.05,)  # type: ignore[assignment]
    conductor.TICK = 0.02
    sent = 0

    class Counting(Luma):
        async def create_prepared(self, body: bytes, *, request_id: str) -> Created:
            nonlocal sent
            sent += 1
            return await super().create_prepared(body, request_id=request_id)

    conductor.conduct(lambda: Counting(ApiKey("luma-api-rivals"), address), slice=PATIENCE, linger=1.5)
    sys.stdout.write(f"{sent}\n")


@dataclass(frozen=True)
class Run:
    """How often the API was asked to make a picture, by whom, the most at once, and how the jobs ended."""

    posts: int
    shares: list[int]
    at_once: int
    states: Counter[str]

    @property
    def doubles(self) -> int:
        return self.posts - ROWS

    @property
    def is_whole(self) -> bool:
        return self.doubles == 0 and self.at_once <= SLOTS and self.states == {"failed": ROWS} and min(self.shares) > 0


def one_run(book: Path) -> Run:
    from django.utils import timezone

    from studio.models import ApiAccount, Attempt, ConductorLease, Job, Submission, User
    from studio.models.requests.request_spec import RequestSpec
    from tests.faults.answers import state
    from tests.faults.double import Double

    for model in (Attempt, Job, Submission, ConductorLease, ApiAccount):
        model._default_manager.all().delete()
    person = User.objects.filter(name="Alice").first() or User.objects.create_user("Alice")
    for start in range(0, ROWS, 8):
        spec = RequestSpec(type="image", prompt="a lake", model="uni-1", count=min(8, ROWS - start))
        Submission.place(person, uuid.uuid4(), spec, now=timezone.now())
    with Double(book) as api:
        # Refused after acceptance: a slot is taken and given back, and no picture has to be decoded.
        api.part("a lake", get=[state("failed", failure_code="content_moderated")])
        command = [sys.executable, "-m", "tests.soak.rivals", api.url]
        rivals = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(CONDUCTORS)]
        shares = [int(rival.communicate(timeout=PATIENCE)[0]) for rival in rivals]
        states = Counter(Job.objects.values_list("state", flat=True))
        return Run(len(api.posts), shares, api.most_at_once, states)


def main() -> int:
    """Run them all; print one line for each and return 1 when a promise was broken."""
    from django.db import connections

    from studio.launcher import startup

    startup.tables()
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="studio-rivals-book-") as folder:
        for number in range(1, RUNS + 1):
            run = one_run(Path(folder) / f"book-{number}")
            runs.append(run)
            sys.stdout.write(f"run {number}: {run}\n")
            sys.stdout.flush()
    connections.close_all()
    doubles, most = sum(run.doubles for run in runs), max(run.at_once for run in runs)
    whole = sum(run.is_whole for run in runs)
    sys.stdout.write(f"{RUNS} runs of {ROWS} rows: {doubles} doubles, at most {most} of {SLOTS} slots, {whole} whole\n")
    return int(whole < RUNS)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import django

        django.setup()
        conduct(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory(prefix="studio-rivals-") as data:
            os.environ |= OURS | {"STUDIO_DATA": data}
            import django

            django.setup()
            sys.exit(main())
