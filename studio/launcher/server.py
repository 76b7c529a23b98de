"""The web server: one loop that reads every connection, threads that answer whole requests, limits for both."""

from __future__ import annotations

import logging
import os
import resource
import select
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from studio.launcher.connections import Admission, Connection
from studio.launcher.frame_room import with_room
from studio.launcher.requests import Request
from studio.network.client_address import client_address, sender

log = logging.getLogger(__name__)

PAGE_THREADS = 6
# A request with files waits for its pictures to be looked at; it must not take the threads of the pages.
UPLOAD_THREADS = 3
# For threads that wait until slow clients have taken what they ask for: long answers that are written as they are read.
MOST_STAND_INS = 32
LONGEST_HEADERS = 32_768  # bytes
IN_MEMORY = 262_144  # bytes of a body before it goes to a file
# For each of the processes. A silent connection is closed to make room for a new one, the oldest first, so that an
# office behind one address is never shut out; what is being received or answered is never closed for that.
MOST_CONNECTIONS = 2_000
MOST_FOR_ONE_ADDRESS = 400
MOST_UPLOADS_FOR_ONE_ADDRESS = 100
# Left on the disk for the tables and for pictures that are being saved.
DISK_RESERVE = 256 * 1024 * 1024  # bytes
STOP_TIME = 2.5  # seconds for answers that are being given
TICK = 1.0  # seconds between two looks for what took too long

QUIET = select.EPOLLIN | select.EPOLLPRI


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads that answer requests, each with room for their frames."""

    def handler_thread(self, thread_no: int) -> None:
        try:
            with_room(lambda: super(Threads, self).handler_thread(thread_no))
        finally:
            connections.close_all()


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Reads with epoll, remembering what is waited for: a silent connection costs nothing until it speaks."""

    channel_class = Connection
    accepting: bool

    def __init__(
        self, application: Any, listener: socket.socket, *, may_send: Callable[[str, str], bool], most_bytes: int
    ) -> None:
        self.may_send = may_send
        self.busy, self.kept_waiting = set[Connection](), set[Connection]()
        self.watched: dict[int, int] = {}
        self.epoll = select.epoll()
        self.stops_at = 0.0
        self.has_ended, self.ending = False, threading.RLock()
        self.addresses: Counter[str] = Counter()
        self.most = min(MOST_CONNECTIONS, max(64, (_open_files() - 128) // 3))
        self.uploads = Threads()
        self.uploads.set_thread_count(UPLOAD_THREADS)
        pages = Threads()
        pages.set_thread_count(PAGE_THREADS)
        adj = Adjustments(
            sockets=[listener],
            threads=PAGE_THREADS,
            ident=None,
            server_name=settings.STUDIO_HOST,
            backlog=1024,
            recv_bytes=65_536,
            inbuf_overflow=IN_MEMORY,
            max_request_header_size=LONGEST_HEADERS,
            max_request_body_size=most_bytes,
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
        )
        facts = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            application, map={}, _sock=listener, dispatcher=pages, adj=adj, bind_socket=False, sockinfo=facts
        )
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    # ---- The loop

    def run(self) -> None:
        """Serve until `stop`, then until what is being answered is answered, at most STOP_TIME."""
        # Every process wakes for a new connection, and the one that has less to do takes it.
        self._watch(self._fileno, select.EPOLLIN)
        self._watch(self.trigger._fileno, QUIET)
        looks_at = time.monotonic() + TICK
        while not self._has_stopped():
            for number, event in self.epoll.poll(max(0.0, looks_at - time.monotonic()) if not self.stops_at else 0.05):
                self._handle(number, event)
            now = time.monotonic()
            if now >= looks_at:
                looks_at = now + TICK
                for channel in list(self.active_channels.values()):
                    channel.enforce(now)
                    self._look_again(channel)
        self._end()

    def _handle(self, number: int, event: int) -> None:
        found = self._map.get(number)
        if found is None:
            return
        if not isinstance(found, Connection):
            wasyncore.readwrite(found, event)
            if found is self.trigger:
                for channel in list(self.busy):
                    channel.resume()
                    self._look_again(channel)
            return
        if event & QUIET and not found.readable():
            found.is_parked = True
            if not found.readable():  # still: a thread that ends now sees that it is parked
                event &= ~QUIET
        if event:
            wasyncore.readwrite(found, event)
        self._look_again(found)

    def _look_again(self, channel: Connection) -> None:
        """Wait for what this connection can do now. One whose request is being answered is left as it is watched."""
        number = channel._fileno
        if number is None or self._map.get(number) is not channel:
            return
        reads, writes = channel.readable(), channel.writable()
        if reads:
            channel.is_parked = False
        elif channel.requests and not channel.is_parked and not writes:
            return
        self._watch(number, (QUIET if reads else 0) | (select.EPOLLOUT if writes else 0))

    def _watch(self, number: int, wanted: int) -> None:
        known = self.watched.get(number)
        if known is None:
            self.epoll.register(number, wanted)
        elif known != wanted:
            self.epoll.modify(number, wanted)
        self.watched[number] = wanted

    def _forget(self, number: int) -> None:
        if self.watched.pop(number, None) is not None:
            self.epoll.unregister(number)

    def let_go(self, channel: Connection) -> None:
        """Forget a connection that is about to be closed."""
        if channel._fileno is not None:
            self._forget(channel._fileno)
        self.busy.discard(channel)
        self.addresses[channel.counted_as] -= 1
        if self.addresses[channel.counted_as] <= 0:
            del self.addresses[channel.counted_as]

    def add_task(self, task: Any) -> None:
        self.busy.add(task)
        heavy = task.requests and task.requests[0].is_large and not task.requests[0].error
        (self.uploads if heavy else self.task_dispatcher).add_task(task)

    def stand_in(self, channel: Connection, *, wanted: bool) -> None:
        """Serve with a thread more while the one of this channel waits for a slow client, until its answer is out."""
        if wanted == (channel in self.kept_waiting):
            return
        with self.ending:
            (self.kept_waiting.add if wanted else self.kept_waiting.discard)(channel)
            if not self.has_ended:
                self.task_dispatcher.set_thread_count(PAGE_THREADS + min(len(self.kept_waiting), MOST_STAND_INS))

    def ask(self, question: Admission) -> None:
        self.busy.add(question.channel)
        self.task_dispatcher.add_task(question)

    # ---- Limits

    def handle_accept(self) -> None:
        try:
            sock, address = self.socket.accept()
        except BlockingIOError:
            return  # the other process was quicker
        except OSError as problem:
            log.warning("A connection could not be taken: %s", problem.strerror)
            self._make_room("")
            return
        peer = sender(client_address(str(address[0])))
        alone = "" if settings.STUDIO_PROXIES else peer  # behind a proxy everybody has its address
        full = len(self.active_channels) >= self.most
        crowded = bool(alone) and self.addresses[alone] >= MOST_FOR_ONE_ADDRESS
        if (full or crowded) and not self._make_room("" if full else alone):
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        channel = self.channel_class(self, sock, (str(address[0]), address[1]), self.adj, map=self._map)
        channel.counted_as = alone
        self.addresses[alone] += 1
        self._look_again(channel)

    def _make_room(self, address: str) -> bool:
        """Close the connection, of this address if one is given, that has been silent for longest."""
        silent = [
            one for one in self.active_channels.values() if one.is_silent and (not address or one.counted_as == address)
        ]
        if not silent:
            return False
        min(silent, key=lambda one: one.last_activity).handle_close()
        return True

    def refusal(self, channel: Connection, request: Request) -> int | None:
        """Return the status that says why there is no room for this body, if there is none."""
        others = [one for one in self.active_channels.values() if one is not channel and one.reads_large_body]
        whose = request.sender(channel.addr[0])
        mine = [one for one in others if _request_of(one).sender(one.addr[0]) == whose]
        if len(mine) >= MOST_UPLOADS_FOR_ONE_ADDRESS:
            return 429
        # The body itself, and the copy of its files that the application makes.
        promised = sum(max(0, _request_of(one).content_length * 2) for one in others)
        free = shutil.disk_usage(tempfile.gettempdir()).free
        return 507 if free - promised - DISK_RESERVE < request.content_length * 2 else None

    # ---- The end

    def stop(self) -> None:
        """End soon; may be called by a signal's handler."""
        self.stops_at = self.stops_at or time.monotonic() + STOP_TIME
        self.pull_trigger()

    def pull_trigger(self) -> None:
        with self.ending:  # else it could write to whatever has the number of a closed file
            if not self.has_ended:
                super().pull_trigger()

    def _has_stopped(self) -> bool:
        if not self.stops_at:
            return False
        if self.accepting:
            self.accepting = False
            self._forget(self._fileno)
            self.del_channel()
            self.socket.close()
        for channel in list(self.active_channels.values()):
            if not channel.requests and not channel.total_outbufs_len:
                channel.handle_close()
        return not self.active_channels or time.monotonic() > self.stops_at

    def _end(self) -> None:
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        with self.ending:
            self.has_ended = True
            self.trigger.close()
        self.epoll.close()
        for threads in (self.task_dispatcher, self.uploads):
            threads.set_thread_count(0)


def _request_of(channel: Connection) -> Request:
    return channel.requests[0] if channel.requests else channel.request  # type: ignore[return-value]


def _open_files() -> int:
    """Raise the limit of open files as far as it goes, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, MOST_CONNECTIONS * 4) if hard != resource.RLIM_INFINITY else MOST_CONNECTIONS * 4
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def listen(host: str, port: int) -> socket.socket:
    """Open the address that the processes share."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def temporary_files_in(folder: Any) -> None:
    """Keep bodies that do not fit in memory on the disk of the data: /tmp may be small, or memory itself."""
    tempfile.tempdir = os.fspath(folder)
