"""How files arrive: capped while they stream in, judged in a child, stored once, shown under a harmless name."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.db import Error as DatabaseError
from django.db import transaction

from studio import disk, embedding, imaging, storage
from studio.forms.files import decoding, known_files
from studio.forms.files.multipart import NAMELESS
from studio.forms.storing import store
from studio.imaging.unusable import too_many_bytes
from studio.models import Picture, User
from studio.text import names

log = logging.getLogger(__name__)

# A form with as many files as settings.DATA_UPLOAD_MAX_NUMBER_FILES, three of them of the largest size; a page with script
# sends each alone. A request that brings more is cut off.
MOST_BYTES = 3 * imaging.MAX_BYTES
LONGEST_NAME = 120  # bytes of UTF-8, what the row holds
LONGEST_KIND = 10  # letters of a file's ending

IS_SOURCE, IS_REFERENCE = "It's already the source.", "Already added as @{number}."
BUSY = "Studio is busy with other pictures. Try again in a moment."
DISK_FULL = "Studio's disk is full, so it could not be stored. Nothing is wrong with the picture; tell an admin."
DISK_UNUSABLE = (
    "Studio can't use its disk, so it could not be stored. Nothing is wrong with the picture; tell an admin."
)
NOT_STORED = "Studio could not store it. Nothing is wrong with the picture; try again."
STORAGE_SILENT = (
    "Studio's file storage does not answer, so it could not be stored. Nothing is wrong with the picture; "
    "try again in a minute."
)


class TooMuchAtOnce(RequestDataTooBig):
    """The files of one request come to more than MOST_BYTES."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken: its harmless name, and why."""

    name: str
    sentence: str
    # Nothing is wrong with the file: it may come again by itself.
    is_busy: bool = False
    # The code of the picture that it is, when that is in the tray already.
    known: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


class RefusedFile(SimpleUploadedFile):
    """What stands in request.FILES for a file whose bytes were not kept."""

    def __init__(self, name: str, size: int, sentence: str) -> None:
        super().__init__(name, b"", "application/octet-stream")
        self.size = size
        self.sentence = sentence


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Stream each file to the work folder, up to the limit of one picture.

    A file beyond the limit is read on and thrown away, so that the page can be answered with its name and the
    reason; a request beyond MOST_BYTES is refused, and files of somebody who is not signed in are cut off.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = 0
        self._trouble = ""
        self._files: list[TemporaryUploadedFile] = []
        self._is_open = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        person = getattr(self.request, "user", None)
        if person is not None and not person.is_authenticated:
            raise StopUpload(connection_reset=True)
        # Not the parent's: it makes the name's ending part of a path.
        FileUploadHandler.new_file(self, *args, **kwargs)
        self._trouble, self._is_open = "", False
        try:
            self.file = TemporaryUploadedFile("upload", self.content_type, 0, self.charset, self.content_type_extra)
            self._files.append(self.file)
            self._is_open = True
        except OSError as problem:
            self._note(problem)

    def discard(self) -> None:
        """Remove every file of this request, also of a form that broke off in the middle of one."""
        for file in self._files:
            with suppress(OSError, ValueError):
                file.close()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > MOST_BYTES:
            raise TooMuchAtOnce
        if self._trouble or start > imaging.MAX_BYTES:
            return
        try:
            if start + len(raw_data) > imaging.MAX_BYTES:
                self.file.truncate(0)  # the disk gets back what nobody will look at
            else:
                self.file.write(raw_data)
        except OSError as problem:
            self._note(problem)

    def _note(self, problem: OSError) -> None:
        log.error("An upload could not be written: %s", problem.strerror)
        self._trouble = trouble(problem)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        name = self.file_name or ""
        if file_size > imaging.MAX_BYTES:
            self._trouble = too_many_bytes(file_size).sentence
        if self._trouble:
            if self._is_open:
                self.file.close()
            return RefusedFile(name, file_size, self._trouble)
        self.file.seek(0)
        self.file.size = file_size
        self.file.name = name
        return self.file


def shown_name(raw: str | None) -> str:
    """Make a client's file name harmless to show: no control or direction marks, LONGEST_NAME bytes at most.

    Of a longer one the beginning and the ending stay, with … between them.
    """
    name = names.one_line(raw or "")
    if len(name.encode()) > LONGEST_NAME:
        stem, dot, kind = name.rpartition(".")
        ending = f"…{dot}{kind}" if stem and kind.isalnum() and len(kind) <= LONGEST_KIND else "…"
        name = name.encode()[: LONGEST_NAME - len(ending.encode())].decode(errors="ignore").strip() + ending
    return name or NAMELESS


def refuse_again(picture: Picture, source: str, references: Sequence[str]) -> Refusal | None:
    """Return why a picture is not taken that is in the tray already, given the codes in it; None when it is not."""
    code = str(picture.code)
    if code == source:
        return Refusal(picture.title, IS_SOURCE, known=code)
    if code in references:
        return Refusal(picture.title, IS_REFERENCE.format(number=references.index(code) + 1), known=code)
    return None


def store_upload(file: UploadedFile[bytes], person: User, now: datetime) -> Picture | Refusal:
    """Judge an uploaded file in a child and put it on storage; the same content finds the person's earlier upload.

    A file that was downloaded from the studio is that picture, which keeps its quality and what it came from.

    Of that one the row stays as it is; the picture that is returned has the name and the changes of this file. Waits for
    its turn and for the child. Every foreseen failure is a `Refusal`.
    """
    name = shown_name(file.name)
    if isinstance(file, RefusedFile):
        return Refusal(name, file.sentence)
    try:
        with decoding.place(), tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as folder:
            path = _on_disk(file, Path(folder))
            known = known_files.by_content(path, name, person)
            if known and known.job:
                return known
            with path.open("rb") as stream:
                said = embedding.read(stream)
            if known:
                _say_so(known, said.source_type)
                return known
            accepted = imaging.accept(path, Path(folder))
            # What says that AI made it goes on saying so.
            kept = keep(accepted, name, person, now, source_type=said.source_type)
            kept.__dict__["said"] = said  # for `known_files.recall`
            return kept
    except imaging.Unusable as refusal:
        return Refusal(name, refusal.sentence)
    except (decoding.Busy, TimeoutError, imaging.ChildLost):
        return Refusal(name, BUSY, is_busy=True)
    except OSError as problem:
        log.exception("An upload could not be stored")
        return Refusal(name, trouble(problem))
    except DatabaseError as problem:
        # Its files stand on storage without a row; the next try finds them, or they are put away.
        log.exception("An upload could not be written down")
        return Refusal(name, trouble(problem))


def _say_so(upload: Picture, source_type: str) -> None:
    """Note that AI made an upload once a file of it says so; the same pixels may have come without the mark before."""
    if source_type and not upload.source_type:
        upload.source_type = source_type
        Picture.objects.filter(pk=upload.pk).update(source_type=source_type)


def _on_disk(file: UploadedFile[bytes], folder: Path) -> Path:
    if isinstance(file, TemporaryUploadedFile):
        file.flush()
        return Path(file.temporary_file_path())
    path = folder / "received"
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return path


def keep(
    accepted: imaging.Accepted,
    name: str,
    person: User,
    now: datetime,
    *,
    origin: str = Picture.Origin.UPLOAD,
    marks: dict[str, Any] | None = None,
    source_type: str = Picture.SourceType.NONE,
    is_of_private: bool = False,
) -> Picture:
    """Store what the child has written; the same content finds the person's earlier picture of that origin.

    It is the person's alone until something of the team uses it; `is_of_private`: it shows a private picture.
    """
    stored = store(accepted, now)
    with transaction.atomic():
        # Of the same file that is sent twice at once, the second one finds the first.
        User.objects.select_for_update(no_key=True).filter(pk=person.pk).first()
        here = Picture.objects.visible_to(person)
        same = here.filter(person=person, origin=origin, sha256=accepted.sha256)
        # The same marks with other words are another copy: its words are brought back with it.
        known = (same if marks is None else same.filter(marks=marks)).first()
        if known:
            _say_so(known, source_type)
            if is_of_private and known.is_private:
                same.filter(pk=known.pk).update(is_of_private=True)
                known.is_of_private = True
            known.original_name, known.changes = name, list(accepted.changes)  # of what was sent now; not saved
            return known
        picture = Picture.objects.create(
            origin=origin,
            person=person,
            original_name=name,
            changes=list(accepted.changes),
            marks=marks,
            source_type=source_type,
            is_private=True,
            is_of_private=is_of_private,
            shown_at=now,
            **stored.fields,
        )
        stored.add_copies(picture)
    return picture


def trouble(problem: Exception) -> str:
    """Say whether the disk is full or takes nothing, the storage is silent or something else went wrong; the picture is
    not at fault."""
    if isinstance(problem, storage.Unavailable):
        return STORAGE_SILENT
    if disk.is_full(problem):
        return DISK_FULL
    return DISK_UNUSABLE if disk.is_unusable(problem) else NOT_STORED
