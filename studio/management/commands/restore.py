from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from studio.engine import recovery
from studio.engine.backup import backup
from studio.launcher import startup
from studio.models import Job, Picture, User
from studio.text import plurals

OTHER_KEY = (
    "STUDIO_SECRET_KEY is another than the backup's: set it to what stands in {file}, or sessions, invites and proof "
    "links of before end."
)


class Command(BaseCommand):
    help = "Put a backup back: tables, files, the secret. Studio must be stopped. Nothing that waits is sent by itself then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="the folder of one backup, or of all: then the newest is taken")
        parser.add_argument("--over", action="store_true", help="replace the studio that is here; its tables are lost")

    def handle(self, *args: Any, **options: Any) -> None:
        given: Path = options["backup"].expanduser().resolve()
        folder = next(iter(backup.newest_first(given)), given)
        held = startup.lock()
        try:
            facts = backup.read(folder)
            if not options["over"] and (there := self._there()):
                raise CommandError(f"There is a studio here already ({there}). With --over its tables are replaced.")
            startup.alone()
            startup.files()
            backup.put_back_tables(folder)
            startup.tables()
            # Before the files, which may take hours: broken off then, nothing may be sent by itself either.
            waiting = recovery.ask_before_sending(now=timezone.now())
            brought, missing, damaged = backup.put_back_files(folder, tell=self.stdout.write)
            secret = backup.put_back_secret(folder)
        except backup.Refused as why:
            raise CommandError(str(why)) from None
        except OSError as problem:
            raise CommandError(f"The backup could not be put back ({problem.strerror or problem}).") from None
        finally:
            for file in held:
                file.close()
        self.stdout.write(
            f"The studio of {facts.at} is back: {plurals.counted(Picture.objects.count(), 'picture')}, "
            f"{plurals.counted(brought, 'file')} brought."
        )
        lost = [*(f"Not in the backup: {name}" for name in missing), *(f"Damaged there: {name}" for name in damaged)]
        for line in lost[:20]:
            self.stdout.write(line)
        if len(lost) > 20:
            self.stdout.write(f"… and {len(lost) - 20:,} more. `manage.py integrity --repair` mends what it can.")
        if not secret:
            self.stdout.write(OTHER_KEY.format(file=folder / backup.SECRET))
        if waiting:
            self.stdout.write(
                f"What waited asks in Review before it is sent, as it may have been since: {plurals.counted(waiting, 'job')}."
            )

    def _there(self) -> str:
        try:
            people, pictures = User.objects.count(), Picture.objects.count()
        except DatabaseError:
            return ""
        jobs = Job.objects.count()
        if not (people or pictures or jobs):
            return ""
        who = plurals.counted(people, "person", "people")
        return f"{who}, {plurals.counted(pictures, 'picture')}, {plurals.counted(jobs, 'job')}"
