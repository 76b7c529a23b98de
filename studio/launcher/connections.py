"""One client's connection: read without a thread until the request is whole, limited in time, answered by a thread."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from waitress.buffers import OverflowableBuffer
from waitress.channel import ClientDisconnected, HTTPChannel

from studio import disk
from studio.launcher.requests import RefusedTask, Request, Task

log = logging.getLogger(__name__)

# From the first byte of a request, or from the connection on, to the end of its headers.
HEADER_TIME = 15.0  # seconds
# Kept open for the next request: longer than the pulse's longest pace.
IDLE_TIME = 60.0
# A body has this long, and a second more for each so many bytes that came: 32 kbit/s, the slowest mobile line.
BODY_TIME, SLOWEST_BODY = 30.0, 4_096
# An answer of which the client takes nothing for so long is given up.
STALLED_TIME = 60.0
# What a refused client still sends is thrown away, so that it reads why before the connection ends: until it has been
# silent for so long, and never longer than so long in all.
LINGER_TIME, LONGEST_LINGER = 5.0, 60.0


class Server(Protocol):
    """What a connection asks of the server that accepted it (studio.launcher.server)."""

    busy: set[Any]
    may_send: Callable[[str, str], bool]

    def add_task(self, task: Any) -> None: ...
    def ask(self, question: Admission) -> None: ...
    def let_go(self, channel: Connection) -> None: ...
    def pull_trigger(self) -> None: ...
    def stand_in(self, channel: Connection, *, wanted: bool) -> None: ...
    def refusal(self, channel: Connection, request: Request) -> int | None: ...


class Admission:
    """The question whether a body may be read, asked by a thread because it needs the tables."""

    def __init__(self, channel: Connection, may_send: Callable[[str, str], bool]) -> None:
        self.channel, self.may_send = channel, may_send

    def service(self) -> None:
        request = self.channel.request
        try:
            shown = request.headers if request is not None else {}
            allowed = self.may_send(shown.get("COOKIE", ""), shown.get("AUTHORIZATION", ""))
        except Exception:
            log.exception("Studio could not see who sends a file")
            allowed = True  # the application looks again, and says what is wrong
        self.channel.admission = allowed
        self.channel.server.pull_trigger()

    def cancel(self) -> None:
        self.channel.will_close = True


class Connection(HTTPChannel):  # type: ignore[misc]
    """A connection whose reading costs no thread.

    1. The server's loop reads until a request is whole; larger bodies go to unnamed temporary files.
    2. A body that is large waits until somebody who is signed in is seen to send it.
    3. A thread answers the whole request and sends what the socket takes; the loop sends the rest.
    """

    task_class, error_task_class, parser_class = Task, RefusedTask, Request
    server: Server
    request: Request | None
    requests: list[Request]
    current_outbuf_count: int

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:
        self.began = time.monotonic()  # this request, or the wait for it
        self.is_asking = False
        self.admission: bool | None = None
        self.held = b""
        self.is_parked = False  # the loop heard from it and could not read yet
        self.lingers_until = self.lingers_at_most = 0.0
        self.throws_away = False
        self.has_answered = False
        self.counted_as = ""
        super().__init__(server, sock, addr, adj, map)

    # ---- What the loop asks

    @property
    def is_silent(self) -> bool:
        """Whether closing it costs nobody anything: no whole headers have come, and nothing is owed to it."""
        owed = self.requests or self.total_outbufs_len or self.will_close or self.close_when_flushed
        return not owed and (self.request is None or not self.request.headers_finished)

    @property
    def reads_large_body(self) -> bool:
        waiting = [self.request] if self.request is not None else []
        return any(one.is_large and one.admitted for one in (*waiting, *self.requests))

    def readable(self) -> bool:
        return bool(self.lingers_until) or (not self.is_asking and super().readable())

    def writable(self) -> bool:
        return not self.lingers_until and bool(super().writable())

    def resume(self) -> None:
        """Go on with a body about which the answer has come."""
        if not self.is_asking or self.admission is None:
            return
        self.is_asking = False
        if self.request is not None and not self.admission:
            self._refuse(401)
        elif self.request is not None:
            self.request.admitted = True
            held, self.held = self.held, b""
            self.began = time.monotonic()
            if held:
                self.received(held)
            else:
                with self.requests_lock:
                    self._continue()

    def enforce(self, now: float) -> None:
        """End what took too long. `now` is monotonic."""
        idle = time.time() - self.last_activity
        if self.lingers_until:
            if now > self.lingers_until:
                self.handle_close()
        elif self.total_outbufs_len:
            if idle > STALLED_TIME:
                self.handle_close()
        elif self.requests or self.is_asking:
            return
        elif self.request is None:
            if now - self.began > (IDLE_TIME if self.has_answered else HEADER_TIME):
                self.handle_close()
        elif not self.request.headers_finished:
            if now - self.began > HEADER_TIME:
                self.handle_close()
        elif now - self.began > BODY_TIME + self.request.body_bytes_received / SLOWEST_BODY:
            self._refuse(408)

    # ---- Reading, in the loop

    def handle_read(self) -> None:
        if not self.lingers_until:
            super().handle_read()
        elif self.recv(self.adj.recv_bytes):  # else recv has closed it
            self.lingers_until = min(time.monotonic() + LINGER_TIME, self.lingers_at_most)

    def received(self, data: bytes) -> bool:
        """Take what came. The headers of the next request may be among it."""
        with self.requests_lock:
            while data and not (self.will_close or self.close_when_flushed):
                if self.request is None:
                    self.request, self.began = self.parser_class(self.adj), time.monotonic()
                data = data[self._feed(self.request, data) :]
                if self.request is not None and self._must_ask(self.request):
                    self.held = data
                    break
        return True

    def _feed(self, request: Request, data: bytes) -> int:
        try:
            taken = int(request.received(data))
        except OSError as problem:
            log.error("A request could not be kept: %s", problem.strerror)
            request.refuse(507 if disk.is_full(problem) else 503)
            taken = len(data)
        if request.headers_finished and not request.completed:
            self._continue()
        if request.completed:
            self._enqueue(request)
        return taken

    def _continue(self) -> None:
        request = self.request
        expected = request is not None and request.expect_continue and request.headers_finished
        if request and expected and not self.requests and not self.sent_continue and not self._wants_admission(request):
            self.send_continue()

    def _wants_admission(self, request: Request) -> bool:
        if request.admitted or not request.headers_finished or request.completed or not request.has_body:
            return False
        return bool(max(request.content_length, request.body_bytes_received) > self.adj.inbuf_overflow)

    def _must_ask(self, request: Request) -> bool:
        """Whether reading stops until somebody has seen who sends so much; refuses what has no room."""
        if not self._wants_admission(request):
            return False
        if refusal := self.server.refusal(self, request):
            request.refuse(refusal)
            self._enqueue(request)
            return False
        self.is_asking, self.admission = True, None
        self.server.ask(Admission(self, self.server.may_send))
        return True

    def _enqueue(self, request: Request) -> None:
        """Hand a whole request to the threads. The caller holds requests_lock."""
        self.sent_continue, self.request = False, None
        if request.empty:
            return
        if request.error is not None:
            self.throws_away = True
        self.requests.append(request)
        if len(self.requests) == 1:
            self.server.add_task(self)

    def _refuse(self, status: int) -> None:
        with self.requests_lock:
            if self.request is not None:
                self.held = b""
                self.request.refuse(status)
                self._enqueue(self.request)

    # ---- Answering, in a thread

    def service(self) -> None:
        """Answer one request; wake the loop only for what the socket did not take at once."""
        request = self.requests[0]
        task = (self.error_task_class if request.error else self.task_class)(self, request)
        try:
            if self.connected:
                task.service()
            else:
                task.close_on_finish = True
        except ClientDisconnected:
            task.close_on_finish = True
        except Exception:
            log.exception("An answer broke")
            task.close_on_finish = True
            if not task.wrote_header:
                request.refuse(500)
                with suppress(ClientDisconnected):
                    self.error_task_class(self, request).service()
        with self.outbuf_lock:
            self._flush_exception(self._flush_some, do_close=False)
        self.server.stand_in(self, wanted=False)
        self.has_answered, self.began, self.last_activity = True, time.monotonic(), time.time()
        request.close()
        with self.requests_lock:
            if task.close_on_finish:
                self.close_when_flushed = True
                for waiting in self.requests[1:]:
                    waiting.close()
                self.requests = []
            else:
                self.requests.pop(0)
                if self.requests and self.connected:
                    self.server.add_task(self)
                elif self.connected and self.request is not None:
                    self._continue()
        if self.current_outbuf_count > 0:
            self.current_outbuf_count = self.adj.outbuf_high_watermark  # the next answer gets a buffer of its own
        if self.total_outbufs_len or self.close_when_flushed or self.will_close or self.is_parked:
            self.server.pull_trigger()
        elif not self.requests:
            self.server.busy.discard(self)

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Wait until a slow client has taken enough of a long answer (waitress calls this with each piece of it)."""
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            self.server.stand_in(self, wanted=True)
        super()._flush_outbufs_below_high_watermark()

    # ---- Ending

    def handle_write(self) -> None:
        """Send the rest. After a refusal the client may still be sending, and would lose the answer to a reset."""
        if self.close_when_flushed and self.throws_away and not self.requests:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close:
                self.lingers_until = time.monotonic() + LINGER_TIME
                self.lingers_at_most = time.monotonic() + LONGEST_LINGER
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_write()

    def del_channel(self, map: Any = None) -> None:
        self.server.let_go(self)
        super().del_channel(map)

    def handle_close(self) -> None:
        """Close the socket and the temporary file of a request that never became whole."""
        if self.request is not None:
            self.request.close()
            self.request = None
        self.held = b""
        super().handle_close()
        self.outbufs = [OverflowableBuffer(self.adj.outbuf_overflow)]
