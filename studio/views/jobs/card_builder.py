"""Build the cards of jobs: what they share is looked up once for an answer, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import groupby
from typing import Any

from studio.engine.line import PlacesHeld
from studio.engine.places import places_in_line
from studio.models import ApiAccount, Job, SendingPause, Submission, User
from studio.models.account.rights import over_running_cap
from studio.models.jobs.queries import JobQuerySet, introduce, load_outputs
from studio.models.jobs.timing import Room, Usual, Wait, usual, usual_wait
from studio.models.picture import load_sizes
from studio.models.requests.input import load_inputs
from studio.models.sql.compiled_query import KEYS, PERSON, CompiledQuery
from studio.views.create.feed import SHOWN, Scope
from studio.views.jobs import wait_reasons
from studio.views.jobs.cards import FACES, Card

_PAUSES = CompiledQuery(lambda: SendingPause.objects.values_list("reason", flat=True))
# A submit of several is one tile of cells: up to four in two columns, up to nine in three, more in five.
FEW_CELLS, MANY_CELLS = 4, 9
# The order of faces in the summary of a group: what is there first, what is wrong last.


@cache
def _of_submissions(show: str) -> CompiledQuery[Job]:
    def jobs(person: Any, keys: Any) -> JobQuerySet[Job]:
        found = Job.objects.visible_to(person).for_feed().filter(submission_id__in=keys)
        if show in SHOWN:
            found = found.filter(state__in=SHOWN[show])
        return found.order_by("-submission__created_at", "-submission_id", "number")

    return CompiledQuery(jobs, PERSON, KEYS)


FACE_ORDER = (
    *("done", "saving", "late", "making", "queued", "sending", "waiting", "budget"),
    *("unsaved", "stopped", "lost", "refused", "bad_input", "failed", "unknown", "cancelled"),
)


@dataclass(frozen=True)
class Entry:
    """The cards of one submission that a page shows."""

    submission: Submission
    cards: list[Card]

    @property
    def is_group(self) -> bool:
        # Those in the strip of failures count: they are part of what was asked for.
        return sum(card.job.dismissed_at is None and not card.is_folded for card in self.cards) > 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is to be seen."""
        return all(card.is_gone for card in self.cards)

    @property
    def layout(self) -> str:
        count = self.submission.count
        if count > FEW_CELLS:
            return "group--many" if count <= MANY_CELLS else "group--most"
        return "group--pair" if len(self.cards) == 2 else ""

    @property
    def kept(self) -> list[Card]:
        """The cards that nobody dismissed; those of the strip count as well."""
        return [card for card in self.cards if card.job.dismissed_at is None]

    @property
    def finished(self) -> int:
        return sum(card.job.state == Job.State.DONE for card in self.kept)

    @property
    def summary(self) -> str:
        """`2 of 4`, how many are made; where nothing comes any more `4 failed`."""
        kept = self.kept
        if kept and all(card.job.state in SHOWN["failed"] for card in kept):
            return f"{len(kept)} failed"
        return f"{self.finished} of {len(kept)}"

    @property
    def breakdown(self) -> str:
        """`2 done, 1 making, 1 waiting`: the group in words."""
        faces = sorted((card.status for card in self.kept), key=FACE_ORDER.index)
        return ", ".join(f"{len(list(same))} {FACES[face].word.lower()}" for face, same in groupby(faces))


RUNNING_CAP = "Goes on when one of yours is done: an admin lets you run {most} at once."


class CardBuilder:
    """What the cards of one answer share, looked up once."""

    def __init__(self, viewer: User, now: datetime) -> None:
        self.viewer = viewer
        self.now = now
        self._kinds: dict[tuple[str, str], Usual | None] = {}
        self._people = {viewer.pk: viewer}

    @cached_property
    def pauses(self) -> frozenset[str]:
        return frozenset(_PAUSES())

    @cached_property
    def places(self) -> dict[int, int]:
        return places_in_line()

    @cached_property
    def account(self) -> ApiAccount:
        return ApiAccount.current()

    @cached_property
    def room(self) -> Room:
        """What the account has left for the line."""
        return Room.of(self.account, self.now)

    @cached_property
    def is_sending(self) -> bool:
        """False while nothing is sent, for then nobody knows how long."""
        return not (self.pauses or self.account.is_paused(self.now))

    def wait(self, pk: int, type: str, model: str) -> Wait | None:
        """How long the waiting job of this kind usually takes from now; None without a history or while nothing is sent."""
        place = self.places.get(pk)
        if not place or not self.is_sending or not (own := self._usual(type, model)):
            return None
        return usual_wait(own, place, self.room, weight=self.account.weight_of(type, model))

    def wait_reason(self, job: Job) -> str:
        """Say what a waiting job waits for, where that is more than its turn."""
        if job.person_id == self.viewer.pk and self.is_over_cap:
            return RUNNING_CAP.format(most=self.viewer.cap_running)
        return wait_reasons.of(job, self.account, self.places_held, now=self.now)

    @cached_property
    def is_over_cap(self) -> bool:
        """Whether as many jobs of the viewer run as they may have at once; asked only of whom an admin limits so."""
        return self.viewer.cap_running is not None and self.viewer.pk in over_running_cap(self.now)

    @cached_property
    def places_held(self) -> PlacesHeld:
        return PlacesHeld.now(self.room, now=self.now)

    def _usual(self, type: str, model: str) -> Usual | None:
        if (type, model) not in self._kinds:
            self._kinds[type, model] = usual(type, model, now=self.now)
        return self._kinds[type, model]

    def card(self, job: Job, *, arriving: bool = False) -> Card:
        waiting, asked = job.state == Job.State.WAITING, job.submission
        asked.leave_out_hidden(self.viewer)
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

    def entries(
        self, scope: Scope, submissions: Iterable[int], *, everything: bool = False, titled: bool = False
    ) -> list[Entry]:
        """The entries of these submissions, newest first, in a fixed number of queries.

        `everything` also gives the cards that the scope would leave out, for a page that has them; `titled` the titles
        of the pictures that were used.
        """
        jobs = _of_submissions("" if everything else scope.show)(self.viewer, list(submissions))
        shown = [job for job in jobs if everything or scope.shows(job) or scope.puts_away(job)]
        done = [job for job in shown if job.state == Job.State.DONE]
        used = load_inputs((job.submission for job in shown), titled=titled)
        load_sizes([*used, *load_outputs(done)])
        introduce(shown, self._people)
        entries = [
            Entry(asked, [self.card(job) for job in same]) for asked, same in groupby(shown, key=lambda j: j.submission)
        ]
        for card in (card for entry in entries for card in entry.cards):
            card.is_put_away = scope.puts_away(card.job) or card.is_folded
        return [entry for entry in entries if everything or not entry.is_empty]

    def cards_of(self, jobs: list[Job]) -> list[Card]:
        """Cards without their pictures, in a fixed number of queries."""
        introduce(jobs, self._people)
        load_inputs(job.submission for job in jobs)
        return [self.card(job) for job in jobs]
