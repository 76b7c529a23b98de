"""The key of the paid API: read once, shown never."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NoReturn

# Visible ASCII only: a newline or a space would break the header, and the failure would print the key.
_WELL_FORMED = re.compile(r"luma-api-[!-~]{1,500}")
_SHOWN_AS = "***"


class BadKey(ValueError):
    """The text given is no key. The message never contains it."""


class ApiKey:
    """A key that can be used and compared, but is never printed, logged or pickled by accident."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        stripped = text.strip() if isinstance(text, str) else ""
        if not _WELL_FORMED.fullmatch(stripped):
            raise BadKey("The Luma API key must start with luma-api- and contain no spaces or special characters.")
        self.__text = stripped

    @property
    def fingerprint(self) -> str:
        """Name the key safely: 12 hex digits of its SHA-256, fit for a row or a log."""
        return hashlib.sha256(self.__text.encode("ascii")).hexdigest()[:12]

    def header(self) -> str:
        """Return the value of the Authorization header; the scheme is case-sensitive (luma-api.md section 1)."""
        return f"Bearer {self.__text}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiKey):
            return NotImplemented
        return hmac.compare_digest(self.__text, other.__text)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"ApiKey({_SHOWN_AS})"

    def __str__(self) -> str:
        return _SHOWN_AS

    def __format__(self, spec: str) -> str:
        return _SHOWN_AS

    def __reduce__(self) -> NoReturn:
        raise TypeError("An ApiKey cannot be pickled or copied.")
