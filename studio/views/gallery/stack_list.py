"""A stack as the list that one of its pictures was opened from: the cover first, then the newest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.models import Picture, User
from studio.models.stacks import stacks
from studio.views import addresses
from studio.views.pictures.list_place import Place

NAME = "stack"
PAGE = re.compile("/pictures/[0-9a-f-]{36}/stack/")


@dataclass(frozen=True, slots=True)
class InStack:
    """All pictures of a stack that the viewer sees: at most stacks.MOST."""

    pictures: list[Picture]
    at: int

    name = NAME
    word = "Stack"
    back = "Picture before this"
    on = "Picture after this"

    @property
    def url(self) -> str:
        cover, shown = self.pictures[0], self.pictures[self.at]
        return f"{addresses.of('studio:stack', cover.code)}#picture-{shown.code}"

    def place(self, shown: Picture) -> Place:
        at, every = self.at, self.pictures
        before, after = every[at - 1] if at else None, every[at + 1] if at + 1 < len(every) else None
        return Place(before, after, f"{at + 1} of {len(every)}")

    def around(self, shown: Picture, most: int) -> list[Picture]:
        return self.pictures[max(0, self.at - most) : self.at + most + 1]


def named(name: str, shown: Picture, person: User) -> InStack | None:
    """Return the stack of a picture where the address asks for it, or where only its stack shows it in the gallery."""
    if name != NAME and not (shown.cover_id and not name):
        return None
    pictures = stacks.of(shown, person)
    at = next((place for place, one in enumerate(pictures) if one.pk == shown.pk), None)
    return InStack(pictures, at) if at is not None else None
