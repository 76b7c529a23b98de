"""The codes of pictures, boards, jobs and the like, as addresses, forms and files name them."""

from __future__ import annotations

import uuid


def read_code(raw: object) -> uuid.UUID | None:
    """Return the code that is named; None for what is none."""
    if isinstance(raw, uuid.UUID):
        return raw
    try:
        return uuid.UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
