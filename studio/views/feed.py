"""What stands on the Create page: whose jobs, which of them, and how they are grouped."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from urllib.parse import urlencode

from django.db.models import Max, prefetch_related_objects
from django.http import HttpRequest

from studio.engine import capacity
from studio.models import ApiAccount, Job, JobCount, SendingPause, Submission, User
from studio.models.job_count import total
from studio.models.job_queries import JobQuerySet, outputs
from studio.models.picture import load_sizes
from studio.models.submission import SubmissionQuerySet
from studio.models.timing import Room, Usual, Wait, usual, usual_wait
from studio.views import wait_reasons
from studio.views.cards import FACES, Card
from studio.views.request import viewer

WHOSE = ("mine", "team")
SHOW = ("all", "progress", "failed", "done")
# The states that a part of the feed is about; all of them have a place in "all".
SHOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"progress": Job.ACTIVE, "failed": (Job.State.FAILED, Job.State.UNKNOWN), "done": (Job.State.DONE,)}
)
PAGE = 30  # submissions
MOST_READ = 500  # new submissions of everybody that one answer looks through
CLOCK = timedelta(days=1)
# The row of now is for what is watched: so many submissions, and what failed only while there are fewer cards.
MOST_LIVE, MOST_CARDS_BESIDE = 60, 40
# A submit of up to four stands as one tile of 2 × 2 cells; more are tiles of their own.
MOST_CELLS = 4
# How the parts of a group are told: what is there first, what is wrong last.
TOLD_ORDER = (
    *("done", "saving", "late", "making", "queued", "sending", "waiting", "budget"),
    *("unsaved", "stopped", "lost", "refused", "bad_input", "failed", "unknown", "cancelled"),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the jobs that a page shows."""

    person: User
    whose: str = "mine"
    show: str = "all"

    @classmethod
    def of(cls, request: HttpRequest) -> Scope:
        whose, show = request.GET.get("whose", ""), request.GET.get("show", "")
        return cls(
            viewer(request),
            whose if whose in WHOSE else WHOSE[0],
            show if show in SHOW else SHOW[0],
        )

    def query(self, **more: str) -> str:
        """The query string that leads here; what is the default stays out of it."""
        chosen = {"whose": self.whose, "show": self.show} | more
        defaults = {"whose": WHOSE[0], "show": SHOW[0]}
        return urlencode({name: value for name, value in chosen.items() if value != defaults.get(name)})

    def jobs(self) -> JobQuerySet[Job]:
        return Job.objects.all() if self.whose == "team" else Job.objects.of(self.person)

    def live(self) -> list[SubmissionQuerySet]:
        """What the row of now is for, in lists that overlap: under way, or failed and not yet dismissed."""
        flags = {"all": ("has_active", "has_failed"), "progress": ("has_active",), "failed": ("has_failed",)}
        return [self._submissions(flag) for flag in flags.get(self.show, ())]

    def at_rest(self) -> SubmissionQuerySet:
        """What stands below it: pictures, and what was cancelled."""
        if self.show in {"progress", "failed"}:
            return Submission.objects.none()
        return self._submissions("has_done" if self.show == "done" else "is_at_rest")

    def _submissions(self, flag: str) -> SubmissionQuerySet:
        """One flag at a time: each has its own index, by which a page is found however long the history is."""
        found = Submission.objects.filter((flag, True))
        return found if self.whose == "team" else found.filter(person=self.person)

    def shows(self, job: Job) -> bool:
        if self.show == "all":
            return job.is_active or job.dismissed_at is None
        if self.show == "progress":
            return job.is_active
        return job.state in SHOWN[self.show] and not job.dismissed_at


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs of a scope there are: the numbers beside the links."""

    progress: int
    failed: int
    done: int
    every: int

    @property
    def all(self) -> int:
        return self.progress + self.failed + self.done

    @classmethod
    def of(cls, scope: Scope) -> Counts:
        counted = JobCount.objects.all() if scope.whose == "team" else JobCount.objects.filter(person=scope.person)
        return cls(
            **counted.aggregate(
                progress=total("number", group="progress"),
                failed=total("number", group="failed", on_feed=True),
                done=total("number", group="done", on_feed=True),
                every=total("number"),
            )
        )


@dataclass(frozen=True)
class Entry:
    """The cards of one submission that a page shows."""

    submission: Submission
    cards: list[Card]

    @property
    def is_group(self) -> bool:
        return 1 < len(self.cards) <= MOST_CELLS

    @property
    def layout(self) -> str:
        return "group--pair" if len(self.cards) == 2 else ""

    @property
    def kept(self) -> list[Card]:
        """The cards that nobody dismissed."""
        return [card for card in self.cards if not card.is_gone]

    @property
    def finished(self) -> int:
        return sum(card.job.state == Job.State.DONE for card in self.kept)

    @property
    def breakdown(self) -> str:
        """`2 done, 1 making, 1 waiting`: the group in words."""
        faces = sorted((card.status for card in self.kept), key=TOLD_ORDER.index)
        return ", ".join(f"{len(list(same))} {FACES[face].word.lower()}" for face, same in groupby(faces))


class CardBuilder:
    """What the cards of one answer share, looked up once."""

    def __init__(self, viewer: User, now: datetime) -> None:
        self.viewer = viewer
        self.now = now
        self._kinds: dict[tuple[str, str], Usual | None] = {}

    @cached_property
    def pauses(self) -> frozenset[str]:
        return frozenset(SendingPause.objects.values_list("reason", flat=True))

    @cached_property
    def places(self) -> dict[int, int]:
        return capacity.places_in_line()

    @cached_property
    def account(self) -> ApiAccount:
        return ApiAccount.current()

    @cached_property
    def room(self) -> Room | None:
        """What the account has left for the line; None while nothing is sent, for then nobody knows how long."""
        if self.pauses or self.account.is_paused(self.now):
            return None
        return Room.of(self.account, self.now)

    def wait(self, pk: int, type: str, model: str) -> Wait | None:
        """How long the waiting job of this kind usually takes from now; None without a history or while nothing is sent."""
        place = self.places.get(pk)
        if not place or not self.room or not (own := self._usual(type, model)):
            return None
        return usual_wait(own, place, self.room, weight=self.account.weight_of(type, model))

    def wait_reason(self, job: Job) -> str:
        """Say what a waiting job waits for, where that is more than its turn."""
        return wait_reasons.of(job, self.account, self.places_held, now=self.now)

    @cached_property
    def places_held(self) -> wait_reasons.PlacesHeld:
        return wait_reasons.PlacesHeld.now(self.account, now=self.now)

    def _usual(self, type: str, model: str) -> Usual | None:
        if (type, model) not in self._kinds:
            self._kinds[type, model] = usual(type, model, now=self.now)
        return self._kinds[type, model]

    def card(self, job: Job, *, arriving: bool = False) -> Card:
        waiting, asked = job.state == Job.State.WAITING, job.submission
        timed = job.state in {Job.State.RUNNING, Job.State.SAVING}
        return Card(
            job,
            now=self.now,
            usual=self._usual(asked.type, asked.model) if timed else None,
            place=self.places.get(job.pk) if waiting else None,
            wait=self.wait(job.pk, asked.type, asked.model) if waiting else None,
            pauses=self.pauses if waiting else (),
            wait_reason=self.wait_reason(job) if waiting else "",
            viewer=self.viewer,
            arriving=arriving,
        )

    def entries(self, scope: Scope, submissions: Iterable[int], *, everything: bool = False) -> list[Entry]:
        """The entries of these submissions, newest first, in a fixed number of queries.

        `everything` also gives the cards that the scope would leave out, for a page that has them.
        """
        jobs = (
            Job.objects.for_feed()
            .filter(submission_id__in=list(submissions))
            .order_by("-submission__created_at", "-submission_id", "number")
        )
        if not everything and scope.show in SHOWN:
            jobs = jobs.filter(state__in=SHOWN[scope.show])
        shown = [job for job in jobs if everything or scope.shows(job)]
        done = [job for job in shown if job.state == Job.State.DONE]
        prefetch_related_objects(done, outputs())
        inputs = (one.picture for job in shown for one in job.submission.used)
        load_sizes([*inputs, *(picture for job in done for picture in job.outputs)])
        self._introduce(shown)
        return [
            Entry(asked, [self.card(job) for job in same]) for asked, same in groupby(shown, key=lambda j: j.submission)
        ]

    def _introduce(self, jobs: list[Job]) -> None:
        """Give each job its person: one object for all of a person's, and none read for the viewer's own."""
        people = {self.viewer.pk: self.viewer}
        others = {job.person_id for job in jobs} - people.keys()
        people |= User.objects.only("name").in_bulk(others) if others else {}
        for job in jobs:
            job.person = people[job.person_id]


def live_submissions(scope: Scope) -> list[int]:
    """The submissions of the row of now, newest first."""
    rows = ("created_at", "pk", "count", "has_active")
    found = {row for live in scope.live() for row in _newest_first(live).values_list(*rows)[:MOST_LIVE]}
    chosen: list[int] = []
    cards = 0
    for _, pk, count, is_active in sorted(found, reverse=True)[:MOST_LIVE]:
        if is_active or cards < MOST_CARDS_BESIDE:
            chosen.append(pk)
            cards += count
    return chosen


def new_submissions(scope: Scope, known: int, most: int) -> tuple[list[int], int, bool]:
    """Return at most `most` submissions of the scope after `known`, oldest first, how far that leads, and if more follow.

    Their key is their order of arrival, so only what came since is read, and at most MOST_READ of everybody's.
    """
    rows = list(Submission.objects.filter(pk__gt=known).order_by("pk").values_list("pk", "person_id")[:MOST_READ])
    found: list[int] = []
    for pk, person_id in rows:
        if scope.whose == "team" or person_id == scope.person.pk:
            found.append(pk)
            if len(found) == most:
                return found, pk, pk != rows[-1][0] or len(rows) == MOST_READ
    return found, rows[-1][0] if rows else known, len(rows) == MOST_READ


def finished_page(scope: Scope, after: uuid.UUID | None = None) -> tuple[list[int], str]:
    """One page of what is at rest, newest first, and the code to ask the next one with ("" at the end).

    `after` is the code of the last submission of the page before. Raises Submission.DoesNotExist when none has it.
    """
    newest = _newest_first(scope.at_rest())
    if after:
        last = Submission.objects.only("created_at").get(code=after)
        # Not as an OR, which would walk the index from its start.
        newest = newest.filter(created_at__lte=last.created_at).exclude(created_at=last.created_at, pk__gte=last.pk)
    # Keys alone, which the index holds, so that the planner never prefers the table.
    pks = list(newest.values_list("pk", flat=True)[: PAGE + 1])
    more = str(Submission.objects.values_list("code", flat=True).get(pk=pks[PAGE - 1])) if len(pks) > PAGE else ""
    return pks[:PAGE], more


def highest_submission() -> int:
    """The newest submission there is: what a page has seen, or will not need."""
    return int(Submission.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def _newest_first(found: SubmissionQuerySet) -> SubmissionQuerySet:
    """By time and not by key: the planner would rather walk the table by its key than use the index of a flag."""
    return found.order_by("-created_at", "-pk")
