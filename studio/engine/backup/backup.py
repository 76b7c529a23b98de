"""Back up a running studio, and put a backup back: tables, files, the secret, and ids that were not stored yet.

A backup folder holds `files/`, shared by all its backups because a stored file never changes, and for each backup a
folder named by its time (UTC). The tables are copied first, as they are at one moment; then every file that a row
of that copy names and that is not there yet. So a second backup costs little, and no row is without its file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from studio import durable, storage
from studio.engine.backup import postgres_dump, promised, table_copy
from studio.text import plurals

Tell = Callable[[str], None]

FACTS, FILES, SECRET = "studio.json", "files", "secret_key"
TABLES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
STAMP = "%Y%m%d-%H%M%S"
FORGOTTEN_AFTER = 86_400  # seconds
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
    try:
        facts = _fill(folder, target / FILES, now=now, tell=tell)
    except BaseException:
        # Half a copy of the tables may be what fills the disk. Files that were copied stay.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    folder.rename(target / stamp)
    return target / stamp, facts


def _fill(folder: Path, files: Path, *, now: datetime, tell: Tell) -> Backup:
    facts = Backup(at=now.isoformat(), database=connection.vendor)
    # Ids first: one that is stored meanwhile is in the tables.
    _save_ids(folder)
    _save_secret(folder)
    try:
        with table_copy.saved(folder / TABLES[connection.vendor]) as copied:
            facts.pictures = copied.pictures
            _save_files(copied.files, files, folder, facts, tell)
    except DatabaseError as problem:
        raise Refused(f"The tables could not be copied to {folder.parent} ({problem}).") from None
    except postgres_dump.Failed as why:
        raise Refused(str(why)) from None
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=2))
    os.sync()
    return facts


def _save_secret(folder: Path) -> None:
    """Without the secret all sessions end and links of proofs and invites stop: it goes along, for the owner only."""
    file = folder / SECRET
    file.touch(mode=0o600)
    file.write_text(settings.SECRET_KEY)


def _save_ids(folder: Path) -> None:
    """Copy the ids that were not stored yet. They come and go meanwhile."""
    if not settings.SPOOL_DIR.exists():
        return
    (folder / "spool").mkdir(mode=0o700)
    for file in settings.SPOOL_DIR.iterdir():
        with suppress(FileNotFoundError):
            shutil.copyfile(file, folder / "spool" / file.name)


def _save_files(named: Iterable[tuple[str, int | None]], files: Path, drafts: Path, facts: Backup, tell: Tell) -> None:
    for name, size in named:
        if not _save_file(name, size, files, drafts, facts):
            facts.missing += 1
        facts.files += 1
        if facts.files % TELL_EVERY == 0:
            tell(f"{plurals.counted(facts.files, 'file')} looked at, {facts.new_files:,} of them new")


def _save_file(name: str, size: int | None, files: Path, drafts: Path, facts: Backup) -> bool:
    target = files / name
    if _is_whole(target, size):
        facts.bytes += target.stat().st_size
        return True
    try:
        with storage.open_file(name) as stream:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=drafts, suffix=SUFFIX)
            with os.fdopen(handle, "wb") as out:
                _copy(stream, out)
    except FileNotFoundError:
        return False
    Path(draft).replace(target)
    facts.new_files += 1
    facts.bytes += target.stat().st_size
    return True


def _is_whole(file: Path, size: int | None) -> bool:
    """Whether a file is there with all its bytes; where nobody knows how many, with some."""
    try:
        found = file.stat().st_size
    except FileNotFoundError:
        return False
    return found == size if size is not None else found > 0


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy all bytes to the disk, for good, and return their SHA-256."""
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
        target.write(block)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def newest_first(target: Path) -> list[Path]:
    """Return the finished backups below `target`."""
    return sorted(
        (file.parent for file in target.glob(f"*/{FACTS}") if not file.parent.name.endswith(SUFFIX)), reverse=True
    )


def forget_older(target: Path, *, keep: int) -> int:
    """Delete all but the newest `keep` backups, and return how many went. Their files stay: another may need them.

    What a backup that was broken off left goes too, a day later.
    """
    for half in target.glob(f"*{SUFFIX}"):
        if time.time() - half.stat().st_mtime > FORGOTTEN_AFTER:
            shutil.rmtree(half)
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
    for name in (TABLES[facts.database], SECRET):
        if not (folder / name).is_file():
            raise Refused(f"{folder} is damaged: it has no {name}. Nothing was changed.")
    return facts


def put_back_tables(folder: Path) -> None:
    """Replace the tables by those of a backup. Nothing else may use them meanwhile. Raises Refused."""
    connections.close_all()
    if connection.vendor == "postgresql":
        try:
            postgres_dump.put_back(folder / TABLES["postgresql"])
        except postgres_dump.Failed as why:
            raise Refused(f"{why}. Nothing was changed.") from None
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


def put_back_files(folder: Path, *, tell: Tell) -> tuple[int, list[str], list[str]]:
    """Bring every file that a row names to storage.

    Return how many were brought, and which the backup lacks, and has with other bytes than were saved.
    """
    files, brought = folder.parent / FILES, 0
    missing: list[str] = []
    damaged: list[str] = []
    for number, (name, size) in enumerate(promised.files(), 1):
        if storage.has(name):
            continue
        source = files / name
        if not source.exists():
            missing.append(name)
        elif _bring(source, name, size):
            brought += 1
        else:
            damaged.append(name)
        if number % TELL_EVERY == 0:
            tell(f"{plurals.counted(number, 'file')} looked at, {brought:,} of them brought back")
    return brought, missing, damaged


def _bring(source: Path, name: str, size: int | None) -> bool:
    """Bring one file to storage; False when it is not as it was saved. An original is named by its SHA-256."""
    if not _is_whole(source, size):
        return False
    draft = settings.WORK_DIR / f"back-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    try:
        with source.open("rb") as stream, draft.open("wb") as out:
            digest = _copy(stream, out)
        if name.startswith("originals/") and source.stem != digest:
            return False
        storage.store(draft, name)
    finally:
        draft.unlink(missing_ok=True)
    return True


def put_back_secret(folder: Path) -> bool:
    """Put the secret where no setting names one; False when the one that is set is another."""
    saved = (folder / SECRET).read_text()
    file = settings.STUDIO_DATA / SECRET
    spooled = folder / "spool"
    if spooled.exists():
        shutil.copytree(spooled, settings.SPOOL_DIR, dirs_exist_ok=True)
    if file.exists() and file.read_text().strip() == settings.SECRET_KEY:
        durable.write(file, saved)
        return True
    return bool(saved == settings.SECRET_KEY)
