from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from studio.models.jobs.attempt import Attempt
from studio.models.jobs.change import Changes, HoldReason
from studio.models.jobs.failure import FREE, NO_CASE, NO_END, NO_FAILURE, NO_HOLD, NO_LOOKUP, Failure
from studio.models.people import User
from studio.models.spend.price import layers_price

# Real edits took up to 135 s against documented 120 s (luma-api.md section 13); past this a job is shown as late.
DEADLINE = timedelta(seconds=300)
# How long a job that Luma has taken stays with the one who sent it, without a renewal.
FOLLOW_LEASE = timedelta(seconds=30)
# How long a possible id of a lost answer is asked about: a fresh one may not be visible everywhere yet.
LOOK_UP = timedelta(hours=1)


class EngineVerbs(Changes):
    """The verbs of the engine. Each needs the lease that the job was claimed with; False: it is another's by now."""

    # Whether it is being sent on an admin's word: a miss is then not one of those that Studio repeats by itself.
    is_tried = False

    def begin_sending(self, *, provider: str, weight: int, until: datetime, now: datetime) -> Attempt | None:
        """Commit, before anything is sent, that this attempt is being sent. None means: do not send."""
        with transaction.atomic():
            unsent = Attempt.objects.filter(job_id=self.pk, number=self.attempts, outcome=Attempt.Outcome.UNSENT)
            number, request_id = self.attempts + (not unsent.exists()), uuid.uuid4()
            if not self._move(
                to=self.State.SENDING,
                expect=(self.State.WAITING,),
                now=now,
                attempts=number,
                request_id=request_id,
                provider=provider,
                weight=weight,
                sent_at=now,
                accepted_at=None,
                making_at=None,
                made_at=None,
                deadline_at=None,
                lease_until=until,
                place_until=None,
                charge=self.Charge.HELD,
                **NO_FAILURE,
            ):
                return None
            User.objects.filter(pk=self.person_id).update(served_at=now)
            # What was never posted is overwritten: only a POST is counted.
            unsent.delete()
            return Attempt.objects.create(
                job_id=self.pk, number=number, request_id=request_id, sent_at=now, weight=weight, price=self.price
            )

    def postpone(self, *, until: datetime) -> bool:
        """Back in line before anything was sent: this machine was at fault, not the request."""
        fetches = min(self.fetches + 1, 1000)
        return self._move(
            to=self.State.WAITING, expect=(self.State.WAITING,), now=until, due_at=until, fetches=fetches, **FREE
        )

    def await_files(self, *, until: datetime) -> bool:
        """Back in line until its pictures are at Luma: nothing was sent."""
        held: dict[str, Any] = {"due_at": until, "hold_reason": HoldReason.FILES, **FREE}
        return self._move(to=self.State.WAITING, expect=(self.State.WAITING,), now=until, **held)

    def accept(self, remote_id: str, *, now: datetime) -> bool:
        """Keep Luma's id: from now on the job is followed to its end."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.RUNNING,
                expect=(self.State.SENDING,),
                now=now,
                remote_id=remote_id,
                accepted_at=now,
                deadline_at=now + DEADLINE,
                due_at=now,
                fetches=0,
                # The long lease was for the POST: a dead machine's jobs are followed by another soon.
                lease_until=now + FOLLOW_LEASE,
                **NO_HOLD,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id, answered_at=now)
        return moved

    def requeue(
        self,
        *,
        until: datetime,
        detail: str,
        status: int | None,
        now: datetime,
        reason: str = "",
        was_posted: bool = True,
    ) -> bool:
        """Put it back in line until then: the POST certainly was not accepted, or was not made (`was_posted`)."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.WAITING,
                expect=(self.State.SENDING,),
                now=now,
                due_at=until,
                charge=self.Charge.NONE,
                fetches=min(self.fetches + 1, 1000),
                resends=self.resends + (was_posted and not self.is_tried),
                hold_reason=reason,
                **FREE,
            )
            if moved:
                outcome = Attempt.Outcome.HELD if was_posted else Attempt.Outcome.UNSENT
                self._end_attempt(outcome, now=now, status=status, detail=detail)
        return moved

    def fail(self, failure: Failure, *, now: datetime) -> bool:
        """End without a picture, with a reason and the next step. A waiting job ends so before any POST."""
        end = failure.as_end(now)
        if self.is_watched:
            # A person has seen it end and perhaps put it away; a new reason does not bring it back.
            end = {name: value for name, value in end.items() if name not in {*NO_CASE, "dismissed_at"}}
        was = self.state
        with transaction.atomic():
            moved = self._move(
                to=self.State.FAILED,
                expect=self._or_watched(self.State.WAITING, self.State.SENDING, self.State.RUNNING, self.State.SAVING),
                now=now,
                **end,
            )
            if moved and was != self.State.WAITING:
                outcome = Attempt.Outcome.REFUSED if was == self.State.SENDING else Attempt.Outcome.FAILED
                self._end_attempt(outcome, now=now, status=failure.status, detail=failure.detail or failure.sentence)
        return moved

    def fail_after_misses(self, failure: Failure, *, now: datetime) -> bool:
        """End after a last certain miss: Studio has sent it often enough by itself and asks a person."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.FAILED, expect=(self.State.SENDING,), now=now, **failure.as_end(now), **NO_HOLD
            )
            if moved:
                self._end_attempt(Attempt.Outcome.HELD, now=now, status=failure.status, detail=failure.detail)
        return moved

    def keep_possible_ids(self, ids: Sequence[str]) -> None:
        """Write down the ids of an answer before Luma is asked about them: whoever comes after a death asks too."""
        open_one = Attempt.objects.filter(job_id=self.pk, number=self.attempts, outcome=Attempt.Outcome.OPEN)
        open_one.update(possible_ids=list(ids))

    def mark_unknown(
        self,
        failure: Failure,
        *,
        now: datetime,
        place_until: datetime | None = None,
        possible_ids: Sequence[str] = (),
        answer_lost: bool = False,
    ) -> bool:
        """The outcome cannot be known. It is never sent again unless a person says so.

        `place_until`: until when it may hold a place at Luma. `possible_ids`, or those that were kept, are asked about
        with free GETs. `answer_lost`: the answer was waited for, and did not come or could not be read.
        """
        lookup: dict[str, Any] = {"answer_lost_at": now if answer_lost else None}
        with transaction.atomic():
            kept = Attempt.objects.filter(job_id=self.pk, number=self.attempts).values_list("possible_ids", flat=True)
            if ids := list(possible_ids) or kept.first():
                lookup |= {"possible_ids": ids, "look_at": now, "look_until": now + LOOK_UP}
            moved = self._move(
                to=self.State.UNKNOWN,
                expect=(self.State.SENDING,),
                now=now,
                place_until=place_until,
                **NO_HOLD,
                **failure.as_end(now),
            )
            if moved:
                lookup |= {"status": failure.status, "detail": failure.detail}
                self._end_attempt(Attempt.Outcome.UNKNOWN, now=now, **lookup)
        return moved

    def mark_unknown_after_restore(self, failure: Failure, *, now: datetime) -> bool:
        """It waits in these tables, and may have been sent all the same: they are older than what happened.

        No lease is asked for, because none in such tables means anything. The request id is forgotten: the one that
        was sent is not known here, and looking up another one would seem to prove that nothing was made.
        """
        return self._move_freely(
            to=self.State.UNKNOWN, expect=(self.State.WAITING,), now=now, request_id=None, **failure.as_end(now)
        )

    def start_making(self, *, now: datetime) -> bool:
        """Luma left its own line and draws."""
        return self._move(to=self.State.RUNNING, expect=(self.State.RUNNING,), now=now, making_at=now)

    def start_saving(self, *, now: datetime) -> bool:
        """It is made and paid for; what is left is to bring it home. The first download begins at once."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.SAVING,
                expect=self._or_watched(self.State.RUNNING),
                now=now,
                made_at=now,
                due_at=now,
                charge=self.Charge.CHARGED,
                fetches=1,
                bad_files=0,
                custody=0,
                **NO_END,
                **NO_FAILURE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None)
        return moved

    def explain(self, sentence: str, *, detail: str = "", status: int | None = None) -> bool:
        """Say on the card why a running job has no picture yet; "" when all is well again. The same twice is not written."""
        if sentence[:300] == self.sentence:
            return True
        said = {"sentence": sentence[:300], "detail": detail[:500], "status": status}
        return self._set(self._leased().filter(state=self.State.RUNNING), said)

    def count_try(self, *, until: datetime | None = None) -> bool:
        """Count a try before it begins, so that one that kills its process is counted too; after a death wait till then."""
        more = {"due_at": until} if until else {}
        self.fetches += 1
        return bool(self._leased().update(fetches=models.F("fetches") + 1, **more))

    def put_off(self, failure: Failure | None = None, *, until: datetime, release: bool = False) -> bool:
        """Look at it again later, for a reason that its card shows; `release` lets go of it until then."""
        later = {"due_at": until} | (FREE if release else {})
        if failure is None:
            return bool(self._leased().update(**later))
        shown = {name: value for name, value in failure.as_fields().items() if name != "charge"}
        return self._set(
            self._leased().filter(state=self.State.SAVING), {**later, **shown, "bad_files": self.bad_files}
        )

    def finish(self, *, now: datetime, layers: int = 0) -> bool:
        """Every picture is stored, whole. Of so many `layers` the price is known only now, if at all."""
        cost = {}
        if layers and self.price is None:
            cost = {"price": layers_price(layers, timezone.localdate(self.asked_at or self.created_at))}
        with transaction.atomic():
            moved = self._move(
                to=self.State.DONE,
                expect=(self.State.SAVING,),
                now=now,
                finished_at=now,
                due_at=None,
                layers=layers if cost.get("price") is not None else 0,
                **cost,
                **NO_FAILURE,
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.DONE, now=now, **cost)
        return moved

    @classmethod
    def adopt(cls, request_id: uuid.UUID, remote_id: str, *, now: datetime) -> bool:
        """Give a job the id that could not be stored when it arrived. Raises IntegrityError for another job's id."""
        open_ones = cls.objects.in_progress().filter(state=cls.State.SENDING) | cls.objects.failures().filter(
            state=cls.State.UNKNOWN
        )
        job = open_ones.filter(request_id=request_id).first()
        return job is not None and job.follow(remote_id, now=now)

    def follow(self, remote_id: str, *, now: datetime) -> bool:
        """Follow the generation that turned out to be this job's. Raises IntegrityError for another job's id."""
        with transaction.atomic():
            moved = self._move_freely(
                to=self.State.RUNNING,
                expect=(self.State.SENDING, self.State.UNKNOWN),
                now=now,
                remote_id=remote_id,
                accepted_at=now,
                deadline_at=now + DEADLINE,
                due_at=now,
                place_until=None,
                fetches=0,
                charge=self.Charge.HELD,
                **NO_END,
                **NO_HOLD,
                **NO_FAILURE,
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id, **NO_LOOKUP)
        return moved

    def _or_watched(self, *states: str) -> tuple[str, ...]:
        """These states, or the one in which a late picture is still looked for."""
        return (self.State.FAILED,) if self.is_watched else states
