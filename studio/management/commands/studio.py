from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from studio.launcher import startup
from studio.launcher.supervisor import Supervisor
from studio.models import ApiAccount, Invite, SendingPause


class Command(BaseCommand):
    help = "Start everything: web, queues and, without an API key, the simulator. Ctrl-C stops them all."

    def handle(self, *args: Any, **options: Any) -> None:
        held = startup.lock()
        startup.ports()
        startup.tables()
        startup.files()
        startup.static_files()
        ApiAccount.configure()
        # The settings may hold another key now.
        SendingPause.probe_now(SendingPause.Reason.KEY, now=timezone.now())
        first = Invite.issue_first(now=timezone.now())
        connections.close_all()
        supervisor = Supervisor()
        supervisor.run(lambda: self._greet(first))
        held.close()
        self.stdout.write("Studio has stopped.")

    def _greet(self, first: str | None) -> None:
        host = "localhost" if settings.STUDIO_HOST in {"127.0.0.1", "0.0.0.0", "::"} else settings.STUDIO_HOST  # noqa: S104
        address = f"http://{host}:{settings.STUDIO_PORT}"
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  Studio is open at {address}"))
        if settings.SIMULATED:
            self.stdout.write("  No API key is set: the built-in simulator draws, and nothing is charged.")
        if first:
            self.stdout.write("")
            self.stdout.write("  Create the first admin with this link (it works once):")
            self.stdout.write(self.style.WARNING(f"  {address}{reverse('studio:join', args=[first])}"))
        self.stdout.write("")
        self.stdout.write("  Ctrl-C stops everything." if os.isatty(0) else "  SIGTERM stops everything.")
        self.stdout.flush()
