from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction

from studio.models.revision import Revision


class Gate(models.Model):
    """A reason why nothing is sent, for everybody. A row is a closed gate; jobs behind it wait.

    open ──close()──> closed ──probe: one job goes through──> open, or closed again for twice as long
                        └────── probe_now() by an admin ────> the next probe at once

    What can be asked for free is asked first (`is_free_to_ask`): a job is sent only when Luma answers a GET.
    """

    class Name(models.TextChoices):
        FUNDS = "funds", "Out of funds"  # 402
        KEY = "key", "Key refused"  # 401, 403: polling stops as well
        API = "api", "Luma does not answer"
        LOST = "lost", "Luma's answers get lost"
        DISK = "disk", "Disk almost full"
        PAUSE = "pause", "Paused by an admin"

    # How long until one job may try again by itself; after each failed try twice as long, at most LONGEST_WAIT. A
    # pause waits for a person.
    PROBE_AFTER = {
        Name.FUNDS: timedelta(seconds=15),
        Name.KEY: timedelta(seconds=15),
        Name.API: timedelta(seconds=15),
        Name.LOST: timedelta(seconds=15),
        Name.DISK: timedelta(seconds=30),
    }
    LONGEST_WAIT = timedelta(minutes=5)
    # A free GET shows whether these causes are gone; for the others only a paid request can.
    FREE_TO_ASK = frozenset({Name.KEY, Name.API, Name.LOST})
    # Lost answers within this time that close the gate: one may be chance.
    LOST_WITHIN, MOST_LOST = timedelta(minutes=1), 2

    name = models.CharField(max_length=10, choices=Name.choices, primary_key=True)
    closed_at = models.DateTimeField()
    probe_at = models.DateTimeField(null=True)
    # Failed probes since it closed.
    probes = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.get_name_display()

    @property
    def stops_reading(self) -> bool:
        """Whether Luma would refuse even a poll."""
        return self.name == self.Name.KEY

    @classmethod
    def that_stops_reading(cls) -> Gate | None:
        """Return the closed gate behind which nobody polls either."""
        return next((gate for gate in cls.objects.all() if gate.stops_reading), None)

    @property
    def is_free_to_ask(self) -> bool:
        """Whether a free GET can show that the cause is still there."""
        return self.name in self.FREE_TO_ASK

    def may_probe(self, now: datetime) -> bool:
        """Whether one job may try by now. A time too far ahead was written by a clock that has since been set back."""
        return self.probe_at is not None and not (now < self.probe_at <= now + self.LONGEST_WAIT)

    def _wait(self) -> timedelta | None:
        """How long until the next probe: 15, 30, 60 s …, at most five minutes."""
        first = self.PROBE_AFTER.get(self.Name(self.name))
        if first is None:
            return None
        if self.name == self.Name.DISK:
            return first  # looking at the disk costs nothing
        factor: int = 2 ** min(self.probes, 10)
        return min(self.LONGEST_WAIT, first * factor)

    @classmethod
    def close(cls, name: str, *, now: datetime, detail: str = "", request_id: str = "") -> None:
        """Close the gate. On a closed one this is a failed probe, or the end of what was sent before it closed."""
        with transaction.atomic():
            gate, fresh = cls.objects.select_for_update().get_or_create(name=name, defaults={"closed_at": now})
            if not fresh and gate.probe_at is not None and not gate.may_probe(now):
                return  # several answers of one moment are one reason, and no probe
            gate.probes = 0 if fresh else min(gate.probes + 1, 1000)
            wait = gate._wait()
            gate.probe_at, gate.detail, gate.request_id = now + wait if wait else None, detail[:300], request_id[:64]
            gate.save(update_fields=["probes", "probe_at", "detail", "request_id"])
            # The pages tell when the next try comes.
            Revision.bump()

    @classmethod
    def skip_first_probe(cls, name: str, *, now: datetime) -> None:
        """Wait for the second probe, if none was made yet: more is known already than the first would tell."""
        with transaction.atomic():
            gate = cls.objects.select_for_update().filter(pk=name, probes=0).first()
            if gate and gate.probe_at:
                gate.probes = 1
                gate.probe_at = now + (gate._wait() or timedelta())
                gate.save(update_fields=["probes", "probe_at"])
                Revision.bump()

    @classmethod
    def open(cls, *names: str, closed_before: datetime | None = None) -> bool:
        """Open the gates; say whether one was closed.

        An answer to a request sent before a gate closed proves nothing about the gate: `closed_before` is its time.
        """
        gates = cls.objects.filter(name__in=names)
        if closed_before:
            gates = gates.filter(closed_at__lt=closed_before)
        if not gates.exists():
            return False
        with transaction.atomic():
            gates.delete()
            Revision.bump()
        return True

    @classmethod
    def probe_now(cls, name: str, *, now: datetime) -> None:
        """Let one job try at once: somebody says that the cause is gone."""
        cls.objects.filter(name=name).update(probe_at=now, probes=0)
