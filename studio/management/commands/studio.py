from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from studio.configuration import roles
from studio.configuration.roles import Role
from studio.launcher import startup, static_files
from studio.launcher.supervisor import Supervisor
from studio.models import ApiAccount, Invite, SendingPause

# Names of this machine alone.
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Command(BaseCommand):
    help = "Start everything, or one part: web, queues and, without an API key, the simulator. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only",
            choices=[role.value for role in Role],
            default=Role.ALL.value,
            help="Start one part, where several machines share the work: web, queue or conductor.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role = roles.current = Role(options["only"])
        held = startup.lock(role)
        startup.ports(role)
        startup.tables()
        startup.files()
        startup.machine(role)
        if role.serves_pages:
            static_files.collect()
        ApiAccount.configure()
        # The settings may hold another key now.
        SendingPause.probe_now(SendingPause.Reason.KEY, now=timezone.now())
        first = Invite.issue_first(now=timezone.now()) if role.serves_pages else None
        connections.close_all()
        supervisor = Supervisor(role)
        supervisor.run(lambda: self._greet(role, first))
        for file in held:
            file.close()
        self.stdout.write("Studio has stopped.")

    def _greet(self, role: Role, first: str | None) -> None:
        if not role.serves_pages:
            self.stdout.write(self.style.SUCCESS(f"  The {role} of Studio runs."))
            self.stdout.write("  Ctrl-C stops it." if os.isatty(0) else "  SIGTERM stops everything.")
            self.stdout.flush()
            return
        address = _public_address()
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  Studio is open at {address}{settings.BASE_PATH}"))
        if settings.SIMULATED:
            self.stdout.write("  No API key is set: the built-in simulator draws, and nothing is charged.")
        if first:
            self.stdout.write("")
            self.stdout.write("  Create the first admin with this link (it works once):")
            self.stdout.write(self.style.WARNING(f"  {address}{reverse('studio:join', args=[first])}"))
        self.stdout.write("")
        self.stdout.write("  Ctrl-C stops everything." if os.isatty(0) else "  SIGTERM stops everything.")
        self.stdout.flush()


def _public_address() -> str:
    """Where browsers reach Studio. Behind TLS that is the first name that the settings give, not where it listens."""
    if settings.SERVED_OVER_TLS:
        named = [
            host for host in settings.ALLOWED_HOSTS if host.strip("[]") not in LOCAL and not host.startswith((".", "*"))
        ]
        origins = [one for one in settings.CSRF_TRUSTED_ORIGINS if one.startswith("https://") and "*" not in one]
        if found := [*origins, *(f"https://{host}" for host in named)]:
            return str(found[0])
    host = "localhost" if settings.STUDIO_HOST in {"127.0.0.1", "0.0.0.0", "::"} else settings.STUDIO_HOST  # noqa: S104
    return f"http://{host}:{settings.STUDIO_PORT}"
