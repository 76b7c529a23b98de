"""The books: what the ledger says of each job is what the job and its requests say, and every sum is that of its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Sum

from studio.engine.integrity.finding import Finding
from studio.models import Attempt, Job, LedgerRow, Revision, Spent, SpentDay
from studio.models.jobs.count import in_dollars, in_parts
from studio.models.spend.ledger import ENDED, MADE, OPEN, Standing

AMOUNTS = ("reserved", "spent", "unknown")
Sums = tuple[int, int, int]


def broken() -> Iterator[Finding]:
    expected, booked = _expected(), _booked()
    for job in sorted(expected.keys() | booked.keys()):
        true, told = expected.get(job, (0, 0, 0)), booked.get(job, (0, 0, 0))
        if true != told:
            words = [
                f"{in_dollars(has)} {name} instead of {in_dollars(should)}"
                for name, has, should in zip(AMOUNTS, told, true, strict=True)
                if has != should
            ]
            yield Finding(
                invariant="ledger-fits-jobs",
                sentence=f"The ledger has for J-{job} {', '.join(words)}.",
                job=job,
                repairable=True,
            )
    for sentence in (*SpentDay.wrong(), *Spent.wrong()):
        yield Finding(invariant="spend-is-summed", sentence=sentence, repairable=True)


def balance(job: int) -> bool:
    """Append what the rows of a job lack; rows that stand are never changed."""
    with transaction.atomic():
        Revision.bump()
        true, told = _expected(job).get(job, (0, 0, 0)), _booked(job).get(job, (0, 0, 0))
        reserved, spent, unknown = (should - has for should, has in zip(true, told, strict=True))
        if reserved or spent or unknown:
            LedgerRow.correct(job, Standing(reserved=reserved, spent=spent, unknown=unknown))
    return True


def sum_anew() -> bool:
    SpentDay.recount()
    Spent.recount()
    return True


def _booked(job: int | None = None) -> dict[int, Sums]:
    rows = LedgerRow.objects.filter(job=job) if job else LedgerRow.objects.all()
    summed = rows.order_by().values_list("job_id").annotate(*map(Sum, AMOUNTS))
    return {key: (int(reserved), int(spent), int(unknown)) for key, reserved, spent, unknown in summed}


def _expected(job: int | None = None) -> dict[int, Sums]:
    """What each job reserves, and what each of its requests costs or may have cost."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    jobs, attempts = Job.objects.order_by(), Attempt.objects.order_by()
    if job:
        jobs, attempts = jobs.filter(pk=job), attempts.filter(job=job)
    states: dict[int, tuple[str, int, int, str]] = {}
    for key, state, number, price, charge in jobs.values_list("pk", "state", "attempts", "price", "charge").iterator():
        parts = in_parts(price)
        states[key] = (state, number, parts, charge)
        if state in OPEN:
            found[key][0] += parts
        elif state in MADE:
            found[key][1] += parts
    seen: set[int] = set()
    rows = attempts.values_list("job_id", "number", "charge", "price", "asked_by_id")
    for key, number, charge, price, asked_by in rows.iterator():
        state, last, _, _ = states[key]
        is_current = number == last and asked_by is None
        if is_current and state in OPEN | MADE:
            continue  # counted with its job
        place = {"charged": 1, "held": 2, "maybe": 2}.get(charge)
        if place:
            found[key][place] += in_parts(price)
            if is_current:
                seen.add(key)
    for key, (state, _, parts, charge) in states.items():
        # Tables that were put back know of no request; the job may have been sent all the same.
        if key not in seen and state in ENDED and charge in {"charged", "held", "maybe"}:
            found[key][1 if charge == "charged" else 2] += parts
    return {key: (reserved, spent, unknown) for key, (reserved, spent, unknown) in found.items()}
