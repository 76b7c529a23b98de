"""What a backup holds beside the tables, how far it is, and what of it can't be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image

from studio.engine import backup
from studio.models import Split
from tests import people
from tests.engine.findings import own_shelf  # noqa: F401 - nothing of other tests stands here

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
