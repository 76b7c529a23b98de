"""After a soak: the book of the API against the tables of the studio."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.stack.running import Running

ENDED = {"done", "failed", "unknown", "cancelled"}


@dataclass(kw_only=True)
class Outcome:
    """What became of everything that was asked for."""

    asked: int
    states: Counter[str]
    accepted: int
    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)

    @property
    def explained(self) -> int:
        return self.asked - len(self.lost)


def compare(studio: Running, orders: dict[str, int], book: list[dict[str, Any]]) -> Outcome:
    """`orders` are tokens and counts as they were placed, `book` is what the API accepted."""
    jobs = studio.rows(
        "select job.id, job.state, job.sentence, job.remote_id, replace(submission.token, '-', '') "
        "from studio_job job join studio_submission submission on submission.id = job.submission_id"
    )
    attempts = studio.rows(
        "select job_id, replace(request_id, '-', ''), remote_id, outcome, asked_by_id from studio_attempt"
    )
    outcome = Outcome(asked=sum(orders.values()), states=Counter(job[1] for job in jobs), accepted=len(book))
    found = Counter(job[4] for job in jobs)
    for token, count in orders.items():
        if found[uuid.UUID(token).hex] != count:
            outcome.lost.append(f"order {token}: {found[uuid.UUID(token).hex]} of {count} jobs")
    for pk, state, sentence, _, _ in jobs:
        if state not in ENDED or (state in {"failed", "unknown"} and not sentence):
            outcome.lost.append(f"J-{pk} is {state} and says {sentence!r}")
    of_request = {request: (job, remote, what) for job, request, remote, what, _ in attempts}
    remote_of = {pk: remote for pk, _, _, remote, _ in jobs}
    paid: Counter[int] = Counter()
    for entry in book:
        job, remote, what = of_request.get(uuid.UUID(entry["request_id"]).hex, (0, "", ""))
        paid[job] += 1
        if what != "unknown" and entry["id"] not in {remote, remote_of.get(job)}:
            outcome.lost.append(f"{entry['id']} was accepted and forgotten (J-{job})")
    words = Counter(job for job, _, _, _, asked_by in attempts if asked_by)
    outcome.double += [f"J-{job} was paid for {times} times" for job, times in paid.items() if times > 1 + words[job]]
    return outcome
