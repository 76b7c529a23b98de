"""Each broken promise is found, each that can be mended for free is mended, and a sound studio gives no finding."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ

from studio import imaging, tasks
from studio.engine import integrity
from studio.engine.collect import _picture
from studio.engine.fetch import Fetched
from studio.engine.pictures import renditions
from studio.imaging.unusable import broken
from studio.models import Job, Picture, Rendition, User
from tests import people
from tests.engine.conftest import Slice
from tests.engine.integrity.findings import done, found, mend, own_shelf  # noqa: F401 - nothing of other tests stands here
from tests.people import image_bytes

NOW = timezone.now()
OLD = time.time() - 2 * 3600


def age(path: str | Path) -> None:
    os.utime(path, (OLD, OLD))


def test_a_sound_studio_gives_no_finding(alice: User) -> None:
    """Jobs in every state, pictures of both kinds, a file that has just arrived, work that is under way."""
    for state in ("waiting", "sending", "queued", "making", "saving", "failed", "unknown", "cancelled"):
        people.make_job(alice, state=state)
    people.make_picture(alice, size=(48, 32), renditions=(256,))
    done(alice).refresh_from_db()
    default_storage.save("originals/aa/bb/new.png", ContentFile(b"just now"))
    (settings.WORK_DIR / "tmp").mkdir()
    assert integrity.check(timezone.now(), deep=True) == []


def remove(name: str) -> None:
    default_storage.delete(name)


def shorten(name: str) -> None:
    Path(default_storage.path(name)).write_bytes(b"short")


def change(name: str) -> None:
    path = Path(default_storage.path(name))
    content = bytearray(path.read_bytes())
    content[-20] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "deep"), [(remove, False), (shorten, False), (change, True)], ids=["gone", "short", "bits"]
)
def test_a_lost_original_is_found_and_fetched_again_for_free(
    db: None, alice: User, damage: Callable[[str], None], deep: bool
) -> None:
    job = done(alice)
    picture = job.pictures.get()
    damage(picture.file)
    assert found(deep=deep) == {"original-is-whole"}
    mend()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.SAVING, 1)
    assert not default_storage.exists(picture.file)
    assert job.due_at


@pytest.mark.django_db(transaction=True)
def test_what_was_fetched_again_is_whole_and_keeps_its_place(api: str, run_slice: Slice, settings: Any) -> None:
    job = people.make_submission(people.make_person()).jobs.get()
    run_slice()
    first = job.pictures.get()
    change(first.file)
    mend()
    run_slice()
    job.refresh_from_db()
    again = job.pictures.get()
    assert job.state == Job.State.DONE
    assert (again.pk, again.sha256, again.shown_at) == (first.pk, first.sha256, first.shown_at)
    assert integrity.check(timezone.now(), deep=True) == []
    assert job.attempts_made.count() == 1
    assert len(list((settings.STUDIO_DATA / "quarantine").iterdir())) == 1


def test_a_lost_upload_is_found_and_nothing_is_pretended(alice: User) -> None:
    default_storage.delete(people.make_picture(alice, size=(48, 32)).file)
    (finding,) = integrity.check(timezone.now())
    assert finding.invariant == "original-is-whole"
    assert not finding.repairable
    assert not integrity.repair(finding, now=timezone.now())


def test_an_original_that_does_not_fit_its_row_is_found(alice: User) -> None:
    Picture.objects.filter(pk=done(alice).pictures.get().pk).update(width=49)
    assert found() == set()
    assert found(deep=True) == {"original-is-whole"}


@pytest.mark.parametrize("damage", [remove, shorten], ids=["gone", "short"])
def test_a_lost_rendition_is_made_again(alice: User, damage: Callable[[str], None]) -> None:
    picture = people.make_picture(alice, size=(48, 32), renditions=(256,))
    damage(picture.renditions.get().file)
    assert found() == {"renditions-exist"}
    mend()
    assert OrmQ.objects.filter(key="studio").exists()
    assert renditions.make(picture.pk) == 1
    assert integrity.check(timezone.now(), deep=True) == []


def test_a_picture_without_any_rendition_is_found(alice: User) -> None:
    people.make_picture(alice, size=(48, 32), renditions=())
    assert found() == {"renditions-exist"}


def test_a_damaged_original_is_found_and_fetched_again(alice: User) -> None:
    """As an older studio stored it: its hash is that of the damaged bytes."""
    job = done(alice)
    picture = job.pictures.get()
    data = bytearray(image_bytes(300, 200))
    data[len(data) // 2] ^= 8
    put(picture, bytes(data), size=(300, 200))
    assert found() == set()
    (finding,) = integrity.check(timezone.now(), deep=True)
    assert (finding.invariant, finding.picture, finding.repairable) == ("original-is-whole", picture.pk, True)
    assert "damaged" in finding.sentence
    assert integrity.repair(finding, now=timezone.now())
    job.refresh_from_db()
    assert job.state == Job.State.SAVING


def put(picture: Picture, data: bytes, *, size: tuple[int, int]) -> None:
    """Let the picture have these bytes, as if they had been stored so."""
    sha256 = hashlib.sha256(data).hexdigest()
    name = default_storage.save(f"originals/{sha256}.png", ContentFile(data))
    default_storage.delete(picture.file)
    facts = {"file": name, "sha256": sha256, "bytes": len(data), "width": size[0], "height": size[1]}
    Picture.objects.filter(pk=picture.pk).update(**facts)
    for rendition in picture.renditions.all():
        default_storage.delete(rendition.file)
        kept = default_storage.save(f"renditions/{sha256}-{rendition.size}.webp", ContentFile(b"x"))
        Rendition.objects.filter(pk=rendition.pk).update(file=kept, bytes=1)
    for missing in {256, 512} - {rendition.size for rendition in picture.renditions.all()}:
        kept = default_storage.save(f"renditions/{sha256}-{missing}.webp", ContentFile(b"x"))
        Rendition.objects.create(picture=picture, size=missing, file=kept, width=1, height=1, bytes=1)


def test_a_picture_that_could_not_be_checked_is_not_fetched_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    done(alice)

    def killed(*_: object) -> None:
        raise imaging.ChildLost(-9)

    monkeypatch.setattr(imaging, "measure", killed)
    (finding,) = integrity.check(timezone.now(), deep=True)
    assert "could not be checked" in finding.sentence
    assert not finding.repairable


def test_copies_of_a_damaged_original_go_when_another_comes(alice: User) -> None:
    job = done(alice)
    old = job.pictures.get()
    assert old.renditions.count() == 2
    made = imaging.MadeRendition(256, Path("x"), 48, 32, 10)
    measured = imaging.Measured("png", 48, 32, False, "data:", "#000000", made)
    fetched = Fetched(
        position=0, layer=None, file="o", sha256="f" * 64, measured=measured, bytes=9, rendition_file="f" * 64
    )
    _picture(job, fetched, timezone.now())
    assert list(old.renditions.values_list("size", "file")) == [(256, "f" * 64)]


def test_a_picture_without_all_its_sizes_is_found_and_completed_by_itself(alice: User) -> None:
    picture = people.make_picture(alice, size=(300, 200), renditions=(256,))
    whole = people.make_picture(alice, size=(300, 200), renditions=(256, 512))
    assert found() == {"renditions-exist"}
    tasks.complete_sizes()
    assert found() == set(), "it is worked on"
    assert [task.task["args"] for task in OrmQ.objects.all()] == [(picture.pk,)]
    whole.refresh_from_db()
    assert whole.renditions_due_at is None


@pytest.mark.parametrize("problem", [imaging.ChildLost(-9), OSError(28, "No space left on device"), broken()])
def test_sizes_that_cannot_be_made_are_tried_again_and_then_told(
    alice: User, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    picture = people.make_picture(alice, size=(48, 32), renditions=(), renditions_due_at=timezone.now())

    def fail(*_: object) -> None:
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr(imaging, "renditions", fail)
        waits = []
        for _ in range(renditions.MOST_TRIES - 1):
            assert renditions.make(picture.pk) == 0
            picture.refresh_from_db()
            assert picture.renditions_due_at
            waits.append(round((picture.renditions_due_at - timezone.now()).total_seconds()))
        assert waits == sorted(waits)
        renditions.make(picture.pk)
        picture.refresh_from_db()
        assert picture.renditions_due_at is None
        assert renditions.make(picture.pk) == 0
    assert found() == {"renditions-exist"}
    tasks.complete_sizes()
    assert not OrmQ.objects.exists(), "its end is an end"
    mend()
    assert renditions.make(picture.pk) == 1
    assert found() == set()


def test_a_picture_that_kills_its_worker_each_time_comes_to_an_end(alice: User) -> None:
    picture = people.make_picture(alice, size=(48, 32), renditions=(), renditions_due_at=timezone.now())
    Picture.objects.filter(pk=picture.pk).update(rendition_tries=renditions.MOST_TRIES)
    assert renditions.make(picture.pk) == 0
    picture.refresh_from_db()
    assert picture.renditions_due_at is None


def test_a_due_picture_that_nobody_works_on_is_found(alice: User) -> None:
    people.make_picture(
        alice, size=(300, 200), renditions=(256,), renditions_due_at=timezone.now() - timedelta(hours=1)
    )
    assert found() == {"renditions-exist"}


def test_an_orphan_is_put_away_and_not_thrown_away(alice: User) -> None:
    name = default_storage.save("originals/aa/bb/orphan.png", ContentFile(b"somebody's"))
    age(default_storage.path(name))
    assert found() == {"no-orphans"}
    mend()
    assert (settings.STUDIO_DATA / "quarantine" / "orphan.png").read_bytes() == b"somebody's"
    assert integrity.check(timezone.now()) == []


def test_leftovers_of_dead_processes_are_deleted(db: None) -> None:
    folder = settings.WORK_DIR / "tmpdead"
    folder.mkdir()
    (folder / "0.part").write_bytes(b"half")
    (settings.WORK_DIR / "upload").write_bytes(b"half")
    age(folder)
    age(settings.WORK_DIR / "upload")
    assert found() == {"no-leftovers"}
    mend()
    assert list(settings.WORK_DIR.iterdir()) == []


@pytest.mark.parametrize("name", ["old.json", "old.part", "new.unreadable"])
def test_an_id_that_nobody_took_is_found_and_kept(db: None, name: str) -> None:
    kept = settings.SPOOL_DIR / name
    kept.write_text("{}")
    if name.startswith("old"):
        age(kept)
    assert found() == {"ids-are-adopted"}
    assert not any(integrity.repair(finding, now=NOW) for finding in integrity.check(timezone.now()))
    assert kept.exists()
