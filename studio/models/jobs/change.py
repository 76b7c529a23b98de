from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db import models, transaction

from studio.models import budget
from studio.models.account.rights import person_now
from studio.models.alerts.webhook import tell_end
from studio.models.jobs.attempt import Attempt, Charge
from studio.models.jobs.count import COUNTED, JobCount, is_same
from studio.models.jobs.queries import JobQuerySet
from studio.models.requests.submission_query import sort_one_into_feed
from studio.models.revision import Revision
from studio.models.spend.ledger import LedgerRow

log = logging.getLogger("studio.jobs")


class HoldReason(models.TextChoices):
    """Why a waiting job was sent and did not get through."""

    CAPACITY = "capacity", "No free place at Luma"
    RATE = "rate", "Too many requests a minute"
    FUNDS = "funds", "Out of funds"
    KEY = "key", "Key refused"
    UNREACHABLE = "unreachable", "Luma could not be reached"
    FILES = "files", "Its pictures are being uploaded to Luma"


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    RUNNING = "running", "Making"
    SAVING = "saving", "Made"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    CANCELLED = "cancelled", "Cancelled"


# Ends that its person is told of at once; of a done one they hear when its pictures have rows (engine/collect.py).
FAILURES = {State.FAILED, State.UNKNOWN}


class Changes:
    """The one way in which the row of a job changes: compare-and-set on its state and, for the engine, its lease."""

    State = State
    Charge = Charge

    # Of the Job that these verbs belong to.
    pk: Any
    objects: Any
    attempts_made: Any
    state: Any
    rev: Any
    cause: Any
    sentence: Any
    charge: Any
    fit: Any
    remedy: Any
    price: Any
    price_again: Any
    attempts: Any
    fetches: Any
    bad_files: Any
    resends: Any
    lease_owner: Any
    lease_epoch: Any
    person_id: Any
    submission_id: Any
    remote_id: Any
    created_at: Any
    asked_at: Any
    made_at: Any
    finished_at: Any
    settled_at: Any
    is_only_unfetched: Any
    is_unsaved: Any
    is_free_to_get: Any
    is_watched: Any
    is_beyond_remedy: Any
    log_facts: Any
    may_be_paid_again: Any
    FINISHED: Any

    def _rows(self) -> JobQuerySet[Any]:
        rows: JobQuerySet[Any] = type(self).objects.filter(pk=self.pk)
        return rows

    def _leased(self) -> JobQuerySet[Any]:
        return self._rows().filter(lease_owner=self.lease_owner, lease_epoch=self.lease_epoch)

    def _move(self, *, to: str, expect: tuple[str, ...], now: datetime, layers: int = 0, **fields: Any) -> bool:
        moment = {} if self.state == to else {"state_at": now}
        return self._set(self._leased().filter(state__in=expect), {**moment, "state": to, **fields}, layers=layers)

    def _move_freely(self, *, to: str, expect: tuple[str, ...], now: datetime | None, **fields: Any) -> bool:
        if now:
            fields["state_at"] = now
        return self._set(self._rows().filter(state__in=expect), {"state": to, **fields})

    def _set(self, row: JobQuerySet[Any], fields: dict[str, Any], *, layers: int = 0) -> bool:
        # Whoever began the transaction goes back as well: nobody keeps half of a change.
        with transaction.atomic(savepoint=False):
            before = row.select_for_update().order_by().values(*COUNTED).first()
            if before is None:
                return False
            self._show_change(fields)
            self._count_change(before, {**before, **fields})
            if fields.get("state") in FAILURES and before["state"] not in FAILURES:
                apps.get_model("studio", "FailureCount").add(fields.get("cause", ""), at=fields.get("finished_at"))
            self._move_money(before, {**before, **fields}, layers)
            if fields.get("state", before["state"]) in FAILURES - {before["state"]}:
                self.tell_end()
        for name, value in fields.items():
            setattr(self, name, value)
        if fields.get("state", before["state"]) != before["state"]:
            transaction.on_commit(partial(log.info, "A job moved", extra=self.log_facts | {"from": before["state"]}))
        return True

    def tell_end(self) -> None:
        """Tell who asked, and their webhooks, once the whole group has ended. Inside the transaction that ended this one."""
        apps.get_model("studio", "Notification").tell_end(self.submission_id)
        tell_end(self.submission_id)

    def _show_change(self, fields: dict[str, Any]) -> None:
        """Let open pages find the row. The row is locked before the counter, everywhere in this order."""
        self.rev = Revision.bump()
        self._rows().update(**fields, rev=self.rev)

    def _count_change(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Keep what is counted true. From the revision to the commit nobody else counts, so no change is missed."""
        if is_same(before, after):
            return
        JobCount.move(before, after)
        sort_one_into_feed(self.submission_id)

    def _move_money(self, before: dict[str, Any], after: dict[str, Any], layers: int) -> None:
        """Write what the change costs. Raises OverBudget where a second request would pass a budget."""
        change = LedgerRow.move(self.pk, before, after, layers=layers)
        if change is None or change.total <= 0:
            return
        if after["state"] == State.WAITING:
            budget.check(person_now(change.person), change.total, day=change.day, by=after.get("asked_by"))
        else:
            budget.watch(change)

    def _end_attempt(self, outcome: str, *, now: datetime | None, **facts: Any) -> None:
        if "detail" in facts:
            facts["detail"] = facts["detail"][:500]
        facts["charge"] = self.charge
        Attempt.objects.filter(job_id=self.pk, number=self.attempts).update(outcome=outcome, ended_at=now, **facts)
