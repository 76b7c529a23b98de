"""How the provider of OpenID Connect is asked: within one time for all of a sign-in, for so many bytes, by so many pages."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from studio.network import cut_off

log = logging.getLogger(__name__)

WALL = 12.0  # seconds for all that one step of a sign-in asks
SILENCE = 5.0  # seconds without a byte
MOST_BYTES = 1024 * 1024  # of one answer
# Of a process's six threads for pages; the others go on serving while the provider is slow.
AT_ONCE = 3
PATIENCE = 1.0  # seconds that one more sign-in waits for its turn

_turns = threading.BoundedSemaphore(AT_ONCE)


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The adapter of allauth.socialaccount (settings.SOCIALACCOUNT_ADAPTER)."""

    def get_requests_session(self) -> requests.Session:
        return Session()


class Session(requests.Session):
    """Reads whole answers within the limits. What is not an answer raises RequestException."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Watched())

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        # The secret and the code are for the address that was judged, and for no other.
        kwargs = {"timeout": SILENCE, "allow_redirects": method == "GET", **kwargs, "stream": True}
        answer = super().request(method, url, *args, **kwargs)
        found = bytearray()
        for part in answer.iter_content(65_536):
            found += part
            if len(found) > MOST_BYTES:
                raise requests.RequestException(f"more than {MOST_BYTES} bytes")
        if cut_off.is_over():
            raise requests.Timeout
        answer._content = bytes(found)
        if answer.status_code >= 400:
            log.warning("The provider answered %s at %s", answer.status_code, urlsplit(url)._replace(query="").geturl())
        if answer.status_code >= 500:
            answer.raise_for_status()
        return answer


@contextmanager
def turn() -> Iterator[None]:
    """Ask within; raises requests.Timeout where others have been waiting for the provider for too long already."""
    if not _turns.acquire(timeout=PATIENCE):
        raise requests.Timeout
    try:
        with cut_off.after(WALL):
            yield
    finally:
        _turns.release()


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return cut_off.note(super()._new_conn())


class _OverTLS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return cut_off.note(super()._new_conn())


class _Watched(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        watched: dict[Any, Any] = {HTTPConnection: _Plain, HTTPSConnection: _OverTLS}
        pool.ConnectionCls = watched.get(pool.ConnectionCls, pool.ConnectionCls)
        return pool
