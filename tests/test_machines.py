"""Several machines on one database: they start one after the other, and have one secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from studio.configuration import roles
from studio.configuration.roles import Role
from studio.database import idle_transactions, silent_database
from studio.launcher import startup
from studio.models import Machine, Revision

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_machine_with_another_secret_is_named_at_the_start(
    settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    now = timezone.now()
    assert Machine.arrive("one", "web", now=now) == []
    settings.SECRET_KEY = "another secret of fifty letters, or a few more than that"  # type: ignore[attr-defined]
    assert Machine.arrive("two", "web", now=now) == ["one web"]
    startup.machine(Role.ALL)
    assert "Another STUDIO_SECRET_KEY is set on one web" in caplog.text
    assert "another secret of fifty" not in caplog.text
    # One that was not seen for a day is gone.
    Machine.objects.filter(pk="one web").update(seen_at=now - timedelta(days=2))
    Machine.see("two", "web", now=now)
    Machine.arrive("two", "web", now=now)
    assert not Machine.objects.filter(pk="one web").exists()


def test_roles_say_what_runs_where() -> None:
    assert [role.queues for role in Role] == [("io", "studio"), (), ("studio",), ("io",)]
    assert [role.serves_pages for role in Role] == [True, True, False, False]
    assert [role.conducts for role in Role] == [True, False, False, True]
    assert roles.current == Role.ALL


def test_starts_at_once_come_one_after_the_other() -> None:
    if connection.vendor != "postgresql":
        with startup._one_start_at_a_time():
            return  # one machine, whose folder has a lock
    inside, most = 0, 0
    counting = threading.Lock()

    def start() -> None:
        nonlocal inside, most
        try:
            with startup._one_start_at_a_time():
                with counting:
                    inside += 1
                    most = max(most, inside)
                startup.schedule_periodic()
                with counting:
                    inside -= 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one machine, whose end the kernel tells the others")
def test_a_machine_that_froze_within_a_transaction_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_transactions, "LONGEST", "300ms")
    with frozen(transaction.atomic, Revision.bump) as told:
        Revision.bump()
    # Nothing of it was kept, and who asked for it is told that the database was away.
    assert silent_database.is_cause(told[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one machine, whose end the kernel tells the others")
def test_a_machine_that_froze_while_it_started_lets_the_next_one_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_transactions, "START_LONGEST", "300ms")
    with frozen(startup._one_start_at_a_time, startup.schedule_periodic) as told, startup._one_start_at_a_time():
        pass
    assert silent_database.is_cause(told[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such limit")
def test_a_start_leaves_no_limit_of_its_own() -> None:
    with startup._one_start_at_a_time():
        assert shown("idle_session_timeout") == idle_transactions.START_LONGEST
    assert shown("idle_session_timeout") == "0"
    assert shown("idle_in_transaction_session_timeout") == idle_transactions.LONGEST


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such limit")
def test_a_move_may_pause_within_its_transaction() -> None:
    with transaction.atomic():
        idle_transactions.unlimited(connection)
        assert shown("idle_in_transaction_session_timeout") == "0"
    assert shown("idle_in_transaction_session_timeout") == idle_transactions.LONGEST


@contextmanager
def frozen(
    within: Callable[[], AbstractContextManager[object]], work: Callable[[], object]
) -> Iterator[list[DatabaseError]]:
    """Another machine, which froze at its work within a transaction or a lock and goes on after the block; yield what it
    is told then.
    """
    at_work, goes_on = threading.Event(), threading.Event()
    told: list[DatabaseError] = []

    def run() -> None:
        try:
            with within():
                work()
                at_work.set()
                goes_on.wait(20)
                work()
        except DatabaseError as problem:
            told.append(problem)
        finally:
            connections.close_all()

    machine = threading.Thread(target=run)
    machine.start()
    try:
        assert at_work.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '10s'")
        yield told
    finally:
        goes_on.set()
        machine.join()


def shown(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return str(cursor.fetchone()[0])
