"""What one request carries: the submission, its pictures, and how each of them travels."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from studio import imaging, storage
from studio.engine import explain, files
from studio.luma import ImageRef, Request
from studio.luma.capabilities import KINDS
from studio.models import ApiAccount, Input, Job, RemoteFile, Submission
from studio.models.jobs.failure import Failure
from studio.models.jobs.remedy import Fit


class Unsendable(Exception):
    """A picture that the request needs is not in storage any more, or cannot be opened."""

    def __init__(self, why: Failure) -> None:
        super().__init__(why.sentence)
        self.why = why


@dataclass(frozen=True, slots=True)
class Order:
    """What one request asks for: the submission, its pictures, and how each of them travels."""

    submission: Submission
    inputs: list[Input]
    # By position: Luma's own ids, and files of the Files API. What is in neither goes as bytes.
    chained: dict[int, str]
    files: dict[int, RemoteFile]
    # How a picture that Luma did not take is made to fit, by its position.
    fits: dict[str, Fit]


def load(job: Job, now: datetime) -> Order:
    """Read what a job asks for, and what of its pictures is at Luma already."""
    inputs = list(job.submission.inputs.select_related("picture__job__submission").order_by("position"))
    # What is made to fit goes as bytes, because neither Luma's own copy nor its file is what is meant.
    named = [] if files.carries_bytes(job) else [entry for entry in inputs if str(entry.position) not in job.fit]
    if not named:
        return Order(job.submission, inputs, {}, {}, job.fit)
    account = ApiAccount.current()
    chained = {entry.position: remote_id for entry in named if (remote_id := files.chained(entry, account, now))}
    wanted = files.wanted((entry for entry in named if entry.position not in chained), now=now)
    return Order(job.submission, inputs, chained, wanted, job.fit)


async def request(order: Order) -> Request:
    """Put the request together. Raises Unsendable, and OSError when a picture cannot be read now."""
    submission, inputs = order.submission, order.inputs
    folder = Path(tempfile.mkdtemp(dir=settings.WORK_DIR))
    try:
        fits = [order.fits.get(str(entry.position)) for entry in inputs]
        refs = [await _reference(entry, fit, order, folder) for entry, fit in zip(inputs, fits, strict=True)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    source = refs.pop(0) if inputs and inputs[0].role == Input.Role.SOURCE else None
    kind = KINDS[submission.type]
    return Request(
        prompt=submission.wire_prompt(len(refs)),
        type=submission.type,
        model=submission.model,
        aspect_ratio=(submission.aspect_ratio or None) if kind.has_ratio else None,
        style=submission.style if kind.styles else None,
        output_format=submission.output_format or None,
        web_search=submission.web_search if kind.has_web_search else None,
        image_refs=tuple(refs),
        source=source,
        layering_resolution=submission.layering_resolution or None,
        user_id=f"person-{submission.person_id}",
    )


async def _reference(entry: Input, fit: Fit | None, order: Order, folder: Path) -> ImageRef:
    picture = entry.picture
    if remote_id := order.chained.get(entry.position):
        return ImageRef.from_generation(remote_id)
    if (file := order.files.get(entry.position)) and file.is_ready:
        return ImageRef.from_file(file.file_id)
    try:
        copy = await asyncio.to_thread(storage.copy_to, picture.file, folder / f"{entry.position}.{picture.format}")
    except FileNotFoundError as problem:
        raise Unsendable(explain.unsendable(entry, problem)) from problem
    try:
        if fit:
            limits = {"side": fit["side"], "most_bytes": fit["bytes"]}
            wire = await imaging.refit_async(copy, folder, **limits, is_plain=fit["plain"])
        else:
            wire = await imaging.for_sending_async(copy, folder)
    except imaging.Unusable as problem:
        raise Unsendable(explain.unsendable(entry, problem)) from problem
    return ImageRef.from_bytes(wire.path.read_bytes(), wire.media_type)
