"""Which failed and unknown jobs are asked for: by status, cause, person, model, time and words, at a bounded cost."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import Q

from studio.codes import read_code
from studio.models.job import Job
from studio.models.jobs.queries import JobQuerySet
from studio.models.people import User
from studio.models.search.folded import says

# Beyond cause and status nothing is counted ahead: only so many of the newest are looked through.
MOST_READ = 5_000
LONGEST_WORDS = 1_000  # characters
LABEL = re.compile(r"[jJ]-(\d{1,18})")
SHOWS = ("open", "acknowledged", "settled")
NEWEST = ("-finished_at", "-pk")
UNSAVED = "unsaved"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureSearch:
    """What one admin asks for. `first` and `last` bound the time at which a job ended, both included."""

    viewer: User
    show: str = "open"
    cause: str = ""
    person: int | None = None
    model: str = ""
    words: str = ""
    first: datetime | None = None
    last: datetime | None = None
    # Only these, by their codes.
    codes: tuple[uuid.UUID, ...] = field(default=())

    @classmethod
    def of_all(cls, show: str, cause: str) -> Self:
        """Everybody's of a status and a cause, of which counts are kept: the same for each viewer."""
        return cls(viewer=User(), show=show, cause=cause)

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for something of which no counts are kept."""
        return bool(self.person or self.model or self.words or self.first or self.show == "acknowledged")

    def cases(self) -> JobQuerySet[Job]:
        """Those of the status and the cause, as indexes have them."""
        found = {
            "open": Job.objects.open_cases,
            "acknowledged": Job.objects.acknowledged_cases,
            "settled": Job.objects.settled_cases,
        }[self.show]()
        return found.filter(cause=self.cause) if self.cause else found

    def bounded(self) -> tuple[Self, bool]:
        """Return the search with its lower bound of time, and whether older ones are left out for their number."""
        rows = self._in_time()
        beyond = rows.order_by(*NEWEST).values_list("finished_at", flat=True)[MOST_READ : MOST_READ + 1].first()
        return (replace(self, first=beyond), True) if beyond else (self, False)

    def jobs(self) -> JobQuerySet[Job]:
        """All that fit. Call it on a `bounded` search where it is narrow."""
        return self._fitting(self._in_time())

    def held(self, before: datetime) -> JobQuerySet[Job]:
        """What fits of what is made, not saved and still tried, where that has failed once or takes since `before`.

        It is open, and has not ended: `jobs` finds none of it, and `first` and `last` bound when it was made.
        """
        if self.show != "open" or self.cause not in {"", UNSAVED}:
            return Job.objects.none()
        rows = self._fitting(Job.objects.in_custody(before))
        if self.first:
            rows = rows.filter(made_at__gte=self.first)
        return rows.filter(made_at__lte=self.last) if self.last else rows

    def _fitting(self, rows: JobQuerySet[Job]) -> JobQuerySet[Job]:
        if self.codes:
            rows = rows.filter(code__in=self.codes)
        if self.person:
            rows = rows.filter(person=self.person)
        if self.model:
            rows = rows.filter(submission__model=self.model)
        return rows.filter(self._says(self.words)) if self.words else rows

    def _in_time(self) -> JobQuerySet[Job]:
        rows = self.cases()
        if self.first:
            rows = rows.filter(finished_at__gte=self.first)
        return rows.filter(finished_at__lte=self.last) if self.last else rows

    def _says(self, words: str) -> Q:
        """Of others' private jobs an admin does not learn what was written."""
        if label := LABEL.fullmatch(words):
            return Q(pk=int(label[1]))
        wanted = read_code(words)
        if wanted is None:
            mine = Q(is_private=False) | Q(person=self.viewer)
            said = says(words, "submission__prompt", "sentence", "detail")
            return Q(failure_code=words) | (mine & said)
        return Q(code=wanted) | Q(request_id=wanted) | Q(remote_id=str(wanted))

    # ---- For a task that goes on with it

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; the viewer by key."""
        return {
            "viewer": self.viewer.pk,
            "show": self.show,
            "cause": self.cause,
            "person": self.person,
            "model": self.model,
            "words": self.words,
            "first": micros(self.first),
            "last": micros(self.last),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any], *, viewer: User) -> Self:
        times = {name: from_micros(stored[name]) for name in ("first", "last")}
        return cls(**{**stored, **times, "viewer": viewer})


def micros(at: datetime | None) -> int | None:
    """Return a time in microseconds since 1970, which a form carries without loss."""
    return None if at is None else (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def from_micros(value: int | None) -> datetime | None:
    """Return the time; None for none, or for nonsense."""
    try:
        return None if value is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
    except OverflowError:
        return None
