"""What is in storage and in the work folders: every picture whole, nothing that belongs to nobody."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from studio import imaging, storage
from studio.engine.integrity import stored
from studio.engine.integrity.finding import Finding
from studio.engine.pictures.renditions import missing_sizes
from studio.models import Job, Picture, Rendition

# A file is in storage a moment before its row is written, and work is done within minutes.
STRAY_AFTER = timedelta(hours=1)
# Sooner than it is complained about: what is still there after STRAY_AFTER shows that nobody sweeps.
SWEPT_AFTER = timedelta(minutes=40)
# Later than this nobody works on the renditions of a picture.
DUE_AFTER = timedelta(minutes=30)
UNCHECKED = "could not be checked"


def broken(now: datetime, *, deep: bool) -> Iterator[Finding]:
    of_pictures: list[Finding] = []
    strays: list[str] = []
    for part in stored.parts():
        sizes, without_row = stored.compare(part, before=now - STRAY_AFTER)
        strays += without_row
        # What was deleted for good promises nothing any more.
        kept = stored.pictures(part).filter(deleted_at__isnull=True)
        for picture in kept.select_related("job").prefetch_related("renditions").iterator(chunk_size=500):
            of_pictures += _original(picture, sizes, deep)
            of_pictures += _renditions(picture, sizes, now)
    yield from sorted(of_pictures, key=lambda finding: finding.picture or 0)
    yield from map(_orphan, strays)
    yield from _leftovers(now)


# ---- What a row promises


def _original(picture: Picture, sizes: Mapping[str, int], deep: bool) -> Iterator[Finding]:
    problem = _size(picture.file, picture.bytes, sizes) or (_content(picture) if deep else "")
    if problem:
        done = picture.job is not None and picture.job.state == Job.State.DONE and bool(picture.job.remote_id)
        made = done and not picture.is_kept
        fetchable = made and not problem.startswith(UNCHECKED)
        yield Finding(
            invariant="original-is-whole",
            sentence=f"The original of picture {picture.pk} {problem}.",
            job=picture.job_id,
            picture=picture.pk,
            file=picture.file,
            repairable=fetchable,
        )


def _size(name: str, size: int, sizes: Mapping[str, int]) -> str:
    """Say what is wrong with a file, "" when it has the right size. One that is not listed so is asked about alone."""
    if sizes.get(name) == size:
        return ""
    if not default_storage.exists(name):
        return "is missing"
    found = default_storage.size(name)
    return "" if found == size else f"has {found} bytes instead of {size}"


def _content(picture: Picture) -> str:
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        copy = storage.copy_to(picture.file, Path(folder) / f"copy.{picture.format}")
        with copy.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != picture.sha256:
                return "has other bytes than were stored"
        try:
            measured = imaging.measure(copy, Path(folder))
        except imaging.Unusable as problem:
            return f"cannot be decoded: {problem.sentence}"
        except (TimeoutError, imaging.ChildLost) as problem:
            return f"{UNCHECKED}: {problem.strerror}"
    same = (measured.format, measured.width, measured.height) == (picture.format, picture.width, picture.height)
    return "" if same else "is of another size or format than its row says"


def _renditions(picture: Picture, sizes: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    for rendition in picture.renditions.all():
        if problem := _size(rendition.file, rendition.bytes, sizes):
            yield _of_rendition(picture, f"Rendition {rendition} of picture {picture.pk} {problem}.", rendition.file)
    if picture.shown_at and not picture.renditions.all():
        yield _of_rendition(picture, f"Picture {picture.pk} is in the gallery without any rendition.")
        return
    # One that is due is being worked on.
    waits = picture.renditions_due_at is not None and picture.renditions_due_at > now - DUE_AFTER
    if (missing := missing_sizes(picture)) and not waits:
        lacking = ", ".join(map(str, missing))
        tries = f" after {picture.rendition_tries} tries" if picture.rendition_tries else ""
        yield _of_rendition(picture, f"Picture {picture.pk} lacks the sizes {lacking}{tries}.")


def _of_rendition(picture: Picture, sentence: str, file: str = "") -> Finding:
    return Finding(
        invariant="renditions-exist",
        sentence=sentence,
        job=picture.job_id,
        picture=picture.pk,
        file=file,
        repairable=default_storage.exists(picture.file),
    )


# ---- What no row promises


def orphans(now: datetime, *, after: timedelta = STRAY_AFTER) -> Iterator[Finding]:
    """Find the files that were in storage for longer than `after` and belong to no row."""
    for part in stored.parts():
        yield from map(_orphan, stored.compare(part, before=now - after)[1])


def _orphan(name: str) -> Finding:
    return Finding(invariant="no-orphans", sentence=f"{name} belongs to no picture.", file=name, repairable=True)


def is_orphan(name: str, now: datetime) -> bool:
    """Whether a file that was found an orphan still is: nobody brought it again or gave it a row meanwhile."""
    has_row = Picture.objects.filter(file=name).exists() or Rendition.objects.filter(file=name).exists()
    # The time last: whoever brings the file again sets it before the row is written.
    return not has_row and _is_older(name, now - SWEPT_AFTER)


def _is_older(name: str, moment: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:
        return False


def _leftovers(now: datetime) -> Iterator[Finding]:
    for stray in sorted(settings.WORK_DIR.glob("*")):
        if _is_old(stray, now):
            yield Finding(
                invariant="no-leftovers",
                sentence=f"{stray.name} was left in the work folder.",
                file=str(stray),
                repairable=True,
            )
    for kept in sorted(settings.SPOOL_DIR.glob("*")):
        if kept.suffix == ".unreadable":
            yield Finding(
                invariant="ids-are-adopted", sentence=f"{kept.name} holds an id in no form we know.", file=str(kept)
            )
        elif _is_old(kept, now):
            yield Finding(
                invariant="ids-are-adopted", sentence=f"{kept.name} holds an id that no job took.", file=str(kept)
            )


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return now - datetime.fromtimestamp(path.lstat().st_mtime, UTC) > STRAY_AFTER
    except FileNotFoundError:
        return False  # its owner was quicker
