"""Work out a zip of many pictures, a slice at a time, so that other work of the queue is not kept waiting.

Nothing of a picture is copied. Each is read once for its checksum; what stands around and inside the files (headers, notes)
is kept, first in a work file with a line for each picture, so that a worker that was killed loses one picture's work, and
at the end in one file of storage, which with the pictures' own files is the zip.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.tasks import async_task

from studio import disk, storage
from studio.embedding import Part, Piece, Spliced
from studio.engine.archives import export_lists
from studio.engine.archives import lists as archive_lists
from studio.engine.archives.lines import BLOCK, Line, folder_of, line_of, rows_of
from studio.models import Archive, Picture, User
from studio.models.files.archive import KEPT_FOR, MOST_TRIES
from studio.zip_layout import Member, directory, header, member_of

log = logging.getLogger(__name__)

SLICE = 5.0  # seconds
NOTE_EVERY = 0.5  # seconds
BATCH = 50  # pictures whose rows are read at once
MOST_AT_ONCE = 200
DISK_FULL = "The disk is full, so the zip could not be made. Tell an admin, then try again."
NO_ROOM = "The zip could not be made. Try again; if it happens again, tell an admin."
LOST = "Making this zip was interrupted again and again. Try with fewer pictures; if it happens again, tell an admin."


def make_later(archive: Archive) -> None:
    async_task("studio.tasks.make_archive", archive.pk, cluster="studio")


def make(pk: int, *, is_new_try: bool = True) -> bool:
    """Work on an archive for one slice; return whether more is to be done. Twice does no harm."""
    archive = (
        Archive.objects.select_related("person", "export__subject", "export__board", "export__person")
        .filter(pk=pk)
        .first()
    )
    if archive is None or not archive.begin(now=timezone.now(), is_new_try=is_new_try):
        return False
    if is_new_try and archive.tries >= MOST_TRIES:
        archive.fail(LOST, now=timezone.now())
        return False
    try:
        with _alone(archive) as is_alone:
            if not is_alone:
                return False
            if is_new_try and not archive.tries:
                os.truncate(_work_file(archive), 0)  # of another try
            if not _measure(archive):
                return True
            _finish(archive)
    except OSError as problem:
        log.exception("A zip could not be made")
        archive.fail(DISK_FULL if disk.is_full(problem) else NO_ROOM, now=timezone.now())
    return False


def resume_stalled(now: datetime) -> int:
    """Go on with what a worker has left."""
    stalled = list(Archive.objects.stalled(now).order_by("touched_at")[:MOST_AT_ONCE])
    return sum(resume(archive, now) for archive in stalled)


def resume(archive: Archive, now: datetime) -> bool:
    """Have another worker go on if none was heard of for a while."""
    is_stalled = bool(Archive.objects.stalled(now).filter(pk=archive.pk).update(touched_at=now))
    if is_stalled:
        make_later(archive)
    return is_stalled


def expire(now: datetime) -> int:
    """Throw archives away that are a week old, files first."""
    old = list(Archive.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")[:MOST_AT_ONCE])
    for archive in old:
        # One that never came to its end has copies too.
        for name in (*([archive.file] if archive.file else []), *_copies(archive)):
            default_storage.delete(name)
        for path in settings.WORK_DIR.glob(f"archive-{archive.code.hex}*.lines"):
            path.unlink(missing_ok=True)
        archive.delete()
    return len(old)


def opened(archive: Archive) -> Spliced:
    """Return the finished zip as a file. Raises FileNotFoundError when a file that it is made of is missing."""
    if archive.trashed:
        raise FileNotFoundError("A picture of the zip was deleted.")
    with storage.open_file(archive.file) as file:
        parts = json.loads(file.readline())
        rest = file.read()
    pieces: list[Piece] = []
    at = 0
    for name, start, length in parts:
        if name:
            pieces.append(Part(name, start, length))
        else:
            pieces.append(rest[at : at + length])
            at += length
    for name in dict.fromkeys(one.file for one in pieces if isinstance(one, Part)):
        if not storage.has(name):
            raise FileNotFoundError(name)
    return Spliced(pieces, storage.open_file)


# ---- One picture after the other


def _measure(archive: Archive) -> bool:
    """Go on with the pictures that have no line yet; return whether all have one."""
    path = _work_file(archive)
    done = _whole_lines(path)
    until, noted = time.monotonic() + SLICE, time.monotonic()
    with path.open("a", encoding="utf-8") as out:
        while done < len(archive.pictures):
            keys = archive.pictures[done : done + BATCH]
            rows = rows_of(keys, archive.person)
            for key in keys:
                out.write(line_of(archive, done + 1, rows.get(key)).as_text())
                out.flush()
                done += 1
                if time.monotonic() > noted + NOTE_EVERY:
                    noted = time.monotonic()
                    if not archive.note_progress(done, now=timezone.now()):
                        return False
                if time.monotonic() > until and done < len(archive.pictures):
                    archive.note_progress(done, now=timezone.now())
                    return False
    return True


# ---- The whole


def _finish(archive: Archive) -> None:
    """Write the file that says where the zip's bytes are, and the lists that are in it."""
    path = _work_file(archive)
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        parts, members, skipped, pictures = _laid_out(archive, Path(folder) / "rest")
        name = f"{folder_of(archive)}-{archive.tries}-{timezone.now():%H%M%S}.zip-parts"
        with (Path(folder) / "parts").open("wb") as out, (Path(folder) / "rest").open("rb") as rest:
            out.write(json.dumps(parts, separators=(",", ":")).encode() + b"\n")
            while block := rest.read(BLOCK):
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        storage.store(Path(folder) / "parts", name)
    size = sum(length for _, _, length in parts)
    taken = len([one for one in members if one.name[:1].isdigit()])
    if archive.finish(file=name, size=size, taken=taken, pictures=pictures, left_out=skipped, now=timezone.now()):
        path.unlink(missing_ok=True)
    else:
        default_storage.delete(name)


def _laid_out(archive: Archive, rest: Path) -> tuple[list[Any], list[Member], list[tuple[str, str]], list[int]]:
    """Write all bytes that are in no picture's file to `rest`; return where each stretch of the zip lies, its members,
    what was left out and the keys of the pictures that are in it."""
    parts: list[Any] = []
    members: list[Member] = []
    skipped: list[tuple[str, str]] = [(one[0], one[1]) for one in archive.left_out]
    taken: dict[int, str] = {}
    with rest.open("wb") as out:

        def put(data: bytes) -> None:
            out.write(data)
            if parts and not parts[-1][0]:
                parts[-1][2] += len(data)
            else:
                parts.append(["", 0, len(data)])

        for number, line in enumerate(_lines(_work_file(archive))):
            if line.member is None:
                skipped.append((line.name, line.why))
                continue
            members.append(line.member)
            taken[archive.pictures[number]] = line.name
            put(header(line.member))
            for piece in line.pieces:
                if isinstance(piece, Part):
                    parts.append(list(piece))
                else:
                    put(piece)
        for name, data in _lists(archive, taken, skipped):
            members.append(member_of(name, data, timezone.localtime()))
            put(header(members[-1]) + data)
        put(directory(members))
    return parts, members, skipped, list(taken)


def _lists(archive: Archive, taken: dict[int, str], skipped: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    yield from export_lists.lists(archive, taken)
    if archive.has_list and (taken or archive.export is None):
        keys = list(taken)
        rows = [
            archive_lists.facts_of(taken[key], picture)
            for start in range(0, len(keys), BATCH)
            for key, picture in _ordered(keys[start : start + BATCH], archive.person)
        ]
        yield "settings.json", archive_lists.as_json(rows)
        yield "settings.csv", archive_lists.as_csv(rows)
    if skipped:
        yield "skipped.txt", archive_lists.skipped_words(len(taken), skipped)


def _ordered(keys: list[int], person: User) -> list[tuple[int, Picture]]:
    rows = rows_of(keys, person)
    return [(key, rows[key]) for key in keys if key in rows]


# ---- The work file


@contextmanager
def _alone(archive: Archive) -> Iterator[bool]:
    """Whether no other worker is at it: one that was taken for lost may only be slow."""
    with _work_file(archive).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _work_file(archive: Archive) -> Path:
    """Where its lines are: of other choices they are others."""
    folder: Path = settings.WORK_DIR
    choices = f"{archive.size}-{archive.has_settings:d}{archive.has_list:d}"
    return folder / f"archive-{archive.code.hex}-{choices}.lines"


def _whole_lines(path: Path) -> int:
    """Count the lines, and cut off one that a worker did not come to end."""
    count = end = 0
    with contextlib.suppress(FileNotFoundError), path.open("rb+") as file:
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(end)
                break
            count, end = count + 1, end + len(line)
    return count


def _lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        yield from map(Line.read, file)


def _copies(archive: Archive) -> list[str]:
    """The labelled copies that lie beside an archive."""
    try:
        return [f"{folder_of(archive)}/{name}" for name in default_storage.listdir(folder_of(archive))[1]]
    except FileNotFoundError:
        return []
