# ruff: noqa: N999 - the file has the name of the command
from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from studio.engine.backup import backup, moving
from studio.launcher import startup
from studio.text import plurals

OTHER_KEY = (
    "STUDIO_SECRET_KEY is another than that studio's: set it to what stands in {file}, or sessions, invites and proof links "
    "of before end."
)


class Command(BaseCommand):
    help = (
        "Move a studio of SQLite and a folder to where the settings lead (DATABASE_URL, STUDIO_S3_BUCKET). Both must be "
        "stopped. Broken off, it goes on when it is called again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "data", type=Path, help="the STUDIO_DATA of the studio that is moved; nothing in it is changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["data"].expanduser().resolve()
        held = startup.lock()
        try:
            with _stopped(folder):
                startup.alone()
                startup.tables()
                startup.files()
                moved = moving.move(folder, tell=self.stdout.write)
        except backup.Refused as why:
            raise CommandError(str(why)) from None
        except DatabaseError as problem:
            raise CommandError(f"The tables could not be moved ({str(problem).strip().splitlines()[0]}).") from None
        except OSError as problem:
            said = problem.strerror or problem
            raise CommandError(f"A file could not be moved ({said}). Call this again to go on.") from None
        finally:
            for file in held:
                file.close()
        again = f" ({moved.known:,} more had been moved before)" if moved.known else ""
        self.stdout.write(
            f"Moved and compared: {sum(moved.rows.values()):,} rows in {len(moved.rows)} tables, "
            f"{plurals.counted(moved.files, 'file')}{again}."
        )
        if not moved.has_secret:
            self.stdout.write(OTHER_KEY.format(file=folder / moving.SECRET))
        for name in moved.lost[:20]:
            self.stdout.write(f"Neither there nor here: {name}")
        if moved.lost:
            self.stdout.write(
                f"The rows name {plurals.counted(len(moved.lost), 'file')} that nobody has. "
                "`manage.py integrity --repair` mends what it can."
            )
        self.stdout.write("Do not start the old studio again: what waits would be sent from both.")


class _stopped:  # noqa: N801 - a context manager, named as it reads
    """Hold the lock of the source, so that nothing changes there meanwhile. Raises CommandError when it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        self.file = None
        path = self.folder / "studio.lock"
        if not path.exists() or self.folder == settings.STUDIO_DATA:
            return
        self.file = path.open()  # read alone: a disk of before may be mounted so
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise CommandError(f"Studio runs with {self.folder}. Stop it first.") from None

    def __exit__(self, *problem: object) -> None:
        if self.file:
            self.file.close()
