"""A board as a list shows it: its first pictures, who is on it and who sees it, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from studio.models import Board, Picture, ProofLink, User
from studio.models.picture import load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.pictures.tile_rows import visible_keys, wall_by_key
from studio.models.sql.compiled_query import KEYS, MOMENT, PERSON, CompiledQuery
from studio.text.names import isolated
from studio.views import addresses, markup, stencil
from studio.views.formatting import counted
from studio.views.gallery.tiles import tile_src
from studio.views.stencil import Row

CARD = "boards/_card.html"
MOST_AVATARS = 3
# From these ratios of its cover on a board is wide or tall.
WIDE, TALL = 1.25, 0.8
# How many pictures each shape shows.
ROOM = {"wide": 5, "tall": 3, "square": 3, "two": 2, "one": 1}
ICONS = {Board.Visibility.TEAM: "users", Board.Visibility.LISTED: "user", Board.Visibility.PRIVATE: "lock"}


@dataclass(frozen=True, slots=True)
class BoardCard:
    """`shape` names the mosaic; "" where the person sees no picture on it."""

    board: Board
    pictures: Sequence[Picture]
    shape: str
    number: int
    people: Sequence[User]
    seen_by: str
    icon: str
    # "3 of 8 approved" where a proof link of the person's shows it, else "".
    proof: str = ""
    # How many of them are open.
    links: int = 0

    @property
    def cover(self) -> Picture | None:
        return self.pictures[0] if self.pictures else None

    @property
    def url(self) -> str:
        return addresses.of("studio:board", self.board.code)

    @property
    def row(self) -> Row:
        """As a list of boards shows it."""
        return {
            "url": self.url,
            "code": str(self.board.code),
            "shape": self.shape,
            "cells": stencil.each(f"{CARD}#cell", "cell", map(_cell, self.pictures)),
            "name": self.board.name,
            "count": counted(self.number, "picture") if self.number else "",
            "icon": self.icon,
            "seen_by": self.seen_by,
            "proof": self.proof,
            "is_archived": self.board.archived_at is not None,
            "avatars": stencil.each(
                f"{CARD}#avatar",
                "person",
                [{"name": isolated(one.name), "initials": one.initials} for one in self.people],
            ),
        }


def _open_links(rows: Any, keys: Any, now: Any) -> Any:
    return rows.open_of(keys, now).values_list("board", flat=True)


_LINKED_OF_TEAM: CompiledQuery[ProofLink] = CompiledQuery(
    lambda keys, now: _open_links(ProofLink.objects, keys, now), KEYS, MOMENT
)
_LINKED: CompiledQuery[ProofLink] = CompiledQuery(
    lambda person, keys, now: _open_links(ProofLink.objects.filter(person.owned()), keys, now), PERSON, KEYS, MOMENT
)


def _linked(keys: list[int], person: User) -> list[int]:
    """Return these boards, by their keys, once for each open proof link that the person sees, as `visible_to` has it."""
    now = timezone.now()
    return _LINKED_OF_TEAM(keys, now) if person.is_admin else _LINKED(person, keys, now)


def cards(boards: Iterable[Board], person: User) -> list[BoardCard]:
    """`boards` come with their person and members__person."""
    shown = list(boards)
    keys = {key for board in shown for key in [board.cover_id, *board.mosaic] if key}
    visible = visible_keys(keys, person)
    # Of a dozen first pictures a board shows the first few that the person sees: the rest are not read.
    wanted = {key for board in shown for key in _first(board, visible)[: ROOM["wide"]]}
    seen = wall_by_key(wanted) if wanted else {}
    load_sizes(seen.values())
    load_stacks(list(seen.values()))
    links = Counter(_linked([board.pk for board in shown], person)) if shown else Counter()
    return [_card(board, seen, person, links[board.pk]) for board in shown]


def _cell(picture: Picture) -> Row:
    stack = markup.stack(getattr(picture, "stack", None), "")
    if stack:
        return {"stack": stack}
    return {"stack": "", "src": tile_src(picture), "width": str(picture.width), "height": str(picture.height)}


def _first(board: Board, visible: Container[int]) -> list[int]:
    """Return the keys of its cover and its first pictures, of those that the person sees."""
    return [key for key in dict.fromkeys([board.cover_id, *board.mosaic]) if key and key in visible]


def _card(board: Board, seen: dict[int, Picture], person: User, links: int) -> BoardCard:
    pictures = [seen[key] for key in _first(board, seen)[: ROOM["wide"]]]
    shape = _shape(pictures)
    people = [board.person]
    if board.visibility == Board.Visibility.LISTED:
        people += [member.person for member in board.members.all()]
    seen_by = f"{len(people)} people" if len(people) > 1 else board.get_visibility_display()
    return BoardCard(
        board,
        pictures[: ROOM.get(shape, 0)],
        shape,
        board.number_for(person),
        people[:MOST_AVATARS],
        seen_by,
        ICONS[Board.Visibility(board.visibility)],
        f"{board.decided_for(person, 'approved'):,} of {board.number_for(person):,} approved" if links else "",
        links,
    )


def _shape(pictures: Sequence[Picture]) -> str:
    if len(pictures) < ROOM["square"]:
        return ("", "one", "two")[len(pictures)]
    ratio = pictures[0].width / pictures[0].height
    if ratio >= WIDE and len(pictures) >= ROOM["wide"]:
        return "wide"
    return "tall" if ratio <= TALL else "square"
