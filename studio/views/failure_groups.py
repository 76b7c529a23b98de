"""Jobs that ended without a picture, grouped by their cause, for Review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from studio import failures
from studio.failures import Cause
from studio.models import Attempt, Job, JobCount, Picture, User
from studio.models.input import load_inputs
from studio.models.job_count import in_dollars, total
from studio.models.job_queries import JobQuerySet, introduce, load_tries
from studio.models.picture import load_sizes
from studio.views.privacy import conceal, leave_out_hidden_inputs

MOST_CASES = 40  # the newest on one page; each group says how many it has in all
MOST_PEOPLE, MOST_SAMPLES = 4, 4
NOTHING = Decimal(0)


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
    """One job in Review."""

    job: Job
    inputs: list[Picture]
    line: list[Dot]

    @property
    def is_free(self) -> bool:
        """Whether Luma took it and may still give the picture, so that trying again only asks for it."""
        return self.job.is_only_unfetched or self.job.is_unsaved

    @property
    def free_word(self) -> str:
        """How asking for it once more is called."""
        return "Fetch again" if self.job.made_at or self.job.cause == "unsaved" else "Ask again"


def counted(unsaved: list[Job], *, settled: bool) -> list[Group]:
    """Return the groups without their cases: the unknown first, then by count. One query, of counts kept ready."""
    one = _cases(settled).filter(cause=OuterRef("cause")).order_by("-finished_at", "-pk").values("finished_at")
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
    if unsaved:
        _add_unsaved(groups, unsaved)
    return sorted(groups, key=lambda group: (group.name != "unknown", -group.count, group.name))


def still_tried() -> list[Job]:
    """Return what is made, cannot be saved so far and is still tried: in Review from its first failure."""
    # Mostly there are none, which is told by their keys alone.
    pks = list(Job.objects.unsaved().order_by("-made_at", "-pk").values_list("pk", flat=True)[:MOST_CASES])
    return list(Job.objects.for_review().filter(pk__in=pks).order_by("-made_at", "-pk")) if pks else []


def _add_unsaved(groups: list[Group], jobs: list[Job]) -> None:
    """Count what is still tried with the cases of its cause that have ended; it has no end yet, only when it was made."""
    name = jobs[0].cause
    group = next((one for one in groups if one.name == name), None)
    if group is None:
        group = _group(
            {"cause": name, **dict.fromkeys(("count", "total", "maybe", "charged"), 0), "first": None, "last": None}
        )
        groups.append(group)
    made = [job.made_at for job in jobs if job.made_at]
    group.count += len(jobs)
    group.first = min([*made, *([group.first] if group.first else [])], default=None)
    group.last = max([*made, *([group.last] if group.last else [])], default=None)
    paid = sum((job.price or NOTHING for job in jobs), NOTHING)
    if group.money_word != "may be charged":
        group.money, group.money_word = group.money + paid, "charged"


def _group(row: Mapping[str, Any]) -> Group:
    cause = failures.cause(row["cause"])
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
    if cause.retry_helps and total:
        return total, "to run again"
    return NOTHING, "not charged"


def listed(groups: Iterable[Group], unsaved: list[Job], person: User, *, settled: bool, cause: str = "") -> list[Group]:
    """Give each group its newest cases, or return only the group of `cause`. A fixed number of queries.

    Of others' private jobs `person` reads who, why and what it cost.
    """
    jobs = _cases(settled)
    if cause:
        jobs = jobs.filter(cause=cause)
    by_name = {group.name: group for group in groups if not cause or group.name == cause}
    newest = [*unsaved, *jobs.for_review().order_by("-finished_at", "-pk")[:MOST_CASES]]
    people: dict[int, User] = {}
    introduce(newest, people)
    load_tries(newest, people)
    load_sizes(load_inputs((job.submission for job in newest), titled=True))
    for job in newest:
        leave_out_hidden_inputs(conceal(job, person).submission, person)
        if job.cause in by_name:
            by_name[job.cause].cases.append(Case(job, _inputs(job), line(job.tries)))
    return list(by_name.values())


def line(attempts: Iterable[Attempt]) -> list[Dot]:
    """Draw the attempts as dots: each sending, and how it ended."""
    dots: list[Dot] = []
    word, who = "Sent", ""
    for attempt in attempts:
        dots.append(Dot(word, attempt.sent_at, who=who))
        if attempt.ended_at:
            word, mark = ENDINGS.get(attempt.outcome, (OUTCOMES[attempt.outcome], ""))
            dots.append(Dot(f"{word} {attempt.status or ''}".strip(), attempt.ended_at, mark))
        word, who = "Again", attempt.asked_by.name if attempt.asked_by else ""
    return dots


OUTCOMES = dict(Attempt.Outcome.choices)
# Short, because four of them stand side by side; and how the dot is to be seen.
ENDINGS: dict[str, tuple[str, str]] = {
    Attempt.Outcome.HELD: ("Not accepted", ""),
    Attempt.Outcome.REFUSED: ("Refused", "bad"),
    Attempt.Outcome.FAILED: ("Failed", "bad"),
    Attempt.Outcome.UNKNOWN: ("Unknown", "unk"),
}


def _inputs(job: Job) -> list[Picture]:
    return [entry.picture for entry in job.submission.used]


def _cases(settled: bool) -> JobQuerySet[Job]:
    return Job.objects.settled_cases() if settled else Job.objects.open_cases()
