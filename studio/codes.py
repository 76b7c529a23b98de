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


def of_form(once: uuid.UUID, whose: str) -> uuid.UUID:
    """Return the code of what a form makes that carries `once`, so that it makes one thing however often it is sent.

    `whose` says who makes what. As nobody can choose the code itself, no form tells that somebody else's is there.
    """
    return uuid.uuid5(once, whose)
