from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, models

# Renewed every two seconds; a holder on another machine that misses four renewals is taken to be gone.
LEASE_LIFE = timedelta(seconds=10)


def process_start(pid: int) -> str:
    """Return when a living process of this machine started, in clock ticks since boot, or "" (proc(5)).

    One that was killed and that its parent has not yet buried is dead.
    """
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if facts[0] in {"Z", "X"} else facts[19]
    except (OSError, IndexError):
        return ""


def boot_id() -> str:
    """Name this machine's current run, so that a process id is never taken for one of another machine or boot.

    Containers of one machine share its boot and have process ids of their own (pid_namespaces(7)).
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


class ConductorLease(models.Model):
    """Who conducts. Short-lived, so that surplus conductors leave at once and a dead one is replaced in a second.

    The lease saves work only; what keeps a job from being sent twice is the lease on its own row.
    """

    name = models.CharField(max_length=20, primary_key=True, default="conductor")
    holder = models.CharField(max_length=40, blank=True)
    host = models.CharField(max_length=80, blank=True)
    boot = models.CharField(max_length=80, blank=True)
    pid = models.PositiveIntegerField(default=0)
    pid_started = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder or 'free'}"

    @classmethod
    def acquire(cls, *, now: datetime) -> str | None:
        """Sit down and return the holder's name, or None when somebody alive sits there."""
        holder = uuid.uuid4().hex
        ours = {
            "holder": holder,
            "host": socket.gethostname()[:80],
            "boot": boot_id(),
            "pid": os.getpid(),
            "pid_started": process_start(os.getpid()),
            "until": now + LEASE_LIFE,
        }
        lease = cls.objects.filter(pk="conductor").first()
        if lease is None:
            try:
                cls.objects.create(**ours)
            except IntegrityError:
                return None
            return holder
        if lease.is_taken(now):
            return None
        taken = cls.objects.filter(pk="conductor", holder=lease.holder, until=lease.until).update(**ours)
        return holder if taken else None

    @classmethod
    def renew(cls, holder: str, *, now: datetime) -> bool:
        """Keep the lease; False means that it was lost and the holder must leave."""
        return bool(cls.objects.filter(pk="conductor", holder=holder).update(until=now + LEASE_LIFE))

    @classmethod
    def release(cls, holder: str, *, now: datetime) -> None:
        cls.objects.filter(pk="conductor", holder=holder).update(holder="", until=now)

    @classmethod
    def is_live(cls, *, now: datetime) -> bool:
        """Whether somebody alive conducts, so that new work needs no wake-up."""
        lease = cls.objects.filter(pk="conductor").first()
        return bool(lease and lease.is_taken(now))

    def is_dead_here(self) -> bool:
        """Whether the holder was a process of this machine and is gone, which no clock needs to tell."""
        return bool(self.holder) and self.boot == boot_id() and process_start(self.pid) != self.pid_started

    def is_ours(self) -> bool:
        """Whether the holder was this very process: what held it has ended, or nobody here would ask."""
        return self.boot == boot_id() and self.pid == os.getpid()

    def is_taken(self, now: datetime) -> bool:
        """Whether the holder is alive: its time has not run out and, on this machine, its process exists."""
        if not self.holder or self.until <= now:
            return False
        if self.until > now + LEASE_LIFE + timedelta(seconds=5):
            return False  # written by a clock that has since been set back
        return not self.is_dead_here()
