from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from studio.engine.conductor import conduct
from studio.tasks import luma


class Command(BaseCommand):
    help = "Conduct in this process, without the queue: for a machine that stands by, or to watch the engine work."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="leave after one slice")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            conduct(luma, linger=3600.0)
            if options["once"]:
                return
