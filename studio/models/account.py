from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction

from studio.models.attempt import Attempt
from studio.models.revision import Revision

# Luma's waits are believed up to 300 seconds.
LONGEST_PAUSE = timedelta(seconds=305)


class Account(models.Model):
    """The limits of the one Luma account, as configured and as its answers have taught since."""

    name = models.CharField(max_length=20, primary_key=True, default="luma")
    slots = models.PositiveIntegerField()
    per_minute = models.PositiveIntegerField()
    # "type:model" -> slots one such job takes (luma-api.md section 8.4).
    weights = models.JSONField(default=dict, blank=True)
    # Luma asked everybody to wait until then.
    paused_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.slots} slots, {self.per_minute} a minute"

    @classmethod
    def current(cls) -> Account:
        configured = {"slots": settings.LUMA_SLOTS, "per_minute": settings.LUMA_REQUESTS_PER_MINUTE}
        return cls.objects.get_or_create(pk="luma", defaults=configured)[0]

    @classmethod
    def locked(cls) -> Account:
        """Return it for the rest of the transaction to this caller alone (SQLite locks every writer out anyway)."""
        return cls.objects.select_for_update().get(pk=cls.current().pk)

    def weight_of(self, type: str, model: str) -> int:
        return int(self.weights.get(f"{type}:{model}", 1))

    def learn(
        self, *, slots: int | None = None, per_minute: int | None = None, weight: tuple[str, int] | None = None
    ) -> None:
        """Believe what Luma said about its limits."""
        changed = []
        if slots and slots != self.slots:
            self.slots = slots
            changed.append("slots")
        if per_minute and per_minute != self.per_minute:
            self.per_minute = per_minute
            changed.append("per_minute")
        if weight and self.weights.get(weight[0]) != weight[1]:
            self.weights = {**self.weights, weight[0]: weight[1]}
            changed.append("weights")
        if changed:
            with transaction.atomic():
                self.save(update_fields=changed)
                Revision.bump()

    def pause(self, until: datetime) -> None:
        self.paused_until = until
        self.save(update_fields=["paused_until"])

    def is_paused(self, now: datetime) -> bool:
        """Whether Luma asked to wait; a time that it would never name was written by a clock since set back."""
        return self.paused_until is not None and now < self.paused_until <= now + LONGEST_PAUSE

    def left_this_minute(self, now: datetime) -> int:
        """Requests that may still be sent: a window of sixty seconds that slides (luma-api.md section 8.1)."""
        minute = (now - timedelta(seconds=60), now + timedelta(seconds=5))
        sent = Attempt.objects.filter(sent_at__gt=minute[0], sent_at__lte=minute[1]).count()
        return max(0, self.per_minute - sent)
