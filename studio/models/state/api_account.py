from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction

from studio.models.jobs.attempt import Attempt
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.sql.compiled_query import CompiledQuery

# Luma's waits are believed up to 300 seconds.
LONGEST_PAUSE = timedelta(seconds=305)
# A shorter wait only the waiting cards tell of.
LONG_PAUSE = timedelta(seconds=30)
# Somebody's word to try is for now: a conductor comes within a minute.
TRY_LASTS = timedelta(minutes=1)
# A limit that was only felt is tried half as high again after so long without a refusal: a plan grows, or what else held
# the account's places is gone. From one place to ten takes twelve minutes, and where the limit is real a raise costs one
# or two refusals. What was learnt is forgotten after a day.
RAISE_AFTER, FORGET_AFTER = timedelta(minutes=2), timedelta(days=1)

# Requests are counted in a window that slides; a clock that was set back a little still counts its own.
WINDOW, SKEW = timedelta(seconds=60), timedelta(seconds=5)
# What an admin may fix; open pages show these.
LIMITS = ("slots", "per_minute", "weights")


class ApiAccount(models.Model):
    """The limits of the one Luma account, as configured and as its answers have taught since.

    A limit that Luma names is believed as it is. A plain "too many at once" lowers `slots` to what was in flight, and
    `relax` raises it again step by step. What an admin has fixed is in force whatever the answers say, until `release`.
    """

    name = models.CharField(max_length=20, primary_key=True, default="luma")
    slots = models.PositiveIntegerField()
    per_minute = models.PositiveIntegerField()
    # "type:model" -> slots one such job takes (luma-api.md section 8.4).
    weights = models.JSONField(default=dict, blank=True)
    slots_learnt_at = models.DateTimeField(null=True)
    # Whether Luma named the number of slots, or it was only felt.
    slots_are_named = models.BooleanField(default=False)
    per_minute_learnt_at = models.DateTimeField(null=True)
    weights_learnt_at = models.DateTimeField(null=True)
    # Which limits an admin has fixed, by whom and when: {"slots": {"by": …, "at": …}}; and what would be in force
    # without: what Luma's answers teach meanwhile.
    fixed = models.JSONField(default=dict, blank=True)
    learnt = models.JSONField(default=dict, blank=True)
    # Luma asked everybody to wait until then, and when it did.
    paused_until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    # When an admin said that one job is to be tried, whatever holds the line; empty once it is on its way.
    try_at = models.DateTimeField(null=True)

    # It is not documented whether a reference may be named by the id of the job that made it (luma-api.md section 3.2).
    references_barred_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.slots} slots, {self.per_minute} a minute"

    @classmethod
    def current(cls) -> ApiAccount:
        known: ApiAccount | None = _CURRENT.first()
        if known:
            return known
        configured = {"slots": settings.LUMA_SLOTS, "per_minute": settings.LUMA_REQUESTS_PER_MINUTE}
        return cls.objects.get_or_create(pk="luma", defaults=configured)[0]

    @classmethod
    def configure(cls) -> ApiAccount:
        """Put the settings in force, at a start: what was learnt under others says little. What is fixed stays so."""
        account = cls.current()
        configured = {name: cls.configured(name) for name in LIMITS}
        account._set(
            **{name: value for name, value in configured.items() if name not in account.fixed},
            learnt={name: value for name, value in configured.items() if name in account.fixed},
            slots_learnt_at=None,
            slots_are_named=False,
            per_minute_learnt_at=None,
            weights_learnt_at=None,
            paused_until=None,
            try_at=None,
            references_barred_until=None,
        )
        return account

    @staticmethod
    def configured(name: str) -> Any:
        """Return what the settings say of a limit."""
        return {"slots": settings.LUMA_SLOTS, "per_minute": settings.LUMA_REQUESTS_PER_MINUTE, "weights": {}}[name]

    @classmethod
    def locked(cls) -> ApiAccount:
        """Return it for the rest of the transaction to this caller alone (SQLite locks every writer out anyway)."""
        return cls.objects.select_for_update().get(pk=cls.current().pk)

    def weight_of(self, type: str, model: str) -> int:
        return int(self.weights.get(f"{type}:{model}", 1))

    def bars_chained_references(self, now: datetime) -> bool:
        """Whether references go as files: a request that named one by the id of its job was rejected lately."""
        until = self.references_barred_until
        return until is not None and now < until <= now + FORGET_AFTER

    def bar_chained_references(self, *, now: datetime) -> None:
        self._set(references_barred_until=now + FORGET_AFTER)

    def learn(
        self,
        *,
        now: datetime,
        slots: int | None = None,
        per_minute: int | None = None,
        weight: tuple[str, int] | None = None,
    ) -> None:
        """Believe what Luma named: slots in weight units, requests a minute, or what one kind of job weighs."""
        if slots:
            self._learn("slots", slots, slots_are_named=True, slots_learnt_at=now)
        if per_minute:
            self._learn("per_minute", per_minute, per_minute_learnt_at=now)
        if weight:
            self._learn("weights", {**self.known("weights"), weight[0]: weight[1]}, weights_learnt_at=now)

    def learn_refusal(self, in_flight: int, *, now: datetime) -> None:
        """Too many at once, without a number: what was in flight, in weight units, is what the account takes."""
        slots = max(1, min(self.known("slots"), in_flight))
        self._learn("slots", slots, slots_are_named=False, slots_learnt_at=now)

    def known(self, name: str) -> Any:
        """Return a limit as the settings and Luma's answers have it, whatever an admin has fixed."""
        return self.learnt.get(name, self.configured(name)) if name in self.fixed else getattr(self, name)

    def _learn(self, name: str, value: Any, **facts: Any) -> None:
        """Put what was learnt in force, or keep it for later while an admin's number is."""
        with transaction.atomic():
            # An admin may fix or release it at this very moment.
            self.refresh_from_db(fields=["fixed", "learnt"], from_queryset=ApiAccount.objects.select_for_update())
            put = {"learnt": {**self.learnt, name: value}} if name in self.fixed else {name: value}
            self._set(**put, **facts)

    def fix(self, *, by: User, now: datetime, **limits: Any) -> None:
        """Put limits (slots, per_minute, weights) in force until `release`. Call it on the `locked` row."""
        learnt = self.learnt | {name: getattr(self, name) for name in limits if name not in self.fixed}
        note = {"by": by.name, "at": now.isoformat()}
        self._set(**limits, learnt=learnt, fixed=self.fixed | dict.fromkeys(limits, note))

    def release(self, name: str) -> bool:
        """Go back to what Luma's answers and the settings say; False when it was not fixed. On the `locked` row."""
        if name not in self.fixed:
            return False
        put = {name: self.known(name)}
        fixed, learnt = ({key: one for key, one in had.items() if key != name} for had in (self.fixed, self.learnt))
        self._set(**put, fixed=fixed, learnt=learnt)
        return True

    def relax(self, *, now: datetime) -> None:
        """Forget what was learnt a day ago, and try a felt limit higher after a while without a refusal."""
        if _is_over(self.slots_learnt_at, FORGET_AFTER, now):
            self._learn("slots", settings.LUMA_SLOTS, slots_are_named=False, slots_learnt_at=None)
        if _is_over(self.per_minute_learnt_at, FORGET_AFTER, now):
            self._learn("per_minute", settings.LUMA_REQUESTS_PER_MINUTE, per_minute_learnt_at=None)
        if _is_over(self.weights_learnt_at, FORGET_AFTER, now):
            self._learn("weights", {}, weights_learnt_at=None)
        slots = self.known("slots")
        is_felt = slots < settings.LUMA_SLOTS and not self.slots_are_named
        if is_felt and _is_over(self.slots_learnt_at, RAISE_AFTER, now):
            raised = slots + max(1, slots // 2)
            self._learn("slots", min(raised, settings.LUMA_SLOTS), slots_learnt_at=now)

    def _set(self, **values: Any) -> None:
        """Write what differs; open pages show slots, so their change is a revision."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        with transaction.atomic():
            self.save(update_fields=list(changed))
            if changed.keys() & set(LIMITS):
                Revision.bump()

    def pause(self, until: datetime, *, now: datetime) -> None:
        self.paused_until, self.paused_at = until, now
        self.save(update_fields=["paused_until", "paused_at"])

    @classmethod
    def end_pause(cls, *, sent_at: datetime, now: datetime) -> bool:
        """End Luma's wait: a request that was sent at `sent_at`, while it went on, was taken. Return whether there was one."""
        paused = cls.objects.filter(pk="luma", paused_until__gt=now, paused_at__lt=sent_at)
        if not paused.exists():
            return False
        with transaction.atomic():
            paused.update(paused_until=None)
            Revision.bump()
        return True

    def is_paused_long(self, now: datetime) -> bool:
        """Whether Luma asked for a wait that everybody is to hear of."""
        if not self.paused_until or not self.is_paused(now):
            return False
        return self.paused_until - (self.paused_at or now) >= LONG_PAUSE

    def ask_to_try(self, *, now: datetime) -> None:
        """Let the next job go at once, and that one alone."""
        self.try_at = now
        with transaction.atomic():
            self.save(update_fields=["try_at"])
            Revision.bump()

    def is_to_try(self, now: datetime) -> bool:
        return self.try_at is not None and now - TRY_LASTS < self.try_at <= now + SKEW

    def end_try(self) -> None:
        self.try_at = None
        self.save(update_fields=["try_at"])

    def is_paused(self, now: datetime) -> bool:
        """Whether Luma asked to wait; a time that it would never name was written by a clock since set back."""
        return self.paused_until is not None and now < self.paused_until <= now + LONGEST_PAUSE

    def left_this_minute(self, now: datetime) -> int:
        """Requests that may still be sent: a window of sixty seconds that slides (luma-api.md section 8.1)."""
        sent = Attempt.objects.filter(sent_at__gt=now - WINDOW, sent_at__lte=now + SKEW).count()
        return max(0, self.per_minute - sent)


def _is_over(since: datetime | None, wait: timedelta, now: datetime) -> bool:
    # A time ahead of now was written by a clock that has since been set back.
    return since is not None and not (now - wait < since <= now + wait)


_CURRENT = CompiledQuery(lambda: ApiAccount.objects.filter(pk="luma"))
