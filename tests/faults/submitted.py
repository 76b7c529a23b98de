"""What became of a request that was submitted."""

from __future__ import annotations

from django.utils import timezone

from studio.models import Attempt, Job, SendingPause
from tests.faults.conftest import Run

CONCURRENT = "Concurrent generation limit reached. Wait for existing jobs to complete."


def is_unknown(job: Job) -> bool:
    """Shown as unknown, with what a person needs to decide, and never sent again by itself."""
    job.refresh_from_db()
    attempt = job.attempts_made.get()
    return (
        (job.state, job.charge, job.remote_id) == (Job.State.UNKNOWN, Job.Charge.MAYBE, None)
        and attempt.outcome == Attempt.Outcome.UNKNOWN
        and attempt.request_id == job.request_id
    )


def run_through_the_brake(run: Run) -> None:
    """Conduct until nothing waits, as an admin who presses Resume whenever lost answers stop sending."""
    for _ in range(100):
        run()
        if not Job.objects.waiting().exists():
            return
        SendingPause.probe_now(SendingPause.Reason.LOST, now=timezone.now())
    raise AssertionError(list(Job.objects.waiting()))
