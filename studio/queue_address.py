"""Read the address of the Redis that wakes the queues."""

from __future__ import annotations

from urllib.parse import urlsplit

from studio import configuration as read


def redis(name: str) -> str:
    """The address of a Redis, which may hold a password; "" when none is given: the database wakes the queues."""
    url = read.secret(name)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        read.judge_host(parts.hostname or "")
        is_right = parts.scheme in {"redis", "rediss"} and parts.port != 0 and not (parts.query or parts.fragment)
        number = parts.path.removeprefix("/")
        if not is_right or read.ODD.search(url) or not (number == "" or (number.isdecimal() and len(number) < 4)):
            raise ValueError
    except ValueError:
        mend = "Write redis://:password@host:6379/0, with rediss:// for TLS, or leave it out."
        read.refuse(name, "a text (not shown)", "no address of a Redis", mend)
        return ""
    return url
