"""Jobs that ended without a picture, grouped by their cause, in the words of an admin's desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from studio.models import Attempt, Job, JobCount, Picture, User
from studio.models.job.queries import JobQuerySet
from studio.models.job_count import in_dollars, total

MOST_CASES = 60  # the newest on one page; each group says how many it has in all
MOST_PEOPLE, MOST_SAMPLES = 4, 4
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cause:
    """How a cause is called, and what is usually behind it."""

    title: str
    text: str
    icon: str
    tone: str = "danger"
    again: bool = False  # whether the very same request may well succeed


CAUSES: dict[str, Cause] = {
    "unknown": Cause(
        "Outcome unknown",
        "Perhaps made and charged: nobody here knows. Never sent again by itself.",
        "circle-help",
        "warning",
    ),
    "refused": Cause("Refused", "The prompt or a picture was refused. The result would be the same.", "shield-alert"),
    "bad_input": Cause("Input picture not accepted", "Too large or unreadable for Luma.", "file-warning"),
    "stumbled": Cause("The service stumbled", "Failed at Luma. Trying again often helps.", "cloud-alert", again=True),
    "busy": Cause("Too busy", "Luma took it and then had no room for it.", "timer", again=True),
    "budget": Cause("Out of budget", "The budget ran out while this was being made.", "wallet", "info", again=True),
    "mistake": Cause("Not understood", "Luma did not understand the request. The mistake is Studio's.", "wrench"),
    "lost": Cause("Lost at Luma", "Luma took it and no longer knows it. Ask its support.", "search", "warning"),
    "unreadable": Cause(
        "Could not be read",
        "Made and paid for, but the file is no picture. Retrying fetches it again.",
        "image",
        "warning",
    ),
}
OTHER = Cause("Failed", "For a reason that has no name yet.", "circle-alert")


@dataclass(frozen=True, slots=True)
class Dot:
    """One point on a job's line: what happened, when, how it is to be seen, and who asked for it."""

    word: str
    at: datetime
    mark: str = ""
    who: str = ""


@dataclass(slots=True, kw_only=True)
class Group:
    """All open or settled cases of one cause; `cases` are the newest of its `count`."""

    name: str
    cause: Cause
    count: int
    first: datetime | None
    last: datetime | None
    money: Decimal
    money_word: str
    cases: list[Case] = field(default_factory=list)

    @property
    def people(self) -> list[User]:
        return list({case.job.person_id: case.job.person for case in self.cases}.values())[:MOST_PEOPLE]

    @property
    def samples(self) -> list[Picture]:
        return [picture for case in self.cases for picture in case.inputs][:MOST_SAMPLES]

    @property
    def unlisted(self) -> int:
        return self.count - len(self.cases)


@dataclass(frozen=True, slots=True)
class Case:
    """One job on the desk."""

    job: Job
    inputs: list[Picture]
    line: list[Dot]

    @property
    def again_price(self) -> Decimal | None:
        """What trying again would cost; nothing where the picture is made and only has to be fetched."""
        return NOTHING if self.job.is_only_unfetched else self.job.price


def counted(*, settled: bool) -> list[Group]:
    """Return the groups without their cases: the unknown first, then by count. One query, of counts kept ready."""
    one = _desk(settled).filter(cause=OuterRef("cause")).order_by("-finished_at", "-pk").values("finished_at")
    rows = (
        JobCount.objects.filter(group=JobCount.Group.FAILED, settled=settled)
        .values("cause")
        .annotate(
            count=total("number"),
            total=total("price"),
            maybe=total("price", charge=Job.Charge.MAYBE),
            charged=total("price", charge=Job.Charge.CHARGED),
            first=Subquery(one.reverse()[:1]),
            last=Subquery(one[:1]),
        )
        .filter(count__gt=0)
        .order_by()
    )
    groups = [_group(row) for row in rows]
    return sorted(groups, key=lambda group: (group.name != "unknown", -group.count, group.name))


def _group(row: Mapping[str, Any]) -> Group:
    cause = CAUSES.get(row["cause"], OTHER)
    amount, word = money(cause, *(in_dollars(row[name]) for name in ("total", "maybe", "charged")))
    return Group(
        name=row["cause"],
        cause=cause,
        count=row["count"],
        first=row["first"],
        last=row["last"],
        money=amount,
        money_word=word,
    )


def money(cause: Cause, total: Decimal | None, maybe: Decimal | None, charged: Decimal | None) -> tuple[Decimal, str]:
    """Say what a group has cost or would cost."""
    if maybe:
        return maybe, "may be charged"
    if charged:
        return charged, "charged"
    if cause.again and total:
        return total, "to run again"
    return NOTHING, "not charged"


def listed(groups: Iterable[Group], *, settled: bool, cause: str = "") -> list[Group]:
    """Give each group its newest cases, or return only the group of `cause`. A fixed number of queries."""
    jobs = _desk(settled)
    if cause:
        jobs = jobs.filter(cause=cause)
    by_name = {group.name: group for group in groups if not cause or group.name == cause}
    newest = (
        jobs.select_related("submission", "person", "settled_by")
        .prefetch_related("attempts_made__asked_by", "submission__inputs__picture__renditions")
        .order_by("-finished_at", "-pk")[:MOST_CASES]
    )
    for job in newest:
        if job.cause in by_name:
            by_name[job.cause].cases.append(Case(job, _inputs(job), line(job.attempts_made.all())))
    return list(by_name.values())


def line(attempts: Iterable[Attempt]) -> list[Dot]:
    """Draw the attempts as dots: each sending, and how it ended."""
    dots: list[Dot] = []
    word, who = "Sent", ""
    for attempt in attempts:
        dots.append(Dot(word, attempt.sent_at, who=who))
        if attempt.ended_at:
            word, mark = ENDINGS.get(attempt.outcome, (attempt.get_outcome_display(), ""))
            dots.append(Dot(f"{word} {attempt.status or ''}".strip(), attempt.ended_at, mark))
        word, who = "Again", attempt.asked_by.name if attempt.asked_by else ""
    return dots


# Short, because four of them stand side by side; and how the dot is to be seen.
ENDINGS: dict[str, tuple[str, str]] = {
    Attempt.Outcome.HELD: ("Not sent", ""),
    Attempt.Outcome.REFUSED: ("Refused", "bad"),
    Attempt.Outcome.FAILED: ("Failed", "bad"),
    Attempt.Outcome.UNKNOWN: ("Unknown", "unk"),
}


def _inputs(job: Job) -> list[Picture]:
    return [entry.picture for entry in job.submission.inputs.all()]


def _desk(settled: bool) -> JobQuerySet:
    return Job.objects.settled_cases() if settled else Job.objects.open_cases()
