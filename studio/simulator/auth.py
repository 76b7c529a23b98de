"""Identify the caller: four kinds of 401, two of 403 (luma-api.md sections 1 and 6.2)."""

from __future__ import annotations

import hashlib

from studio.simulator.errors import ApiError
from studio.simulator.options import Options

KEY_PREFIX = "luma-api-"
# The key form that acts out an account without the layering grant.
UNGRANTED = "no-layering"
MISSING = (401, "Missing or invalid API key")
UNKNOWN = (401, "Invalid API key")
# A key that begins with one of these is refused: `luma-api-revoked-anything`.
REFUSED_NAMES = {
    "revoked": (401, "API key has been revoked"),
    "expired": (401, "API key has expired"),
    "unknown": UNKNOWN,
    "suspended": (403, "API client is suspended"),
    "deactivated": (403, "API client is deactivated"),
}


def identify(authorization: str | None, options: Options) -> str:
    """Return the name of the client that owns the key; raise ApiError 401 or 403."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme != "Bearer" or not key.startswith(KEY_PREFIX):
        raise ApiError(*MISSING)
    for word, refusal in REFUSED_NAMES.items():
        if key.startswith(KEY_PREFIX + word):
            raise ApiError(*refusal)
    if not options.keys:
        return hashlib.sha256(key.encode()).hexdigest()[:16]
    if key not in options.keys:
        raise ApiError(*UNKNOWN)
    return options.keys[key]


def may_layer(authorization: str | None) -> bool:
    """Say whether a key has the layering grant; one that begins with `luma-api-no-layering` has not."""
    return not (authorization or "").startswith(f"Bearer {KEY_PREFIX}{UNGRANTED}")
