"""Lay out everything of a person or a board as zips of so many pictures each, which engine.archives.archives then makes.

Each zip is laid out in a transaction of its own, with the place where the next begins: a worker that is killed leaves
nothing half done, and another goes on there. Memory holds the keys of one zip at a time.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from studio.engine.archives.archives import make_later
from studio.models import Archive, DataExport, Job, Picture
from studio.models.files.archive import KEPT_FOR, MOST_PICTURES
from studio.models.picture import PictureQuerySet

MOST_JOBS = 5_000  # lines of a part with what was asked for and paid
MOST_AT_ONCE = 200
LONGEST_TITLE = 60
IN_TRASH = "it is in the trash"
PRIVATE = ("Private work", "it is in no export but its owner's own; hand it over first")


def plan_later(export: DataExport) -> None:
    async_task("studio.tasks.plan_export", export.pk, cluster="studio")


def plan(pk: int) -> None:
    """Lay out all parts that are not yet. Twice does no harm."""
    while _plan_next(pk, timezone.now()):
        pass


def resume_stalled(now: datetime) -> int:
    """Go on with what a worker has left."""
    stalled = list(DataExport.objects.stalled(now)[:MOST_AT_ONCE])
    for export in stalled:
        plan_later(export)
    DataExport.objects.filter(pk__in=[one.pk for one in stalled]).update(touched_at=now)
    return len(stalled)


def expire(now: datetime) -> None:
    """Forget exports whose zips were thrown away (engine.archives.archives.expire)."""
    DataExport.objects.filter(created_at__lt=now - KEPT_FOR, parts__isnull=True).delete()


def _plan_next(pk: int, now: datetime) -> bool:
    """Lay out one part and return whether there may be more."""
    with transaction.atomic():
        export = DataExport.objects.select_related("person", "subject", "board").filter(pk=pk, planned_at=None).first()
        if export is None:
            return False
        part, step, after = _lay_out(export, now)
        is_last = step is None
        if not export.go_on(step=step or export.step, after=after, now=now, is_last=is_last):
            transaction.set_rollback(True)  # another worker is at it
            return False
        if part:
            make_later(part)
        return not is_last


def _lay_out(export: DataExport, now: datetime) -> tuple[Archive | None, str | None, int]:
    """Make the next part, if there is something for it; return it, the step of the one after (None: none), and its place."""
    step = DataExport.Step
    if export.step == step.ABOUT:
        part = export.lay_out(pictures=[], left_out=_never(export), section={"step": step.ABOUT.value}, now=now)
        return part, step.PICTURES, 0
    if export.step == step.PICTURES:
        keys = list(_pictures(export).order_by("pk").values_list("pk", flat=True)[:MOST_PICTURES])
        is_whole = len(keys) == MOST_PICTURES
        left_out = _in_trash(export, keys[-1] if is_whole else None)
        following = (step.PICTURES, keys[-1]) if is_whole else (step.JOBS if export.subject else None, 0)
        if not keys and not left_out:
            return None, *following
        section: dict[str, str | int] = {"step": step.PICTURES.value}
        return export.lay_out(pictures=keys, left_out=left_out, section=section, now=now), *following
    jobs = Job.objects.filter(person=export.subject, pk__gt=export.after).order_by("pk")
    rows = list(jobs.values_list("pk", flat=True)[:MOST_JOBS])
    following = (step.JOBS, rows[-1]) if len(rows) == MOST_JOBS else (None, export.after)
    if not rows:
        return None, *following
    section = {"step": step.JOBS.value, "first": rows[0], "last": rows[-1]}
    return export.lay_out(pictures=[], left_out=[], section=section, now=now), *following


def _pictures(export: DataExport) -> PictureQuerySet:
    """What follows of the pictures that the person who asked may see."""
    rows = Picture.objects.visible_to(export.person).filter(pk__gt=export.after)
    return rows.filter(person=export.subject) if export.subject else rows.filter(places__board=export.board)


def _in_trash(export: DataExport, last: int | None) -> list[list[str]]:
    """Name what the person may restore and the zip has not, among the pictures up to `last`, or all that follow."""
    rows = Picture.objects.visible_to(export.person, also_in_trash=True).filter(trashed_at__isnull=False)
    rows = rows.filter(person=export.subject) if export.subject else rows.filter(places__board=export.board)
    found = rows.filter(pk__gt=export.after, **({"pk__lte": last} if last else {})).order_by("pk")
    return [[one.title[:LONGEST_TITLE], IN_TRASH] for one in found.select_related("job__submission")[:MOST_PICTURES]]


def _never(export: DataExport) -> list[list[str]]:
    return [] if export.person.owns(export.subject_id) else [list(PRIVATE)]
