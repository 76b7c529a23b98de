"""Is everything as it should be? The promises of the engine, checked over the rows and the shelf.

`check` only reads. `repair` mends what can be mended without paying again and without losing a byte.
"""

from __future__ import annotations

from datetime import datetime

from studio.engine.integrity import files, requests, rows
from studio.engine.integrity.finding import Finding
from studio.engine.integrity.repair import repair

__all__ = ["Finding", "check", "repair"]


def check(now: datetime, *, deep: bool = False) -> list[Finding]:
    """Return what breaks a promise; nothing when all is well. `deep` also reads and decodes every original."""
    return [*requests.broken(now), *rows.broken(now), *files.broken(now, deep=deep)]
