"""A board's settings as a form sends them: judged field by field, and nothing of it lost when something is wrong."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.functional import cached_property

from studio.models import Board, BoardMember, User
from studio.models.boards import dock_memory
from studio.models.sql.compiled_query import KEY, CompiledQuery
from studio.text import names

# The field, what a sentence calls it, and its most characters.
TEXTS = (("name", "name", 80), ("purpose", "purpose", 300), ("client", "client", 80), ("job_number", "job number", 40))
NO_NAME = "Give the board a name."
TOO_LONG = "Shorten the {what} to {most} characters."
NO_VISIBILITY = "Choose who can see the board."
MOST_PEOPLE = 300
# What two people may change at once, and what a sentence calls it.
CHOICES = {
    **{name: what for name, what, _ in TEXTS},
    "visibility": "visibility",
    "order": "order",
    "rights": "list of people",
}
MEANWHILE = "Somebody else changed the {what}{to} meanwhile. Save again to have yours instead."
MEANWHILE_TO = " to “{value}”"


def _read(shown: str) -> dict[str, Any]:
    """Return what a sheet showed; nothing where it says nothing."""
    try:
        found = json.loads(shown)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class BoardForm:
    """What the sheet shows, sent or not. `board` is None for one that is to be made."""

    def __init__(self, person: User, board: Board | None = None) -> None:
        self.person = person
        self.board = board
        self.errors: list[str] = []
        self.once = str(uuid.uuid4())  # a form that is sent twice makes one board
        self.values = {name: str(getattr(board, name)) if board else "" for name, _, _ in TEXTS}
        self.visibility = str(board.visibility if board else Board.Visibility.TEAM)
        self.order = str(board.order if board else Board.Order.HAND)
        self.rights: dict[int, str] = dict(board.members.values_list("person_id", "right")) if board else {}
        self.seen = json.dumps(self._choices())
        # The person's own: whether the dock begins with this board.
        self.in_dock = self.was_in_dock = board is not None and person.dock_board == board.code

    @classmethod
    def sent(cls, person: User, fields: QueryDict, board: Board | None = None) -> BoardForm:
        """Judge what was sent; `errors` has a sentence for each thing that has to change."""
        form = cls(person, board)
        form.once = fields.get("once", "")
        for name, what, most in TEXTS:
            form.values[name] = names.one_line(fields.get(name, ""))
            if len(form.values[name]) > most:
                form.errors.append(TOO_LONG.format(what=what, most=most))
        if not form.values["name"]:
            form.errors.insert(0, NO_NAME)
        form.visibility = fields.get("visibility", form.visibility)
        if form.visibility not in Board.Visibility.values:
            form.visibility = Board.Visibility.TEAM.value
            form.errors.append(NO_VISIBILITY)
        if (order := fields.get("order", form.order)) in Board.Order.values:
            form.order = order
        wanted = {one.pk: fields.get(f"right-{one.pk}", form.rights.get(one.pk, "")) for one in form.people}
        form.rights = {key: right for key, right in wanted.items() if right in BoardMember.Right.values}
        form.was_in_dock = fields.get("was_in_dock", "on" if form.in_dock else "") == "on"
        form.in_dock = fields.get("in_dock") == "on" if "was_in_dock" in fields else form.in_dock
        if board:
            form._settle(fields.get("seen", ""))
        return form

    def _choices(self) -> dict[str, Any]:
        rights = {str(key): right for key, right in sorted(self.rights.items())}
        return {**self.values, "visibility": self.visibility, "order": self.order, "rights": rights}

    def _settle(self, shown: str) -> None:
        """Keep what others have saved since the sheet was `shown`, where the person left it as it was; where both have
        changed the same, the person is told and decides.
        """
        before, sent, now = _read(shown), self._choices(), json.loads(self.seen)
        for name, what in CHOICES.items():
            was, wanted, found = before.get(name, now[name]), sent[name], now[name]
            if wanted == was:
                self._put(name, found)
            elif found != was and found != wanted:
                said = MEANWHILE_TO.format(value=found) if name in self.values and found else ""
                self.errors.append(MEANWHILE.format(what=what, to=said))

    def _put(self, name: str, value: Any) -> None:
        if name in self.values:
            self.values[name] = value
        elif name == "rights":
            self.rights = {int(key): right for key, right in value.items()}
        else:
            setattr(self, name, value)

    def save(self, *, now: datetime) -> Board:
        """Store what was sent; call it where there are no errors."""
        choices = {**self.values, "visibility": self.visibility, "order": self.order}
        people = [(one, self.rights[one.pk]) for one in self.people if one.pk in self.rights]
        with transaction.atomic():
            board = self.board or Board.make_once(self.person, once=self.once, now=now, **choices)
            board.settle(now=now, members=people, **choices)
        return board

    def remember(self) -> None:
        """Have the person's dock begin with the board, or not, where the sheet changed that."""
        if self.in_dock != self.was_in_dock and self.board:
            is_now = self.person.dock_board == self.board.code
            if self.in_dock != is_now:
                dock_memory.remember(self.person, self.board if self.in_dock else None)

    @cached_property
    def people(self) -> list[User]:
        """Everybody who may be listed, by name: all with access but the owner."""
        return _PEOPLE(self.board.person_id if self.board else self.person.pk)

    @property
    def listed(self) -> list[tuple[User, str]]:
        return [(one, self.rights[one.pk]) for one in self.people if one.pk in self.rights]

    @property
    def others(self) -> list[tuple[User, str]]:
        return [(one, "") for one in self.people if one.pk not in self.rights]

    @cached_property
    def team_size(self) -> int:
        return _TEAM.count()


_TEAM: CompiledQuery[User] = CompiledQuery(lambda: User.objects.filter(is_active=True).values_list("pk"))
_PEOPLE: CompiledQuery[User] = CompiledQuery(
    lambda owner: (
        User.objects.filter(is_active=True).exclude(pk=owner).order_by("name", "pk").only("name")[:MOST_PEOPLE]
    ),
    KEY,
)
