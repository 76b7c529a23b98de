from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from studio.configuration.roles import Role
from studio.models import Machine
from studio.network import loopback

# The launcher writes every ten seconds that it is alive.
SEEN = timedelta(seconds=45)


class Command(BaseCommand):
    help = "Exit with 0 when the launcher of this machine is alive and, where it serves pages, answers. For containers."

    def handle(self, *args: Any, **options: Any) -> None:
        host = f"{socket.gethostname()[:100]} "
        try:
            seen = Machine.objects.filter(pk__startswith=host, seen_at__gte=timezone.now() - SEEN)
            roles = [Role(role) for role in seen.values_list("role", flat=True)]
        except DatabaseError as problem:
            raise CommandError(f"The database does not answer ({type(problem).__name__}).") from None
        if not roles:
            raise CommandError("No launcher of this machine was alive lately.")
        if any(role.serves_pages for role in roles):
            try:
                with loopback.ask(f"http://127.0.0.1:{settings.STUDIO_PORT}/healthz", timeout=4):
                    pass
            except OSError as problem:
                raise CommandError(f"No page is served ({problem}).") from None
        self.stdout.write(f"Alive: {', '.join(roles)}.")
