"""Several machines on one database: they start one after the other, and have one secret."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from studio import roles
from studio.launcher import startup
from studio.models import Machine
from studio.roles import Role

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
