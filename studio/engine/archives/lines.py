"""One picture of a zip: where its bytes are, and their checksum; or why it is left out."""

from __future__ import annotations

import base64
import json
import logging
import tempfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.utils import timezone

from studio import disk, embedding, imaging, storage
from studio.embedding import Part, Piece, Spliced
from studio.models import Archive, Picture, User
from studio.models.files.file_names import base_name, stem
from studio.models.files.file_notes import WEB_SIDE, copy_format, leaves_as_copy, note_for, visible_words
from studio.zip_layout import Member

log = logging.getLogger(__name__)

BLOCK = 1 << 20
FILE_GONE = "its file is missing"
NOT_READABLE = "its file cannot be read"
ROW_GONE = "it is not there any more"
IN_TRASH = "it was deleted meanwhile and is in the trash"
DELETED = "it was deleted meanwhile"
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
            Member(member[0], member[1], member[2], datetime.fromisoformat(member[3])) if member else None,
            [Part(*one) if isinstance(one, list) else base64.b64decode(one) for one in pieces],
            why,
        )


def rows_of(keys: Sequence[int], person: User) -> dict[int, Picture]:
    """Load pictures by their keys, without those that were deleted or became somebody else's private ones meanwhile."""
    here = Picture.objects.visible_to(person)
    pictures = here.select_related("person", "job__submission__look__look", "job__submission__person")
    return pictures.prefetch_related("renditions", "job__submission__inputs__picture").in_bulk(list(keys))


def _line_of_gone(archive: Archive, number: int, name: str, *, is_plain: bool) -> Line:
    """Name what its person saw when they chose it; what became somebody else's private one keeps its number alone."""
    seen = Picture.objects.visible_to(archive.person, also_gone=True).filter(trashed_at__isnull=False)
    gone = seen.select_related("job__submission").filter(pk=archive.pictures[number - 1]).first()
    if gone is None:
        return Line(name, None, [], ROW_GONE)
    return Line(f"{name}-{base_name(gone, is_plain=is_plain)}", None, [], DELETED if gone.deleted_at else IN_TRASH)


def line_of(archive: Archive, number: int, picture: Picture | None) -> Line:
    digits = max(3, len(str(len(archive.pictures))))
    is_plain = not (archive.has_settings or archive.has_list)
    if picture is None:
        return _line_of_gone(archive, number, f"{number:0{digits}}", is_plain=is_plain)
    words = visible_words(picture)
    is_web = archive.size == Archive.Size.WEB
    is_copy = leaves_as_copy(picture)
    kind = "webp" if is_web else copy_format(picture.format) if is_copy else picture.format
    label = (picture.layer or {}).get("label")
    ending = "-".join([*([stem(str(label))] if label else []), *([f"{WEB_SIDE}px"] if is_web else [])])
    name = f"{number:0{digits}}-{base_name(picture, kind, ending, is_plain=is_plain)}"
    file = picture.file
    try:
        if words or (is_copy and not is_web):
            file = _copied(archive, number, picture, kind, words)
        elif is_web:
            found = picture.rendition_for(WEB_SIDE)
            if found is None:
                return Line(name, None, [], NO_WEB_SIZE)
            file = next(one.file for one in picture.renditions.all() if one.size == found.size)
        note = note_for(picture, with_settings=archive.has_settings, is_copy=is_web or is_copy)
        with storage.open_file(file) as stream:
            pieces = _pieces(stream, file, kind, note)
            crc, size = _checksum(pieces, stream)
    except FileNotFoundError:
        return Line(name, None, [], FILE_GONE)
    except imaging.Unusable as refusal:
        return Line(name, None, [], refusal.sentence)
    except OSError as problem:
        if disk.is_full(problem):
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


def _copied(archive: Archive, number: int, picture: Picture, kind: str, words: str) -> str:
    """Make a copy, with words that everybody sees if there are any; it lies beside the archive as long as that does."""
    side = WEB_SIDE if archive.size == Archive.Size.WEB else 0
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        source = storage.copy_to(picture.file, Path(folder) / f"source.{picture.format}")
        made, _ = imaging.copy(source, Path(folder), format=kind, side=side, words=words)
        return storage.store(made, f"{folder_of(archive)}/{number}-{archive.touched_at:%H%M%S%f}.{kind}")


def folder_of(archive: Archive) -> str:
    """Where its copies lie on storage; the name of its own file begins so too."""
    return f"archives/{archive.code.hex[:2]}/{archive.code.hex}"
