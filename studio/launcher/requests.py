"""How the web server reads a request and writes an answer: waitress, with what it leaves open decided.

Of waitress (3.0.2) is kept: the parser, the chunked and the fixed body, the buffers that spill to unnamed temporary
files, pipelining, `Expect: 100-continue`.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error, build_http_date

from studio.configuration.base_path import within
from studio.launcher import refusals
from studio.network.client_address import client_address, sender

SPACE, LAST = 0x20, 0x7E  # of the characters that a line of a request may begin with


class Refused(Error):  # type: ignore[misc]
    """A request that is answered before the application sees it."""

    def __init__(self, status: int) -> None:
        super().__init__("")
        self.code, self.reason = status, HTTPStatus(status).phrase


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request. What could be read in two ways is refused, so that no proxy before us reads it differently."""

    path = ""  # until it is read
    admitted = False  # whether its body may be read; the channel decides once the headers are whole

    def received(self, data: bytes) -> int:
        """Take what came and return how much of it. What can't begin a request is refused at once: a browser that was
        given https:// begins with such a byte, and would wait for an answer to what never ends."""
        is_first = not self.header_plus and not self.headers_finished
        if is_first and data and not SPACE <= data[0] <= LAST and data[:1] not in b"\r\n":
            self.refuse(HTTPStatus.BAD_REQUEST)
            return len(data)
        return int(super().received(data))

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")

    @property
    def has_body(self) -> bool:
        return self.body_rcv is not None

    @property
    def is_large(self) -> bool:
        """Whether its body went, or may go, to a temporary file: files are sent, not a form's fields."""
        return bool(self.chunked or self.content_length > self.adj.inbuf_overflow)

    def sender(self, peer: str) -> str:
        forwarded = self.headers.get("X_FORWARDED_FOR", "")
        return sender(client_address(peer, forwarded, settings.STUDIO_PROXIES))

    def refuse(self, status: int) -> None:
        self.error, self.completed, self.expect_continue = Refused(status), True, False


class Answer:
    """The head of an answer. Waitress closes the connection after each 204 and sends a body to HEAD."""

    request: Request
    status: str
    version: str
    response_headers: list[tuple[str, str]]
    content_length: int | None
    close_on_finish: bool
    chunked_response: bool
    start_time: float

    @property
    def has_body(self) -> bool:
        return self.request_command != "HEAD" and not self.status.startswith(("1", "204", "304"))

    @property
    def request_command(self) -> str:
        return getattr(self.request, "command", "GET")

    def build_response_header(self) -> bytes:
        """Write status and headers; decide whether the connection stays open."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        names = {name.lower() for name, _ in self.response_headers}
        headers = list(self.response_headers)
        bodiless = self.status.startswith(("1", "204", "304"))
        if bodiless:
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        elif self.content_length is not None and "content-length" not in names:
            headers.append(("Content-Length", str(self.content_length)))
        framed = bodiless or self.request_command == "HEAD" or self.content_length is not None
        if not framed and self.version == "1.1":
            headers.append(("Transfer-Encoding", "chunked"))
            self.chunked_response = framed = True
        if self.close_on_finish or not framed or asked == "close" or (self.version == "1.0" and asked != "keep-alive"):
            self.close_on_finish = True
            headers.append(("Connection", "close"))
        elif self.version == "1.0":
            headers.append(("Connection", "keep-alive"))
        if "date" not in names:
            headers.append(("Date", build_http_date(self.start_time)))
        lines = [f"HTTP/{self.version} {self.status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class Task(Answer, WSGITask):  # type: ignore[misc]
    """A request for the application."""

    logged_write_no_body = True  # a page does not look whether HEAD asks for it: that is no news


class RefusedTask(Answer, ErrorTask):  # type: ignore[misc]
    """A request that is answered here: with a page in the studio's design, or in the form of a program's door."""

    def execute(self) -> None:
        code = self.request.error.code
        htmx = self.request.headers.get("HX_REQUEST") == "true"
        headers, body = refusals.answer(code, within(self.request.path), htmx=htmx)
        self.status = f"{code} {HTTPStatus(code).phrase}"
        self.response_headers += headers.items()
        self.close_on_finish = True
        self.content_length = len(body)
        self.write(body)
