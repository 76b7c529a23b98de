"""A request that waits for an approval, as one person sees it: its pictures, its facts and what is left after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from studio.models import Approval, Board, Picture, User
from studio.models.account.rights import dollars
from studio.models.budget import TeamBudget
from studio.models.spend.spent import Spent
from studio.views import formatting

# Pictures of a card, and facts beside them.
MOST_PICTURES = 4


@dataclass(frozen=True, slots=True)
class Card:
    """A request as one person sees it."""

    approval: Approval
    is_hidden: bool
    is_own: bool
    pictures: list[Picture]
    board: str
    total: Decimal
    # What its person has left after it, as far as that is limited; and whether it passes a budget.
    left: str = ""
    is_over: bool = False

    @property
    def is_open(self) -> bool:
        return self.approval.is_waiting

    @property
    def price_changed(self) -> bool:
        return self.is_open and self.total != self.approval.total

    @property
    def price(self) -> str:
        return dollars(self.total if self.is_open else self.approval.total)

    @property
    def approve_word(self) -> str:
        return "Approve over budget" if self.is_over else "Approve"

    @property
    def prompt(self) -> str:
        return self.approval.title or str(self.approval.requests[0]["prompt"])

    @property
    def facts(self) -> list[str]:
        asked = self.approval.requests
        ratios = list(dict.fromkeys(one["aspect_ratio"] for one in asked if one["aspect_ratio"]))
        models = list(dict.fromkeys(one["model"] for one in asked))
        used = max(one["inputs"] for one in asked)
        return [
            f"{self.approval.number:,} × {ratios[0]}" if len(ratios) == 1 else self.approval.what,
            *models,
            *(["web search"] if any(one["web_search"] for one in asked) else []),
            *([formatting.counted(used, "input picture")] if used else []),
            *([self.board] if self.board else []),
        ]


def cards(found: Iterable[Approval], person: User) -> list[Card]:
    """Requests with their pictures and boards: a fixed number of queries. Of a private one only its person sees them."""
    shown = list(found)
    hidden = {one.pk for one in shown if one.is_private and one.person_id != person.pk}
    keys = {one.pk: _inputs(one) for one in shown if one.pk not in hidden}
    pictures = (
        Picture.objects.visible_to(person).for_tiles().in_bulk({key for some in keys.values() for key in some})
        if any(keys.values())
        else {}
    )
    boards = {one.requests[0]["board"] for one in shown if one.pk not in hidden} - {None}
    left = _left([one for one in shown if one.is_waiting])
    names = dict(Board.objects.visible_to(person).filter(pk__in=boards).values_list("pk", "name")) if boards else {}
    return [
        Card(
            approval=one,
            is_hidden=one.pk in hidden,
            is_own=one.person_id == person.pk,
            pictures=[pictures[key] for key in keys.get(one.pk, []) if key in pictures],
            board=names.get(one.requests[0]["board"], ""),
            total=one.total_today() if one.is_waiting else one.total,
            left=left.get(one.pk, NO_LIMIT).words,
            is_over=left.get(one.pk, NO_LIMIT).is_over,
        )
        for one in shown
    ]


class Left(NamedTuple):
    """What is left after a request, of the budget that is nearest."""

    words: str = ""
    is_over: bool = False


NO_LIMIT = Left()


def _left(waiting: list[Approval]) -> dict[int, Left]:
    """Say of each what its person and the team have left after it, of the limit that is nearest: two queries."""
    if not waiting:
        return {}
    team, today = TeamBudget.current(), timezone.localdate()
    keys = [key for pk in {None, *(one.person_id for one in waiting)} for key in Spent.keys(pk, today)]
    used = Spent.objects.in_bulk(keys)
    found = {}
    for one in waiting:
        person, total = one.person, one.total_today()
        limits = (
            (team.each_per_day if person.cap_per_day is None else person.cap_per_day, "a day"),
            (team.each_per_month if person.cap_per_month is None else person.cap_per_month, "a month"),
            (team.per_day, "a day for the team"),
            (team.per_month, "a month for the team"),
        )
        rows = []
        for (most, word), key in zip(
            limits, [*Spent.keys(one.person_id, today), *Spent.keys(None, today)], strict=True
        ):
            if most is not None:
                after = most - (used[key].dollars if key in used else Decimal(0)) - total
                rows.append((after, f"{dollars(most)} {word}"))
        if rows:
            after, limit = min(rows)
            how = f"{dollars(after)} left" if after >= 0 else f"over by {dollars(-after)}"
            found[one.pk] = Left(f"{limit}, {how} after this", after < 0)
    return found


def _inputs(approval: Approval) -> list[int]:
    """The keys of the pictures that it uses, each once, as many as a card shows."""
    every = (key for one in approval.requests for key in ([one["source"]] if one["source"] else []) + one["references"])
    return list(dict.fromkeys(every))[:MOST_PICTURES]
