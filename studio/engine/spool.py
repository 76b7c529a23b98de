"""Ids that Luma gave and the database did not take: kept in files until they can be adopted."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError

from studio import durable
from studio.models import Attempt, Job

log = logging.getLogger(__name__)


def keep(request_id: uuid.UUID, remote_id: str) -> None:
    """Write the pair durably; the file is whole or absent."""
    durable.write(_folder() / f"{request_id}.json", json.dumps({"request_id": str(request_id), "remote_id": remote_id}))


def adopt_all(*, now: datetime) -> int:
    """Give every kept id to its job and return how many were adopted. A file is removed only when its id is stored."""
    adopted = 0
    for file in sorted(_folder().glob("*.json")):
        try:
            kept = json.loads(file.read_text())
            request_id, remote_id = uuid.UUID(kept["request_id"]), str(kept["remote_id"])
        except (ValueError, KeyError, TypeError):
            log.exception("A spooled id cannot be read: %s", file.name)
            file.replace(file.with_suffix(".unreadable"))
            continue
        except FileNotFoundError:
            continue  # the launcher or a conductor was quicker
        except OSError:
            log.exception("A spooled id cannot be read now: %s", file.name)
            continue
        adopted += _adopt(request_id, remote_id, now)
        if Job.objects.filter(remote_id=remote_id).exists() or _explain(request_id, remote_id):
            file.unlink(missing_ok=True)
    return adopted


def _adopt(request_id: uuid.UUID, remote_id: str, now: datetime) -> bool:
    try:
        return Job.adopt(request_id, remote_id, now=now)
    except IntegrityError:
        log.error("A spooled id is another job's: %s", remote_id, extra={"request_id": request_id})
        return False


def _explain(request_id: uuid.UUID, remote_id: str) -> bool:
    """Keep the id with its attempt, when a person was quicker and the job goes another way by now."""
    return bool(Attempt.objects.filter(request_id=request_id).update(remote_id=remote_id))


def _folder() -> Path:
    folder: Path = settings.SPOOL_DIR
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
