"""What a view of the Create page asks for: whose jobs, which of them, and in which pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q
from django.http import HttpRequest

from studio.models import Job, JobCount, Submission, User, keyset
from studio.models.jobs.queries import JobQuerySet
from studio.models.requests.submission_query import SubmissionQuerySet
from studio.models.sql.compiled_query import KEY, PERSON, CompiledQuery
from studio.views.gallery.page import Cursor
from studio.views.request import viewer

WHOSE = ("mine", "team")
SHOW = ("all", "progress", "failed", "done")
# The states that a part of the feed is about; all of them have a place in "all".
SHOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"progress": Job.ACTIVE, "failed": (Job.State.FAILED, Job.State.UNKNOWN), "done": (Job.State.DONE,)}
)
PAGE = 30  # submissions
MOST_READ = 500  # new submissions of everybody that one answer looks through
# The row of now is for what is watched: so many submissions, and what failed only while there are fewer cards.
MOST_LIVE, MOST_CARDS_BESIDE = 60, 40


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the jobs that a page shows."""

    person: User
    whose: str = "mine"
    show: str = "all"
    # Whether what failed stands in one strip (studio.views.jobs.failure_strip) and not as cards.
    collapses: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Scope:
        whose, show = request.GET.get("whose", ""), request.GET.get("show", "")
        return cls(
            viewer(request),
            whose if whose in WHOSE else WHOSE[0],
            show if show in SHOW else SHOW[0],
        )

    def collapsed(self, counts: Counts) -> Scope:
        """One failed card of one's own stays a card; more of them, or others' in the team, are a strip."""
        enough = 1 if self.whose == "team" else 2
        return replace(self, collapses=self.show == "all" and counts.failed >= enough)

    def query(self, **more: str) -> str:
        """The query string that leads here; what is the default stays out of it."""
        chosen = {"whose": self.whose, "show": self.show} | more
        defaults = {"whose": WHOSE[0], "show": SHOW[0]}
        return urlencode({name: value for name, value in chosen.items() if value != defaults.get(name)})

    def jobs(self) -> JobQuerySet[Job]:
        if self.whose == "team":
            return Job.objects.visible_to(self.person)
        # With what is under way of the people whose work is this person's.
        return Job.objects.filter(self.person.owned())

    def live(self) -> tuple[str, ...]:
        """The flags of what the row of now is for, in lists that overlap: under way, or failed and not yet dismissed."""
        flags = {"all": ("has_active", "has_failed"), "progress": ("has_active",), "failed": ("has_failed",)}
        return flags.get(self.show, ())[: 1 if self.collapses else None]

    def at_rest(self) -> SubmissionQuerySet[Submission]:
        """What comes below it: pictures, and what was cancelled."""
        if self.show in {"progress", "failed"}:
            return Submission.objects.none()
        if self.show == "done":
            return self.flagged("has_done")
        rest = self.flagged("is_at_rest")
        return rest if self.collapses else rest.filter(has_failed=False)

    def with_failures(self) -> SubmissionQuerySet[Submission]:
        """What the strip is read from, newest first."""
        return _newest_first(self.flagged("has_failed"))

    def flagged(self, flag: str) -> SubmissionQuerySet[Submission]:
        """One flag at a time: each has its own index, by which a page is found however long the history is."""
        found = Submission.objects.filter((flag, True))
        if self.whose == "team":
            return found.visible_to(self.person)
        return found.filter(self.person.owned() if flag == "has_active" else Q(person=self.person.pk))

    def read(self, rows: Callable[..., Any], *keys: int) -> list[Any]:
        """Return the rows of a query of this scope and of some numbers, compiled once for each kind of scope."""
        return _compiled(rows, self.whose, self.show, self.collapses, len(keys))(self.person, *keys)

    def shows(self, job: Job) -> bool:
        if self.show == "all":
            return job.is_active or (job.dismissed_at is None and not self.puts_away(job))
        if self.show == "progress":
            return job.is_active
        return job.state in SHOWN[self.show] and not job.dismissed_at

    def puts_away(self, job: Job) -> bool:
        """Whether the strip has it, and the feed no card."""
        return self.collapses and job.dismissed_at is None and job.state in SHOWN["failed"]


@cache
def _compiled(rows: Callable[..., Any], whose: str, show: str, collapses: bool, keys: int) -> CompiledQuery[Any]:
    return CompiledQuery(
        lambda person, *values: rows(Scope(person, whose, show, collapses), *values), PERSON, *[KEY] * keys
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs of a scope there are: the numbers beside the links."""

    progress: int
    failed: int
    done: int
    every: int
    # Of the failed ones: how many of each cause, the most first, and how many are the viewer's.
    causes: tuple[tuple[str, int], ...] = ()
    failed_own: int = 0

    @property
    def all(self) -> int:
        return self.progress + self.failed + self.done

    @classmethod
    def of(cls, scope: Scope) -> Counts:
        cells = JobCount.cells(scope.person, everybody=scope.whose == "team")
        causes: dict[str, int] = {}
        for cell in cells:
            if cell.group == "failed" and cell.on_feed:
                causes[cell.cause] = causes.get(cell.cause, 0) + cell.number
        return cls(
            progress=sum(cell.number for cell in cells if cell.group == "progress"),
            failed=sum(causes.values()),
            done=sum(cell.number for cell in cells if cell.group == "done" and cell.on_feed),
            every=sum(cell.number for cell in cells),
            causes=tuple(sorted(((name, n) for name, n in causes.items() if n), key=lambda one: (-one[1], one[0]))),
            failed_own=sum(cell.number for cell in cells if cell.group == "failed" and cell.on_feed and cell.is_own),
        )


def live_submissions(scope: Scope) -> list[int]:
    """The submissions of the row of now, newest first."""
    found = {row for flag in scope.live() for row in scope.read(_LIVE[flag])}
    chosen: list[int] = []
    cards = 0
    for _, pk, count, is_active in sorted(found, reverse=True)[:MOST_LIVE]:
        if is_active or cards < MOST_CARDS_BESIDE:
            chosen.append(pk)
            cards += count
    return chosen


_AFTER = CompiledQuery(
    lambda known: (
        Submission.objects.filter(pk__gt=known).order_by("pk").values_list("pk", "person_id", "is_private")[:MOST_READ]
    ),
    KEY,
)


def new_submissions(scope: Scope, known: int, most: int) -> tuple[list[int], int, bool]:
    """Return at most `most` submissions of the scope after `known`, oldest first, how far that leads, and if more follow.

    Their key is their order of arrival, so only what came since is read, and at most MOST_READ of everybody's.
    """
    rows = _AFTER(known)
    found: list[int] = []
    for pk, person_id, is_private in rows:
        if scope.person.owns(person_id) or (scope.whose == "team" and not is_private):
            found.append(pk)
            if len(found) == most:
                return found, pk, pk != rows[-1][0] or len(rows) == MOST_READ
    return found, rows[-1][0] if rows else known, len(rows) == MOST_READ


def finished_page(scope: Scope, after: Cursor | None = None) -> tuple[list[int], str]:
    """One page of what is at rest, newest first, and the place to ask the next one with ("" at the end).

    `after` is the place of the last submission of the page before: it stays one when that turns private to somebody else.
    """
    if after:
        pks = list(_page(keyset.below(_newest_first(scope.at_rest()), "created_at", after.shown_at, after.pk)))
    else:
        pks = scope.read(_first_page)
    more = str(Cursor(*_PLACE(pks[PAGE - 1])[0])) if len(pks) > PAGE else ""
    return pks[:PAGE], more


def _live(flag: str) -> Callable[[Scope], Any]:
    def rows(scope: Scope) -> Any:
        newest = _newest_first(scope.flagged(flag))
        return newest.values_list("created_at", "pk", "count", "has_active")[:MOST_LIVE]

    return rows


_LIVE = {flag: _live(flag) for flag in ("has_active", "has_failed")}
_PLACE: CompiledQuery[Submission] = CompiledQuery(
    lambda key: Submission.objects.filter(pk=key).values_list("created_at", "pk"), KEY
)


def _first_page(scope: Scope) -> Any:
    return _page(_newest_first(scope.at_rest()))


def _page(newest: SubmissionQuerySet[Submission]) -> Any:
    # Keys alone, which the index holds, so that the planner never prefers the table.
    return newest.values_list("pk", flat=True)[: PAGE + 1]


def seen() -> tuple[int, int]:
    """The revision, and the newest submission there is: what a page that is drawn now has seen, or will not need."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT number FROM studio_revision WHERE name = 'studio'), (SELECT MAX(id) FROM studio_submission)"
        )
        revision, newest = cursor.fetchone()
    return revision or 0, newest or 0


def _newest_first(found: SubmissionQuerySet[Submission]) -> SubmissionQuerySet[Submission]:
    """By time and not by key: the planner would rather walk the table by its key than use the index of a flag."""
    return found.order_by("-created_at", "-pk")
