"""What must stand before the parts start: folders, tables, static files; quick when nothing changed."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from studio import disk, storage
from studio.configuration.roles import Role
from studio.database import idle_transactions, pooler
from studio.models import GalleryMonth, Machine
from studio.models.state.upkeep import tune
from studio.tasks import schedule_periodic

log = logging.getLogger(__name__)

# How long the parts of a launcher that was killed may take to end.
PATIENCE, LOOK_EVERY = 1.5, 0.05  # seconds
# Longer than the supervisor's TELL_EVERY; the clocks of two machines may differ.
LISTEN_FOR, LISTEN_EVERY, LATELY = 12.0, 0.5, timedelta(minutes=10)
# The name of PostgreSQL's lock for starts: any number that is nobody else's.
START_LOCK = 5_784_368_001
# Behind a pooler: how long a machine may change tables, or be frozen, before the next one starts.
LONGEST_START = "1h"
POOLED = (
    "DATABASE_URL leads to a pooler, not to PostgreSQL itself: every statement is planned anew, and an upgrade may hold up "
    "pages while it runs. With PostgreSQL's own address there is neither"
)
# How long a change of the tables waits for one of them (milliseconds; PostgreSQL looks for deadlocks after 1000), how long
# it rests then, and how long it gives way (seconds). After that it waits as long as it must.
GIVE_WAY_AFTER, TRY_AGAIN_AFTER, GIVE_WAY_FOR = 200, 0.2, 60.0
LOCKED = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


def lock(role: Role = Role.ALL) -> list[IO[str]]:
    """Hold the data folder for this launcher; parts of the studio may share it, each once.

    Raises CommandError when another launcher has it.
    """
    if role == Role.ALL:
        return [_locked("studio.lock", fcntl.LOCK_EX)]
    return [_locked("studio.lock", fcntl.LOCK_SH), _locked(f"studio-{role}.lock", fcntl.LOCK_EX)]


def alone() -> None:
    """Refuse to replace tables that another machine works with. Raises CommandError.

    Its own data folder is locked by `lock`; of others a launcher says every few seconds that it lives. One that did so
    lately is listened for, so that a machine that was stopped a moment ago is not taken for one that runs.
    """
    if connection.vendor != "postgresql":
        return
    until = time.monotonic() + LISTEN_FOR
    try:
        before = dict(Machine.objects.filter(seen_at__gt=timezone.now() - LATELY).values_list("pk", "seen_at"))
        while before and time.monotonic() < until:
            time.sleep(LISTEN_EVERY)
            now = dict(Machine.objects.values_list("pk", "seen_at"))
            if living := sorted(name for name, seen_at in now.items() if seen_at > before.get(name, seen_at)):
                raise CommandError(f"Studio runs on {', '.join(living)}. Stop it on every machine first.")
    except DatabaseError:
        return  # no tables, or none of ours


def _locked(name: str, how: int) -> IO[str]:
    try:
        file = (settings.STUDIO_DATA / name).open("a+")
    except OSError as problem:
        raise _not_writable(settings.STUDIO_DATA, problem) from None
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                file.close()
                raise CommandError(
                    f"Studio already runs with {settings.STUDIO_DATA}. "
                    "Stop it first, or set STUDIO_DATA to another folder."
                ) from None
            time.sleep(LOOK_EVERY)
        else:
            # A fork would hold it beyond the launcher's death.
            os.register_at_fork(after_in_child=file.close)
            return file


def _not_writable(folder: Path, problem: OSError) -> CommandError:
    return CommandError(
        f"Studio can't write into {folder} ({problem.strerror}). Let the user who runs Studio read and write all that is in "
        f"{settings.STUDIO_DATA}, or set STUDIO_DATA to another folder."
    )


def ports(role: Role = Role.ALL) -> None:
    """Refuse with a sentence when an address is taken."""
    wanted = [(settings.STUDIO_HOST, settings.STUDIO_PORT, "STUDIO_PORT")] if role.serves_pages else []
    if settings.SIMULATED and role.conducts:
        wanted.append(("127.0.0.1", settings.SIMULATOR_PORT, "STUDIO_SIMULATOR_PORT"))
    for host, port, name in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                _bind(probe, (host, port))
            except (OSError, UnicodeError) as error:
                why, mend = _cannot_listen(error, name)
                raise CommandError(f"Cannot listen on {host}:{port} ({why}). {mend}") from None


def _cannot_listen(error: OSError | UnicodeError, name: str) -> tuple[str, str]:
    """Why an address cannot be taken, and which setting mends that."""
    number, why = getattr(error, "errno", None), getattr(error, "strerror", None) or "not an address"
    if number == errno.EADDRINUSE:
        return why, f"Set {name} to a free port."
    if number in {errno.EACCES, errno.EPERM}:
        return why, f"Set {name} to a port from 1024 up."
    return why, "Set STUDIO_HOST to an address of this machine, or to 0.0.0.0 for all of them."


def _bind(probe: socket.socket, address: tuple[str, int]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(LOOK_EVERY)


def files() -> None:
    """Try where files are kept: raises CommandError for a folder that can't be written to, and for a storage that refuses
    what is set; one that is silent may come back."""
    for folder in filter(None, (settings.WORK_DIR, settings.SPOOL_DIR, storage.folder())):
        if (problem := disk.refusal(folder)) and disk.is_unusable(problem):
            raise _not_writable(folder, problem)
    if not storage.is_remote():
        return
    try:
        storage.check()
    except storage.Unavailable as problem:
        if problem.is_refusal:
            raise CommandError(
                f"The bucket {settings.S3_BUCKET} refuses Studio ({problem.strerror}). Check STUDIO_S3_BUCKET, "
                "STUDIO_S3_ENDPOINT, STUDIO_S3_REGION and the keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)."
            ) from None
        log.warning("%s. Nothing is sent until it does", problem.strerror)
    except OSError as problem:
        raise CommandError(f"The file storage does not keep what it is given ({problem.strerror}).") from None


def tables() -> None:
    """Bring the tables up to date; a new SQLite file is put in WAL mode, which it keeps.

    Raises CommandError when no database answers.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        where = "DATABASE_URL" if connection.vendor == "postgresql" else f"STUDIO_DATA, {settings.STUDIO_DATA}"
        why = str(error).strip().partition("\n")[0]
        raise CommandError(f"No database answers at the address of {where} ({why}). Start it or mend that.") from None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    with _one_start_at_a_time():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _migrate()
        GalleryMonth.keep_to_zone()
        schedule_periodic()
        tune()


def _migrate() -> None:
    """Change the tables. On PostgreSQL the version before serves pages from them meanwhile, and goes first.

    A change that waits for a table holds up every page behind it, and one that holds another table meanwhile is in a
    deadlock with a page that reads both, which PostgreSQL ends by refusing either. So it gives way before that, whole, and
    is tried again.
    """
    if connection.vendor != "postgresql" or pooler.lends(connection):
        call_command("migrate", verbosity=0, interactive=False)
        return
    until = time.monotonic() + GIVE_WAY_FOR
    try:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {GIVE_WAY_AFTER if time.monotonic() < until else 0}")
            try:
                call_command("migrate", verbosity=0, interactive=False)
            except OperationalError as problem:
                if getattr(problem.__cause__, "sqlstate", None) not in LOCKED or time.monotonic() > until:
                    raise
                time.sleep(TRY_AGAIN_AFTER)
            else:
                return
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


@contextmanager
def _one_start_at_a_time() -> Iterator[None]:
    """Several machines may start on one PostgreSQL at once: the second waits, and finds the tables made.

    SQLite serves one machine, whose data folder has a lock of its own.
    """
    if connection.vendor != "postgresql":
        yield
        return
    if pooler.lends(connection):
        log.warning(POOLED)
        with _lock_of_a_transaction():
            yield
        return
    with idle_transactions.limited_as_start(connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [START_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [START_LOCK])


@contextmanager
def _lock_of_a_transaction() -> Iterator[None]:
    """Hold the lock for starts in a transaction of its own, whichever connections the work is done on.

    Who waits for it holds none: a pooler may have no more than those.
    """
    with closing(connection.copy()) as other, other.cursor() as cursor:
        while True:
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config(%s, %s, true)", [idle_transactions.IN_TRANSACTION, LONGEST_START])
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [START_LOCK])
            if cursor.fetchone() == (True,):
                break
            cursor.execute("ROLLBACK")
            time.sleep(TRY_AGAIN_AFTER)
        yield
        cursor.execute("COMMIT")


def machine(role: Role) -> None:
    """Write down that this machine starts, and say when another one has another secret."""
    for other in Machine.arrive(socket.gethostname(), role, now=timezone.now()):
        log.warning(
            "Another STUDIO_SECRET_KEY is set on %s: people would be signed out from page to page, and links would not "
            "work there. Set the same one on every machine",
            other,
        )
