"""Detect a restored database: a file keeps the newest revision sent; tables that are behind it were restored.

It is written after the commit that it names and before the POST that follows, so it is never ahead of tables that
were left alone, and tables that lack a POST of this data folder are always behind it. A studio with several conductors
has a mark in each data folder; each knows only what was sent from there.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from studio.models import Job

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreGuard:
    """A row as it was committed once, and until when something was sent."""

    # The code of the first job ever: other tables than these have another one.
    studio: str
    job: uuid.UUID
    revision: int
    attempts: int
    # No job that was sent from here is younger.
    until: datetime

    def is_ahead(self) -> bool:
        """Whether the tables are these, and have forgotten the row: an older copy was put in their place."""
        if _first_job() != self.studio:
            return False
        row = Job.objects.filter(code=self.job)
        return not row.filter(rev__gte=self.revision, attempts__gte=self.attempts).exists()


def read() -> RestoreGuard | None:
    """Return the mark, or None when nothing was ever sent from this data folder. Raises OSError."""
    try:
        saved = json.loads(_file().read_text())
        return RestoreGuard(
            studio=str(saved["studio"]),
            job=uuid.UUID(saved["job"]),
            revision=int(saved["revision"]),
            attempts=int(saved["attempts"]),
            until=datetime.fromisoformat(saved["until"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        log.exception("The file of the restore guard cannot be read; it is written again")
        return None


def advance(job: Job, *, now: datetime) -> None:
    """Move the mark to a job that is committed as being sent.

    Raises OSError when it cannot be read or written; nothing may be sent without it.
    """
    known, first = read(), _first_job()
    until = max(now, job.created_at)
    if known and known.studio == first:
        if known.revision >= job.rev:
            return  # a second conductor, there for a moment, was quicker
        until = max(until, known.until)
    _write(job, first, until)


def renew(until: datetime) -> None:
    """Take the tables as they are now, which hold a job, for the truth. Raises OSError."""
    _write(Job.objects.latest("rev"), _first_job(), until)


def _first_job() -> str:
    return str(Job.objects.order_by("pk").values_list("code", flat=True).first() or "")


def _write(job: Job, studio: str, until: datetime) -> None:
    """Replace the file durably: it is the old one or the new one. What a death leaves is cleared like any work file."""
    saved = {"studio": studio, "job": str(job.code), "revision": job.rev, "attempts": job.attempts}
    handle, draft = tempfile.mkstemp(prefix="mark-", dir=settings.WORK_DIR)
    try:
        with os.fdopen(handle, "w") as out:
            json.dump({**saved, "until": until.isoformat()}, out)
            out.flush()
            # macOS has no fdatasync.
            getattr(os, "fdatasync", os.fsync)(handle)
        Path(draft).replace(_file())
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _file() -> Path:
    folder: Path = settings.STUDIO_DATA
    return folder / "mark.json"
