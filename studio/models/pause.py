from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction

from studio.models.revision import Revision


class SendingPause(models.Model):
    """A reason why nothing is sent, for everybody. While a row exists, waiting jobs stay in line.

    sending ──pause()──> paused ──probe: one job goes through──> sending, or paused for twice as long
                           └────── probe_now() by an admin ────> the next probe at once

    What can be asked for free is asked first (`is_free_to_ask`): a job is sent only when Luma answers a GET.
    """

    class Reason(models.TextChoices):
        FUNDS = "funds", "Out of funds"  # 402
        KEY = "key", "Key refused"  # 401, 403: polling stops as well
        API = "api", "Luma does not answer"
        LOST = "lost", "Luma's answers get lost"
        DISK = "disk", "Disk almost full"
        STORAGE = "storage", "File storage does not answer"
        ADMIN = "admin", "Paused by an admin"

    # How long until one job may try again by itself; after each failed try twice as long, at most LONGEST_WAIT. A
    # pause waits for a person.
    PROBE_AFTER = {
        Reason.FUNDS: timedelta(seconds=15),
        Reason.KEY: timedelta(seconds=15),
        Reason.API: timedelta(seconds=15),
        Reason.LOST: timedelta(seconds=15),
        Reason.DISK: timedelta(seconds=30),
        Reason.STORAGE: timedelta(seconds=15),
    }
    LONGEST_WAIT = timedelta(minutes=5)
    # A free GET shows whether these causes are gone; for the others only a paid request can.
    FREE_TO_ASK = frozenset({Reason.KEY, Reason.API, Reason.LOST})
    # So many lost answers within this time pause sending: one may be chance.
    LOST_WITHIN, MOST_LOST = timedelta(minutes=1), 2

    reason = models.CharField(max_length=10, choices=Reason.choices, primary_key=True)
    paused_at = models.DateTimeField()
    probe_at = models.DateTimeField(null=True)
    # Failed probes since it began.
    probes = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.get_reason_display()

    @property
    def stops_polling(self) -> bool:
        """Whether Luma would refuse even a poll."""
        return self.reason == self.Reason.KEY

    @classmethod
    def that_stops_polling(cls) -> SendingPause | None:
        """Return the pause during which nobody polls either."""
        return next((pause for pause in cls.objects.all() if pause.stops_polling), None)

    @property
    def is_free_to_ask(self) -> bool:
        """Whether a free GET can show that the cause is still there."""
        return self.reason in self.FREE_TO_ASK

    def may_probe(self, now: datetime) -> bool:
        """Whether one job may try by now. A time too far ahead was written by a clock that has since been set back."""
        return self.probe_at is not None and not (now < self.probe_at <= now + self.LONGEST_WAIT)

    def _wait(self) -> timedelta | None:
        """How long until the next probe: 15, 30, 60 s …, at most five minutes."""
        first = self.PROBE_AFTER.get(self.Reason(self.reason))
        if first is None:
            return None
        if self.reason in {self.Reason.DISK, self.Reason.STORAGE}:
            return first  # looking at them costs nothing
        factor: int = 2 ** min(self.probes, 10)
        return min(self.LONGEST_WAIT, first * factor)

    @classmethod
    def pause(cls, reason: str, *, now: datetime, detail: str = "", request_id: str = "") -> None:
        """Stop sending for this reason. While it is paused already, this is a failed probe or a request sent before."""
        with transaction.atomic():
            pause, fresh = cls.objects.select_for_update().get_or_create(reason=reason, defaults={"paused_at": now})
            if not fresh and pause.probe_at is not None and not pause.may_probe(now):
                return  # several answers of one moment are one reason, and no probe
            pause.probes = 0 if fresh else min(pause.probes + 1, 1000)
            wait = pause._wait()
            pause.probe_at, pause.detail, pause.request_id = now + wait if wait else None, detail[:300], request_id[:64]
            pause.save(update_fields=["probes", "probe_at", "detail", "request_id"])
            # The pages tell when the next try comes.
            Revision.bump()

    @classmethod
    def skip_first_probe(cls, reason: str, *, now: datetime) -> None:
        """Wait for the second probe, if none was made yet: more is known already than the first would tell."""
        with transaction.atomic():
            pause = cls.objects.select_for_update().filter(pk=reason, probes=0).first()
            if pause and pause.probe_at:
                pause.probes = 1
                pause.probe_at = now + (pause._wait() or timedelta())
                pause.save(update_fields=["probes", "probe_at"])
                Revision.bump()

    @classmethod
    def resume(cls, *reasons: str, paused_before: datetime | None = None) -> bool:
        """Delete the pauses; return whether there was one.

        An answer to a request sent before a pause began proves nothing about it: `paused_before` is its time.
        """
        pauses = cls.objects.filter(reason__in=reasons)
        if paused_before:
            pauses = pauses.filter(paused_at__lt=paused_before)
        if not pauses.exists():
            return False
        with transaction.atomic():
            pauses.delete()
            Revision.bump()
        return True

    @classmethod
    def probe_now(cls, reason: str, *, now: datetime) -> bool:
        """Let one job try at once: somebody says that the cause is gone. Return whether it still was a reason."""
        return bool(cls.objects.filter(pk=reason).update(probe_at=now, probes=0))
