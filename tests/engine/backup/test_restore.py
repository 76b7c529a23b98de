"""Putting a backup back: broken off, damaged, over a newer version, beside a machine that runs."""

from __future__ import annotations

import io
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from studio import storage
from studio.engine.backup import backup, postgres_dump
from studio.launcher import startup
from studio.models import Job, Machine, Run, User
from tests import people
from tests.engine.integrity.findings import own_shelf  # noqa: F401 - nothing of other tests stands here

pytestmark = pytest.mark.django_db(transaction=True)
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of the file that SQLite keeps")
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL's own tools")


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups")


def run(name: str, *arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


@only_sqlite
def test_broken_off_while_files_come_back_nothing_is_sent_by_itself(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = people.make_job(people.make_person("Ada"))
    run("backup", target)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "put_back_files", fail)
    with pytest.raises(CommandError, match="No space left"):
        run("restore", target, over=True)
    assert Job.objects.get(pk=waiting.pk).state == Job.State.UNKNOWN


def test_files_that_are_damaged_in_the_backup_are_named_and_stay_out(target: Path) -> None:
    picture = people.make_picture(people.make_person("Ada"), size=(96, 64), renditions=(256,))
    run("backup", target)
    names = [picture.file, picture.renditions.get().file]
    original, small = (target / backup.FILES / name for name in names)
    content = original.read_bytes()
    original.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    small.write_bytes(small.read_bytes()[:-1])
    for name in names:
        default_storage.delete(name)
    said = run("restore", target, over=True)
    assert [line for line in said.splitlines() if line.startswith("Damaged")] == [f"Damaged there: {n}" for n in names]
    assert not any(map(default_storage.exists, names))


def test_half_a_file_of_a_backup_before_is_copied_again(target: Path) -> None:
    picture = people.make_picture(people.make_person("Ada"))
    file = target / backup.FILES / picture.file
    file.parent.mkdir(parents=True)
    file.touch()  # the power went
    _, facts = backup.make(target, now=timezone.now(), tell=print)
    assert facts.missing == 0
    assert file.stat().st_size == picture.bytes


def test_a_backup_that_lacks_a_part_changes_nothing(target: Path) -> None:
    run("backup", target)
    (folder,) = backup.newest_first(target)
    (folder / backup.SECRET).unlink()
    with pytest.raises(CommandError, match=r"is damaged: it has no secret_key\. Nothing was changed"):
        run("restore", folder, over=True)


def test_ids_that_are_stored_meanwhile_end_no_backup(
    target: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    (settings.SPOOL_DIR / "id.json").write_text("{}")

    def gone(*_: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(shutil, "copyfile", gone)
    folder, _ = backup.make(target, now=timezone.now(), tell=print)
    assert list((folder / "spool").iterdir()) == []


def test_a_storage_that_is_silent_is_said(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_picture(people.make_person("Ada"))

    def silent(name: str) -> None:
        raise storage.Unavailable("timeout")

    monkeypatch.setattr(storage, "open_file", silent)
    with pytest.raises(CommandError, match=r"^The file storage does not answer: timeout\. Files that were copied stay"):
        run("backup", target)
    assert not Run.objects.get().is_ok


def test_what_a_backup_that_was_broken_off_left_goes_a_day_later(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (target / "20260101-000000.part").mkdir()
    backup.forget_older(target, keep=1)
    assert list(target.iterdir())
    monkeypatch.setattr(backup, "FORGOTTEN_AFTER", -1)
    backup.forget_older(target, keep=1)
    assert not list(target.iterdir())


@only_postgres
def test_tables_of_a_newer_version_go_and_a_damaged_dump_changes_nothing(target: Path) -> None:
    job = people.make_job(people.make_person("Ada"))
    folder, _ = backup.make(target, now=timezone.now(), tell=print)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE studio_newer (id serial PRIMARY KEY, job_id bigint REFERENCES studio_job)")
        cursor.execute("INSERT INTO studio_newer (job_id) VALUES (%s)", [job.pk])
        cursor.execute("CREATE TABLE neighbour (id serial PRIMARY KEY)")
    User.objects.update(name="Somebody else")
    dump = folder / backup.TABLES["postgresql"]
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(backup.Refused, match=r"^pg_restore failed: .*\. Nothing was changed\.$"):
        backup.put_back_tables(folder)
    assert User.objects.get().name == "Somebody else"
    dump.write_bytes(whole)
    backup.put_back_tables(folder)
    assert User.objects.get().name == "Ada"
    there = connection.introspection.table_names()
    assert "studio_newer" not in there
    assert "neighbour" in there
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE neighbour")
    assert people.make_job(User.objects.get()).pk > job.pk


@only_postgres
def test_a_table_that_another_program_holds_keeps_nobody_waiting(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_person("Ada")
    folder, _ = backup.make(target, now=timezone.now(), tell=print)
    monkeypatch.setattr(postgres_dump, "WAIT_FOR_TABLES", 1)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM studio_user")
        with pytest.raises(backup.Refused, match=r"^psql failed: .* lock timeout\. Nothing was changed\.$"):
            backup.put_back_tables(folder)
    finally:
        other.close()
    assert User.objects.get().name == "Ada"


def test_tables_that_another_machine_works_with_are_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "LISTEN_FOR", 0.6)
    monkeypatch.setattr(startup, "LISTEN_EVERY", 0.1)
    Machine.arrive("one", "web", now=timezone.now())
    Machine.arrive("two", "queue", now=timezone.now())
    startup.alone()  # both were stopped a moment ago
    if connection.vendor != "postgresql":
        return  # one machine, whose folder has a lock

    def live() -> None:
        Machine.see("two", "queue", now=timezone.now())
        connections.close_all()

    telling = threading.Timer(0.3, live)
    telling.start()
    with pytest.raises(CommandError, match=r"Studio runs on two queue\. Stop it on every machine first"):
        startup.alone()
    telling.join()


def test_a_tool_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres_dump.Failed, match="Install PostgreSQL's client programs"):
        postgres_dump.save(tmp_path / "dump", snapshot="1")
    with pytest.raises(postgres_dump.Failed, match="Install PostgreSQL's client programs"):
        postgres_dump.put_back(tmp_path / "dump")


@only_postgres
def test_without_the_tools_of_postgresql_nothing_is_saved_and_they_are_named(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(target))
    with pytest.raises(CommandError, match="pg_dump is not on this machine"):
        run("backup", target)
    assert not backup.newest_first(target)
