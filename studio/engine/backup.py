"""Back up a running studio, and put a backup back: tables, files, the secret, and ids that were not stored yet.

A backup folder holds `files/`, shared by all its backups because a stored file never changes, and for each backup a
folder named by its time (UTC). The tables are copied first, as they are at one moment; then every file that a row
names and that is not there yet. So a second backup costs little, and no row is without its file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from studio import plurals, storage
from studio.engine import recovery
from studio.models import Picture, Rendition, Split

Tell = Callable[[str], None]

FACTS, FILES, SECRET = "studio.json", "files", "secret_key"
TABLES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
STAMP = "%Y%m%d-%H%M%S"
CHUNK = 1_000  # rows
TELL_EVERY = 5_000  # files
BLOCK = 1 << 20
SUFFIX = ".part"


class Refused(Exception):
    """Why a backup was not made or put back, as a sentence."""


@dataclass(slots=True)
class Backup:
    """What a backup says of itself in studio.json."""

    at: str
    database: str
    pictures: int = 0
    files: int = 0
    new_files: int = 0
    bytes: int = 0
    # Files that a row named and storage did not have: deleted meanwhile, or lost before.
    missing: int = 0


def make(target: Path, *, now: datetime, tell: Tell) -> tuple[Path, Backup]:
    """Write a backup below the folder `target` and return its own folder, and what it holds.

    Raises Refused for a folder of the studio itself, and when the database's own tool is not there or fails; OSError
    when a disk refuses.
    """
    if target.resolve().is_relative_to(settings.STUDIO_DATA.resolve()):
        raise Refused(
            f"{target} is inside the data of this studio and would be lost with it. Name one on another disk."
        )
    stamp = now.astimezone(UTC).strftime(STAMP)
    folder = target / f"{stamp}{SUFFIX}"
    if folder.exists() or (target / stamp).exists():
        raise Refused(f"There is a backup of this second already: {target / stamp}.")
    (target / FILES).mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(mode=0o700)
    facts = Backup(at=now.isoformat(), database=connection.vendor)
    _save_tables(folder / TABLES[connection.vendor])
    _save_secret(folder)
    facts.pictures = Picture.objects.filter(deleted_at__isnull=True).count()
    for name in _names():
        if not _save_file(name, target / FILES, facts):
            facts.missing += 1
        facts.files += 1
        if facts.files % TELL_EVERY == 0:
            tell(f"{plurals.counted(facts.files, 'file')} looked at, {facts.new_files:,} of them new")
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=2))
    os.sync()
    folder.rename(target / stamp)
    return target / stamp, facts


def _names() -> Iterator[str]:
    """Every stored file that a row promises. What can be drawn again from these is not among them."""
    kept = Picture.objects.filter(deleted_at__isnull=True)
    yield from kept.exclude(file="").values_list("file", flat=True).iterator(chunk_size=CHUNK)
    sizes = Rendition.objects.filter(picture__deleted_at__isnull=True)
    yield from sizes.exclude(file="").values_list("file", flat=True).iterator(chunk_size=CHUNK)
    for pair in Split.objects.values_list("together_file", "difference_file").iterator(chunk_size=CHUNK):
        yield from filter(None, pair)


def _save_tables(target: Path) -> None:
    if connection.vendor == "sqlite":
        # As of one moment, beside whoever writes; and in one file, without a log that belongs to it.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(target)])
        target.chmod(0o600)
        return
    _run("pg_dump", "--format=custom", "--no-owner", "--file", str(target))


def _save_secret(folder: Path) -> None:
    """Without the secret all sessions end and links of proofs and invites stop: it goes along, for the owner only."""
    file = folder / SECRET
    file.touch(mode=0o600)
    file.write_text(settings.SECRET_KEY)
    if settings.SPOOL_DIR.exists():
        shutil.copytree(settings.SPOOL_DIR, folder / "spool")


def _save_file(name: str, files: Path, facts: Backup) -> bool:
    target = files / name
    if target.exists():
        facts.bytes += target.stat().st_size
        return True
    try:
        with storage.open_file(name) as stream:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=target.parent, suffix=SUFFIX)
            with os.fdopen(handle, "wb") as out:
                shutil.copyfileobj(stream, out, BLOCK)
    except FileNotFoundError:
        return False
    Path(draft).replace(target)
    facts.new_files += 1
    facts.bytes += target.stat().st_size
    return True


def newest_first(target: Path) -> list[Path]:
    """Return the finished backups below `target`."""
    return sorted(
        (file.parent for file in target.glob(f"*/{FACTS}") if not file.parent.name.endswith(SUFFIX)), reverse=True
    )


def forget_older(target: Path, *, keep: int) -> int:
    """Delete all but the newest `keep` backups, and return how many went. Their files stay: another may need them."""
    old = newest_first(target)[keep:]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


# ---- Putting back


def read(folder: Path) -> Backup:
    """Return what a backup says of itself. Raises Refused for a folder that is none, or of another kind of database."""
    try:
        saved: dict[str, Any] = json.loads((folder / FACTS).read_text())
        facts = Backup(**saved)
    except (OSError, ValueError, TypeError):
        raise Refused(f"{folder} is no finished backup: it has no {FACTS} that can be read.") from None
    if facts.database != connection.vendor:
        raise Refused(
            f"This backup is of {facts.database}, and DATABASE_URL names {connection.vendor}. Put it back where its own "
            "database is, then move it with import-from."
        )
    return facts


def put_back_tables(folder: Path) -> None:
    """Replace the tables by those of a backup. Nothing else may use them meanwhile. Raises Refused."""
    connections.close_all()
    if connection.vendor == "postgresql":
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--dbname",
            "",
            str(folder / TABLES["postgresql"]),
        )
        return
    source, target = folder / TABLES["sqlite"], Path(str(connection.settings_dict["NAME"]))
    check = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    try:
        if check.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise Refused(f"{source} is damaged. Nothing was changed.")
    except sqlite3.DatabaseError as problem:
        raise Refused(f"{source} is damaged ({problem}). Nothing was changed.") from None
    finally:
        check.close()
    draft = target.with_suffix(SUFFIX)
    shutil.copyfile(source, draft)
    for ending in ("-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    draft.replace(target)


def put_back_files(folder: Path, *, tell: Tell) -> tuple[int, list[str]]:
    """Bring every file that a row names to storage; return how many were brought, and which the backup lacks."""
    files, brought, missing = folder.parent / FILES, 0, []
    for number, name in enumerate(_names(), 1):
        if storage.has(name):
            continue
        source = files / name
        if not source.exists():
            missing.append(name)
            continue
        draft = settings.WORK_DIR / f"back-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        shutil.copyfile(source, draft)
        storage.store(draft, name)
        brought += 1
        if number % TELL_EVERY == 0:
            tell(f"{plurals.counted(number, 'file')} looked at, {brought:,} of them brought back")
    return brought, missing


def put_back_secret(folder: Path) -> bool:
    """Put the secret where no setting names one; False when the one that is set is another."""
    saved = (folder / SECRET).read_text()
    file = settings.STUDIO_DATA / SECRET
    spooled = folder / "spool"
    if spooled.exists():
        shutil.copytree(spooled, settings.SPOOL_DIR, dirs_exist_ok=True)
    if file.exists() and file.read_text().strip() == settings.SECRET_KEY:
        file.write_text(saved)
        return True
    return bool(saved == settings.SECRET_KEY)


def hold(*, now: datetime) -> int:
    """Let whatever waits ask a person before it is sent: it may have been, since the backup; return how much it is."""
    return recovery.ask_before_sending(now=now)


def _run(program: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL on our database; the password travels in the environment, never in the arguments."""
    path = shutil.which(program)
    if path is None:
        raise Refused(f"{program} is not on this machine. Install PostgreSQL's client programs (postgresql-client).")
    own = connection.settings_dict
    named = {
        "PGHOST": own.get("HOST"),
        "PGPORT": own.get("PORT"),
        "PGUSER": own.get("USER"),
        "PGPASSWORD": own.get("PASSWORD"),
    }
    environment = {
        **os.environ,
        **{key: str(value) for key, value in named.items() if value},
        "PGDATABASE": own["NAME"],
    }
    given = [own["NAME"] if one == "" else one for one in arguments]
    done = subprocess.run([path, *given], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(
            f"{program} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
        )
