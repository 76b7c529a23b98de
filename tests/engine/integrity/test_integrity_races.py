"""What comes or goes while integrity looks: no finding where its owner was quicker, nothing mended that is gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from storages.backends.s3 import S3Storage

from studio.engine import integrity
from studio.engine.integrity import files, money
from studio.models import Attempt, LedgerRow, User
from tests import people
from tests.engine.integrity.findings import found, mend, own_shelf  # noqa: F401 - nothing of other tests stands here


def test_a_file_that_is_gone_by_now_is_no_orphan(db: None) -> None:
    assert not files.is_orphan("originals/aa/gone.png", timezone.now())


def test_an_id_that_is_being_stored_and_a_file_that_its_owner_took_are_no_findings(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.SPOOL_DIR / "fresh.json").write_text("{}")
    assert found() == set()
    listed = Path.glob

    def quick(folder: Path, pattern: str) -> Any:
        yield from (*listed(folder, pattern), folder / "taken-meanwhile")

    monkeypatch.setattr(Path, "glob", quick)
    assert found() == set()


def test_sizes_of_a_picture_that_was_deleted_meanwhile_are_not_made(alice: User) -> None:
    picture = people.make_picture(alice, size=(48, 32), renditions=())
    [finding] = [one for one in integrity.check(timezone.now()) if one.invariant == "renditions-exist"]
    picture.delete()
    assert not integrity.repair(finding, now=timezone.now())


def test_a_bucket_is_not_searched_for_orphans_each_hour(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    default_storage.save("originals/aa/orphan.png", ContentFile(b"somebody's"))
    monkeypatch.setattr(integrity, "storages", {"default": S3Storage.__new__(S3Storage)})
    assert integrity.quarantine_orphans(timezone.now() + timedelta(days=1)) == 0
    assert default_storage.exists("originals/aa/orphan.png")


def test_what_a_person_looks_after_is_written_down_as_it_was_handed_over(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(inherited=[alice.pk])
    assert found() == {"work-is-handed-over"}
    mend()
    bob.refresh_from_db()
    assert (bob.inherited, found()) == ([], set())


def test_what_a_job_may_have_cost_counts_although_tables_that_were_put_back_know_no_request(alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    Attempt.objects.filter(job=job).delete()
    assert "ledger-fits-jobs" not in {one.invariant for one in integrity.check(timezone.now())}
    booked = LedgerRow.objects.count()
    assert money.balance(job.pk)
    assert LedgerRow.objects.count() == booked, "nothing is missing, so nothing is added"
