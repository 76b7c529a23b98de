"""Save the tables of a PostgreSQL with its own tools, and put them back: all of them, or nothing changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection

# An extension belongs to whoever made it, often the operator of the cluster: it is left as it is, and made where it is not.
EXTENSION = " EXTENSION "
TABLE = re.compile(r"\d+; \d+ \d+ TABLE (\w+) (\w+) ")  # as pg_restore --list writes it
# Those of a newer version too; what else is in the database stays.
OWN_TABLES = """\
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = current_schema() AND tablename LIKE 'studio\\_%' LOOP
    EXECUTE 'DROP TABLE ' || one || ' CASCADE';
  END LOOP;
END $$;
"""
# Another program may hold a table for hours: a restore that waits for it would seem to hang.
WAIT_FOR_TABLES = 15  # seconds
TRIGRAMS = "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n"


class Failed(Exception):
    """A tool of PostgreSQL is not there, or why it failed, as a sentence."""


def save(target: Path, *, snapshot: str) -> None:
    """Write the tables as they are at the moment of a transaction that exported it. Raises Failed."""
    target.touch(mode=0o600)
    run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", "--file", str(target))


def put_back(source: Path) -> None:
    """Replace all tables by those of `source`. Raises Failed, and then nothing was changed.

    What is there may be of a newer version: tables that the backup does not know go too, or they would hold on to those that
    it replaces. The dump is read to its end before the first of them goes.
    """
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, prefix="restore-") as name:
        folder = Path(name)
        first, wanted, script = folder / "first.sql", folder / "wanted", folder / "tables.sql"
        entries = run("pg_restore", "--list", str(source)).splitlines(keepends=True)
        wanted.write_text("".join(one for one in entries if EXTENSION not in one))
        has_trigrams = any(EXTENSION in one and "pg_trgm" in one for one in entries)
        kept = filter(None, map(TABLE.match, entries))
        drops = "".join(f'DROP TABLE IF EXISTS "{one[1]}"."{one[2]}" CASCADE;\n' for one in kept)
        wait = f"SET lock_timeout = '{WAIT_FOR_TABLES}s';\n"
        first.write_text(wait + OWN_TABLES + drops + (TRIGRAMS if has_trigrams else ""))
        what = ["--no-owner", "--no-privileges", "--clean", "--if-exists", "--use-list", str(wanted)]
        run("pg_restore", *what, "--file", str(script), str(source))
        quiet = ["--no-psqlrc", "--quiet", "--output", os.devnull, "--set", "ON_ERROR_STOP=1"]
        run("psql", *quiet, "--single-transaction", "--file", str(first), "--file", str(script))


def run(program: str, *arguments: str) -> str:
    """Run a tool of PostgreSQL on our database and return what it prints. Raises Failed.

    It connects as the studio does, also with the certificates and the like that DATABASE_URL names. The password travels
    in the environment, never in the arguments.
    """
    path = shutil.which(program)
    if path is None:
        raise Failed(f"{program} is not on this machine. Install PostgreSQL's client programs (postgresql-client).")
    environment = {**os.environ, **_connection()}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        why = next((line for line in said if "error:" in line.lower()), said[-1] if said else str(done.returncode))
        raise Failed(f"{program} failed: {why.strip()}")
    return done.stdout


def _connection() -> dict[str, str]:
    """What libpq reads from the environment (postgresql.org/docs/current/libpq-envars.html), by the settings of ours."""
    from psycopg import pq  # a studio on SQLite does without it

    own = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    values = {**(own.get("OPTIONS") or {}), **{name: own.get(key) for name, key in named.items()}}
    variables = {one.keyword.decode(): one.envvar.decode() for one in pq.Conninfo.get_defaults() if one.envvar}
    return {variable: str(values[name]) for name, variable in variables.items() if values.get(name)}
