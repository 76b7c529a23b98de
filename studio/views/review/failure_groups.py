"""Jobs that ended without a picture, grouped by their cause, for Review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from studio import failures
from studio.failures import Cause
from studio.models import FailureCount, Job, JobCount, Picture, User
from studio.models.jobs.count import in_dollars, in_parts, total
from studio.models.review.failure_count import DAYS, HOURS, trend_of
from studio.models.review.failure_search import MOST_READ, UNSAVED, FailureSearch
from studio.models.sql.compiled_query import TEXT, CompiledQuery
from studio.views.review import failure_rows, trends
from studio.views.review.failure_cases import Case, cases

MOST_PEOPLE, MOST_SAMPLES = 3, 3
NOTHING = Decimal(0)
TO_RUN = "to run again"


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
    people_count: int = 0
    # Of its cases together, in dollars: what sending each once more would cost.
    total: Decimal = NOTHING
    # Of a narrow search: when each of them ended.
    ends: list[datetime] | None = None
    # Of those that have not ended and are still tried: when they were made.
    held: list[datetime] = field(default_factory=list)
    # How often it came, by the hour or the day, drawn.
    trend: str = ""
    # Pictures that several people's cases have in common.
    shared: list[Shared] = field(default_factory=list)
    # What is done about all of them at once.
    for_all: ForAll | None = None
    is_open: bool = False
    # Its own page, and where what is done about it leads back to.
    link: str = ""
    back: str = ""

    @property
    def people(self) -> list[User]:
        return list({case.job.person_id: case.job.person for case in self.cases}.values())[:MOST_PEOPLE]

    @property
    def more_people(self) -> int:
        return max(0, self.people_count - len(self.people))

    @property
    def samples(self) -> list[Picture]:
        return [picture for case in self.cases for picture in case.inputs][:MOST_SAMPLES]

    @property
    def has_ended(self) -> bool:
        """Whether some have ended: what is still tried can't be acknowledged."""
        return self.count > len(self.held)

    @property
    def unlisted(self) -> int:
        return max(0, self.count - sum(not case.job.is_active or case.is_held for case in self.cases))


@dataclass(frozen=True, slots=True)
class Shared:
    """A picture that failed for several people."""

    picture: Picture
    people: int
    jobs: int


@dataclass(frozen=True, slots=True)
class ForAll:
    """The one button for all cases of a cause: what it does (`case_act`), its word, and what it costs."""

    act: str
    word: str
    icon: str
    price: str


def counted(held: list[Job], search: FailureSearch) -> tuple[list[Group], bool]:
    """Return the groups without their cases, the unknown first, then by count; and whether older ones are left out.

    One query of counts kept ready, or where counts are not kept, the newest few thousand that fit. `held` is what is
    still tried.
    """
    is_cut = False
    if search.is_narrow:
        search, is_cut = search.bounded()
        groups = _among(search)
    else:
        groups = _kept(search)
    if held:
        _add_held(groups, held)
    return sorted(groups, key=lambda group: (group.name != "unknown", -group.count, group.name)), is_cut


def _kept(search: FailureSearch) -> list[Group]:
    return [_group(row) for row in _counts(search.show, has_cause=bool(search.cause))(search.cause)]


@cache
def _counts(show: str, *, has_cause: bool) -> CompiledQuery[JobCount]:
    return CompiledQuery(lambda cause: _count(show, cause if has_cause else ""), TEXT)


def _count(show: str, cause: str) -> Any:
    settled = show == "settled"
    cases = FailureSearch.of_all(show, cause).cases()
    one = cases.filter(cause=OuterRef("cause")).order_by("-finished_at", "-pk").values("finished_at")
    return (
        JobCount.objects.filter(group=JobCount.Group.FAILED, settled=settled)
        .values("cause")
        .annotate(
            count=total("number"),
            total=total("price"),
            maybe=total("price", charge=Job.Charge.MAYBE),
            charged=total("price", charge=Job.Charge.CHARGED),
            people=Count("person", distinct=True, filter=Q(number__gt=0)),
            first=Subquery(one.reverse()[:1]),
            last=Subquery(one[:1]),
        )
        .filter(count__gt=0)
        .order_by()
    )


def _among(search: FailureSearch) -> list[Group]:
    """Count what a narrow search finds, row by row; `cause` is left open, so that the chips of all causes stand."""
    sums: dict[str, dict[str, Any]] = {}
    rows = (
        replace(search, cause="")
        .jobs()
        .order_by("-finished_at", "-pk")
        .values_list("cause", "finished_at", "price", "charge", "person_id")
    )
    for cause, at, price, charge, person in rows[: 2 * MOST_READ]:
        row = sums.setdefault(
            cause, {"cause": cause, "count": 0, "total": 0, "maybe": 0, "charged": 0, "ends": [], "who": set()}
        )
        row["count"] += 1
        parts = in_parts(price)
        row["total"] += parts
        row["maybe"] += parts if charge == Job.Charge.MAYBE else 0
        row["charged"] += parts if charge == Job.Charge.CHARGED else 0
        row["ends"].append(at)
        row["who"].add(person)
    for row in sums.values():
        row |= {"people": len(row["who"]), "first": min(row["ends"]), "last": max(row["ends"])}
    return [_group(row) for row in sums.values()]


def draw_trends(groups: Iterable[Group], span: str, *, now: datetime) -> None:
    """Draw how often each cause came, by counts kept ready; of a narrow search, when those that fit ended."""
    counts = FailureCount.trends(span, now=now)
    empty = [0] * (DAYS if span == FailureCount.Span.DAY else HOURS)
    for group in groups:
        bars = counts.get(group.name, empty) if group.ends is None else trend_of(group.ends, span, now=now)
        held = trend_of(group.held, span, now=now)
        group.trend = trends.draw([one + other for one, other in zip(bars, held, strict=True)], span)


def _add_held(groups: list[Group], jobs: list[Job]) -> None:
    """Count what is still tried with the cases of its cause that have ended; it has no end yet, only when it was made."""
    group = next((one for one in groups if one.name == UNSAVED), None)
    if group is None:
        group = _group(
            {
                "cause": UNSAVED,
                **dict.fromkeys(("count", "total", "maybe", "charged", "people"), 0),
                "first": None,
                "last": None,
            }
        )
        groups.append(group)
    made = [job.made_at for job in jobs if job.made_at]
    group.held = made
    group.count += len(jobs)
    group.people_count = max(group.people_count, len({job.person_id for job in jobs}))
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
        people_count=row["people"],
        total=in_dollars(row["total"]),
        ends=row.get("ends"),
    )


def money(cause: Cause, total: Decimal | None, maybe: Decimal | None, charged: Decimal | None) -> tuple[Decimal, str]:
    """Say what a group has cost or would cost."""
    if maybe:
        return maybe, "may be charged"
    if charged:
        return charged, "charged"
    if cause.retry_helps and total:
        return total, TO_RUN
    return NOTHING, "not charged"


def listed(groups: list[Group], unsaved: list[Job], search: FailureSearch) -> list[Group]:
    """Give each group its newest cases, or return only the group of the search's cause. A fixed number of queries.

    Of others' private jobs the viewer reads who, why and what it cost. What somebody has just asked for again stays in
    its group while it is under way.
    """
    by_name = {group.name: group for group in groups if not search.cause or group.name == search.cause}
    again = failure_rows.asked_again() if search.show == "open" else []
    newest = [*unsaved, *failure_rows.newest(search)]
    for job in again:
        if job.asked_cause not in by_name and search.cause in {"", job.asked_cause}:
            by_name[job.asked_cause] = _group(
                {"cause": job.asked_cause, **dict.fromkeys(("count", "total", "maybe", "charged", "people"), 0)}
                | {"first": job.asked_at, "last": job.asked_at}
            )
    held = {job.pk for job in unsaved}
    known = {job.pk for job in newest}
    for case in cases([*newest, *(job for job in again if job.pk not in known)], search.viewer):
        name = UNSAVED if case.job.pk in held else case.job.cause or case.job.asked_cause
        if name in by_name:
            by_name[name].cases.append(case)
    return list(by_name.values())
