"""The ledger: what every job reserves, costs and gives back, row by row. Rows are added and never changed.

Amounts are whole ten-thousandths of a dollar: a float would drift, and SQLite keeps decimals as floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studio.models.added_only import AddedOnly, AddedOnlyQuerySet
from studio.models.board import Board
from studio.models.jobs.count import in_parts
from studio.models.people import User
from studio.models.spend.price import inputs_price
from studio.models.spend.spent import Change, Line, Spent, SpentDay
from studio.models.sql.compiled_query import KEY, CompiledQuery

# What a row keeps of its job as it was when the money was reserved.
FACTS = (
    *("person_id", "board_id", "client", "job_number", "model", "type"),
    *("day", "inputs", "inputs_price", "job_id", "submission_id"),
)
OPEN, MADE, ENDED = {"waiting", "sending", "running"}, {"saving", "done"}, {"failed", "unknown"}
LINES = {"image": Line.PICTURES, "image_edit": Line.EDITS, "layering": Line.LAYERS}


class Standing(NamedTuple):
    """Where the money of a job is, in ten-thousandths of a dollar: reserved, spent, or held for an unknown outcome."""

    reserved: int = 0
    spent: int = 0
    unknown: int = 0
    # How many jobs have come to cost something, and how many may have.
    jobs: int = 0
    unsure: int = 0
    is_failed: bool = False

    def less(self, was: Standing) -> Standing:
        """What has changed since it was so. Between a cost with and without a picture two steps are needed."""
        return Standing(
            reserved=self.reserved - was.reserved,
            spent=self.spent - was.spent,
            unknown=self.unknown - was.unknown,
            jobs=self.jobs - was.jobs,
            unsure=self.unsure - was.unsure,
            is_failed=self.is_failed or was.is_failed,
        )

    @classmethod
    def of(cls, job: Mapping[str, Any]) -> Standing:
        """Read it from the columns of a job: state, charge and price."""
        state, charge, parts = str(job["state"]), str(job["charge"]), in_parts(job["price"])
        if state in OPEN:
            return cls(reserved=parts)
        if state in MADE:
            return cls(spent=parts, jobs=1)
        if state in ENDED and charge == "charged":
            return cls(spent=parts, jobs=1, is_failed=True)
        if state in ENDED and charge in {"held", "maybe"}:
            return cls(unknown=parts, unsure=1)
        return NOWHERE


NOWHERE = Standing()


class LedgerQuerySet(AddedOnlyQuerySet["LedgerRow"]):
    def of_days(self, first: date, last: date) -> LedgerQuerySet:
        """Those of these days, both included, in the order in which they were written."""
        return self.filter(day__gte=first, day__lte=last).order_by("day", "pk")


class LedgerRow(AddedOnly):
    """One move of a job's money: what it adds to, or takes from, the three places where money can be.

        reserve ──> settle   (a picture is made, or a failed request is charged all the same)
           │  └───> hold     (nobody knows whether Luma charges it) ──> settle, release
           └──────> release  (it costs nothing)

    Written in the transaction that moves the job. A second request of the same job reserves anew, and what the first
    one cost stays. `day` is the day of the reservation, in the studio's time zone: its price and its budget are those
    of that day, whenever the job ends.
    """

    only_added = "The ledger is only added to."

    class Entry(models.TextChoices):
        RESERVE = "reserve", "Reserved"
        SETTLE = "settle", "Settled"
        HOLD = "hold", "Held"
        RELEASE = "release", "Released"
        CORRECT = "correct", "Corrected"

    at = models.DateTimeField(default=timezone.now)
    day = models.DateField()
    entry = models.CharField(max_length=8, choices=Entry.choices)
    line = models.CharField(max_length=8, choices=Line.choices)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    jobs = models.SmallIntegerField(default=0)
    unsure = models.SmallIntegerField(default=0)
    layers = models.SmallIntegerField(default=0)
    # The source and the references of the job, and what they add to its price.
    inputs = models.PositiveSmallIntegerField(default=0)
    inputs_price = models.PositiveIntegerField(default=0)

    job = models.ForeignKey("Job", on_delete=models.PROTECT, related_name="ledger", db_index=False)
    submission = models.ForeignKey("Submission", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.CharField(max_length=80, blank=True)
    job_number = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=20)
    type = models.CharField(max_length=10)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_ledger_entry_moves_money_its_own_way",
                condition=Q(entry="correct")
                | Q(entry="reserve", reserved__gte=0, spent__lte=0, unknown__lte=0)
                | Q(entry="settle", reserved__lte=0, spent__gte=0, unknown__lte=0)
                | Q(entry="hold", reserved__lte=0, spent__lte=0, unknown__gte=0)
                | Q(entry="release", reserved__lte=0, spent__lte=0, unknown__lte=0),
            )
        ]
        indexes = [
            # What a job reserved last, and all of its rows.
            models.Index(fields=["job", "id"], name="ledger_of_a_job"),
            # A month, to export and to sum.
            models.Index(fields=["day", "id"], name="ledger_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_entry_display()} for J-{self.job_id}"

    # ---- Writing: inside the transaction of the job, after Revision.bump()

    @classmethod
    def reserve(cls, submission: Any, jobs: Iterable[Any], *, day: date, inputs: int) -> int:
        """Reserve what new jobs of a submission may cost; return it. The caller counts it on the budgets (Spent.add)."""
        facts = facts_of(submission, day=day, inputs=inputs)
        entry, line = cls.Entry.RESERVE, LINES[submission.type]
        rows = [
            LedgerRow(**facts, job_id=job.pk, entry=entry, line=line, reserved=in_parts(job.price), at=job.created_at)
            for job in jobs
        ]
        LedgerRow.objects.bulk_create(rows)
        return sum(row.reserved for row in rows)

    @classmethod
    def move(cls, job: int, before: Mapping[str, Any], after: Mapping[str, Any], *, layers: int = 0) -> Change | None:
        """Write what a change of a job does to its money; return it, or None where it does nothing."""
        is_again = before["state"] in ENDED and after["state"] == "waiting"
        was, now = NOWHERE if is_again else Standing.of(before), Standing.of(after)
        # A second request of a job without a price, too, is written down.
        if was == now and not is_again:
            return None
        known = None if is_again else _known(job)
        facts = known or facts_of_job(job, anew=is_again)
        if known is None:
            was = NOWHERE  # a job from before there was a ledger, or one that begins anew
        if was.jobs and now.jobs and was.is_failed != now.is_failed:
            # From one line to the other.
            cls._write(facts, NOWHERE.less(was))
            was = NOWHERE
        moved = now.less(was)
        cls._write(facts, moved, layers=layers)
        return Change(facts["person_id"], facts["day"], moved.reserved, moved.spent, moved.unknown)

    @classmethod
    def correct(cls, job: int, missing: Standing) -> None:
        """Add what the rows of a job lack, so that they sum up to what it is."""
        facts = _known(job) or facts_of_job(job, anew=False)
        cls._write(facts, missing, entry=cls.Entry.CORRECT)

    @classmethod
    def _write(cls, facts: Mapping[str, Any], moved: Standing, *, layers: int = 0, entry: str = "") -> None:
        line = Line.FAILED if moved.is_failed else LINES[facts["type"]]
        amounts = {name: getattr(moved, name) for name in ("reserved", "spent", "unknown", "jobs", "unsure")}
        row = cls.objects.create(**facts, **amounts, layers=layers, entry=entry or _entry(moved), line=line)
        SpentDay.add(row)
        Spent.add(Change(row.person_id, row.day, row.reserved, row.spent, row.unknown))


_NEWEST = CompiledQuery(lambda job: LedgerRow.objects.filter(job=job).order_by("-pk").values(*FACTS)[:1], KEY)


def _known(job: int) -> dict[str, Any] | None:
    """What the newest row of a job says of it; None for a job from before there was a ledger."""
    facts: dict[str, Any] | None = _NEWEST.first(job)
    return facts


def _entry(moved: Standing) -> LedgerRow.Entry:
    if moved.spent > 0 or moved.jobs > 0:
        return LedgerRow.Entry.SETTLE
    if moved.unknown > 0 or moved.unsure > 0:
        return LedgerRow.Entry.HOLD
    return LedgerRow.Entry.RESERVE if moved.reserved > 0 else LedgerRow.Entry.RELEASE


def facts_of(submission: Any, *, day: date, inputs: int) -> dict[str, Any]:
    """What a row keeps of a submission: the board's client and job number as they are now."""
    board = submission.board
    return {
        "submission_id": submission.pk,
        "person_id": submission.person_id,
        "board_id": submission.board_id,
        "client": board.client if board else "",
        "job_number": board.job_number if board else "",
        "model": submission.model,
        "type": submission.type,
        "day": day,
        "inputs": inputs,
        "inputs_price": inputs_price(submission.type, submission.model, inputs),
    }


_WITH_BOARD: CompiledQuery[Any] = CompiledQuery(
    lambda key: (
        apps.get_model("studio", "Job")
        .objects.filter(pk=key)
        .select_related("submission__board")
        .only(
            *("created_at", "input_count", "submission__person", "submission__model", "submission__type"),
            *("submission__board__client", "submission__board__job_number"),
        )
    ),
    KEY,
)


def facts_of_job(job: int, *, anew: bool) -> dict[str, Any]:
    """The same of one job: on the day when it was asked for, or today where it is asked for once more (`anew`)."""
    found: Any = _WITH_BOARD.first(job)
    day = timezone.localdate(None if anew else found.created_at)
    return facts_of(found.submission, day=day, inputs=found.input_count) | {"job_id": job}
