"""Somebody's server that webhooks are sent to, over a real socket, with every kind of ill will."""

from __future__ import annotations

import socket
import threading

SECRET = "s3cret-t0ken-in-the-address"


class Receiver:
    """Listens on a free port and gives one answer after the other, the last one for ever; None says nothing at all."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.answers: list[bytes | None] = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        self.held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{SECRET}"

    def answer(self, *statuses: str | None, location: str = "") -> None:
        more = f"Location: {location}\r\n" if location else ""
        said = [None if one is None else f"HTTP/1.1 {one}\r\nContent-Length: 0\r\n{more}\r\n" for one in statuses]
        self.answers = [one.encode() if one else None for one in said]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            head, _, body = self._read(connection).partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")[1:]
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}
            self.seen.append((headers, body))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer is None:
                self.held.append(connection)
            else:
                connection.sendall(answer)
                connection.close()

    def _read(self, connection: socket.socket) -> bytes:
        content = b""
        connection.settimeout(5)
        while b"\r\n\r\n" not in content or len(content) < self._length(content):
            block = connection.recv(65_536)
            if not block:
                break
            content += block
        return content

    def _length(self, content: bytes) -> int:
        head = content.partition(b"\r\n\r\n")[0].lower()
        found = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
        return len(head) + 4 + (int(found[0]) if found else 0)
