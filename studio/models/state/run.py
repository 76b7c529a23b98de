"""When a check or a backup last ran, and how it ended; written by whatever ran."""

from __future__ import annotations

import socket
from datetime import datetime

from django.db import models
from django.utils import timezone

LONGEST = 300  # characters of what is said of it


class Run(models.Model):
    class Kind(models.TextChoices):
        INTEGRITY = "integrity", "Integrity check"
        BACKUP = "backup", "Backup"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    is_ok = models.BooleanField()
    sentence = models.CharField(max_length=LONGEST, blank=True)
    machine = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-ended_at"], name="runs_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.ended_at:%Y-%m-%d %H:%M}"

    @classmethod
    def note(cls, kind: Run.Kind, *, started_at: datetime, is_ok: bool, sentence: str = "") -> Run:
        """Write down a run that has just ended."""
        line = " ".join(sentence.split())[:LONGEST]
        facts = {"started_at": started_at, "ended_at": timezone.now(), "machine": socket.gethostname()[:80]}
        return cls.objects.create(kind=kind, is_ok=is_ok, sentence=line, **facts)

    @classmethod
    def last(cls, kind: Run.Kind) -> Run | None:
        return cls.objects.filter(kind=kind).order_by("-ended_at").first()
