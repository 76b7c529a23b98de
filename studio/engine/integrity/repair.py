"""Mend what can be mended for free. Nothing is sent, and no byte on storage is thrown away: it goes to quarantine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from studio import storage
from studio.engine.integrity import counts, files, money, search
from studio.engine.integrity.finding import Finding
from studio.engine.pictures import renditions
from studio.models import GalleryMonth, Job, JobCount, Picture, Revision, Submission
from studio.models.account import hand_over
from studio.models.jobs.queries import JobQuerySet


def repair(finding: Finding, *, now: datetime) -> bool:
    """Mend one finding and say whether it was mended. Raises OSError when the disk refuses."""
    mend = MENDING.get(finding.invariant)
    return bool(finding.repairable and mend and mend(finding, now))


def _free(finding: Finding, now: datetime) -> bool:
    ended = _job(finding).filter(state__in=Job.FINISHED)
    return bool(ended.update(lease_owner="", lease_until=None))


def _make_due(finding: Finding, now: datetime) -> bool:
    return bool(_job(finding).in_progress().filter(due_at=None).update(due_at=now))


def _fetch_again(finding: Finding, now: datetime) -> bool:
    if finding.file:
        _quarantine(finding.file)
    job = _job(finding).first()
    # Another of its pictures may have sent it back a moment ago.
    return job is not None and (job.state == Job.State.SAVING or job.fetch_again(now=now))


def _make_renditions(finding: Finding, now: datetime) -> bool:
    picture = Picture.objects.filter(pk__in=[finding.picture or 0]).first()
    if picture is None:
        return False
    if finding.file:
        _quarantine(finding.file)
    with transaction.atomic():
        picture.renditions.filter(file=finding.file).delete()
        renditions.make_due(Picture.objects.filter(pk=picture.pk), now=now)
    return True


def _put_away(finding: Finding, now: datetime) -> bool:
    return files.is_orphan(finding.file, now) and _quarantine(finding.file)


def _delete(finding: Finding, now: datetime) -> bool:
    stray = Path(finding.file)
    if stray.is_dir() and not stray.is_symlink():
        shutil.rmtree(stray)
    else:
        stray.unlink(missing_ok=True)
    return True


def _recount(finding: Finding, now: datetime) -> bool:
    JobCount.recount()
    return True


def _recount_months(finding: Finding, now: datetime) -> bool:
    GalleryMonth.recount()
    return True


def _settle_owners(finding: Finding, now: datetime) -> bool:
    hand_over.settle()
    return True


def _sort(finding: Finding, now: datetime) -> bool:
    with transaction.atomic():
        Revision.bump()
        Submission.objects.missorted().sort_into_feed()
    return True


def _job(finding: Finding) -> JobQuerySet[Job]:
    return Job.objects.filter(pk__in=[finding.job or 0])


def _quarantine(name: str) -> bool:
    """Move a file from storage to STUDIO_DATA/quarantine, where nothing serves it."""
    if not default_storage.exists(name):
        return False
    target: Path = settings.STUDIO_DATA / "quarantine" / Path(name).name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    storage.copy_to(name, target)
    default_storage.delete(name)
    return True


MENDING: dict[str, Callable[[Finding, datetime], bool]] = {
    "ended-is-free": _free,
    "active-is-due": _make_due,
    "done-has-its-pictures": _fetch_again,
    "original-is-whole": _fetch_again,
    "renditions-exist": _make_renditions,
    "no-orphans": _put_away,
    "no-leftovers": _delete,
    "counters-are-true": _recount,
    "months-are-counted": _recount_months,
    "boards-are-counted": lambda finding, now: counts.recount_board(finding),
    "tags-are-counted": lambda finding, now: counts.recount_tag(finding),
    "looks-are-counted": lambda finding, now: counts.recount_look(finding),
    "work-is-handed-over": _settle_owners,
    "feed-is-sorted": _sort,
    "gallery-is-searchable": search.mend,
    "ledger-fits-jobs": lambda finding, now: money.balance(finding.job or 0),
    "spend-is-summed": lambda finding, now: money.sum_anew(),
}
