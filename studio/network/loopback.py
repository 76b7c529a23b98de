"""Ask a server on this machine. The environment's proxies are for the world outside: none of them can reach it."""

from __future__ import annotations

import os
from http.client import HTTPResponse
from urllib.request import ProxyHandler, build_opener

# As the names and addresses are written in NO_PROXY; libraries differ over brackets, so that none are used.
NAMES = ("localhost", "127.0.0.1", "::1")

_direct = build_opener(ProxyHandler({}))


def ask(url: str, *, timeout: float) -> HTTPResponse:
    """Open `url` without a proxy. Raises OSError (URLError, HTTPError, a timeout in seconds) when it cannot."""
    answer: HTTPResponse = _direct.open(url, timeout=timeout)
    return answer


def spare_from_proxies() -> None:
    """Add this machine to what is asked without a proxy: libraries (of S3, of single sign-on) read their proxies there."""
    given = os.environ.get("no_proxy", os.environ.get("NO_PROXY", ""))
    known = [name.strip() for name in given.split(",") if name.strip()]
    if "*" in known:
        return
    # Both: some read the one in capitals alone, and an empty one in small letters hides it from others.
    joined = ",".join(dict.fromkeys([*known, *NAMES]))
    os.environ |= {"no_proxy": joined, "NO_PROXY": joined}
