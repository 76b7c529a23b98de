from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from studio.engine import recovery, restore_guard
from studio.models import Job

ABOUT = """\
Waiting to be sent: {jobs}.
After a backup was put back, any of them may have been sent and charged since that backup was made.
Each becomes "outcome unknown": it is sent again only when a person says so, and can be written off.
Nothing else changes, and nothing is sent."""
NOTHING = "Nothing waits to be sent, so nothing has to be held."
NEXT = """\
Held: {jobs}. What to do next:
  1. Start the studio. What was on the wire when the backup was made becomes unknown too, by itself.
  2. Open Review, look each case up in Luma's usage, then send it again or write it off."""


class Command(BaseCommand):
    help = (
        "After putting back a backup of the whole data folder: let every waiting job ask a person before it is sent. "
        "Run it before the studio is started. (Tables that were put back alone are noticed at the start by themselves.)"
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask first")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = Job.objects.waiting().count()
        if not waiting:
            self.stdout.write(NOTHING)
            return
        self.stdout.write(ABOUT.format(jobs=_jobs(waiting)))
        if not options["yes"] and not self._is_sure():
            raise CommandError("Nothing was changed.")
        now = timezone.now()
        held = recovery.ask_before_sending(now=now)
        restore_guard.renew(now)
        self.stdout.write(self.style.SUCCESS(NEXT.format(jobs=_jobs(held))))

    def _is_sure(self) -> bool:
        try:
            return input("Hold them? [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            return False


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
