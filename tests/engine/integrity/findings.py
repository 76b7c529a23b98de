"""What integrity finds in a studio whose files are the test's alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studio.engine import integrity
from studio.models import Job, User
from tests import people


@pytest.fixture(autouse=True)
def own_shelf(tmp_path: Path, settings: Any) -> None:
    """Nothing of the other tests stands here."""
    for name in ("MEDIA_ROOT", "WORK_DIR", "SPOOL_DIR"):
        setattr(settings, name, tmp_path / name.lower())
        getattr(settings, name).mkdir()
    settings.STUDIO_DATA = tmp_path
    people.store_on_disk(settings, settings.MEDIA_ROOT)


# What is kept beside the rows does not follow a row that a test changes behind it (tests/models/jobs/test_job_count.py).
KEPT = {"counters-are-true", "feed-is-sorted", "ledger-fits-jobs", "spend-is-summed"}


def found(*, deep: bool = False) -> set[str]:
    return {finding.invariant for finding in integrity.check(timezone.now(), deep=deep)} - KEPT


def mend() -> None:
    """Find it, mend it, and find nothing."""
    findings = integrity.check(timezone.now(), deep=True)
    assert findings
    assert all(integrity.repair(finding, now=timezone.now()) for finding in findings)


def done(person: User) -> Job:
    return people.make_job(person, state="done", size=(48, 32), took=timedelta(seconds=5))
