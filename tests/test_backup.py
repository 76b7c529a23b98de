"""A backup beside a running studio, and the drill of putting it back."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as set_up
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from studio.engine.backup import backup, postgres_dump, table_copy
from studio.models import Job, Picture, User
from tests import people

pytestmark = pytest.mark.django_db(transaction=True)


def run(name: str, *arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def read(name: str) -> bytes:
    with default_storage.open(name) as stream:
        return bytes(stream.read())


@pytest.fixture
def apart(settings: Any, tmp_path: Path) -> Path:
    """A data folder of this test alone, with its media."""
    for name, folder in {"STUDIO_DATA": "data", "WORK_DIR": "data/work", "SPOOL_DIR": "data/spool"}.items():
        (tmp_path / folder).mkdir(parents=True)
        setattr(settings, name, tmp_path / folder)
    (tmp_path / "data" / "secret_key").write_text(set_up.SECRET_KEY)
    return tmp_path


only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the drill replaces the file of the tables")


@only_sqlite
def test_what_was_backed_up_comes_back_and_nothing_that_waits_is_sent_by_itself(apart: Path) -> None:
    ada = people.make_person("Ada")
    kept = people.make_picture(ada, size=(96, 64), renditions=(256,))
    waiting = people.make_job(ada)
    (apart / "data/spool/id").write_text("an id that was not stored yet")
    said = run("backup", apart / "backups")
    assert "1 picture, 2 files, 2 of them new" in said
    (folder,) = backup.newest_first(apart / "backups")
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert json.loads((folder / "studio.json").read_text())["pictures"] == 1
    # What is there is not copied again.
    shutil.move(folder, folder.with_name("20260101-000000"))
    assert "2 files, 0 of them new" in run("backup", apart / "backups")

    later = people.make_picture(ada, size=(64, 64))
    User.objects.filter(pk=ada.pk).update(name="Somebody else")
    content = read(kept.file)
    default_storage.delete(kept.file)
    (apart / "data/secret_key").write_text("another secret")
    (apart / "data/spool/id").unlink()

    with pytest.raises(CommandError, match=r"There is a studio here already \(1 person, 2 pictures, 1 job\)"):
        run("restore", apart / "backups")
    said = run("restore", apart / "backups", over=True)
    assert "1 picture, 1 file brought" in said
    assert "What waited asks in Review before it is sent, as it may have been since: 1 job." in said
    assert "STUDIO_SECRET_KEY is another" not in said
    assert User.objects.get().name == "Ada"
    assert list(Picture.objects.all()) == [kept]
    assert not Picture.objects.filter(code=later.code).exists()
    assert read(kept.file) == content
    assert (apart / "data/spool/id").read_text() == "an id that was not stored yet"
    assert Job.objects.get(pk=waiting.pk).state == Job.State.UNKNOWN


@only_sqlite
def test_the_secret_comes_back_where_none_is_set(apart: Path) -> None:
    run("backup", apart / "backups")
    (folder,) = backup.newest_first(apart / "backups")
    (folder / "secret_key").write_text("the secret of before")
    assert backup.put_back_secret(folder)
    assert (apart / "data/secret_key").read_text() == "the secret of before"
    # A setting names another one by now.
    assert not backup.put_back_secret(folder)


@only_sqlite
def test_a_folder_that_is_no_backup_and_one_that_is_damaged_change_nothing(apart: Path) -> None:
    ada = people.make_person("Ada")
    with pytest.raises(CommandError, match="is no finished backup"):
        run("restore", apart, over=True)
    run("backup", apart / "backups")
    (folder,) = backup.newest_first(apart / "backups")
    (folder / "database.sqlite3").write_bytes(b"not a database at all" * 500)
    with pytest.raises(CommandError, match=r"damaged.*Nothing was changed"):
        run("restore", folder, over=True)
    assert User.objects.get() == ada
    facts = json.loads((folder / "studio.json").read_text())
    (folder / "studio.json").write_text(json.dumps({**facts, "database": "postgresql"}))
    with pytest.raises(CommandError, match="This backup is of postgresql"):
        run("restore", folder, over=True)


@only_sqlite
def test_no_backup_lies_in_what_it_is_of(settings: Any) -> None:
    target = settings.STUDIO_DATA / "backups"
    with pytest.raises(CommandError, match="is inside the data of this studio"):
        call_command("backup", str(target))
    assert not target.exists()


def test_a_file_that_is_gone_is_counted_and_named(apart: Path) -> None:
    ada = people.make_person("Ada")
    lost = people.make_picture(ada)
    default_storage.delete(lost.file)
    assert "Not in storage: 1 file;" in run("backup", apart / "backups")
    said = run("restore", apart / "backups", over=True)
    assert f"Not in the backup: {lost.file}" in said


@only_sqlite
def test_old_backups_go_and_a_full_disk_is_told(apart: Path) -> None:
    run("backup", apart / "backups")
    (folder,) = backup.newest_first(apart / "backups")
    shutil.copytree(folder, folder.with_name("20250101-000000"))
    shutil.move(folder, folder.with_name("20250102-000000"))
    assert "Deleted: 2 older backups." in run("backup", apart / "backups", keep=1)
    assert len(backup.newest_first(apart / "backups")) == 1
    now = timezone.now()
    backup.make(apart / "other", now=now, tell=print)
    with pytest.raises(backup.Refused, match="a backup of this second"):
        backup.make(apart / "other", now=now, tell=print)
    with (
        patch.object(table_copy, "saved", side_effect=OSError(28, "No space left on device")),
        pytest.raises(CommandError, match="cannot be written"),
    ):
        run("backup", apart / "third")


def test_postgres_is_saved_by_its_own_tool_and_its_password_is_no_argument(apart: Path, settings: Any) -> None:
    tool = apart / "pg_dump"
    tool.write_text('#!/bin/sh\necho "$@" "$PGDATABASE" > "$0.arguments"\necho "$PGPASSWORD" > "$0.password"\n')
    tool.chmod(0o755)
    own = {"NAME": "studio", "HOST": "db", "PORT": 5432, "USER": "studio", "PASSWORD": "secret of the tables"}
    with patch.object(connection, "settings_dict", own), patch.dict("os.environ", {"PATH": f"{apart}:/bin"}):
        postgres_dump.run("pg_dump", "--file", "x")
        tool.write_text("#!/bin/sh\necho first >&2\necho 'no such database' >&2\nexit 1\n")
        with pytest.raises(postgres_dump.Failed, match="pg_dump failed: no such database"):
            postgres_dump.run("pg_dump")
    assert (apart / "pg_dump.arguments").read_text().strip() == "--file x studio"
    assert (apart / "pg_dump.password").read_text().strip() == "secret of the tables"


def test_sqlite_is_whole_in_one_file(apart: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite")
    people.make_person("Ada")
    with table_copy.saved(apart / "copy.sqlite3"):
        pass
    copy = sqlite3.connect(apart / "copy.sqlite3")
    assert copy.execute("SELECT name FROM studio_user").fetchall() == [("Ada",)]
    copy.close()
