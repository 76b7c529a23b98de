from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction

from studio.models.revision import Revision


class Gate(models.Model):
    """A reason why nothing is sent, for everybody. A row is a closed gate; jobs behind it wait and nothing fails.

    open ──close()──> closed ──probe: one job goes through──> open, or closed again
                        └────── reopen() by an admin ───────> open
    """

    class Name(models.TextChoices):
        FUNDS = "funds", "Out of funds"  # 402
        KEY = "key", "Key refused"  # 401, 403: polling stops as well
        API = "api", "Luma does not answer"
        DISK = "disk", "Disk almost full"
        PAUSE = "pause", "Paused by an admin"

    # How long until one job may try again by itself; a pause waits for a person.
    PROBE_AFTER = {
        Name.FUNDS: timedelta(minutes=5),
        Name.KEY: timedelta(minutes=5),
        Name.API: timedelta(seconds=10),
        Name.DISK: timedelta(seconds=30),
    }

    name = models.CharField(max_length=10, choices=Name.choices, primary_key=True)
    closed_at = models.DateTimeField()
    probe_at = models.DateTimeField(null=True)
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

    def may_probe(self, now: datetime) -> bool:
        """Whether one job may try by now. A time too far ahead was written by a clock that has since been set back."""
        wait = self.PROBE_AFTER.get(self.Name(self.name))
        return self.probe_at is not None and not (now < self.probe_at <= now + (wait or timedelta()))

    @classmethod
    def close(cls, name: str, *, now: datetime, detail: str = "", request_id: str = "") -> None:
        """Close the gate, or keep it closed until the next probe."""
        wait = cls.PROBE_AFTER.get(cls.Name(name))
        with transaction.atomic():
            gate, fresh = cls.objects.get_or_create(name=name, defaults={"closed_at": now})
            gate.probe_at, gate.detail, gate.request_id = now + wait if wait else None, detail[:300], request_id[:64]
            gate.save(update_fields=["probe_at", "detail", "request_id"])
            if fresh:
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
        """Let one job try at once: an admin says that the cause is gone."""
        cls.objects.filter(name=name).update(probe_at=now)
