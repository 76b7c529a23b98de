from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from studio.launcher.services import simulator


class Command(BaseCommand):
    help = "Run the simulator of Luma's API alone, on 127.0.0.1 and the port STUDIO_SIMULATOR_PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        simulator()
