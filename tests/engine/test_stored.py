"""Files are compared with rows by listings: the same findings in one part or many, and no sound file is asked about alone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from studio import storage
from studio.engine import integrity
from studio.engine.integrity import files, stored
from studio.models import Picture, User
from tests import people
from tests.engine.integrity.findings import own_shelf  # noqa: F401 - nothing of other tests stands here

OLD = time.time() - 2 * 3600


def keep(name: str, *, is_old: bool = True) -> str:
    default_storage.save(name, ContentFile(b"bytes"))
    if is_old:
        os.utime(default_storage.path(name), (OLD, OLD))
    return name


def findings(*, deep: bool = False) -> list[tuple[str, str, bool]]:
    return [(one.invariant, one.sentence, one.repairable) for one in files.broken(timezone.now(), deep=deep)]


@pytest.fixture
def damage(alice: User) -> set[str]:
    """A sound picture, three broken ones, one whose files lie in odd places, and files of nobody; their names."""
    sound, gone, short, small = (people.make_picture(alice, size=(48, 32), renditions=(256,)) for _ in range(4))
    default_storage.delete(gone.file)
    Path(default_storage.path(short.file)).write_bytes(b"short")
    default_storage.delete(small.renditions.get().file)
    odd = people.make_picture(alice, size=(48, 32), renditions=(256,))
    os.utime(default_storage.path(sound.file), (OLD, OLD))
    row = Picture.objects.get(pk=odd.pk)
    with default_storage.open(row.file) as file:
        for place in ("odd/place", "ab/cd"):
            os.utime(default_storage.path(default_storage.save(f"originals/{place}.png", file)), (OLD, OLD))
    default_storage.delete(row.file)
    Picture.objects.filter(pk=row.pk).update(file="originals/odd/place.png")
    keep("originals/ab/young.png", is_old=False)
    return {
        "originals/ab/cd.png",
        *map(keep, ("originals/ab/cd/stray.png", "originals/alone.png", "originals/zz/deep/er/stray.png")),
        *map(keep, ("renditions/00/11/stray-256.webp", "renditions/alone.webp")),
    }


def test_in_many_parts_the_same_is_found_as_in_one(damage: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = findings()
    assert [one for one, _, _ in at_once].count("original-is-whole") == 2
    assert [one for one, _, _ in at_once].count("renditions-exist") == 1
    assert {said.split()[0] for one, said, _ in at_once if one == "no-orphans"} == damage
    swept = {one.file for one in files.orphans(timezone.now())}
    assert swept == damage
    monkeypatch.setattr(stored, "FEW", 0)
    monkeypatch.setattr(stored, "AT_ONCE", 2)
    assert sorted(findings()) == sorted(at_once)
    assert {one.file for one in files.orphans(timezone.now())} == damage


@pytest.mark.parametrize("few", [0, stored.FEW])
def test_no_sound_file_is_asked_about_alone(alice: User, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    for _ in range(3):
        people.make_picture(alice, size=(48, 32), renditions=(256,))
    monkeypatch.setattr(stored, "FEW", few)
    asked: list[str] = []
    for name in ("exists", "size", "get_modified_time"):
        monkeypatch.setattr(FileSystemStorage, name, lambda self, file, name=name: asked.append(name))
    assert integrity.check(timezone.now()) == []
    assert asked == []


def test_a_file_that_came_after_the_listing_is_not_missing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_picture(alice, size=(48, 32), renditions=(256,))
    monkeypatch.setattr(storage, "listing", lambda folder: iter(()))
    assert integrity.check(timezone.now()) == []


def test_a_file_that_goes_while_it_is_listed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("originals/ab/cd/here.png")
    keep("originals/ab/cd/gone.png")
    scan = os.scandir

    def gone(path: str) -> Any:
        found = scan(path)
        Path(default_storage.path("originals/ab/cd/gone.png")).unlink(missing_ok=True)
        return found

    (Path(default_storage.path("originals")) / "nowhere").symlink_to("/nowhere/at/all")
    monkeypatch.setattr(os, "scandir", gone)
    assert [one.name for one in storage.listing("originals")] == ["originals/ab/cd/here.png"]
    assert list(storage.listing("renditions")) == []


def test_a_storage_without_a_listing_is_asked_about_each_file(settings: Any) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    default_storage.save("originals/ab/cd/one.png", ContentFile(b"bytes"))
    assert [(one.name, one.size) for one in storage.listing("originals")] == [("originals/ab/cd/one.png", 5)]
    assert list(storage.listing("renditions")) == []


def test_a_storage_that_nothing_was_put_into_yet_is_sound(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "FEW", -1)
    assert findings() == []
