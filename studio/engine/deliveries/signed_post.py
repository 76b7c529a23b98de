"""How a webhook is called: one signed POST within a wall of seconds, to an address that was judged; nobody is followed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field

import httpx

from studio.luma.errors import Blocked, Error
from studio.luma.transports import StorageTransport

WALL = 10.0  # seconds for one try
MOST_BYTES = 64 * 1024  # of the body
PRIVATE = "The address leads into a private network: allow that with STUDIO_WEBHOOKS_PRIVATE=on, or use another."


class NotDelivered(Exception):
    """Why something could not be delivered, as a sentence without the address."""


@dataclass(frozen=True, slots=True)
class Post:
    """What goes where; `code` is the same in every try."""

    address: str = field(repr=False)
    key: str = field(repr=False)
    code: str
    event: str
    body: bytes = field(repr=False)


def signature(key: str, body: bytes, stamp: int) -> str:
    """Return the header `Studio-Signature`: HMAC-SHA256 over `<t>.<body>` with the receiver's signing key."""
    digest = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


async def post(what: Post, stamp: int, *, allow_private: bool) -> str:
    """Make one try and return how it went. Nothing of the answer but its status is read. Raises NotDelivered."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Studio",
        "Studio-Delivery": what.code,
        "Studio-Event": what.event,
        "Studio-Signature": signature(what.key, what.body, stamp),
    }
    wall = WALL
    tls = httpx.create_ssl_context()
    guard = StorageTransport(tls, connect_timeout=wall / 2, allow_loopback=False, allow_private=allow_private)
    try:
        async with (
            asyncio.timeout(wall),
            guard.open("POST", what.address, headers=headers, content=what.body) as answer,
        ):
            status = answer.status
    except TimeoutError:
        raise NotDelivered(f"No answer within {wall:g} seconds.") from None
    except Blocked:
        raise NotDelivered(PRIVATE) from None
    except Error as problem:
        why = "its name has no address" if "no address" in problem.detail else problem.detail or "nothing came back"
        raise NotDelivered(f"No connection ({why}).") from None
    if 300 <= status < 400:
        raise NotDelivered(f"It led elsewhere ({status}), and Studio follows nobody. Give the final address.")
    if not 200 <= status < 300:
        raise NotDelivered(f"It answered {status}.")
    return f"It answered {status}."
