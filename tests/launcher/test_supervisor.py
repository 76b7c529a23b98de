"""A stop reaches every conductor that there is until the queues have ended, and each of them once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from studio.configuration.roles import Role
from studio.launcher import supervisor
from studio.launcher.supervisor import Supervisor
from studio.models import ConductorLease, Machine
from studio.models.lease import boot_id, process_start

pytestmark = pytest.mark.django_db

# A launcher with one part, which says whether the pages' addresses are loaded, and ends the launcher.
LOADED = """
import os, signal, sys, django
django.setup()
from studio.launcher.process import Lifeline, Process
from studio.launcher.supervisor import Supervisor
from studio.configuration.roles import Role

def say():
    print("studio.urls" in sys.modules)
    os.kill(os.getppid(), signal.SIGTERM)

launcher = Supervisor(Role.QUEUE)
launcher.children = [Process("part", say, Lifeline())]
launcher.run(lambda: None)
"""


@pytest.fixture
def conductors() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two processes that could conduct."""
    processes = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2)]
    yield processes
    for process in processes:
        process.communicate(b"\n", timeout=10)


def conducts(process: subprocess.Popen[bytes], holder: str = "first") -> None:
    facts = {"boot": boot_id(), "pid": process.pid, "pid_started": process_start(process.pid)}
    until = timezone.now() + timedelta(seconds=5)
    ConductorLease.objects.update_or_create(pk="conductor", defaults={"holder": holder, "until": until, **facts})


def test_a_conductor_that_follows_another_during_a_stop_is_stopped_too(
    conductors: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    monkeypatch.setattr(supervisor.os, "kill", lambda pid, number: sent.append(pid))
    drained: set[str] = set()
    one, other = conductors
    # The queue's next wake-up may be answered by the process that has just left.
    for process, holder in ((one, "first"), (one, "first"), (one, "second"), (other, "third"), (other, "third")):
        conducts(process, holder)
        # Also one that could not renew its lease.
        ConductorLease.objects.update(until=timezone.now() - timedelta(seconds=5))
        supervisor._drain_conductor(drained)
    assert sent == [one.pid, one.pid, other.pid]


def test_a_lease_of_a_process_that_is_gone_stops_nobody(
    conductors: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    conducts(conductors[0])
    conductors[0].kill()
    conductors[0].wait(5)
    drained: set[str] = set()
    supervisor._drain_conductor(drained)
    assert drained == set()


def test_a_stop_waits_for_a_conductor_of_this_machine_alone(
    conductors: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    conducts(conductors[0])
    assert supervisor._is_conducting_here()
    ConductorLease.objects.update(until=timezone.now() - timedelta(seconds=5))
    assert supervisor._is_conducting_here() is None, "it may wait for locked tables, with a request on the wire"
    ConductorLease.objects.update(holder="")
    assert supervisor._is_conducting_here() is False
    conducts(conductors[0])
    ConductorLease.objects.update(boot="another machine")
    assert not supervisor._is_conducting_here()


def test_a_stop_while_the_database_is_silent_waits_for_the_queue_that_may_be_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its request may be on the wire, and cut it could have been paid for."""
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)

    def silent(**_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(ConductorLease.objects, "filter", silent)
    launcher = Supervisor(Role.CONDUCTOR)
    io = next(child for child in launcher.children if child.name == "queue io")
    looks = [False, False, True]
    monkeypatch.setattr(io, "ended", lambda: looks.pop(0))
    launcher.children = [io]
    asked = [launcher._may_be_conducting() for _ in range(3)]
    assert asked == [True, True, False]


def test_a_machine_that_stands_by_says_that_it_lives_and_looks_whether_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    looked: list[str] = []
    monkeypatch.setattr(supervisor.tasks, "ensure_conductor", lambda: looked.append("needed?"))
    monkeypatch.setattr(supervisor.spool, "adopt_all", lambda **_: looked.append("ids?"))
    then = timezone.now() - timedelta(hours=1)
    for role in (Role.CONDUCTOR, Role.WEB):
        Machine.arrive(socket.gethostname(), role, now=then)
        launcher = Supervisor(role)
        launcher._tell_alive()
        launcher._tell_alive()  # too soon
        assert Machine.objects.get(role=role).seen_at > then
    assert looked == ["ids?", "needed?"]


def test_a_queue_does_not_load_the_pages_addresses_while_it_stores_a_picture(tmp_path: Path) -> None:
    own = {"STUDIO_DATA": str(tmp_path), "STUDIO_DOTENV": "off", "DJANGO_SETTINGS_MODULE": "studio.settings"}
    said = subprocess.run(
        [sys.executable, "-c", LOADED], env=os.environ | own, capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout == "True\n"
