"""What the CPU queue does with the layers of a split: compare them with their source once, and write exports."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from studio import imaging, storage
from studio.models import LayersExport, Picture, Split
from studio.models.files.layers_export import KEPT_FOR, export_plan

log = logging.getLogger(__name__)

MOST_TRIES = 3
MOST_AT_ONCE = 200
RETRY = timedelta(minutes=5)
# Longer than the queue takes to come to it.
OVERDUE = timedelta(minutes=5)
CANNOT_READ = "A layer cannot be read. Open it on its own page, or ask an admin to check the storage."
TOOK_TOO_LONG = "Making this file took too long. Try again when less is being made, or leave the hidden layers out."
NO_ROOM = "The file could not be written. Try again; if it happens again, tell an admin."


def compare_later(split: Split) -> None:
    async_task("studio.tasks.compare_layers", split.pk, cluster="studio")


def export_later(export: LayersExport) -> None:
    async_task("studio.tasks.export_layers", export.pk, cluster="studio")


def compare(pk: int) -> bool:
    """Measure how far all layers together are from their source. Twice does no harm."""
    waiting = Split.objects.filter(pk=pk, compare_due_at__isnull=False)
    if not waiting.filter(compare_tries__lt=MOST_TRIES).update(compare_tries=F("compare_tries") + 1):
        # The last try took the worker with it.
        waiting.update(compare_due_at=None)
        return False
    split = Split.objects.select_related("job__submission").get(pk=pk)
    if split.compare_due_at is None:
        return False  # another one was quicker
    try:
        with _planned(export_plan(split.stack, ""), source=split.source) as (plan, folder):
            found = imaging.compare_layers(plan, folder)
            # Under a new name each time: an address of a proof is kept for ever by browsers.
            start = f"layers/{split.job.code.hex[:2]}/{split.job.code.hex}-{split.compare_due_at:%y%m%d%H%M%S%f}"
            names = (f"{start}-together.webp", f"{start}-difference.webp")
            for path, name in zip((found.together, found.difference), names, strict=True):
                storage.store(path, name)
    except (imaging.Unusable, OSError) as problem:
        log.error("The layers of job %s cannot be compared: %s", split.job_id, problem)
        over = split.compare_tries >= MOST_TRIES
        # What was put in a layer's place meanwhile has its own turn.
        asked = Split.objects.filter(pk=pk, compare_due_at=split.compare_due_at)
        asked.update(compare_due_at=None if over else timezone.now() + RETRY)
        return False
    # Other content that was put in a layer's place meanwhile is compared by a task of its own.
    is_current = Split.objects.filter(pk=pk, compare_due_at=split.compare_due_at).update(
        average=found.average,
        greatest=found.greatest,
        together_file=names[0],
        difference_file=names[1],
        compare_due_at=None,
    )
    for old in (split.together_file, split.difference_file) if is_current else names:
        if old and old not in (names if is_current else ()):
            default_storage.delete(old)
    return True


def make_export(pk: int) -> bool:
    """Write an export that is asked for, and say on its row how that ended."""
    state = LayersExport.State
    asked = LayersExport.objects.filter(pk=pk, state__in=[state.WAITING, state.MAKING])
    if not asked.filter(tries__lt=MOST_TRIES).update(state=state.MAKING, tries=F("tries") + 1):
        asked.update(state=state.FAILED, sentence=NO_ROOM, finished_at=timezone.now())
        return False
    export = LayersExport.objects.select_related("split__job").get(pk=pk)
    try:
        with _planned(export.plan) as (plan, folder):
            path, size = imaging.export_layers(plan, folder)
            # Under a new name each time: what is being read stays as it is.
            name = f"exports/{export.code.hex[:2]}/{export.code.hex}-{export.asked_at:%H%M%S}-{export.tries}.{export.ending}"
            storage.store(path, name)
    except (imaging.Unusable, OSError) as problem:
        log.error("%s of job %s cannot be written: %s", export.kind, export.split.job_id, problem)
        sentence = _sentence(problem)
        asked.update(state=state.FAILED, sentence=sentence, finished_at=timezone.now())
        return False
    if export.file and export.file != name:
        default_storage.delete(export.file)
    return bool(asked.update(state=state.DONE, file=name, bytes=size, finished_at=timezone.now()))


def _sentence(problem: Exception) -> str:
    if isinstance(problem, TimeoutError) or getattr(problem, "reason", "") == "took_too_long":
        return TOOK_TOO_LONG
    return CANNOT_READ if isinstance(problem, imaging.Unusable | FileNotFoundError) else NO_ROOM


def compare_overdue(now: datetime) -> int:
    """Have compared what should have been by now: its task was lost, or its layers could not be read for a while."""
    overdue = Split.objects.filter(compare_due_at__lt=now - OVERDUE).order_by("compare_due_at")[:MOST_AT_ONCE]
    for split in overdue:
        compare_later(split)
    return len(overdue)


def expire_exports(now: datetime) -> int:
    """Throw old exports away, file first, and return how many: they can be made again at any time."""
    old = list(LayersExport.objects.filter(asked_at__lt=now - KEPT_FOR).order_by("asked_at")[:MOST_AT_ONCE])
    for export in old:
        if export.file:
            default_storage.delete(export.file)
        export.delete()
    return len(old)


@contextmanager
def _planned(plan: dict[str, Any], *, source: Picture | None = None) -> Iterator[tuple[Path, Path]]:
    """Bring the files that a plan names to this machine; give the plan as the picture child reads it, and its folder."""
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        pictures = Picture.objects.in_bulk([layer["picture"] for layer in plan["layers"]])
        layers = []
        for number, layer in enumerate(plan["layers"]):
            picture = pictures.get(layer["picture"])
            if picture is None:
                raise FileNotFoundError(layer["picture"])
            layers.append(layer | {"file": str(_copied(picture, folder / f"{number}.{picture.format}"))})
        original = str(_copied(source, folder / f"source.{source.format}")) if source else ""
        path = folder / "plan.json"
        path.write_text(json.dumps(plan | {"layers": layers, "source": original}))
        yield path, folder


def _copied(picture: Picture, target: Path) -> Path:
    return storage.copy_to(picture.file, target).absolute()
