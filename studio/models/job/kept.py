from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from studio.models.attempt import Attempt
from studio.models.job.failure import FREE, NO_END, NO_TROUBLE, Failure
from studio.models.job.followed import DEADLINE, FollowedJob
from studio.models.people import User

# How soon the first look for a late picture comes after somebody stopped waiting for it.
FIRST_WATCH = timedelta(seconds=60)
STOPPED = "You stopped waiting; it may have been charged. Studio still looks for a day: if the picture comes, it appears here."
GIVEN_UP = "Given up. The picture was made and charged, but could not be saved."


class KeptJob(FollowedJob):
    """The verbs of a person about a picture that Luma may still have. None of them sends anything that costs."""

    class Meta(FollowedJob.Meta):
        abstract = True

    def stop_waiting(self, *, by: User, now: datetime) -> bool:
        """Take a late job out of the line and free its slot; a picture that is made after all still comes home."""
        stopped = Failure(cause="stopped", sentence=STOPPED, detail=f"Stopped by {by.name}.", charge=self.Charge.MAYBE)
        late = self._rows().filter(state=self.State.RUNNING, deadline_at__lt=now)
        end = stopped.as_end(now) | {"due_at": now + FIRST_WATCH, "fetches": 0}
        with transaction.atomic():
            moved = self._set(late, {"state": self.State.FAILED, "state_at": now, **end})
            if moved:
                self._end_attempt(Attempt.Outcome.FAILED, now=now, detail=stopped.detail)
        return moved

    def ask_again(self, *, now: datetime) -> bool:
        """Follow it once more: fetch what is made, or ask Luma how it stands."""
        made = self.made_at is not None
        goes_on = (
            {"state": self.State.SAVING, "charge": self.Charge.CHARGED}
            if made
            else {"state": self.State.RUNNING, "charge": self.Charge.HELD, "deadline_at": now + DEADLINE}
        )
        rows = self._rows().filter(state=self.State.FAILED, cause=self.cause, remote_id=self.remote_id)
        fields = {"state_at": now, "due_at": now, "fetches": 0, "bad_files": 0, **NO_END, **NO_TROUBLE, **FREE}
        with transaction.atomic():
            moved = self._set(rows, goes_on | fields)
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None)
        return moved

    def fetch_now(self, *, now: datetime) -> bool:
        """Do not wait for the next try to save a made picture."""
        return self._set(self._rows().filter(state=self.State.SAVING).exclude(cause=""), {"due_at": now})

    def give_up(self, *, by: User, now: datetime) -> bool:
        """Stop trying to save a made picture, and settle it."""
        given_up = Failure(cause="unsaved", sentence=GIVEN_UP, detail=self.sentence, charge=self.Charge.CHARGED)
        settled = {"settled_at": now, "settled_by": by, "dismissed_at": now}
        rows = self._rows().filter(state=self.State.SAVING).exclude(cause="")
        with transaction.atomic():
            moved = self._set(rows, {"state": self.State.FAILED, "state_at": now, **given_up.as_end(now), **settled})
            if moved:
                self._end_attempt(Attempt.Outcome.FAILED, now=now, detail=given_up.sentence)
        return moved
