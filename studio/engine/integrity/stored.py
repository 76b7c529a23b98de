"""Compare the files in storage with those that rows promise, so that no file has to be asked about alone.

A listing tells the size and the time of a thousand files with one call. Names are compared part by part, so that memory
does not grow with the number of pictures: an original and its sizes lie in folders that begin as its sha256 does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.core.files.storage import default_storage

from studio import storage
from studio.models import Picture, Rendition
from studio.models.picture import PictureQuerySet

ROOMS = ("originals", "renditions")
# So many pictures are compared at once; of more, those of one folder.
FEW = 20_000
# Names of one question to the database.
AT_ONCE = 500
WHOLE, ELSEWHERE = "", "elsewhere"
_FOLDERS = tuple(f"{number:02x}" for number in range(256))


def parts() -> tuple[str, ...]:
    """Return the parts that together are everything: how the sha256 of their pictures begins, and what lies elsewhere."""
    return (WHOLE,) if Picture.objects.count() <= FEW else (*_FOLDERS, ELSEWHERE)


def pictures(part: str) -> PictureQuerySet:
    """Return the pictures of a part."""
    if part == WHOLE:
        return Picture.objects.all()
    if part == ELSEWHERE:
        return Picture.objects.none()
    # No hexadecimal digit comes after f.
    return Picture.objects.filter(sha256__gte=part, sha256__lt=f"{part}g")


def compare(part: str, *, before: datetime) -> tuple[dict[str, int], list[str]]:
    """Return the size of each file that a row of this part promises, and the names of older files without a row."""
    rows = pictures(part)
    # The rows first: what gets its file and its row meanwhile is too young to be without one.
    promised = set(rows.values_list("file", flat=True))
    promised.update(Rendition.objects.filter(picture__in=rows).values_list("file", flat=True))
    sizes: dict[str, int] = {}
    strays: list[str] = []
    for file in _standing(part):
        if file.name in promised:
            sizes[file.name] = file.size
        elif file.modified < before:
            strays.append(file.name)
    return sizes, list(_without_row(strays))


def _standing(part: str) -> Iterator[storage.Listed]:
    for room in ROOMS:
        if part == ELSEWHERE:
            yield from _beside_the_folders(room)
        else:
            yield from storage.listing(f"{room}/{part}" if part else room)


def _beside_the_folders(room: str) -> Iterator[storage.Listed]:
    """Yield what lies in no folder that Studio makes in a room."""
    try:
        folders, names = default_storage.listdir(room)
    except FileNotFoundError:
        return
    for folder in sorted(set(folders).difference(_FOLDERS)):
        yield from storage.listing(f"{room}/{folder}")
    for name in (f"{room}/{name}" for name in names):
        with suppress(FileNotFoundError):
            yield storage.Listed(name, default_storage.size(name), default_storage.get_modified_time(name))


def _without_row(names: list[str]) -> Iterator[str]:
    """Yield those that no row has, also none whose picture begins otherwise."""
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        found = set(Picture.objects.filter(file__in=some).values_list("file", flat=True))
        found.update(Rendition.objects.filter(file__in=some).values_list("file", flat=True))
        yield from (name for name in some if name not in found)
