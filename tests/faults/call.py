"""A request as the stand-in for the API got it, and the means to answer it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.double import Double


@dataclass
class Call:
    """One request as it came over the wire, and the means to answer it."""

    double: Double
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def remote_id(self) -> str:
        return self.path.split("/")[3 if self.method == "GET" and "/generations/" in self.path else 2]


Act = Callable[[Call], Awaitable[None]]


def break_off(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset, as a machine does that is switched off."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
