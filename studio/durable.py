"""Write files that outlive a power cut: on the disk itself, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(target: Path, text: str) -> None:
    """Replace a file by this text, for its owner only: whatever dies, it is the old one or the new one.

    Raises OSError when the disk refuses.
    """
    draft = _draft(target, text)
    try:
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def write_once(target: Path, text: str) -> bool:
    """The same for a file that nobody has; False when another process was first. Its file is kept then."""
    draft = _draft(target, text)
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync(target.parent)
    return True


def make_folder(folder: Path, mode: int = 0o750) -> None:
    """Make a folder and those above it, where they are missing."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=mode, exist_ok=True)
        _sync(one.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know the names in a folder: a file's own sync does not."""
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft(target: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(handle)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
