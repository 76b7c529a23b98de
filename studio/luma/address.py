"""The guard in front of every link that Luma hands out: https, to public addresses only.

The name is resolved once, every address is judged, and the connection goes to an address that was judged: a name that
answers differently a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from studio.luma.errors import BadDownload, Blocked

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]

# 2000::/3 is all that is routed as global unicast; what follows are the holes in it and in IPv4 that `is_global`
# of Python 3.11 does not know: protocol assignments, 6to4 and its relays, Teredo, documentation.
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_HOLES = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
# A host that ends in a number is an address in some notation; only the plain dotted one is taken.
_NUMERIC_HOST = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)
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


async def resolve(url: str, *, allow_loopback: bool, lookup: Lookup = lookup) -> Target:
    """Judge a link and return where it may be fetched from.

    Raises Blocked when the link or any of its addresses is not allowed, BadDownload when the name has no address.
    """
    parsed = _parse(url)
    port = parsed.port or (80 if parsed.scheme == "http" else 443)
    try:
        found = [parsed.host] if _literal(parsed.host) else await lookup(parsed.raw_host.decode("ascii"), port)
    except (OSError, UnicodeError):
        found = []
    addresses = [address for address in map(_literal, found) if address is not None]
    if not addresses:
        raise BadDownload(detail="The name of the storage has no address.")
    for address in addresses:
        is_near = allow_loopback and address.is_loopback
        if not is_near and not (parsed.scheme == "https" and is_public(address)):
            raise Blocked(detail=f"Not a public https address: {parsed.host}")
    return Target(parsed, tuple(str(address) for address in addresses[:_MAX_ADDRESSES]))


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the open internet; mapped and tunnelled notations do not."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_IPV6:
        return False
    in_hole = any(address.version == net.version and address in net for net in _HOLES)
    return address.is_global and not address.is_multicast and not in_hole


def is_loopback(host: str) -> bool:
    """Tell whether a host of our own settings means this machine."""
    address = _literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def has_port(url: httpx.URL) -> bool:
    """Tell whether the port exists; httpx does not mind 99999, and the system then raises an OverflowError."""
    return url.port is None or 0 < url.port < 2**16


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise Blocked(detail="Not a link.") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo or not has_port(parsed):
        raise Blocked(detail="Not a plain https link.")
    if _NUMERIC_HOST.fullmatch(parsed.host) and _literal(parsed.host) is None:
        raise Blocked(detail="An address in a disguised notation.")
    return parsed


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
