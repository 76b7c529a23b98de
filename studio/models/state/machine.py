from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from studio.configuration.roles import Role

# A machine that was not seen for so long is gone; its row is removed at the next start of any.
FORGOTTEN_AFTER = timedelta(days=1)


class Machine(models.Model):
    """One launcher of the studio: where it runs, what it does, and since when. Several share one PostgreSQL."""

    # Of the host and of its role, so that a restart finds its row.
    name = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=12)
    # Tells whether two machines have one secret, and nothing of the secret.
    secret_print = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def arrive(cls, host: str, role: str, *, now: datetime) -> list[str]:
        """Write down that a machine started, and return the names of living ones whose STUDIO_SECRET_KEY is another."""
        cls.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
        name, mine = f"{host[:100]} {role}", secret_print()
        facts = {"role": role, "secret_print": mine, "started_at": now, "seen_at": now}
        cls.objects.update_or_create(pk=name, defaults=facts)
        others = cls.objects.exclude(pk=name).exclude(secret_print=mine)
        return list(others.order_by("pk").values_list("pk", flat=True))

    @classmethod
    def see(cls, host: str, role: str, *, now: datetime) -> None:
        """Write down that the launcher of a machine is alive."""
        cls.objects.filter(pk=f"{host[:100]} {role}").update(seen_at=now)

    @classmethod
    def conductor_of(cls, host: str) -> Machine | None:
        """The launcher of this host that runs a conductor and last told that it is alive, by its own clock."""
        names = [f"{host[:100]} {role}" for role in Role if role.conducts]
        return cls.objects.filter(pk__in=names).order_by("-seen_at").first()


def secret_print() -> str:
    """Name the secret key of this machine without telling anything of it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"studio machine", hashlib.sha256).hexdigest()[:16]
