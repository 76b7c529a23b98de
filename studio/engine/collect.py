"""Bring a finished picture home: stream, check that it decodes, put it on the shelf, then tell."""

from __future__ import annotations

import asyncio
import copy
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from studio import imaging
from studio.engine import capacity, trouble
from studio.engine.ledger import Ledger
from studio.luma import Downloaded, Generation, Luma, Output, errors
from studio.models import Job, Picture, Rendition, shelf

log = logging.getLogger(__name__)

MOST_OUTPUTS = 20  # ten layers are documented; more than this is nonsense
BAD_FILES = 3  # downloads that are no picture, before a person is asked
RETRY, LONGEST_RETRY = 1.0, 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Fetched:
    """One output that is stored whole, with its first rendition."""

    position: int
    layer: dict[str, Any] | None
    file: str
    sha256: str
    measured: imaging.Measured
    bytes: int
    rendition_file: str


async def collect(
    job: Job, generation: Generation | None, luma: Luma, ledger: Ledger, *, now: datetime
) -> timedelta | None:
    """Store every output of a made job and finish it. Return how long to wait before trying again, None at its end."""
    try:
        if generation is None:
            generation = await luma.get(job.remote_id or "")
        if not generation.has_pictures:
            raise errors.BadDownload(detail="no link in the answer")
        with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
            outputs = generation.outputs[: MOST_OUTPUTS if job.submission.type == "layering" else 1]
            fetched = await asyncio.gather(
                *(_fetch(position, output, Path(folder), luma) for position, output in enumerate(outputs))
            )
    except (imaging.Unusable, errors.TooBig, errors.Blocked) as problem:
        job.bad_files += 1
        if job.bad_files >= BAD_FILES:
            await ledger(job.fail, trouble.unreadable(problem.sentence), now=now)
            return None
        return await _later(job, ledger, now, problem.sentence)
    except errors.NotFound as error:
        if job.made_at and now - job.made_at > timedelta(hours=24):
            await ledger(job.fail, trouble.lost(error.detail or ""), now=now)
            return None
        return await _later(job, ledger, now, "not found")
    except errors.Error as error:
        return await _later(job, ledger, now, f"{type(error).__name__} {error.detail or ''}")
    except OSError as problem:
        await ledger(capacity.blame_disk, problem, now=now)
        return await _later(job, ledger, now, problem.strerror or type(problem).__name__)
    await ledger(store, job, fetched, now=now)
    return None


async def _fetch(position: int, output: Output, folder: Path, luma: Luma) -> Fetched:
    got: Downloaded = await luma.download(output.url, folder / f"{position}.part")
    own = folder / f"{position}"
    own.mkdir()
    measured = await imaging.measure_async(folder / f"{position}.part", own)
    # The rendition first: where the original stands, a picture can be shown.
    rendition = await asyncio.to_thread(
        shelf.put, measured.rendition.path, shelf.rendition_name(got.sha256, measured.rendition.size)
    )
    file = await asyncio.to_thread(
        shelf.put, folder / f"{position}.part", shelf.original_name(got.sha256, measured.format)
    )
    return Fetched(
        position=position,
        layer=asdict(output.layer) if output.layer else None,
        file=file,
        sha256=got.sha256,
        measured=measured,
        bytes=got.bytes,
        rendition_file=rendition,
    )


async def _later(job: Job, ledger: Ledger, now: datetime, why: str) -> timedelta:
    """Put it off and keep it: it is paid for, and the next look mints new links."""
    wait = timedelta(seconds=min(LONGEST_RETRY, RETRY * 1.8 ** min(job.fetches, 12)))
    log.warning("A finished picture could not be saved yet: %s", why, extra=job.log_facts)
    await ledger(job.put_off, until=now + wait)
    job.fetches += 1
    return wait


def store(job: Job, fetched: Sequence[Fetched], *, now: datetime) -> bool:
    """Write the rows of stored pictures and finish the job, all or nothing; ring for the other renditions."""
    # A copy: if the database gives up half-way, the job in memory must not believe that it is done.
    ending = copy.copy(job)
    with transaction.atomic():
        if not ending.finish(now=now):
            return False
        for one in fetched:
            picture = _picture(job, one, now)
            async_task("studio.tasks.make_renditions", picture.pk, cluster="studio")
    return True


def _picture(job: Job, one: Fetched, now: datetime) -> Picture:
    measured = one.measured
    facts = {
        "origin": Picture.Origin.MADE,
        "person": job.person,
        "file": one.file,
        "sha256": one.sha256,
        "format": measured.format,
        "width": measured.width,
        "height": measured.height,
        "bytes": one.bytes,
        "has_alpha": measured.has_alpha,
        "placeholder": measured.placeholder,
        "colour": measured.colour,
        "layer": one.layer,
        "renditions_due_at": now,
        "rendition_tries": 0,
    }
    # Fetched once more, a picture keeps its place in the gallery.
    picture, _ = Picture.objects.update_or_create(
        job=job,
        position=one.position,
        defaults=facts,
        create_defaults=facts | {"created_at": now, "shown_at": now},
    )
    # Smaller copies of other bytes, which were damaged say, must not stand beside it.
    picture.renditions.exclude(file__contains=one.sha256).delete()
    Rendition.objects.update_or_create(
        picture=picture,
        size=measured.rendition.size,
        defaults={
            "file": one.rendition_file,
            "width": measured.rendition.width,
            "height": measured.rendition.height,
            "bytes": measured.rendition.bytes,
        },
    )
    return picture
