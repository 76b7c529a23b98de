from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, connections, models
from django.utils import timezone

# Long tasks beat this often, and a silence of three times as long is told from them (seconds).
AGAIN = 5.0
# What the names of web processes begin with; the rest is their machine.
WEB = "web@"
FORGOTTEN = timedelta(days=7)


class Heartbeat(models.Model):
    """When a part of the engine last did something, written by the part itself: a task, not its supervisor."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    machine = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now, "machine": socket.gethostname()[:80]})

    @classmethod
    def beat_for_web(cls, *, now: datetime) -> None:
        """The web processes of a machine beat as one."""
        cls.beat(f"{WEB}{socket.gethostname()}"[:40], now=now)

    @classmethod
    def forget_machines(cls, *, now: datetime) -> None:
        """Forget machines whose web processes were last heard of a week ago."""
        cls.objects.filter(name__startswith=WEB, at__lt=now - FORGOTTEN).delete()

    @classmethod
    @contextmanager
    def beating(cls, name: str) -> Iterator[None]:
        """Beat now and then for as long as a task lasts: a queue that is busy must not be taken for a wedged one."""
        cls.beat(name, now=timezone.now())
        ended = threading.Event()
        thread = threading.Thread(target=cls._beat_until, args=(name, ended), name=f"{name} beats", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @classmethod
    def _beat_until(cls, name: str, ended: threading.Event) -> None:
        try:
            while not ended.wait(AGAIN):
                with suppress(DatabaseError):
                    cls.beat(name, now=timezone.now())
        finally:
            connections.close_all()

    @classmethod
    def age(cls, name: str, *, now: datetime) -> timedelta | None:
        """Return how long ago `name` last beat, or None if it never did."""
        at = cls.objects.filter(name=name).values_list("at", flat=True).first()
        return None if at is None else now - at
