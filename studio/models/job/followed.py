from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models, transaction

from studio.models.attempt import Attempt
from studio.models.job.row import JobRow
from studio.models.job.trouble import FREE, NO_END, NO_TROUBLE, Trouble
from studio.models.people import User

# Real edits took up to 135 s against documented 120 s (luma-api.md section 13); past this a job is shown as late.
DEADLINE = timedelta(seconds=300)


class FollowedJob(JobRow):
    """The verbs of the engine. Each needs the lease that the job was claimed with; False: it is another's by now."""

    class Meta(JobRow.Meta):
        abstract = True

    def begin_sending(self, *, provider: str, weight: int, until: datetime, now: datetime) -> Attempt | None:
        """Commit, before anything is sent, that this attempt is being sent. None means: do not send."""
        with transaction.atomic():
            reuse = Attempt.objects.filter(job_id=self.pk, outcome=Attempt.Outcome.HELD).order_by("number").last()
            number = reuse.number if reuse else self.attempts + 1
            request_id = uuid.uuid4()
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
                charge=self.Charge.HELD,
                **NO_TROUBLE,
            ):
                return None
            User.objects.filter(pk=self.person_id).update(served_at=now)
            attempt, _ = Attempt.objects.update_or_create(
                job_id=self.pk,
                number=number,
                defaults={
                    "request_id": request_id,
                    "sent_at": now,
                    "weight": weight,
                    "ended_at": None,
                    "outcome": Attempt.Outcome.OPEN,
                    "status": None,
                    "detail": "",
                },
            )
        return attempt

    def stay(self, *, until: datetime) -> bool:
        """Back in line before anything was sent: this machine was at fault, not the request."""
        return self._move(
            to=self.State.WAITING,
            expect=(self.State.WAITING,),
            now=until,
            due_at=until,
            fetches=min(self.fetches + 1, 1000),
            **FREE,
        )

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
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id)
        return moved

    def hold(self, *, until: datetime, detail: str, status: int | None, now: datetime) -> bool:
        """Back in line: it surely was not accepted, and no attempt is spent."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.WAITING,
                expect=(self.State.SENDING,),
                now=now,
                due_at=until,
                charge=self.Charge.NONE,
                fetches=min(self.fetches + 1, 1000),
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.HELD, now=now, status=status, detail=detail)
        return moved

    def fail(self, trouble: Trouble, *, now: datetime) -> bool:
        """End without a picture, with a reason and the next step."""
        end = trouble.as_end(now)
        if self.is_watched:
            # A person has seen it end and perhaps put it away; a new reason does not bring it back.
            end = {name: value for name, value in end.items() if name not in {"settled_at", "dismissed_at"}}
        with transaction.atomic():
            refused = self.state == self.State.SENDING
            moved = self._move(
                to=self.State.FAILED,
                expect=self._or_watched(self.State.SENDING, self.State.RUNNING, self.State.SAVING),
                now=now,
                **end,
            )
            if moved:
                outcome = Attempt.Outcome.REFUSED if refused else Attempt.Outcome.FAILED
                self._end_attempt(outcome, now=now, status=trouble.status, detail=trouble.detail or trouble.sentence)
        return moved

    def lose(self, trouble: Trouble, *, now: datetime) -> bool:
        """The outcome cannot be known. It is never sent again unless a person says so."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.UNKNOWN,
                expect=(self.State.SENDING,),
                now=now,
                **trouble.as_end(now),
            )
            if moved:
                self._end_attempt(Attempt.Outcome.UNKNOWN, now=now, status=trouble.status, detail=trouble.detail)
        return moved

    def doubt(self, trouble: Trouble, *, now: datetime) -> bool:
        """It waits in these tables, and may have been sent all the same: they are older than what happened.

        No lease is asked for, because none in such tables means anything. The request id is forgotten: the one that
        was sent is not known here, and looking up another one would seem to prove that nothing was made.
        """
        return self._move_freely(
            to=self.State.UNKNOWN,
            expect=(self.State.WAITING,),
            now=now,
            request_id=None,
            **trouble.as_end(now),
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
                **NO_END,
                **NO_TROUBLE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None)
        return moved

    def explain(self, sentence: str, *, detail: str = "", status: int | None = None) -> bool:
        """Say on the card why a running job has no picture yet; "" when all is well again. The same twice is not written."""
        if sentence[:300] == self.sentence:
            return True
        said = {"sentence": sentence[:300], "detail": detail[:500], "status": status}
        return self._set(self._mine().filter(state=self.State.RUNNING), said)

    def count(self, *, until: datetime | None = None) -> bool:
        """Count a try before it begins, so that one that kills its process is counted too; after a death wait till then."""
        more = {"due_at": until} if until else {}
        self.fetches += 1
        return bool(self._mine().update(fetches=models.F("fetches") + 1, **more))

    def put_off(self, trouble: Trouble | None = None, *, until: datetime, release: bool = False) -> bool:
        """Look at it again later, for a reason that its card tells; `release` lets go of it until then."""
        later = {"due_at": until} | (FREE if release else {})
        if trouble is None:
            return bool(self._mine().update(**later))
        told = {name: value for name, value in trouble.as_fields().items() if name != "charge"}
        return self._set(self._mine().filter(state=self.State.SAVING), {**later, **told, "bad_files": self.bad_files})

    def finish(self, *, now: datetime) -> bool:
        """Every picture is stored, whole."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.DONE,
                expect=(self.State.SAVING,),
                now=now,
                finished_at=now,
                due_at=None,
                **NO_TROUBLE,
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.DONE, now=now)
        return moved

    def _or_watched(self, *states: str) -> tuple[str, ...]:
        """These states, or the one in which a late picture is still looked for."""
        return (self.State.FAILED,) if self.is_watched else states
