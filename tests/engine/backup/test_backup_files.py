"""What a backup holds beside the tables, how far it is, and what of it can't be used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from PIL import Image

from studio.engine.backup import backup, postgres_dump, table_copy
from studio.models import Picture, Run, Split
from tests import people
from tests.engine.integrity.findings import own_shelf  # noqa: F401 - nothing of other tests stands here

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on another disk, as it were."""
    return tmp_path_factory.mktemp("backups")


def test_the_files_of_a_split_go_along_and_each_thousand_files_are_told(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "TELL_EVERY", 1)
    layer = Image.new("RGBA", (20, 10), (200, 30, 30, 255))
    job = people.make_split(people.make_person("Ada"), [(layer, None)], size=(80, 60))
    together = default_storage.save("layers/aa/together.webp", ContentFile(b"all layers"))
    Split.of(job)
    Split.objects.update(together_file=together, difference_file="")
    told: list[str] = []
    folder, facts = backup.make(target, now=timezone.now(), tell=told.append)
    assert told[-1] == f"{facts.files} files looked at, {facts.new_files} of them new"
    assert (target / backup.FILES / together).read_bytes() == b"all layers"
    default_storage.delete(together)
    assert backup.put_back_files(folder, tell=told.append) == (1, [], [])
    assert told[-1] == f"{facts.files} files looked at, 1 of them brought back"
    assert default_storage.exists(together)


def test_without_ids_that_wait_there_is_nothing_to_put_back_but_the_secret(target: Path) -> None:
    settings.SPOOL_DIR.rmdir()
    folder, _ = backup.make(target, now=timezone.now() - timedelta(seconds=1), tell=print)
    assert not (folder / "spool").exists()
    assert backup.put_back_secret(folder)
    assert not settings.SPOOL_DIR.exists()


def test_a_full_disk_leaves_no_half_of_anything_behind(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_picture(people.make_person("Ada"))

    def full(source: IO[bytes], out: IO[bytes]) -> str:
        out.write(source.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy", full)
    with pytest.raises(OSError, match="No space left"):
        backup.make(target, now=timezone.now(), tell=print)
    assert [file for file in target.rglob("*") if file.is_file()] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of the file that SQLite writes")
def test_tables_that_find_no_room_are_told_as_that_and_noted(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backup.TABLES, "sqlite", "no/folder.sqlite3")
    with pytest.raises(CommandError, match=rf"^The tables could not be copied to {target}.* \(unable to open"):
        call_command("backup", str(target))
    assert "could not be copied" in Run.objects.get().sentence
    assert [one.name for one in target.iterdir()] == [backup.FILES]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of the file that SQLite keeps")
def test_tables_whose_pages_do_not_add_up_are_not_put_back(target: Path) -> None:
    folder, _ = backup.make(target, now=timezone.now(), tell=print)
    with (folder / backup.TABLES["sqlite"]).open("r+b") as file:
        file.seek(36)  # how many pages are free
        file.write(b"\0\0\0\5")
    ada = people.make_person("Ada")
    with pytest.raises(backup.Refused, match=r"is damaged\. Nothing was changed"):
        backup.put_back_tables(folder)
    ada.refresh_from_db()


def test_a_backup_says_and_keeps_what_its_tables_hold_whatever_comes_and_goes_meanwhile(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = people.make_person("Ada")
    before = people.make_picture(ada, renditions=())
    place, name = (table_copy, "opened") if connection.vendor == "sqlite" else (postgres_dump, "save")
    real = getattr(place, name)

    def change() -> None:
        people.make_picture(ada, format="jpeg")
        people.make_picture(ada, format="webp")
        Picture.objects.filter(pk=before.pk).update(deleted_at=timezone.now())
        connection.close()

    def meanwhile(*given: Any, **named: Any) -> Any:
        done = real(*given, **named)
        with ThreadPoolExecutor(1) as beside:
            beside.submit(change).result()
        return done

    monkeypatch.setattr(place, name, meanwhile)
    _, facts = backup.make(target, now=timezone.now(), tell=print)
    assert (facts.pictures, facts.files, facts.missing) == (1, 1, 0)
    assert (target / backup.FILES / before.file).is_file()
