"""Strings from outside, made safe to store and to show."""

from __future__ import annotations

import re

# Lone surrogates cannot be encoded for a database, NUL cannot be stored by PostgreSQL, other controls serve nobody.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_KEY = re.compile(r"luma-api-[!-~]+", re.IGNORECASE)
# Long enough for every documented text (luma-api.md section 6), short enough for a card.
MAX_LENGTH = 1_000


def clean(value: object, *, limit: int = MAX_LENGTH) -> str:
    """Return a string that any database stores, without keys, at most `limit` characters; "" for what is no string."""
    if not isinstance(value, str):
        return ""
    # Cutting first bounds the work; a key that straddles the cut still matches by its prefix.
    storable = _UNSTORABLE.sub("\ufffd", value[: limit + 1])
    safe = _KEY.sub("luma-api-***", storable).strip()
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def is_storable(value: str, *, limit: int) -> bool:
    """Tell whether a string can be stored exactly as it is: not empty, not too long, nothing to clean away."""
    return 0 < len(value) <= limit and not _UNSTORABLE.search(value)
