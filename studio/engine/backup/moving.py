"""Move a studio of one machine to where the settings lead: SQLite to the database, its folder of files to the storage.

Files first: each is read whole, stored, read back and compared; what was compared is written down, so that a move that was
broken off goes on. Then all tables in one transaction: the target is a studio when it has everything, and not before.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from studio import durable, storage
from studio.database import idle_transactions
from studio.engine.backup import promised, table_copy
from studio.engine.backup.backup import Refused, Tell
from studio.engine.backup.postgres_dump import WAIT_FOR_TABLES

SOURCE = "moved_from"
DATABASE, MEDIA, SECRET = "studio.sqlite3", "media", "secret_key"
# Who runs what, and on which machine: true of the old place alone.
PASSING = {"studio_machine", "studio_heartbeat", "studio_conductorlease"}
ROWS = 1_000
MOST_VALUES = 30_000  # of one statement: PostgreSQL takes 65,535, SQLite 32,766
THREADS = 8
TELL_EVERY, TELL_ROWS_EVERY = 1_000, 100_000  # files, rows of a table
JOURNAL = "moved.txt"
UNWRITABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


@dataclass(slots=True)
class Moved:
    """What was moved: rows by table, and files."""

    rows: dict[str, int]
    files: int = 0
    bytes: int = 0
    # Files that an earlier try had moved and compared.
    known: int = 0
    # Files that a row names and nobody has.
    lost: list[str] = field(default_factory=list)
    # False when another secret is set than the one of there.
    has_secret: bool = True


def move(folder: Path, *, tell: Tell) -> Moved:
    """Move the studio of the data folder `folder` here. Nothing of it is changed. Raises Refused and OSError."""
    with _source(folder) as source:
        _judge(source, folder)
        moved = Moved({})
        _move_files(folder / MEDIA, moved, tell)
        moved.lost = _lost(folder / MEDIA)
        with transaction.atomic():
            idle_transactions.unlimited(connection)
            _move_tables(source, moved, tell)
            # Before the tables are there for good: after that nothing can be called again.
            _move_unsent(folder)
            moved.has_secret = _move_secret(folder)
    (settings.STUDIO_DATA / JOURNAL).unlink(missing_ok=True)
    return moved


def _move_secret(folder: Path) -> bool:
    """Bring the secret along where no setting names one; False when another one is set."""
    try:
        saved = (folder / SECRET).read_text().strip()
    except OSError:
        return False
    own = settings.STUDIO_DATA / SECRET
    if own.exists() and own.read_text().strip() == settings.SECRET_KEY != saved:
        durable.write(own, saved)
        return True
    return bool(saved == settings.SECRET_KEY)


@contextmanager
def _source(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """Open a copy of the source's tables as of now: whatever lies in its log is in it, and nothing is written there."""
    file = folder / DATABASE
    if not file.is_file():
        raise Refused(f"{folder} holds no {DATABASE}. Write the STUDIO_DATA of the studio that is to be moved.")
    if connection.vendor == "sqlite" and file.resolve() == Path(str(connection.settings_dict["NAME"])).resolve():
        raise Refused("Source and target are the same. Set STUDIO_DATA or DATABASE_URL to where the studio is to go.")
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as work:
        copy = Path(work) / DATABASE
        try:
            _copy_tables(file, copy)
        except sqlite3.DatabaseError as problem:
            raise Refused(f"{file} cannot be read ({problem}).") from None
        with table_copy.opened(copy, SOURCE) as found:
            yield found


def _copy_tables(file: Path, copy: Path) -> None:
    """Copy all tables as of now. Where the folder can't be written to, SQLite reads them only if it is told that nobody writes."""
    with closing(sqlite3.connect(copy)) as target:
        try:
            with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
                opened.backup(target)
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF not in UNWRITABLE or Path(f"{file}-wal").exists():
                raise
            with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as opened:
                opened.backup(target)


def _judge(source: BaseDatabaseWrapper, folder: Path) -> None:
    """Raise Refused when the target has a studio, or when the source is of another version."""
    for name in ("User", "Submission", "Picture"):
        count = apps.get_model("studio", name).objects.count()
        if count:
            raise Refused(
                f"There is a studio here already ({count:,} rows of {name.lower()}s). Move into an empty database."
            )
    migrations = "SELECT app, name FROM django_migrations"
    with source.cursor() as theirs, connection.cursor() as ours:
        try:
            theirs.execute(migrations)
        except DatabaseError as problem:
            raise Refused(f"{folder / DATABASE} holds no studio ({problem}).") from None
        ours.execute(migrations)
        if set(theirs.fetchall()) != set(ours.fetchall()):
            raise Refused(
                "The studio that is to be moved is of another version. Start it once with this one, and stop it."
            )


# ---- Files


def _move_files(media: Path, moved: Moved, tell: Tell) -> None:
    journal = settings.STUDIO_DATA / JOURNAL
    known = _known(media, journal)
    names = sorted(str(file.relative_to(media)) for file in media.rglob("*") if file.is_file())
    left = [name for name in names if name not in known]
    moved.known = len(names) - len(left)
    with journal.open("a") as done, ThreadPoolExecutor(THREADS if storage.is_remote() else 1) as threads:
        for size, name in threads.map(lambda name: (_move_file(media, name), name), left):
            done.write(f"{name}\n")
            done.flush()
            moved.files += 1
            moved.bytes += size
            if moved.files % TELL_EVERY == 0:
                tell(f"{moved.known + moved.files:,} of {len(names):,} files, {moved.bytes / 1e9:.1f} GB")


def _known(media: Path, journal: Path) -> set[str]:
    """The files that an earlier try moved and compared, and that are there still: it may have been to another bucket."""
    noted = journal.read_text().splitlines() if journal.exists() else []
    there = _listed(noted)
    return {name for name in noted if (media / name).is_file() and there.get(name) == (media / name).stat().st_size}


def _lost(media: Path) -> list[str]:
    """The files that a row names and that are neither there nor here. Raises Refused when the folder of all of them is missing."""
    wanted = [name for name, _ in promised.files(SOURCE) if not (media / name).is_file()]
    there = _listed(wanted)
    lost = sorted(name for name in wanted if name not in there)
    if lost and not media.is_dir():
        raise Refused(f"{media} is not there, and the rows name files in it. Bring it there; no table was moved.")
    return lost


def _listed(names: list[str]) -> dict[str, int]:
    """The bytes of each file here, in the folders that hold any of `names`."""
    folders = sorted({name.partition("/")[0] for name in names})
    return {one.name: one.size for folder in folders for one in storage.listing(folder)}


def _move_file(media: Path, name: str) -> int:
    """Bring one file to storage, read it back, and return its size."""
    source = media / name
    with source.open("rb") as stream:
        sent = hashlib.file_digest(stream, "sha256").hexdigest()
    if name.startswith("originals/") and Path(name).stem != sent:
        raise Refused(
            f"{source} has other bytes than its name says. Look at it with `manage.py integrity --deep` there."
        )
    if not _is_there(name, sent):
        handle = tempfile.NamedTemporaryFile(dir=settings.WORK_DIR, prefix="move-", delete=False)  # noqa: SIM115
        handle.close()
        draft = Path(handle.name)
        try:
            shutil.copyfile(source, draft)
            if storage.has(name):
                default_storage.delete(name)  # another one's, or half of it
            storage.store(draft, name)
        finally:
            draft.unlink(missing_ok=True)
        if not _is_there(name, sent):
            raise Refused(f"{name} came back with other bytes than were sent. Try again; what was compared is kept.")
    return source.stat().st_size


def _is_there(name: str, digest: str) -> bool:
    try:
        with storage.open_file(name) as stream:
            found = hashlib.sha256()
            while block := stream.read(1 << 20):
                found.update(block)
    except FileNotFoundError:
        return False
    return found.hexdigest() == digest


def _move_unsent(folder: Path) -> None:
    """Ids that no row has yet, and the mark of the newest revision that was sent, belong to the engine."""
    if folder == settings.STUDIO_DATA:
        return
    if (folder / "spool").exists():
        shutil.copytree(folder / "spool", settings.SPOOL_DIR, dirs_exist_ok=True)
    if (folder / "mark.json").exists():
        shutil.copyfile(folder / "mark.json", settings.STUDIO_DATA / "mark.json")


# ---- Tables


def _tables() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [one for one in found if one._meta.managed and not one._meta.proxy]


def _move_tables(source: BaseDatabaseWrapper, moved: Moved, tell: Tell) -> None:
    tables = _tables()
    # What a start puts into new tables (kinds of content, schedules) comes from the source too.
    _empty([one._meta.db_table for one in tables])
    for table in tables:
        name = table._meta.db_table
        if name not in PASSING:
            moved.rows[name] = _move_rows(table, tell)
    for table in tables:
        _compare(table, moved)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _empty(names: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Whoever looks on with another program may hold a table for hours.
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_FOR_TABLES}s"])
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, names))}")
            return
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        for name in names:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608 - our own tables


def _move_rows(table: type[models.Model], tell: Tell) -> int:
    """Copy the rows of one table as they are; return how many."""
    fields = [one for one in table._meta.concrete_fields if not one.generated]
    at_once = max(1, min(ROWS, MOST_VALUES // len(fields)))
    target: Any = table._base_manager.using("default")
    done, batch = 0, []
    rows: Any = table._base_manager.using(SOURCE).order_by("pk")
    for row in rows.iterator(chunk_size=at_once):
        batch.append(row)
        if len(batch) == at_once:
            target._insert(batch, fields=fields, using="default", raw=True)
            done, batch = done + len(batch), []
            if done % TELL_ROWS_EVERY == 0:
                tell(f"{table._meta.db_table}: {done:,} rows")
    if batch:
        target._insert(batch, fields=fields, using="default", raw=True)
    return done + len(batch)


def _compare(table: type[models.Model], moved: Moved) -> None:
    name = table._meta.db_table
    if name in PASSING:
        return
    theirs, ours = (table._base_manager.using(one).count() for one in (SOURCE, "default"))
    if not theirs == ours == moved.rows[name]:
        raise Refused(f"{name} has {ours:,} rows here and {theirs:,} there. Nothing was moved of the tables.")
