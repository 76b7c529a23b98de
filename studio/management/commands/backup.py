from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from studio import storage
from studio.engine.backup import backup
from studio.models import Run
from studio.text import plurals


class Command(BaseCommand):
    help = "Back up tables, files and the secret into a folder, while Studio runs. Files that are there are not copied again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of all backups, on another disk")
        parser.add_argument(
            "--keep", type=int, default=0, help="delete all but this many newest backups; their files stay"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = timezone.now()
        target: Path = options["folder"].expanduser().resolve()
        try:
            folder, facts = backup.make(target, now=timezone.now(), tell=self.stdout.write)
            gone = backup.forget_older(target, keep=options["keep"]) if options["keep"] > 0 else 0
        except backup.Refused as why:
            _note(began, str(why))
            raise CommandError(str(why)) from None
        except storage.Unavailable as problem:
            sentence = f"{problem.strerror}. Files that were copied stay: call this again when it does."
            _note(began, sentence)
            raise CommandError(sentence) from None
        except OSError as problem:
            _note(began, f"{problem.strerror}.")
            raise CommandError(f"{target} cannot be written ({problem.strerror}).") from None
        missing = f", {plurals.counted(facts.missing, 'file')} missing" if facts.missing else ""
        pictures = plurals.counted(facts.pictures, "picture")
        sentence = f"{pictures} in {folder}{missing}."
        Run.note(Run.Kind.BACKUP, started_at=began, is_ok=not facts.missing, sentence=sentence)
        self.stdout.write(
            f"{folder}: {pictures}, {plurals.counted(facts.files, 'file')}, {facts.new_files:,} of them new."
        )
        if facts.missing:
            self.stdout.write(
                f"Not in storage: {plurals.counted(facts.missing, 'file')}; `manage.py integrity` says which."
            )
        if gone:
            self.stdout.write(f"Deleted: {plurals.counted(gone, 'older backup')}.")


def _note(began: datetime, sentence: str) -> None:
    """Note what failed, where the database takes it: it may be what failed."""
    with suppress(DatabaseError):
        Run.note(Run.Kind.BACKUP, started_at=began, is_ok=False, sentence=sentence)
