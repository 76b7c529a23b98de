"""Find the address a request really came from, behind as many proxies as the team runs."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from studio.network import ip

# A home or an office is given at least this much of IPv6; whoever changes addresses within it is still one sender.
V6_PREFIX = 64
# No proxy writes so much; what is longer is not searched.
LONGEST_FORWARDED = 4_096  # characters


def client_address(peer: str, forwarded: str = "", proxies: int = 0) -> str:
    """Return the client's address in its usual spelling, or "" when the connection has none (a unix socket).

    `peer` is the other end of the connection, `forwarded` the X-Forwarded-For header, several of them joined by
    commas. Each of our `proxies` has added one entry at the right, so the entry that many from the right was written
    by the outermost of ours; whatever stands left of it was sent by the client. Where it is missing, the leftmost
    entry counts, which one of ours has written too; where it is no address, the connection itself counts.
    """
    if proxies > 0 and forwarded:
        entries = forwarded[-LONGEST_FORWARDED:].split(",")[-proxies:]
        if found := _address(entries[0]):
            return found
    return _address(peer)


def sender(address: str) -> str:
    """Return what is counted as one sender: an IPv4 address, or the /64 network of an IPv6 address."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address}/{V6_PREFIX}", strict=False).network_address)


def of_request(request: Any) -> str | None:
    """Return the sender of a Django request; django-axes calls it. None when there is no address."""
    from django.conf import settings

    meta = request.META
    found = client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.STUDIO_PROXIES)
    return sender(found) or None


def named_by_proxy(request: Any) -> str:
    """Return whom the header STUDIO_SIGN_IN_HEADER of a Django request names; "" unless the team's proxy wrote it."""
    from django.conf import settings

    said: str = request.META.get(f"HTTP_{settings.SIGN_IN_HEADER.upper().replace('-', '_')}", "")
    peer = ip.read(request.META.get("REMOTE_ADDR", ""))
    if not settings.SIGN_IN_HEADER or not said or peer is None:
        return ""
    if not any(ip.inner(peer) in network for network in settings.SIGN_IN_FROM):
        return ""
    # WSGI hands bytes over as Latin-1; proxies write UTF-8.
    return said.encode("latin-1", "replace").decode("utf-8", "replace").strip()[:254]


def _address(entry: str) -> str:
    """Read one entry: an address, with or without quotes, brackets, a port or a zone; "" when it is none."""
    text = entry.strip().strip('"').strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    found = ip.read(text)
    return str(ip.inner(found)) if found else ""
