"""Copies of pictures with a watermark, for proof links: made by the CPU queue before anybody opens the link.

They are a cache of files without rows, named by the picture's content and the words: whatever is missing is made again.
"""

from __future__ import annotations

import logging
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django_q.tasks import async_task

from studio import imaging, storage
from studio.models import Picture, ProofLink

log = logging.getLogger(__name__)

# The smallest is enough for a list, the largest is the web size.
SIZES = (512, 1024, 2048)
# Pictures of one task: other work of the queue waits for no more than this.
AT_ONCE = 4
# Longer than most links last; a picture that is looked at later is drawn once more.
KEPT_FOR = timedelta(days=45)


def size_for(picture: Picture, size: int) -> int:
    """Return the size (long side in pixels) that stands for this one: never larger than the picture needs."""
    has = [one for one in SIZES if one <= max(imaging.sizes_for(picture.width, picture.height))] or [SIZES[0]]
    return next((one for one in has if one >= size), has[-1])


def is_made(picture: Picture, words: str, size: int) -> bool:
    return storage.has(storage.watermarked_name(picture.sha256, words, size))


def make(picture: Picture, words: str, source: Path, folder: Path) -> None:
    """Make and store all sizes of one picture. Raises `imaging.Unusable`, or OSError when the machine fails."""
    sizes = sorted({size_for(picture, size) for size in SIZES})
    for one in imaging.watermark(source, folder, sizes, words=words):
        storage.store(one.path, storage.watermarked_name(picture.sha256, words, one.size))


def make_later(link: ProofLink) -> None:
    """Queue the copies of a link's pictures, inside the transaction that makes it."""
    if link.watermark:
        async_task("studio.tasks.watermark_link", link.pk, 0, cluster="studio")


def make_some(pk: int, start: int, now: datetime) -> int:
    """Make what is missing of AT_ONCE pictures of a link; return where to go on, or 0 at the end."""
    link = ProofLink.objects.select_related("person", "board").filter(pk=pk).first()
    if link is None or not link.is_open(now):
        return 0
    for picture in link.load(link.places[start : start + AT_ONCE]):
        if not is_made(picture, link.watermark, size_for(picture, SIZES[0])):
            _make_one(picture, link.watermark)
    return start + AT_ONCE if start + AT_ONCE < len(link.places) else 0


def forget(sha256: str) -> None:
    """Delete the copies of a picture whose file goes."""
    folder = storage.watermarked_folder(sha256)
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")


def sweep(now: datetime) -> int:
    """Delete old copies, and those of pictures that are gone; return how many."""
    deleted = 0
    for folder in _folders("proofs", 3):
        is_known = Picture.objects.filter(sha256=folder.rpartition("/")[2]).exists()
        for name in default_storage.listdir(folder)[1]:
            file = f"{folder}/{name}"
            if not is_known or default_storage.get_modified_time(file) < now - KEPT_FOR:
                default_storage.delete(file)
                deleted += 1
    return deleted


def _folders(folder: str, depth: int) -> list[str]:
    if not depth:
        return [folder]
    try:
        inner = default_storage.listdir(folder)[0]
    except FileNotFoundError:
        return []
    return [one for name in inner for one in _folders(f"{folder}/{name}", depth - 1)]


def _make_one(picture: Picture, words: str) -> None:
    """One that fails is tried again by whoever looks at it."""
    try:
        with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as name:
            source = storage.copy_to(picture.file, Path(name) / f"source.{picture.format}")
            make(picture, words, source, Path(name))
    except (imaging.Unusable, OSError) as problem:
        log.error("The watermark of picture %s cannot be drawn: %s", picture.pk, problem)
