"""A rolling upgrade: the version before serves pages and makes pictures while the next one changes the tables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.launcher import startup
from tests.servers import own
from tests.stack.running import OWN, ROOT, Running, eventually
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.stack

MIGRATIONS = ROOT / "studio" / "migrations"
LAST = max(one.stem for one in MIGRATIONS.glob("[0-9]*.py"))
NEXT = f"""
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "{LAST}")]
    operations = [
        migrations.AddField("job", "shade", models.CharField(max_length=9, db_default="red")),
        migrations.AddField("picture", "shade", models.CharField(max_length=9, null=True)),
        migrations.CreateModel("Shade", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""
# What the first start of the next version does to the tables, under the lock of starts.
START = """
import django
from django.conf import settings
settings.MIGRATION_MODULES = {"studio": "next_version"}
django.setup()
from studio.launcher import startup
startup.tables()
"""


def upgrade(studio: Running, folder: Path) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    shutil.copytree(MIGRATIONS, folder / "next_version", dirs_exist_ok=True)
    (folder / "next_version" / "9999_next.py").write_text(NEXT)
    return subprocess.Popen(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={
            **inherited,
            **studio.surroundings,
            "PYTHONPATH": f"{folder}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "studio.settings",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


WAITS = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def begin_beside_others(studio: Running, begin: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Begin an upgrade. On PostgreSQL another machine's start is at the tables, and a page reads one after the other."""
    if not own.POSTGRES:
        return begin()
    with own.connect(studio.data) as page:
        page.execute("SELECT count(*) FROM studio_picture")
        with own.connect(studio.data) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [startup.START_LOCK])
            process = begin()
            waits(studio, "locktype = 'advisory'")
            assert studio.rows("SELECT to_regclass('studio_shade')")[0][0] is None
        # It has changed the jobs and waits for the pictures. It gives way to the page.
        waits(studio, "relation = 'studio_picture'::regclass")
        assert page.execute("SELECT count(*) FROM studio_job").fetchone()[0] > 0
    return process


def waits(studio: Running, wanted: str) -> None:
    eventually(lambda: studio.rows(f"{WAITS} AND {wanted}")[0][0], what=f"somebody waits for {wanted}")


def test_the_version_before_goes_on_while_the_next_one_changes_the_tables(tmp_path: Path) -> None:
    studio = Running(tmp_path / "var")
    studio.start()
    made = "SELECT count(*) FROM studio_job WHERE state = 'done'"
    answers: list[int] = []
    ended = threading.Event()
    try:
        with Visitor(studio) as ada:
            ada.make("before")
            eventually(lambda: studio.rows(made)[0][0] == 1, within=40)
            ada.make("meanwhile", 3)

            def look() -> None:
                while not ended.wait(0.02):
                    answers.append(ada.http.get("/gallery/").status_code)

            looking = threading.Thread(target=look)
            looking.start()
            try:
                process = begin_beside_others(studio, lambda: upgrade(studio, tmp_path))
                said, _ = process.communicate(timeout=60)
            finally:
                ended.set()
                looking.join()
            assert process.returncode == 0, said
            assert len(answers) > 5
            assert set(answers) == {200}, studio.log[-4000:]
            # It writes rows that know nothing of the new columns, and still is in service.
            ada.make("after")
            eventually(lambda: studio.rows(made)[0][0] == 5, within=40)
            assert {row[0] for row in studio.rows("SELECT shade FROM studio_job")} == {"red"}
            assert ada.http.get("/readyz").json()["ready"] is True
    finally:
        studio.kill()
