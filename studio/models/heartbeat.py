from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models


class Heartbeat(models.Model):
    """When a part of the engine last did something, written by the part itself: a task, not its supervisor."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})

    @classmethod
    def age(cls, name: str, *, now: datetime) -> timedelta | None:
        """Return how long ago `name` last beat, or None if it never did."""
        at = cls.objects.filter(name=name).values_list("at", flat=True).first()
        return None if at is None else now - at
