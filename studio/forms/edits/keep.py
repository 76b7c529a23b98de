"""Keep the rest: compare an edit with its source, and store the source with parts of the edit as a new version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Max

from studio import imaging, storage
from studio.forms.files.at_hand import Trouble, at_hand
from studio.forms.files.uploads import RefusedFile
from studio.forms.storing import Stored, store
from studio.imaging import Accepted, Composed
from studio.models import Comparison, GalleryMonth, Input, Picture, Revision, SearchDocument, User
from studio.models.pictures.trash import kept_before
from studio.text import names
from studio.text.plurals import counted

# Changes with how pictures are compared: what an older studio found is worked out anew.
VERSION = "1"
# Percent. What was edited and not moved lines up to more than 90, two pictures of anything to less than 10, and what
# was mirrored, enlarged or drawn anew lies between.
LEAST_LINING, FULL_LINING = 15, 70
TRIES = 5
LONGEST_NAME = 120  # characters, as the row holds

BUSY = "Studio is busy with other pictures. Try again in a moment; your mask is kept."
GONE = "The file of the edit or of its source is missing, so they can't be compared. Tell an admin."
BAD_MASK = "The mask doesn't fit this picture. Reload the page and paint it again."
LONG_NAME = f"Shorten the name to {LONGEST_NAME} characters."
NOTHING = "Nothing of the edit is kept yet. Take a region or paint over a part."
UNKNOWN_REGION = "There is no such region. Reload the page and choose again."
MOVED = "The edit moved or redrew everything: nothing lines up with the source, so no part of it can be kept."
OTHER_SHAPE = "The edit has another shape than its source, so no part of it can be laid on it."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person keeps: a painted mask, or the numbers of regions; and the name of the version, "" for the usual."""

    mask: UploadedFile[bytes] | None
    take: Sequence[int]
    name: str = ""


def source_of(edit: Picture, person: User) -> Picture | None:
    """Return what an edit was made from, if the person may see it."""
    if not edit.is_edit or edit.job is None:
        return None
    source = Input.objects.filter(submission_id=edit.job.submission_id, role=Input.Role.SOURCE)
    return Picture.objects.visible_to(person).filter(uses__in=source).for_tiles().first()


def blocked(compared: Comparison) -> str:
    """Say why nothing of this edit can be kept, "" when it can."""
    verdict = Comparison.Verdict
    return {verdict.MOVED: MOVED, verdict.OTHER_SHAPE: OTHER_SHAPE}.get(verdict(compared.verdict), "")


def compared(edit: Picture, source: Picture) -> Comparison:
    """Return how an edit lies on its source, and work it out where nobody has. Raises `Trouble`."""
    content = hashlib.sha256(f"{VERSION} {edit.sha256} {source.sha256}".encode()).hexdigest()
    known = Comparison.objects.filter(edit=edit, content=content).first()
    if known and (not known.numbers or default_storage.exists(known.numbers)):
        return known
    with _files(edit, source) as (folder, (before, after)):
        found = imaging.compare_edit(before, after, folder)
        maps = {"difference": found.difference, "numbers": found.numbers}
        names = {
            which: storage.store(path, storage.comparison_name(content, which)) if path else ""
            for which, path in maps.items()
        }
    moved = found.verdict in ("found", "everywhere") and found.lining < LEAST_LINING
    facts: dict[str, Any] = {
        "source": source,
        "content": content,
        "verdict": Comparison.Verdict.MOVED if moved else found.verdict,
        "dx": found.dx,
        "dy": found.dy,
        "lining": found.lining,
        "regions": [region._asdict() for region in found.regions],
        "unlisted": found.unlisted,
        **names,
    }
    return Comparison.objects.update_or_create(edit=edit, defaults=facts)[0]


def preview(edit: Picture, lying: Comparison, take: Sequence[int]) -> bytes:
    """Return a WebP of what taking these regions gives. Raises `Trouble`."""
    _check(lying, take)
    with _files(edit, lying.source) as (folder, (before, after)):
        mask = storage.copy_to(lying.numbers, folder / "mask")
        return imaging.preview(before, after, mask, folder, shift=(lying.dx, lying.dy), take=take).path.read_bytes()


def keep(edit: Picture, lying: Comparison, wanted: Wanted, person: User, now: datetime) -> Picture:
    """Store the source with the kept parts as a new version; the same parts find the first one. Raises `Trouble`."""
    take = () if wanted.mask is not None else wanted.take
    _check(lying, take)
    if wanted.mask is None and not take:
        raise Trouble(NOTHING, 422)
    if len(names.one_line(wanted.name)) > LONGEST_NAME:
        raise Trouble(LONG_NAME, 422)
    with _files(edit, lying.source) as (folder, (before, after)):
        painted = None if wanted.mask is None else _painted(wanted.mask, folder)
        mask = painted or storage.copy_to(lying.numbers, folder / "mask")
        made = imaging.compose(before, after, mask, folder, shift=(lying.dx, lying.dy), take=take)
        name = names.one_line(wanted.name) or f"Edit, kept {counted(made.areas, 'area')}"
        composite = Picture.SourceType.COMPOSITE
        return keep_beside(edit, made, name=name, source_type=composite, person=person, now=now, busy=BUSY)


def keep_beside(
    picture: Picture, made: Accepted | Composed, *, name: str, source_type: str, person: User, now: datetime, busy: str
) -> Picture:
    """Keep what was made of a picture beside it; the same bytes find the first one. Raises OSError, and `Trouble`."""
    stored = store(made, now)
    for _ in range(TRIES):
        if known := kept_before(picture, made.sha256, by=person, now=now):
            return known
        try:
            with transaction.atomic():
                return _row(picture, stored, name=name, source_type=source_type, person=person, now=now)
        except IntegrityError:
            continue  # somebody took the place, or saved the same
    raise Trouble(busy, 503)


def _row(picture: Picture, stored: Stored, *, name: str, source_type: str, person: User, now: datetime) -> Picture:
    Revision.bump()
    job = picture.job
    last = Picture.objects.filter(job=job).aggregate(last=Max("position"))["last"] if job else None
    row = Picture.objects.create(
        origin=Picture.Origin.KEPT,
        person=person,
        job=job,
        position=0 if last is None else last + 1,
        kept_from=picture,
        is_private=Picture.objects.values_list("is_private", flat=True).get(pk=picture.pk),
        is_of_private=job is None and picture.is_of_private,
        original_name=name,
        source_type=source_type,
        shown_at=now,
        **stored.fields,
    )
    GalleryMonth.add(row)
    stored.add_copies(row)
    if job:
        SearchDocument.write(row)
    return row


def _check(lying: Comparison, take: Sequence[int]) -> None:
    if why := blocked(lying):
        raise Trouble(why, 422)
    if any(not 1 <= number <= len(lying.regions) for number in take):
        raise Trouble(UNKNOWN_REGION, 400)


def _painted(mask: UploadedFile[bytes], folder: Path) -> Path:
    if isinstance(mask, RefusedFile) or not 0 < (mask.size or 0) <= imaging.MOST_MASK_BYTES:
        raise Trouble(BAD_MASK, 400)
    path = folder / "painted"
    with path.open("wb") as out:
        for chunk in mask.chunks():
            out.write(chunk)
    return path


def _files(edit: Picture, source: Picture) -> AbstractContextManager[tuple[Path, list[Path]]]:
    return at_hand(source, edit, busy=BUSY, gone=GONE)
