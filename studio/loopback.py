"""Ask a server on this machine. The environment's proxies are for the world outside: none of them can reach it."""

from __future__ import annotations

from http.client import HTTPResponse
from urllib.request import ProxyHandler, build_opener

_direct = build_opener(ProxyHandler({}))


def ask(url: str, *, timeout: float) -> HTTPResponse:
    """Open `url` without a proxy. Raises OSError (URLError, HTTPError, a timeout in seconds) when it cannot."""
    answer: HTTPResponse = _direct.open(url, timeout=timeout)
    return answer
