"""Store the bytes of pictures: whole under the name of their hash, or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from errno import EIO, ENOENT, EREMOTEIO
from pathlib import Path
from typing import IO, NamedTuple

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages

from studio import durable


class Unavailable(OSError):
    """The storage of files does not answer, or refuses Studio (`is_refusal`). Nothing is known of the file."""

    def __init__(self, why: str, *, is_refusal: bool = False) -> None:
        super().__init__(EREMOTEIO, f"The file storage does not answer: {why}")
        self.is_refusal = is_refusal


class NoSuchPart(Exception):
    """A file has none of the bytes that were asked for; `total` is how many it has."""

    def __init__(self, total: int) -> None:
        super().__init__(f"It has {total} bytes")
        self.total = total


class Listed(NamedTuple):
    """A file as a listing tells it; `size` in bytes."""

    name: str
    size: int
    modified: datetime


def original_name(sha256: str, format: str) -> str:
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}.{'jpg' if format == 'jpeg' else format}"


def rendition_name(sha256: str, size: int, inside: str = "") -> str:
    """The file of one size; `inside` is the digest of the note that is written into it."""
    return f"renditions/{sha256[:2]}/{sha256[2:4]}/{sha256}-{size}{f'-{inside}' if inside else ''}.webp"


def has_inside(name: str, digest: str) -> bool:
    """Whether the file `name` goes out as it is stored when the note of this digest is to be in it."""
    return not digest or (name.startswith("renditions/") and name.endswith(f"-{digest}.webp"))


def watermarked_folder(sha256: str) -> str:
    """The folder of the copies of one picture that have a watermark."""
    return f"proofs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def watermarked_name(sha256: str, words: str, size: int) -> str:
    """The copy of `size` pixels with these words all over it."""
    return f"{watermarked_folder(sha256)}/{hashlib.sha256(words.encode()).hexdigest()[:16]}-{size}.webp"


def comparison_name(content: str, which: str) -> str:
    return f"comparisons/{content[:2]}/{content[2:4]}/{content}-{which}.png"


def store(source: Path, name: str) -> str:
    """Move the finished file `source` to storage under `name` and return the name.

    `source` must be fsynced and on the data disk. A name that exists is kept: it holds the same bytes.
    Raises OSError when the disk refuses; then `source` is untouched or gone, and `name` is whole or absent.
    """
    storage = storages["default"]  # itself, not the lazy stand-in, whose kind is unknown until its first use
    if isinstance(storage, FileSystemStorage):
        target = Path(storage.path(name))
        if _is_kept(target, source.stat().st_size):
            source.unlink()
            return name
        durable.make_folder(target.parent)
        source.chmod(0o640)
        source.replace(target)
        durable.sync_folder(target.parent)
        return name
    size = source.stat().st_size
    if not _is_stored(storage, name, size):
        with source.open("rb") as stream:
            name = storage.save(name, File(stream))
        if not _is_stored(storage, name, size):
            raise Unavailable("it took a file and does not have it")
    source.unlink()
    return name


def _is_kept(target: Path, size: int) -> bool:
    """Whether the file is there whole. Touch its mtime so that the orphan sweep does not delete it before the row exists."""
    try:
        if target.stat().st_size != size:
            return False
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _is_stored(storage: Storage, name: str, size: int) -> bool:
    """Whether the storage has the file whole: what it answered to its saving is a word of who stands between, too."""
    try:
        return storage.size(name) == size
    except FileNotFoundError:
        return False


def has(name: str) -> bool:
    """Whether the file `name` is there."""
    return default_storage.exists(name)


def listing(folder: str) -> Iterator[Listed]:
    """Yield every file in `folder` and below, in no certain order; nothing for a folder that is not there.

    On S3 one call tells a thousand. Raises Unavailable when it does not answer.
    """
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        yield from _scanned(storage.path(folder), folder)
    elif listed := getattr(storage, "listing", None):
        yield from listed(folder)
    else:
        yield from _asked(storage, folder)


def _scanned(path: str, folder: str) -> Iterator[Listed]:
    try:
        with os.scandir(path) as entries:
            found = list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        name = f"{folder}/{entry.name}"
        try:
            if entry.is_dir():
                yield from _scanned(entry.path, name)
            else:
                known = entry.stat()
                yield Listed(name, known.st_size, datetime.fromtimestamp(known.st_mtime, UTC))
        except FileNotFoundError:
            continue  # whoever deleted it was quicker


def _asked(storage: Storage, folder: str) -> Iterator[Listed]:
    """Ask a storage that has no listing about each file."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for inner in folders:
        yield from _asked(storage, f"{folder}/{inner}")
    for name in (f"{folder}/{name}" for name in names):
        yield Listed(name, storage.size(name), storage.get_modified_time(name))


def is_remote() -> bool:
    """Whether files lie on other machines, which may not answer."""
    return not isinstance(storages["default"], FileSystemStorage)


def folder() -> Path | None:
    """Return the folder of this machine where the files lie, or the nearest one that is there; None for other machines."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        return None
    place = Path(storage.location)
    return next(one for one in (place, *place.parents) if one.exists())


def check() -> None:
    """Write, read and delete a small file. Raises OSError when the storage takes or gives nothing."""
    storage = storages["default"]
    words = secrets.token_bytes(16)
    name = storage.save(f"checks/{words.hex()}", ContentFile(words))
    with storage.open(name, "rb") as stream:
        if stream.read() != words:
            raise OSError(EIO, "The file storage gives back other bytes than it took")
    storage.delete(name)


def open_file(name: str) -> IO[bytes]:
    """Open the file `name`. Raises FileNotFoundError when it is missing, or "", as of a deleted picture."""
    if not name:
        raise FileNotFoundError(ENOENT, "The picture was deleted")
    return default_storage.open(name, "rb")


def copy_to(name: str, target: Path) -> Path:
    """Bring a file to this machine's work folder, for tools that need a path."""
    with open_file(name) as stream, target.open("wb") as out:
        while block := stream.read(1 << 20):
            out.write(block)
    return target
