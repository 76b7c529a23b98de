"""Work out a zip of many pictures, a slice at a time, so that other work of the queue is not kept waiting.

Nothing of a picture is copied. Each is read once for its checksum; what stands around and inside the files (headers, notes)
is kept, first in a work file with a line for each picture, so that a worker that was killed loses one picture's work, and
at the end in one file of storage, which with the pictures' own files is the zip.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import logging
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.tasks import async_task

from studio import embedding, full_disk, imaging, storage
from studio.embedding import Part, Piece, Spliced
from studio.engine import archive_lists
from studio.models import Archive, Picture
from studio.models.archive import KEPT_FOR, MOST_TRIES
from studio.models.file_names import base_name, stem
from studio.models.file_notes import note_for
from studio.zip_layout import Member, directory, header, member_of

log = logging.getLogger(__name__)

SLICE = 5.0  # seconds
NOTE_EVERY = 0.5  # seconds
BATCH = 50  # pictures whose rows are read at once
BLOCK = 1 << 20
WEB_SIDE = 2048
WORDS = "Made with AI"
MOST_AT_ONCE = 200
DISK_FULL = "The disk is full, so the zip could not be made. Tell an admin, then try again."
NO_ROOM = "The zip could not be made. Try again; if it happens again, tell an admin."
LOST = "Making this zip was interrupted again and again. Try with fewer pictures; if it happens again, tell an admin."
FILE_GONE = "its file is missing"
NOT_READABLE = "its file cannot be read"
ROW_GONE = "it is not there any more"
NO_WEB_SIZE = "its web size is not made yet"


class Line(NamedTuple):
    """What is known of one picture: its member and pieces, or why it is left out."""

    name: str
    member: Member | None
    pieces: list[Piece]
    why: str

    def as_text(self) -> str:
        pieces = [list(one) if isinstance(one, Part) else base64.b64encode(one).decode() for one in self.pieces]
        member = self.member and [self.member.name, self.member.crc, self.member.size, self.member.at.isoformat()]
        return json.dumps([self.name, member, pieces, self.why]) + "\n"

    @classmethod
    def read(cls, text: str) -> Line:
        name, member, pieces, why = json.loads(text)
        return cls(
            name,
            Member(*member[:3], datetime.fromisoformat(member[3])) if member else None,
            [Part(*one) if isinstance(one, list) else base64.b64decode(one) for one in pieces],
            why,
        )


def make_later(archive: Archive) -> None:
    async_task("studio.tasks.make_archive", archive.pk, cluster="studio")


def make(pk: int, *, is_new_try: bool = True) -> bool:
    """Work on an archive for one slice; return whether more is to be done. Twice does no harm."""
    archive = Archive.objects.select_related("person").filter(pk=pk).first()
    if archive is None or not archive.begin(now=timezone.now(), is_new_try=is_new_try):
        return False
    if is_new_try and archive.tries >= MOST_TRIES:
        archive.fail(LOST, now=timezone.now())
        return False
    if is_new_try and not archive.tries:
        _work_file(archive).unlink(missing_ok=True)  # of another try, with other choices
    try:
        with _alone(archive) as is_alone:
            if not is_alone:
                return False
            if not _measure(archive):
                return True
            _finish(archive)
    except OSError as problem:
        log.exception("A zip could not be made")
        archive.fail(DISK_FULL if full_disk.is_cause(problem) else NO_ROOM, now=timezone.now())
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
        if archive.file:
            for name in (archive.file, *_copies(archive)):
                default_storage.delete(name)
        _work_file(archive).unlink(missing_ok=True)
        archive.delete()
    return len(old)


def opened(archive: Archive) -> Spliced:
    """Return the finished zip as a file. Raises FileNotFoundError when a file that it is made of is missing."""
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
            rows = _rows(keys)
            for key in keys:
                out.write(_line(archive, done + 1, rows.get(key)).as_text())
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


def _rows(keys: list[int]) -> dict[int, Picture]:
    pictures = Picture.objects.select_related("person", "job__submission__look__look", "job__submission__person")
    return pictures.prefetch_related("renditions", "job__submission__inputs__picture").in_bulk(keys)


def _line(archive: Archive, number: int, picture: Picture | None) -> Line:
    digits = max(3, len(str(len(archive.pictures))))
    if picture is None:
        return Line(f"{number:0{digits}}", None, [], ROW_GONE)
    words = WORDS if settings.VISIBLE_MARKS and picture.marked_as else ""
    is_web = archive.size == Archive.Size.WEB
    kind = "webp" if is_web else "png" if words and picture.format == "gif" else picture.format
    label = (picture.layer or {}).get("label")
    ending = "-".join([*([stem(str(label))] if label else []), *([f"{WEB_SIDE}px"] if is_web else [])])
    name = f"{number:0{digits}}-{base_name(picture, kind, ending)}"
    file = picture.file
    try:
        if words:
            file = _labelled(archive, number, picture, kind, words)
        elif is_web:
            found = picture.rendition_for(WEB_SIDE)
            if found is None:
                return Line(name, None, [], NO_WEB_SIZE)
            file = next(one.file for one in picture.renditions.all() if one.size == found.size)
        note = note_for(picture, with_settings=archive.has_settings, is_copy=bool(is_web or words))
        with storage.open_file(file) as stream:
            pieces = _pieces(stream, file, kind, note)
            crc, size = _checksum(pieces, stream)
    except FileNotFoundError:
        return Line(name, None, [], FILE_GONE)
    except imaging.Unusable as refusal:
        return Line(name, None, [], refusal.sentence)
    except OSError as problem:
        if full_disk.is_cause(problem):
            raise
        log.warning("A picture is left out of a zip: %s (%s)", file, problem)
        return Line(name, None, [], NOT_READABLE)
    return Line(name, Member(name, crc, size, timezone.localtime(picture.created_at)), pieces, "")


def _pieces(stream: IO[bytes], file: str, kind: str, note: embedding.Note) -> list[Piece]:
    try:
        return list(embedding.embed(stream, file, kind, note).pieces)
    except embedding.Unfit:
        return [Part(file, 0, stream.seek(0, 2))]


def _checksum(pieces: list[Piece], stream: IO[bytes]) -> tuple[int, int]:
    whole, crc = Spliced(pieces, lambda _: stream), 0
    while block := whole.read(BLOCK):
        crc = zlib.crc32(block, crc)
    return crc, whole.size


def _labelled(archive: Archive, number: int, picture: Picture, kind: str, words: str) -> str:
    """Make a copy with words that everybody sees; it lies beside the archive as long as that does."""
    side = WEB_SIDE if archive.size == Archive.Size.WEB else 0
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        source = storage.copy_to(picture.file, Path(folder) / f"source.{picture.format}")
        made, _ = imaging.copy(source, Path(folder), format=kind, side=side, words=words)
        return storage.store(made, f"{_start(archive)}/{number}-{archive.touched_at:%H%M%S%f}.{kind}")


# ---- The whole


def _finish(archive: Archive) -> None:
    """Write the file that says where the zip's bytes are, and the lists that are in it."""
    path = _work_file(archive)
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        parts, members, skipped = _laid_out(archive, Path(folder) / "rest")
        name = f"{_start(archive)}-{archive.tries}-{timezone.now():%H%M%S}.zip-parts"
        with (Path(folder) / "parts").open("wb") as out, (Path(folder) / "rest").open("rb") as rest:
            out.write(json.dumps(parts, separators=(",", ":")).encode() + b"\n")
            while block := rest.read(BLOCK):
                out.write(block)
            out.flush()
        storage.store(Path(folder) / "parts", name)
    size = sum(length for _, _, length in parts)
    taken = len([one for one in members if one.name[:1].isdigit()])
    old = archive.file
    if archive.finish(file=name, size=size, taken=taken, skipped=len(skipped), now=timezone.now()):
        path.unlink(missing_ok=True)
        if old and old != name:
            default_storage.delete(old)
    else:
        default_storage.delete(name)


def _laid_out(archive: Archive, rest: Path) -> tuple[list[Any], list[Member], list[tuple[str, str]]]:
    """Write all bytes that are in no picture's file to `rest`; return where each stretch of the zip lies."""
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
    return parts, members, skipped


def _lists(archive: Archive, taken: dict[int, str], skipped: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    if archive.has_list:
        keys = list(taken)
        rows = [
            archive_lists.facts_of(taken[key], picture)
            for start in range(0, len(keys), BATCH)
            for key, picture in _ordered(keys[start : start + BATCH])
        ]
        yield "settings.json", archive_lists.as_json(rows)
        yield "settings.csv", archive_lists.as_csv(rows)
    if skipped:
        yield "skipped.txt", archive_lists.skipped_words(len(taken), skipped)


def _ordered(keys: list[int]) -> list[tuple[int, Picture]]:
    rows = _rows(keys)
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
    folder: Path = settings.WORK_DIR
    return folder / f"archive-{archive.code.hex}.lines"


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


def _start(archive: Archive) -> str:
    return f"archives/{archive.code.hex[:2]}/{archive.code.hex}"


def _copies(archive: Archive) -> list[str]:
    """The labelled copies that lie beside an archive."""
    try:
        return [f"{_start(archive)}/{name}" for name in default_storage.listdir(_start(archive))[1]]
    except FileNotFoundError:
        return []
