from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken promise: which, in a sentence, where, and whether `repair` can mend it."""

    invariant: str
    sentence: str
    job: int | None = None
    picture: int | None = None
    file: str = ""
    repairable: bool = False
