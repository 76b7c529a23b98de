"""Judge IP addresses by what they lead to, however they are written; the same on every Python.

An IPv6 address may carry an IPv4 address inside (mapped, translated, tunnelled), and what `ipaddress` says of those
changes from version to version. So nothing here asks `is_global`, `is_private` or `is_loopback`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# IANA's registers of special-purpose addresses: what is not routed to everybody, and multicast.
_SPECIAL_IPV4 = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/3"),
        ),
    )
)
# 2000::/3 is all that is routed as global unicast; these are the holes in it: protocol assignments with Teredo, 6to4,
# documentation.
_GLOBAL_IPV6 = ip_network("2000::/3")
_SPECIAL_IPV6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_LOOPBACK_IPV4, _LOOPBACK_IPV6 = ip_network("127.0.0.0/8"), IPv6Address("::1")

# Where the last 32 bits are an IPv4 address: mapped, IPv4-translated, NAT64 of the well-known and of the local prefix,
# IPv4-compatible.
_NAT64 = ip_network("64:ff9b::/96")
_IN_THE_END = (
    *(ip_network("::ffff:0:0/96"), ip_network("::ffff:0:0:0/96"), _NAT64),
    *(ip_network("64:ff9b:1::/48"), ip_network("::/96")),
)
_6TO4, _TEREDO = ip_network("2002::/16"), ip_network("2001::/32")
_ISATAP = 0x5EFE  # RFC 5214: the last 64 bits are 0000:5efe or 0200:5efe, then the IPv4 address

_HEX, _OCTAL, _DECIMAL = re.compile(r"0x[0-9a-f]*"), re.compile(r"0[0-7]*"), re.compile(r"[1-9][0-9]*")


def read(text: str) -> Address | None:
    """Read an address in its usual spelling, with or without the zone of a scoped one, which is left out."""
    with suppress(ValueError):
        found = ip_address(text)
        return found if isinstance(found, IPv4Address) else IPv6Address(int(found))
    # The zone as a link writes it.
    if ":" in text and "%" in text:
        return read(text.partition("%")[0])
    return None


def read_any(text: str) -> Address | None:
    """Read an address in any notation that a system's resolver takes: 127.1, 0x7f.1, 0177.0.0.1, 2130706433 too."""
    if found := read(text.removeprefix("[").removesuffix("]")):
        return found
    parts = [_number(part) for part in text.lower().removesuffix(".").split(".")]
    numbers = [part for part in parts if part is not None]
    if len(numbers) < len(parts) or len(numbers) > 4:
        return None
    *heads, last = numbers
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    return IPv4Address(sum(head << 8 * (3 - place) for place, head in enumerate(heads)) + last)


def _number(part: str) -> int | None:
    if len(part) > 20:
        return None
    if _HEX.fullmatch(part):
        return int(part[2:] or "0", 16)
    if _OCTAL.fullmatch(part):
        return int(part, 8)
    return int(part) if _DECIMAL.fullmatch(part) else None


def inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries inside, or the address itself."""
    number = int(address)
    if isinstance(address, IPv4Address) or number < 2:
        return address
    if address in _6TO4:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    if address in _TEREDO:
        return IPv4Address(~number & 0xFFFFFFFF)
    if any(address in net for net in _IN_THE_END) or (number >> 32 & 0xFDFFFFFF) == _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF)
    return address


def is_loopback(address: Address) -> bool:
    """Tell whether an address means this machine."""
    found = inner(address)
    return found in _LOOPBACK_IPV4 if isinstance(found, IPv4Address) else int(found) == int(_LOOPBACK_IPV6)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the open internet, and so does the one it carries inside.

    Mapped and tunnelled notations of a public address do not: nobody hands them out. NAT64 does: a network that has
    only IPv6 reaches the rest through it.
    """
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _SPECIAL_IPV4)
    if address in _NAT64:
        return is_public(inner(address))
    if address not in _GLOBAL_IPV6 or any(address in net for net in _SPECIAL_IPV6):
        return False
    found = inner(address)
    return found is address or is_public(found)
