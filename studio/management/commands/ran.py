from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from studio.models import Run


class Command(BaseCommand):
    help = "Write down that a backup (or another check of yours) has ended, for the page on the state of things."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("kind", choices=Run.Kind.values)
        parser.add_argument("--failed", action="store_true", help="it did not work")
        parser.add_argument("--note", default="", help="one line, such as where it went and how large it is")

    def handle(self, *args: Any, **options: Any) -> None:
        is_ok = not options["failed"]
        Run.note(Run.Kind(options["kind"]), started_at=timezone.now(), is_ok=is_ok, sentence=options["note"])
