from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models, transaction
from django.utils.functional import cached_property

from studio.models.attempt import Attempt
from studio.models.job.failure import FREE, NO_END, NO_HOLD, NO_LOOK, NO_TROUBLE, Failure
from studio.models.job.followed import DEADLINE, LOOK_UP
from studio.models.job.kept import KeptJob
from studio.models.job.queries import JobQuerySet
from studio.models.job.row import GIVE_UP, MOST_RESENDS
from studio.models.people import User
from studio.models.picture import Picture

__all__ = ["DEADLINE", "GIVE_UP", "MOST_RESENDS", "Failure", "Job"]


class Job(KeptJob):
    """One POST to Luma and what became of it.

        waiting ──> sending ──> running ──> saving ──> done
           │           ├──> waiting (surely not sent)  └─────> failed
           │           ├──> failed  (refused with an answer)
           │           └──> unknown (may have been accepted; only a person sends it again)
           ├──> cancelled
           └──> unknown  (the tables were put back to an earlier state: it may have been sent since)

    What Luma took and never said to have failed (`FREE_TO_ASK`) goes from failed back to running or saving for free:
    when a person asks, or by itself when a late picture turns up after somebody stopped waiting for it.

    Each arrow is one compare-and-set on the state and, for the engine, the lease: False means that somebody was
    first, and the caller leaves quietly. A running job past its deadline is late: shown so, and still asked about.

    The columns are in `row`, the verbs of the engine in `followed`, those of a person about a picture that Luma may
    still have in `kept`; here are the other verbs of a person.
    """

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="jobs_are_numbered"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["running", "saving"]) | models.Q(remote_id__isnull=False),
                name="a_running_job_has_an_id",
            ),
        ]
        indexes = [
            # A condition is a flag or IS NULL: what a query binds as a parameter, such as a state, finds no partial
            # index. All that is under way: what the conductor, the line and the slots are read from.
            models.Index(
                fields=["person", "state", "created_at"], name="jobs_under_way", condition=models.Q(is_under_way=True)
            ),
            # What the pulse asks for, of a person and of the team; the back office, newest first.
            models.Index(fields=["person", "rev"], name="jobs_of_a_person"),
            models.Index(fields=["rev"], name="jobs_by_revision"),
            models.Index(fields=["-created_at"], name="jobs_by_time"),
            # Review: the newest cases, of all causes and of one, and what is newer than the page.
            *(
                models.Index(fields=fields, name=f"{name}{ending}", condition=models.Q(condition, has_trouble=True))
                for name, condition in (
                    ("open_cases", models.Q(settled_at__isnull=True)),
                    ("settled_cases", models.Q(settled_at__isnull=False)),
                )
                for ending, fields in (("", ["-finished_at", "-id"]), ("_of_a_cause", ["cause", "-finished_at", "-id"]))
            ),
            models.Index(
                fields=["rev"],
                name="open_cases_by_revision",
                condition=models.Q(has_trouble=True, settled_at__isnull=True),
            ),
            # Unknown ones that may still take a slot.
            models.Index(
                fields=["place_until"],
                name="jobs_holding_a_place",
                condition=models.Q(has_trouble=True, place_until__isnull=False),
            ),
            # What somebody stopped waiting for and is still looked at.
            models.Index(
                fields=["due_at"], name="jobs_watched", condition=models.Q(has_trouble=True, due_at__isnull=False)
            ),
            # What today's pictures cost, and the usual time to make, from the latest of a kind.
            models.Index(
                fields=["made_at", "charge", "price"],
                name="jobs_by_making",
                condition=models.Q(made_at__isnull=False),
            ),
            models.Index(fields=["kind", "-made_at"], name="jobs_of_a_kind", condition=models.Q(made_at__isnull=False)),
        ]

    @cached_property
    def outputs(self) -> list[Picture]:
        """Its pictures in their order; a query for many jobs fills it in (JobQuerySet.for_cards)."""
        return sorted(self.pictures.all(), key=lambda picture: picture.position)

    @cached_property
    def tries(self) -> list[Attempt]:
        """Its attempts in their order; a query for many jobs fills it in (JobQuerySet.for_desk)."""
        return list(self.attempts_made.all())

    @classmethod
    def adopt(cls, request_id: uuid.UUID, remote_id: str, *, now: datetime) -> bool:
        """Give a job the id that could not be stored when it arrived. Raises IntegrityError for another job's id."""
        open_ones = cls.objects.in_progress().filter(state=cls.State.SENDING) | cls.objects.troubled().filter(
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
                finished_at=None,
                settled_at=None,
                dismissed_at=None,
                place_until=None,
                fetches=0,
                charge=self.Charge.HELD,
                **NO_HOLD,
                **NO_TROUBLE,
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id, **NO_LOOK)
        return moved

    def look_up(self, remote_id: str, *, by: User, now: datetime) -> bool:
        """Have the engine ask Luma about an id that an admin knows; the job is followed if Luma knows it too."""
        with transaction.atomic():
            if not self._set(self._rows().filter(state=self.State.UNKNOWN), {"state": self.State.UNKNOWN}):
                return False
            attempt = self.attempts_made.filter(number=self.attempts, outcome=Attempt.Outcome.UNKNOWN).first()
            if attempt is None:
                # Tables that were put back do not know of the request that was sent.
                self._set(self._rows(), {"attempts": self.attempts + 1})
                attempt = Attempt.objects.create(
                    job_id=self.pk,
                    number=self.attempts,
                    sent_at=self.created_at,
                    ended_at=now,
                    outcome=Attempt.Outcome.UNKNOWN,
                    price=self.price,
                    charge=self.Charge.MAYBE,
                )
            Attempt.objects.filter(pk=attempt.pk).update(
                possible_ids=[remote_id], look_at=now, look_until=now + LOOK_UP, look_by=by, look_result=""
            )
        return True

    def show_look_result(self) -> bool:
        """Let open pages show what came of looking an id up."""
        return self._set(self._rows().filter(state=self.State.UNKNOWN), {"state": self.State.UNKNOWN})

    def cancel(self, *, now: datetime) -> bool:
        """Take it out of the line. Luma cannot be stopped, so this works only before it is sent."""
        return self._move_freely(
            to=self.State.CANCELLED, expect=(self.State.WAITING,), now=now, finished_at=now, due_at=None, **FREE
        )

    def retry(self, *, by: User, now: datetime) -> bool:
        """Try a failed job once more, on the same card. What is already made and paid for is only fetched again."""
        if self.is_unsaved:
            return self.fetch_now(now=now)
        if self.is_only_unfetched:
            return self.ask_again(now=now)
        return self._again(expect=self.State.FAILED, by=by, now=now)

    def send_again(self, *, by: User, now: datetime) -> bool:
        """Send it once more although that may cost twice: a person accepts it, and no free way is left."""
        expect = self.State.FAILED if self.may_be_paid_again else self.State.UNKNOWN
        return self._again(expect=expect, by=by, now=now)

    def fetch_again(self, *, now: datetime) -> bool:
        """Bring a picture home once more whose file was lost here. It is paid for, so this is free."""
        return self.remote_id is not None and self._move_freely(
            to=self.State.SAVING,
            expect=(self.State.DONE,),
            now=now,
            due_at=now,
            finished_at=None,
            fetches=0,
            bad_files=0,
            **FREE,
        )

    def write_off(self, *, by: User, now: datetime) -> bool:
        """Settle a failed or unknown job without sending it again; give up a made picture that cannot be saved."""
        if self.is_unsaved:
            return self.give_up(by=by, now=now)
        return self._set(
            self._rows().open_cases(), {"settled_at": now, "settled_by": by, "dismissed_at": now, "place_until": None}
        )

    def dismiss(self, *, now: datetime) -> bool:
        """Take the card off the feed; Review still has the case."""
        ended = self._rows().filter(state__in=self.FINISHED, dismissed_at=None)
        return self._set(ended, {"dismissed_at": now})

    def recall(self) -> bool:
        """Undo a dismissal."""
        return self._set(self._rows().exclude(dismissed_at=None), {"dismissed_at": None})

    def prioritize(self) -> bool:
        """An admin lets it go before all others."""
        return self._move_freely(to=self.State.WAITING, expect=(self.State.WAITING,), now=None, prioritized=True)

    def _again(self, *, expect: str, by: User, now: datetime) -> bool:
        # The end that the person saw, and no other: what is free by now must not be paid for.
        seen = self._rows().filter(state=expect, cause=self.cause, attempts=self.attempts)
        with transaction.atomic():
            moved = self._set(
                seen,
                {
                    "state": self.State.WAITING,
                    "state_at": now,
                    "due_at": now,
                    "remote_id": None,
                    "request_id": None,
                    "made_at": None,
                    "fetches": 0,
                    "bad_files": 0,
                    "charge": self.Charge.NONE,
                    **NO_END,
                    **NO_HOLD,
                    **NO_TROUBLE,
                    **FREE,
                },
            )
            if moved:
                Attempt.objects.filter(job_id=self.pk, number=self.attempts).update(asked_by=by)
        return moved
