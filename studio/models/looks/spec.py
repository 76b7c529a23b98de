"""What a version of a look holds, and why one is not saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.models.picture import Picture


class LookChanged(Exception):
    """Somebody saved another version meanwhile, in another tab or on another device."""


class TagTaken(Exception):
    """A look that the person sees has this tag already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSpec:
    """What a version holds. A reference without a picture keeps the place of one that is gone."""

    references: Sequence[tuple[Picture | None, str]] = ()
    words: str = ""
    avoid: Sequence[str] = ()
    model: str = ""
    aspect_ratio: str = ""
    example: Picture | None = None
