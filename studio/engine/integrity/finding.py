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
    # The key of another row: of a board, a tag or a look's version.
    row: int | None = None
    repairable: bool = False
