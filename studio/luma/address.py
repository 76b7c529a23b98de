"""The guard in front of every link that Luma hands out: https, to public addresses only.

The name is resolved once, every address is judged, and the connection goes to an address that was judged: a name that
answers differently a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from studio.luma.errors import BadDownload, Blocked
from studio.network import ip

Lookup = Callable[[str, int], Awaitable[list[str]]]
is_public = ip.is_public

# A host that ends in a number is an address in some notation; only the plain dotted one is taken.
_NUMERIC_HOST = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)
# What DNS holds of a name: each label between the dots, and all of it (RFC 1035, octets).
LONGEST_LABEL, LONGEST_NAME = 63, 253
# More than three addresses of one name are not tried: each may cost a connect timeout.
_MAX_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and under which name: the addresses were judged, the name goes into TLS and Host."""

    url: httpx.URL = field(repr=False)
    addresses: tuple[str, ...]

    def pinned(self, address: str) -> httpx.URL:
        """Return the same link with the address in place of the name."""
        return self.url.copy_with(host=address)

    @property
    def host_header(self) -> str:
        return self.url.netloc.decode("ascii")

    @property
    def sni(self) -> str:
        return self.url.raw_host.decode("ascii")


async def lookup(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolve(url: str, *, allow_loopback: bool, allow_private: bool = False, lookup: Lookup = lookup) -> Target:
    """Judge a link and return where it may be fetched from.

    `allow_private` takes every address and plain http: for links of the studio's own admin, never for those of Luma.
    Raises Blocked when the link or any of its addresses is not allowed, BadDownload when the name has no address.
    """
    parsed = _parse(url)
    port = parsed.port or (80 if parsed.scheme == "http" else 443)
    try:
        found = [parsed.host] if ip.read(parsed.host) else await lookup(parsed.raw_host.decode("ascii"), port)
    except (OSError, UnicodeError):
        found = []
    addresses = [address for address in map(ip.read, found) if address is not None]
    if not addresses:
        raise BadDownload(detail="The name of the storage has no address.")
    for address in addresses:
        # No server of ours hands out this machine in another notation: one that carries it inside is a disguise.
        is_near = allow_loopback and ip.is_loopback(address) and ip.inner(address) == address
        if not allow_private and not is_near and not (parsed.scheme == "https" and is_public(address)):
            raise Blocked(detail=f"Not a public https address: {parsed.host}")
    return Target(parsed, tuple(str(address) for address in addresses[:_MAX_ADDRESSES]))


def is_loopback(host: str) -> bool:
    """Tell whether a host of our own settings means this machine, in whatever notation."""
    address = ip.read_any(host)
    return host.lower().removesuffix(".") == "localhost" or (address is not None and ip.is_loopback(address))


def has_port(url: httpx.URL) -> bool:
    """Tell whether the port exists; httpx does not mind 99999, and the system then raises an OverflowError."""
    return url.port is None or 0 < url.port < 2**16


class NoSuchName(ValueError):
    """The host of a link has a name that DNS can't hold: nobody is there, now or later."""


def fits_dns(host: str) -> bool:
    """Tell whether DNS can hold the name of a host, as it is written in ASCII."""
    name = host.removesuffix(".")
    return len(name) <= LONGEST_NAME and all(0 < len(label) <= LONGEST_LABEL for label in name.split("."))


def read_url(text: str) -> httpx.URL:
    """Read a link. Raises ValueError for what is none, and NoSuchName for a host that DNS can't hold.

    httpx finds a wrong name only when it is asked for the host, and a long one never.
    """
    try:
        url = httpx.URL(text)
        _ = url.host
    except (httpx.InvalidURL, TypeError, ValueError):
        raise ValueError("Not a link.") from None
    if url.host and not fits_dns(url.raw_host.decode("ascii")):
        raise NoSuchName("The name of its host is longer than names can be.")
    return url


def judge_base(base_url: str) -> httpx.URL:
    """Refuse an address that would carry the key in the clear or is none at all."""
    try:
        url = read_url(base_url)
    except ValueError:
        raise ValueError("The address of the Luma API is not a link.") from None
    is_safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
    if not is_safe or not url.host or not has_port(url) or url.userinfo or url.query or url.fragment:
        raise ValueError("The address of the Luma API must be https (http only on this machine), without a query.")
    return url


def _parse(url: str) -> httpx.URL:
    try:
        parsed = read_url(url)
    except ValueError:
        raise Blocked(detail="Not a link.") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo or not has_port(parsed):
        raise Blocked(detail="Not a plain https link.")
    if _NUMERIC_HOST.fullmatch(parsed.host) and ip.read(parsed.host) is None:
        raise Blocked(detail="An address in a disguised notation.")
    return parsed
