from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from studio.luma.pricing import price
from studio.models import budget
from studio.models.account.rights import Asked, check_more
from studio.models.jobs.count import JobCount
from studio.models.looks.look import LookVersion
from studio.models.revision import Revision
from studio.models.spend.ledger import LedgerRow

# A page of a group shows all candidates of a picture; nobody compares more.
MOST_CANDIDATES = 60


class Candidates(models.Model):
    """The pictures of one submission as candidates: one may be chosen as the picture, and a redo adds one.

    Choosing folds the others; they stay, and the choice can be taken back.
    """

    # What was asked for at once with others; its number there.
    batch = models.ForeignKey(
        "studio.Batch", on_delete=models.PROTECT, null=True, related_name="submissions", db_index=False
    )
    batch_number = models.PositiveSmallIntegerField(default=1, db_default=1)
    # How many candidates a redo has added to those first asked for.
    redone = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The candidate that is the picture.
    chosen = models.ForeignKey("studio.Job", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        abstract = True

    def choose(self, job: Any) -> bool:
        """Make a finished candidate (a Job) the picture; None takes the choice back. False: it is not a candidate of it."""
        if job is not None and (job.submission_id != self.pk or job.state != job.State.DONE):
            return False
        with transaction.atomic():
            rev = Revision.bump()
            type(self)._default_manager.filter(pk=self.pk).update(chosen=job)
            # Every card of it looks different now.
            _jobs().filter(submission=self.pk).update(rev=rev)
        self.chosen = job
        return True

    def redo(self, *, seen: int, now: datetime) -> Any:
        """Ask for one more candidate (a Job), at today's price; None when its page had not seen all (`seen` is their number).

        Raises NotPlaced (a cap of the person, OverBudget), and then nothing is stored.
        """
        me: Any = self
        rows: Any = type(self)._default_manager.filter(pk=self.pk)
        if seen >= MOST_CANDIDATES:
            return None
        with transaction.atomic():
            rev = Revision.bump()
            if not rows.filter(count=seen).update(count=F("count") + 1, redone=F("redone") + 1):
                return None
            inputs = me.inputs.count()
            cost = price(me.type, me.model, inputs)
            asked = Asked(type=me.type, model=me.model, web_search=me.web_search, count=1, cost=cost)
            check_more(me.person, asked, now=now)
            me.is_private = rows.values_list("is_private", flat=True).get()  # as it is by now
            if _jobs().in_progress().filter(submission=self.pk).exists():
                transaction.set_rollback(True)  # one at a time: each is paid for
                return None
            [job], parts = self.add_jobs([seen + 1], cost=cost, inputs=inputs, now=now, rev=rev)
            JobCount.add_waiting(me.person, 1, cost, is_private=me.is_private)
            budget.take(me.person, parts, day=timezone.localdate(now))
            rows.sort_into_feed()
        return job

    def add_jobs(
        self, numbers: Iterable[int], *, cost: Decimal | None, inputs: int, now: datetime, rev: int
    ) -> tuple[list[Any], int]:
        """Store a job of each number and what it costs (`cost` dollars each), inside the caller's transaction.

        Returns them, and what they reserve in ten-thousandths of a dollar, which the caller takes from the budgets.
        """
        me: Any = self
        jobs = _jobs().bulk_create(
            _jobs().model(
                submission=me,
                person=me.person,
                is_private=me.is_private,
                kind=f"{me.type}:{me.model}",
                number=number,
                price=cost,
                input_count=inputs,
                created_at=now,
                state_at=now,
                due_at=now,
                rev=rev,
            )
            for number in numbers
        )
        if me.look_id:
            LookVersion.add(me.look_id, len(jobs), private_to=me.person_id if me.is_private else None)
        return jobs, LedgerRow.reserve(me, jobs, day=timezone.localdate(now), inputs=inputs)


def _jobs() -> Any:
    """The jobs, whose module imports this one."""
    return apps.get_model("studio", "Job").objects
