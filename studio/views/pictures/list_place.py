"""Where a picture stands in the list it was opened from."""

from __future__ import annotations

from dataclasses import dataclass

from studio.models import Picture


@dataclass(frozen=True, slots=True)
class Place:
    """Its neighbours, and the words for how far along it is ("" where nobody counted).

    `newer` comes before it and `older` behind it, whatever the list is ordered by.
    """

    newer: Picture | None = None
    older: Picture | None = None
    words: str = ""
