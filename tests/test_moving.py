"""Moving a studio: SQLite to a real PostgreSQL, a folder to a bucket; broken off, and going on."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.postgres_server import postgres
from tests.test_s3 import KEYS

__all__ = ["postgres"]

# The old studio is made on one worker alone.
pytestmark = pytest.mark.xdist_group("moving")
ROOT = Path(__file__).resolve().parent.parent
# Makes a studio with people, pictures, a job that waits, a private one and words to search for.
FILL = """
import django; django.setup()
from studio.launcher import startup
startup.tables()
from decimal import Decimal
from tests import people
from studio.models import Notification, TrailEntry, User
ada = people.make_person("Ada \\U0001f3a8", role="admin", password="a long enough password")
ada.inherited = []; ada.cap_per_day = Decimal("1.2345"); ada.save()
for number in range(3):
    people.make_job(ada, state="done", prompt=f"Harbour {number} \\u6e2f")
people.make_job(ada)
people.make_picture(ada)
TrailEntry.log("price", by=ada, thing="x" * 120)
"""
LOOK = """
import django, json; django.setup()
from django.apps import apps
from studio.models import Job, Picture, SearchDocument, User
tables = {one._meta.db_table: one._base_manager.count() for one in apps.get_models(include_auto_created=True)
          if not one._meta.proxy}
ada = User.objects.get()
new = User.objects.create_user("Bob")
print(json.dumps({"tables": tables, "name": ada.name, "cap": str(ada.cap_per_day), "role": ada.role,
    "prompts": sorted(job.submission.prompt for job in Job.objects.all()), "next": new.pk > ada.pk,
    "files": [one.file for one in Picture.objects.all()],
    "words": SearchDocument.objects.count()}))
new.delete()
"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a studio on SQLite that was stopped."""
    folder = tmp_path_factory.mktemp("old")
    python(folder, FILL)
    (folder / "spool").mkdir(exist_ok=True)
    (folder / "spool" / "id").write_text("not stored yet")
    return folder


def environment(data: Path, **more: str) -> dict[str, str]:
    own = {"PATH": os.environ["PATH"], "STUDIO_DOTENV": "0", "STUDIO_DATA": str(data), "PYTHONPATH": str(ROOT)}
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {**own, **measured, "DJANGO_SETTINGS_MODULE": "studio.settings", **more}


def python(data: Path, code: str, **more: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, env=environment(data, **more), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def move(data: Path, source: Path, **more: str) -> tuple[int, str]:
    command = [sys.executable, "manage.py", "import-from", str(source)]
    done = subprocess.run(command, env=environment(data, **more), cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # What the servers of one process keep outlives them: a name that no other test has.
    name = f"moved-{uuid.uuid4()}"
    boto3.client("s3", endpoint_url=url, region_name="us-east-1", **KEYS).create_bucket(Bucket=name)
    yield {
        "STUDIO_S3_BUCKET": name,
        "STUDIO_S3_ENDPOINT": url,
        "STUDIO_S3_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    server.stop()


def files_of(folder: Path) -> dict[str, bytes]:
    media = folder / "media"
    return {str(file.relative_to(media)): file.read_bytes() for file in media.rglob("*") if file.is_file()}


def stored(bucket: dict[str, str]) -> dict[str, bytes]:
    client = boto3.client("s3", endpoint_url=bucket["STUDIO_S3_ENDPOINT"], region_name="us-east-1", **KEYS)
    of = bucket["STUDIO_S3_BUCKET"]
    names = [one["Key"] for one in client.list_objects_v2(Bucket=of).get("Contents", ())]
    return {name: client.get_object(Bucket=of, Key=name)["Body"].read() for name in names}


def test_a_studio_moves_to_postgresql_and_a_bucket_with_every_row_and_byte(
    old: Path, postgres: str, bucket: dict[str, str], tmp_path: Path
) -> None:
    # The shared memory beside a database of SQLite changes with every reader.
    changing = ("lock", "-shm")
    kept = [file for file in old.rglob("*") if file.is_file() and not any(word in file.name for word in changing)]
    before = {str(file): file.stat().st_mtime_ns for file in kept}
    new = {"DATABASE_URL": postgres, **bucket}
    code, said = move(tmp_path, old, **new)
    assert code == 0, said
    assert "Moved and compared: " in said
    assert "STUDIO_SECRET_KEY is another" not in said
    assert (tmp_path / "secret_key").read_text() == (old / "secret_key").read_text()
    assert (tmp_path / "spool" / "id").read_text() == "not stored yet"
    assert {str(file): file.stat().st_mtime_ns for file in old.rglob("*") if str(file) in before} == before
    assert stored(bucket) == files_of(old)
    found, expected = (json.loads(python(data, LOOK, **more)) for data, more in ((tmp_path, new), (old, {})))
    for passing in ("studio_machine", "studio_heartbeat", "studio_conductorlease"):
        found["tables"].pop(passing), expected["tables"].pop(passing)
    assert found == expected
    assert found["prompts"][1].startswith("Harbour 0")
    assert found["next"]
    # The second time there is a studio, which stays as it is.
    code, said = move(tmp_path, old, **new)
    assert code == 1
    assert "CommandError: There is a studio here already (1 rows of users). Move into an empty database." in said


def test_a_move_that_was_broken_off_goes_on_and_damaged_files_are_named(old: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(old, source)
    names = sorted(files_of(source))
    victim = source / "media" / [name for name in names if name.startswith("originals/")][-1]
    whole = victim.read_bytes()
    victim.write_bytes(whole[:-1])
    code, said = move(target, source)
    assert code == 1
    assert "has other bytes than its name says" in said
    # What is half there is brought anew, what was compared is not read again.
    done = (target / "moved.txt").read_text().splitlines()
    assert 0 < len(done) < len(names)
    half = target / "media" / str(victim.relative_to(source / "media"))
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    victim.write_bytes(whole)
    code, said = move(target, source)
    assert code == 0, said
    assert f"{len(names) - len(done)} files ({len(done)} more had been moved before)" in said
    assert files_of(target) == files_of(source)
    assert not (target / "moved.txt").exists()


def test_files_that_went_since_an_earlier_try_are_moved_anew_and_those_that_nobody_has_are_named(
    old: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(old, source)
    name = [name for name in sorted(files_of(source)) if name.startswith("originals/")][-1]
    (source / "media" / name).write_bytes(b"damaged")
    assert move(target, source)[0] == 1
    assert (target / "moved.txt").read_text()
    # As if the settings named another folder, or another bucket, this time.
    shutil.rmtree(target / "media")
    (source / "media" / name).unlink()
    code, said = move(target, source)
    assert code == 0, said
    assert files_of(target) == files_of(source)
    assert "more had been moved before" not in said
    assert f"Neither there nor here: {name}\nThe rows name 1 file that nobody has." in said


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount")
def test_a_studio_on_a_disk_that_cannot_be_written_to_moves_too(old: Path, tmp_path: Path) -> None:
    (old / "studio.lock").touch()
    mounted = f"mount --bind {old} {old} && mount -o remount,ro,bind {old} && ! touch {old}/x 2>&1 && exec"
    command = f"{mounted} {sys.executable} manage.py import-from {old}"
    apart = ["unshare", "--mount", "sh", "-c", command]
    own = environment(tmp_path / "target")
    done = subprocess.run(apart, env=own, cwd=ROOT, capture_output=True, text=True, check=False)
    if "Moved and compared" not in done.stdout and "CommandError" not in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "target") == files_of(old)


# What a move does with a thousand files and a hundred thousand rows, with a few.
BY_FEW = """
import sys, django; django.setup()
from django.core.management import call_command
from studio.engine.backup import moving
moving.ROWS, moving.TELL_EVERY, moving.TELL_ROWS_EVERY = 2, 3, 4
call_command("import-from", sys.argv[1])
"""


def test_a_long_move_goes_in_parts_and_tells_how_far_it_is(old: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(old, source)
    (source / "mark.json").write_text("{}")
    (source / "secret_key").unlink()
    shutil.rmtree(source / "spool")
    said = python(target, f"import sys; sys.argv[1:] = [{str(source)!r}]{BY_FEW}")
    count = len(files_of(source))
    assert f"\n3 of {count:,} files, 0.0 GB\n" in f"\n{said}"
    assert "studio_job: 4 rows\n" in said
    # The secret that its links were signed with lies nowhere.
    assert "STUDIO_SECRET_KEY is another than that studio's" in said
    assert (target / "mark.json").read_text() == "{}"
    found, expected = (json.loads(python(folder, LOOK)) for folder in (target, source))
    assert found["prompts"] == expected["prompts"]
    assert files_of(target) == files_of(source)


def test_a_studio_takes_another_database_and_keeps_its_folder(old: Path, tmp_path: Path, postgres: str) -> None:
    folder = tmp_path / "studio"
    shutil.copytree(old, folder)
    code, said = move(folder, folder, DATABASE_URL=postgres)
    assert code == 0, said
    assert "STUDIO_SECRET_KEY is another" not in said
    assert files_of(folder) == files_of(old)
    assert (folder / "spool" / "id").read_text() == "not stored yet"
    assert json.loads(python(folder, LOOK, DATABASE_URL=postgres))["name"] == "Ada \U0001f3a8"


def test_what_cannot_be_moved_is_said_in_a_sentence(old: Path, tmp_path: Path) -> None:
    def refusal(source: Path, **more: str) -> str:
        code, said = move(tmp_path / "target", source, **more)
        assert (code, "Traceback" in said) == (1, False), said
        return said

    assert "holds no studio.sqlite3" in refusal(tmp_path)
    for name, content, words in (("text", b"no database", "cannot be read"), ("empty", b"", "holds no studio")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "studio.sqlite3").write_bytes(content)
        assert words in refusal(tmp_path / name)
    shutil.copytree(old, tmp_path / "bare", ignore=lambda *_: ["media"])
    assert "bare/media is not there, and the rows name files in it" in refusal(tmp_path / "bare")
    with (old / "studio.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert f"Studio runs with {old}. Stop it first." in refusal(old)
    shutil.copytree(old, tmp_path / "later")
    with closing(sqlite3.connect(tmp_path / "later" / "studio.sqlite3")) as tables, tables:
        tables.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('studio', '0999_later', '2030-01-01')"
        )
    assert "is of another version. Start it once with this one" in refusal(tmp_path / "later")
    code, said = move(old, old)
    assert code == 1
    assert "Source and target are the same" in said
    assert (
        "STUDIO_SECRET_KEY is another than that studio's"
        in move(tmp_path / "other", old, STUDIO_SECRET_KEY="another secret " * 5)[1]
    )
