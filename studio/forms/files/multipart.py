"""How a form with files is read: what did not arrive whole is refused, and a file whose name says nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any

from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import ImmutableList, MultiValueDict

NAMELESS = "Unnamed file"
# How far from its end the last line of a form is looked for: a client may add a few bytes after it.
TAIL = 1_024


class CutOff(MultiPartParserError):
    """The form ends before its last line."""


class _Parser(MultiPartParser):
    _boundary: bytes

    def sanitize_file_name(self, file_name: str) -> str:
        """Keep a file that is called "..", "/" or nothing that can be read; Django leaves it out without a word."""
        return super().sanitize_file_name(file_name) or NAMELESS

    @property
    def last_line(self) -> bytes:
        return b"--" + self._boundary + b"--"


class _Tail:
    """Hands a stream on and remembers how it ended."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.end, self.is_over = b"", False

    def read(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self.end = (self.end + data)[-TAIL:]
        self.is_over = self.is_over or not data
        return data


def reader(
    request: HttpRequest,
) -> Callable[[Mapping[str, Any], IO[bytes]], tuple[QueryDict, MultiValueDict[str, Any]]]:
    """Return what takes the place of the request's own `parse_file_upload`. It raises CutOff beside Django's errors."""

    def parse(meta: Mapping[str, Any], stream: IO[bytes]) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        request.upload_handlers = ImmutableList(request.upload_handlers)
        tail: Any = _Tail(stream)
        parser = _Parser(meta, tail, request.upload_handlers, request.encoding)
        found = parser.parse()
        if tail.is_over and parser.last_line not in tail.end:
            raise CutOff("the last line of the form is missing")
        return found

    return parse
