"""Starts the parts, restarts what dies or falls silent, and stops everything in order."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.utils import timezone

from studio import tasks
from studio.configuration.roles import Role
from studio.engine import spool
from studio.launcher import services
from studio.launcher.process import Lifeline, Process
from studio.launcher.watchdog import Watchdog
from studio.models import ConductorLease, Machine
from studio.models.lease import boot_id, process_start
from studio.network import loopback

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds
OPEN_EVERY = 0.05  # until the first page is there
# For what is on the wire, which is never cut before its own limit (seconds); what else a part still does can be done
# again, so it gets less.
DRAIN_PATIENCE, STOP_PATIENCE = 135.0, 3.0
TELL_AFTER = 3.0
# Seconds between two signs of life of this machine; where its conductor shares a database with others, who take over
# when it falls silent (recovery.SILENCE).
TELL_EVERY, TELL_OTHERS_EVERY = 10.0, 2.0


class Supervisor:
    """Owns the processes of one studio on one machine, or of the part of it that the machine's role names."""

    def __init__(self, role: Role = Role.ALL) -> None:
        lifeline = Lifeline()
        self.role = role
        self.children = [Process(f"queue {name}", partial(services.queue, name), lifeline) for name in role.queues]
        if settings.SIMULATED and role.conducts:
            self.children.insert(0, Process("simulator", services.simulator, lifeline))
        if role.serves_pages:
            self.children.append(Process("web", services.web, lifeline))
        self.watchdog = Watchdog()
        self.stopping = self.is_open = False
        self.tell_at = 0.0

    def run(self, ready: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM. `ready` is called once when the first page can be asked for."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        services.load()
        try:
            for child in self.children:
                child.start()
            while not self.stopping:
                self._restart_the_dead()
                self._end_the_silent()
                if not self.is_open:
                    self._look_whether_open(ready)
                time.sleep(LOOK_EVERY if self.is_open else OPEN_EVERY)
        finally:
            self._stop_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping and number == signal.SIGINT:
            for child in self.children:
                child.signal_group(signal.SIGKILL)
        self.stopping = True

    def _look_whether_open(self, ready: Callable[[], None]) -> None:
        """Ask for the first page, and say so once it comes; a slow machine is not given up."""
        if not self.role.serves_pages:
            self.is_open = True
            ready()
            return
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.STUDIO_HOST, settings.STUDIO_HOST)  # noqa: S104
        address = f"http://{f'[{host}]' if ':' in host else host}:{settings.STUDIO_PORT}/healthz"
        try:
            with loopback.ask(address, timeout=2):
                self.is_open = True
        except OSError:
            return
        ready()

    def _restart_the_dead(self) -> None:
        for child in self.children:
            if child.pid and child.ended():
                child.plan_restart()
                if not self.stopping:
                    log.warning("%s ended; it is started again", child.name)
            if not child.pid and not self.stopping and time.monotonic() >= child.not_before:
                child.start()

    def _end_the_silent(self) -> None:
        uptimes = {
            child.name.removeprefix("queue "): time.monotonic() - child.started
            for child in self.children
            if child.name.startswith("queue ") and child.pid
        }
        self._tell_alive()
        for name in self.watchdog.silent(uptimes):
            log.error("The queue %s gives no sign of life; it is started again", name)
            child = next(child for child in self.children if child.name == f"queue {name}")
            child.signal_group(signal.SIGKILL)

    def _tell_alive(self) -> None:
        if time.monotonic() < self.tell_at:
            return
        is_shared = self.role.conducts and connection.vendor == "postgresql"
        self.tell_at = time.monotonic() + (TELL_OTHERS_EVERY if is_shared else TELL_EVERY)
        try:
            now = timezone.now()
            Machine.see(socket.gethostname(), self.role, now=now)
            if self.role.conducts:
                # A conductor that lost the database has left ids here, and another machine may conduct by now.
                spool.adopt_all(now=now)
            if self.role == Role.CONDUCTOR:
                tasks.ensure_conductor()
        except (DatabaseError, OSError):
            log.debug("The database or the disk did not answer; this machine tells later that it is alive")
        finally:
            connections.close_all()

    def _stop_all(self) -> None:
        self.stopping = True
        drained: set[str] = set()
        _drain_conductor(drained)
        for child in reversed(self.children):
            if child.name != "simulator":
                child.terminate()
        began = time.monotonic()
        is_told = False
        while self._may_be_conducting() and (took := time.monotonic() - began) < DRAIN_PATIENCE:
            if took > TELL_AFTER and not is_told:
                is_told = True
                log.warning("Waiting for answers of Luma, at most two minutes. Ctrl-C ends everything now")
            # One that has followed another meanwhile, in the same process perhaps, has not been told.
            _drain_conductor(drained)
            time.sleep(LOOK_EVERY)
        until = time.monotonic() + STOP_PATIENCE
        for child in reversed(self.children):
            child.stop(max(0.1, until - time.monotonic()))

    def _may_be_conducting(self) -> bool:
        """Whether a request may be on the wire. Where the database doesn't tell, the queue does: it ends after its task."""
        if not self.role.conducts:
            return False
        known = _is_conducting_here()
        return not all(child.ended() for child in self.children if child.name == "queue io") if known is None else known


def _is_conducting_here() -> bool | None:
    """Whether a process of this machine conducts; another machine's goes on without us. None: nobody can tell."""
    try:
        lease = ConductorLease.objects.filter(pk="conductor").first()
        if not lease or not lease.holder or lease.boot != boot_id() or lease.is_dead_here():
            return False
        # One whose holder lives has run out where the tables were locked: it could not be renewed.
        return lease.is_taken(timezone.now()) or None
    except DatabaseError:
        return None
    finally:
        connections.close_all()


def _drain_conductor(drained: set[str]) -> None:
    """Stop the conductor itself, once for each lease: its queue would wait for the end of the slice."""
    try:
        lease = ConductorLease.objects.filter(pk="conductor").first()
        here = lease and lease.boot == boot_id() and process_start(lease.pid) == lease.pid_started
        if lease and here and lease.holder and lease.holder not in drained:
            drained.add(lease.holder)
            os.kill(lease.pid, signal.SIGTERM)
    except (DatabaseError, OSError):
        log.debug("No conductor to tell")
    finally:
        connections.close_all()
