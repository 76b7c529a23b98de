from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from studio import failures
from studio.models.account.rights import Asked, check_more
from studio.models.jobs.attempt import Attempt
from studio.models.jobs.change import Changes
from studio.models.jobs.engine import DEADLINE, LOOK_UP
from studio.models.jobs.failure import FREE, NO_END, NO_FAILURE, NO_HOLD, Failure
from studio.models.people import User
from studio.models.sql.compiled_query import KEY, CompiledQuery
from studio.models.submission import Submission

# How soon the first look for a late picture comes after somebody stopped waiting for it.
FIRST_WATCH = timedelta(seconds=60)
_ASKED = CompiledQuery(lambda key: Submission.objects.filter(pk=key).values_list("type", "model", "web_search"), KEY)


class PeopleVerbs(Changes):
    """The verbs of a person. False: somebody was first, and the job is not as the person saw it."""

    # ---- About a picture that Luma may still have: nothing is sent that costs

    def stop_waiting(self, *, by: User, now: datetime) -> bool:
        """Take a late job out of the line and free its slot; a picture that is made after all still comes home."""
        stopped = Failure.of(failures.STOPPED, who=by.name[:80], detail=f"Stopped by {by.name}.")
        late = self._rows().filter(state=self.State.RUNNING, deadline_at__lt=now)
        end = stopped.as_end(now) | {"due_at": now + FIRST_WATCH, "fetches": 0}
        with transaction.atomic():
            moved = self._set(late, {"state": self.State.FAILED, "state_at": now, **end})
            if moved:
                self._end_attempt(Attempt.Outcome.FAILED, now=now, detail=stopped.detail)
        return moved

    def ask_again(self, *, by: User, now: datetime) -> bool:
        """Follow it once more: fetch what is made, or ask Luma how it stands."""
        made = self.made_at is not None
        goes_on = (
            {"state": self.State.SAVING, "charge": self.Charge.CHARGED}
            if made
            else {"state": self.State.RUNNING, "charge": self.Charge.HELD, "deadline_at": now + DEADLINE}
        )
        rows = self._rows().filter(state=self.State.FAILED, cause=self.cause, remote_id=self.remote_id)
        fields = {"state_at": now, "due_at": now, "fetches": 0, "bad_files": 0, **self._asked(by=by, now=now)}
        fields |= {**NO_END, **NO_FAILURE, **FREE}
        with transaction.atomic():
            moved = self._set(rows, goes_on | fields)
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None)
        return moved

    def fetch_now(self, *, now: datetime) -> bool:
        """Do not wait for the next try to save a made picture."""
        return self._set(self._rows().filter(state=self.State.SAVING), {"due_at": now})

    def give_up(self, *, by: User, now: datetime) -> bool:
        """Stop trying to save a made picture, and settle it."""
        given_up = Failure.of(failures.GIVEN_UP, detail=self.sentence)
        settled = {"settled_at": now, "settled_by": by, **self._put_away(by=by, now=now)}
        rows = self._rows().filter(state=self.State.SAVING).exclude(cause="")
        with transaction.atomic():
            moved = self._set(rows, {"state": self.State.FAILED, "state_at": now, **given_up.as_end(now), **settled})
            if moved:
                self._end_attempt(Attempt.Outcome.FAILED, now=now, detail=given_up.sentence)
        return moved

    # ---- The others

    def look_up(self, remote_id: str, *, by: User, now: datetime) -> bool:
        """Have the engine ask Luma about an id that an admin knows; the job is followed if Luma knows it too."""
        with transaction.atomic():
            if not self._set(self._rows().filter(state=self.State.UNKNOWN), {"state": self.State.UNKNOWN}):
                return False
            attempt = self._unknown_attempts().first()
            if attempt is None:
                # Tables that were put back do not know of the request that was sent.
                self._set(self._rows(), {"attempts": self.attempts + 1})
                attempt = self._note_lost_attempt(self.price, now=now)
            Attempt.objects.filter(pk=attempt.pk).update(
                possible_ids=[remote_id], look_at=now, look_until=now + LOOK_UP, look_by=by, look_result=""
            )
        return True

    def look_again(self, *, now: datetime) -> bool:
        """Have the engine ask Luma at once, and for another hour, about the ids in the answer of the last request."""
        known = self._unknown_attempts().exclude(possible_ids=[])
        with transaction.atomic():
            if not known.exists() or not self.show_look_result():
                return False
            known.update(look_at=now, look_until=now + LOOK_UP, look_result="")
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
        """Try a failed job once more, on the same card. What is already made and paid for is only fetched again.

        Raises NotPlaced where its owner may not ask for it now; then nothing changed.
        """
        if self.state == self.State.SAVING:
            return self.fetch_now(now=now)
        if self.is_only_unfetched:
            return self.ask_again(by=by, now=now)
        if self.is_beyond_remedy:
            return False
        return self._again(expect=self.State.FAILED, by=by, now=now)

    def send_again(self, *, by: User, now: datetime) -> bool:
        """Send it once more although that may cost twice: a person accepts it, and no free way is left.

        Raises NotPlaced as `retry`.
        """
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
        seen = self._rows().open_cases().filter(attempts=self.attempts)
        settled = {"settled_at": now, "settled_by": by, "place_until": None}
        return self._set(seen, settled | self._put_away(by=by, now=now))

    def _asked(self, *, by: User, now: datetime) -> dict[str, Any]:
        return {"asked_at": now, "asked_by": by, "asked_cause": self.cause}

    def _put_away(self, *, by: User, now: datetime) -> dict[str, datetime]:
        """What somebody else settles stays on its owner's feed and says so there."""
        return {"dismissed_at": now} if by.pk == self.person_id else {}

    def dismiss(self, *, now: datetime) -> bool:
        """Take the card off the feed; Review still has the case."""
        ended = self._rows().filter(state__in=self.FINISHED, dismissed_at=None)
        return self._set(ended, {"dismissed_at": now})

    def recall(self) -> bool:
        """Undo a dismissal."""
        return self._set(self._rows().exclude(dismissed_at=None), {"dismissed_at": None})

    @classmethod
    def dismiss_failures(cls, person: User, *, upto: int, now: datetime, most: int) -> int:
        """Take a person's failed cards off the feed, at most so many, and none that changed after the revision `upto`."""
        flagged = Submission.objects.filter(person=person, has_failed=True).order_by("-created_at", "-pk")
        pks = list(flagged.values_list("pk", flat=True)[:most])
        shown = cls.objects.failures().on_feed().filter(submission_id__in=pks, rev__lte=upto).order_by("pk")[:most]
        with transaction.atomic():
            return sum(job.dismiss(now=now) for job in shown)

    @classmethod
    def recall_failures(cls, person: User, *, at: datetime, since: int, most: int) -> int:
        """Undo one dismissal of many: those of that instant, which all changed after the revision `since`."""
        with transaction.atomic():
            found = cls.objects.of(person).changed_since(since).filter(dismissed_at=at).order_by("rev")[:most]
            return sum(job.recall() for job in found)

    def prioritize(self) -> bool:
        """An admin lets it go before all others."""
        return self._move_freely(to=self.State.WAITING, expect=(self.State.WAITING,), now=None, prioritized=True)

    def _check_rights(self, by: User, now: datetime) -> None:
        """Refuse a person to pay again for what they may not ask for now; an admin decides for others.

        Raises NotPlaced.
        """
        if by.pk != self.person_id:
            return
        asked_type, model, web_search = _ASKED.first(self.submission_id)
        again = Asked(type=asked_type, model=model, web_search=web_search, count=1, cost=self.price)
        check_more(by, again, now=now, in_line=False)

    def _again(self, *, expect: str, by: User, now: datetime) -> bool:
        # The end that the person saw, and no other: what is free by now must not be paid for.
        # Whoever wrote it off meanwhile has decided; what is unknown is not sent again after that at all.
        settled_at = None if expect == self.State.UNKNOWN else self.settled_at
        seen = self._rows().filter(state=expect, cause=self.cause, attempts=self.attempts, settled_at=settled_at)
        cost, before = self.price_again, self.price
        with transaction.atomic():
            # Of a request that these tables do not know, what it may have cost is kept all the same.
            is_lost = expect == self.State.UNKNOWN and not self._unknown_attempts().exists()
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
                    "price": cost,
                    "attempts": self.attempts + is_lost,
                    **self._asked(by=by, now=now),
                    "fit": self.fit | self.remedy,
                    **NO_END,
                    **NO_HOLD,
                    **NO_FAILURE,
                    **FREE,
                },
            )
            if moved and is_lost:
                self._note_lost_attempt(before, now=now)
            if moved:
                self._check_rights(by, now)
                Attempt.objects.filter(job_id=self.pk, number=self.attempts).update(asked_by=by)
        return moved

    def _unknown_attempts(self) -> models.QuerySet[Attempt]:
        """The last request, if its outcome is what is not known."""
        found: models.QuerySet[Attempt] = self.attempts_made.filter(number=self.attempts)
        return found.filter(outcome=Attempt.Outcome.UNKNOWN, asked_by=None)

    def _note_lost_attempt(self, price: Decimal | None, *, now: datetime) -> Attempt:
        """Write down a request that may have been sent, which tables that were put back do not know."""
        return Attempt.objects.create(
            job_id=self.pk,
            number=self.attempts,
            sent_at=self.created_at,
            ended_at=now,
            outcome=Attempt.Outcome.UNKNOWN,
            price=price,
            charge=self.Charge.MAYBE,
        )
