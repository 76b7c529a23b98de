"""Where a child puts its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

# Read by our own processes and their group, by nobody else.
_MODE = 0o640


class Desk(NamedTuple):
    """A folder and the prefix of every name this child may use in it; the parent sweeps by the same prefix."""

    into: Path
    prefix: str

    def write(self, ending: str, data: bytes) -> str:
        """Write a new file to the disk itself and return its name."""
        name = self.prefix + ending
        handle = os.open(self.into / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return name
