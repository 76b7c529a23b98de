"""Is everything as it should be? The promises of the engine, checked over the rows and storage.

`check` only reads. `repair` mends what can be mended without paying again and without losing a byte.
"""

from __future__ import annotations

from datetime import datetime

from django.core.files.storage import FileSystemStorage, storages

from studio.engine.integrity import counts, files, money, requests, rows, search
from studio.engine.integrity.finding import Finding
from studio.engine.integrity.repair import repair

__all__ = ["Finding", "check", "quarantine_orphans", "repair"]


def check(now: datetime, *, deep: bool = False) -> list[Finding]:
    """Return what breaks a promise; nothing when all is well. `deep` also reads and decodes every original."""
    of_jobs = [*requests.broken(now), *rows.broken(now), *files.broken(now, deep=deep)]
    return [*of_jobs, *search.broken(), *money.broken(), *counts.broken()]


def quarantine_orphans(now: datetime) -> int:
    """Take what belongs to no picture out of this machine's storage, within the hour, and return how many files it was."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        return 0  # every look into a bucket is paid for: there `integrity --repair` does it when asked
    found = list(files.orphans(now, after=files.SWEPT_AFTER))
    return sum(repair(finding, now=now) for finding in found)
