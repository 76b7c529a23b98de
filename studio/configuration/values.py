"""Reading one value of a setting: each returns what it means, or raises ValueError."""

from __future__ import annotations

import math
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from studio.network.ip import read as read_ip

T = TypeVar("T")
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*", re.IGNORECASE)
LONGEST_HOST = 253
SENDER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
DIGITS = re.compile(r"[+-]?[0-9]{1,20}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?")
# In an address: blanks, control characters, and what browsers and libraries read in different ways.
ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2000-\u200f\u2028-\u202f\u3000\ufeff]")
DEFAULT_PORTS = {"http": 80, "https": 443}
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def smtp(url: str) -> dict[str, Any]:
    """Take an address of a mail server apart; a name and a password in it are percent-encoded."""
    parts = urlsplit(url)
    if parts.scheme not in SMTP_PORTS or ODD.search(url) or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError
    server = parts.hostname or ""
    host(server)
    if parts.port == 0 or bool(parts.username) != bool(parts.password):
        raise ValueError
    return {
        "EMAIL_BACKEND": "studio.network.mail.Backend",
        "EMAIL_HOST": server,
        "EMAIL_PORT": parts.port or SMTP_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def judge_redis(url: str) -> None:
    parts = urlsplit(url)
    number = parts.path.removeprefix("/")
    host(parts.hostname or "")
    is_right = parts.scheme in {"redis", "rediss"} and parts.port != 0 and not (parts.query or parts.fragment)
    if not is_right or ODD.search(url) or (number and not re.fullmatch("[0-9]{1,3}", number)):
        raise ValueError


def sender(value: str) -> str:
    if not SENDER.fullmatch(parseaddr(value)[1]):
        raise ValueError
    host(parseaddr(value)[1].rpartition("@")[2])
    if any(mark in value for mark in "\r\n\0"):
        raise ValueError
    return value


def within(value: T, low: T, high: T) -> T:
    # Not a number is within nothing.
    if not low <= value <= high or (isinstance(value, float) and math.isnan(value)):  # type: ignore[operator]
        raise ValueError
    return value


def digits(value: str) -> int:
    return int(whole(DIGITS.fullmatch(value)))


def decimal(value: str) -> float:
    return float(whole(DECIMAL.fullmatch(value)))


def whole(found: re.Match[str] | None) -> str:
    if found is None:
        raise ValueError
    return found[0]


def parts(value: str) -> list[str]:
    parts = [one.strip() for one in value.split(",") if one.strip()]
    if not parts:
        raise ValueError
    return parts


def networks(value: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(one) for one in parts(value)]


def split(value: str) -> SplitResult:
    """Take an http address apart. Raises ValueError for a name or a password in it, and for what is no address."""
    parts = urlsplit(value)
    odd = ODD.search(value) or "@" in parts.netloc or parts.netloc.endswith(":") or "?" in value or "#" in value
    if parts.scheme not in {"http", "https"} or odd or parts.port == 0:
        raise ValueError
    return parts


def address(value: str) -> str:
    parts = split(value)
    host(parts.netloc.removesuffix(f":{parts.port}"))
    return value.rstrip("/")


def origin(value: str) -> str:
    """Return an origin in the one spelling of browsers: small letters, and no port where it is the usual one."""
    parts = split(value)
    name = parts.netloc.removesuffix(f":{parts.port}").lower()
    host(name.removeprefix("*."))
    if parts.path.strip("/"):
        raise ValueError
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{name}{port}"


def pattern(value: str) -> str:
    """Return a name of ALLOWED_HOSTS: a host, a dot and a domain, or * for every one."""
    if value == "*":
        return value
    found = host(value.removeprefix(".")).lower().removesuffix(".")
    if ":" in found and not found.startswith("["):
        found = f"[{found}]"
    return f".{found}" if value.startswith(".") else found


def host(value: str) -> str:
    """Return a host without scheme and port: a name, an IPv4 address, or an IPv6 address with or without brackets."""
    address = read_ip(value.removeprefix("[").removesuffix("]")) if "%" not in value else None
    if address is not None and (address.version == 6 or "[" not in value) and value.count("[") == value.count("]"):
        return value
    name = value.removesuffix(".")
    # A name that ends in a number is a mistyped address.
    if len(name) > LONGEST_HOST or not HOST.fullmatch(name) or name.rpartition(".")[2].isdecimal():
        raise ValueError
    return value
