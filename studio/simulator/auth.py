"""Who is calling: four ways to be 401, two to be 403 (luma-api.md sections 1 and 6.2)."""

from __future__ import annotations

import hashlib

from studio.simulator.errors import ApiError
from studio.simulator.options import Options

KEY_PREFIX = "luma-api-"

MISSING = (401, "Missing or invalid API key")
UNKNOWN = (401, "Invalid API key")
REVOKED = (401, "API key has been revoked")
EXPIRED = (401, "API key has expired")
SUSPENDED = (403, "API client is suspended")
DEACTIVATED = (403, "API client is deactivated")

# A key whose name starts so is refused without being listed: `luma-api-revoked-anything`.
SPEAKING_KEYS = {
    "revoked": REVOKED,
    "expired": EXPIRED,
    "unknown": UNKNOWN,
    "suspended": SUSPENDED,
    "deactivated": DEACTIVATED,
}


def identify(authorization: str | None, options: Options) -> str:
    """Return the name of the client that owns the key; raise ApiError 401 or 403."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme != "Bearer" or not key.startswith(KEY_PREFIX):
        raise ApiError(*MISSING)
    _refuse_listed(key, options)
    _refuse_speaking(key)
    if not options.keys:
        return hashlib.sha256(key.encode()).hexdigest()[:16]
    if key not in options.keys:
        raise ApiError(*UNKNOWN)
    return options.keys[key]


def _refuse_listed(key: str, options: Options) -> None:
    listed = (
        (options.revoked_keys, REVOKED),
        (options.expired_keys, EXPIRED),
        (options.suspended_keys, SUSPENDED),
        (options.deactivated_keys, DEACTIVATED),
    )
    for keys, refusal in listed:
        if key in keys:
            raise ApiError(*refusal)


def _refuse_speaking(key: str) -> None:
    name = key.removeprefix(KEY_PREFIX)
    for word, refusal in SPEAKING_KEYS.items():
        if name.startswith(word):
            raise ApiError(*refusal)
