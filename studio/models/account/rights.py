"""What a person may ask for, and how much of it: checked in the transaction that stores a request.

Call `check` after Revision.bump(): from there to the commit everybody else waits, so that of parallel requests each is
counted after the one before, and rights that an admin changed a moment ago hold.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Q

from studio.luma.pricing import price
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.requests.request_spec import RequestSpec
from studio.models.sql.compiled_query import KEY, CompiledQuery
from studio.text.plurals import counted

HOUR = timedelta(hours=1)
LAYERS = "layering"
NO_LAYERS = "Ask an admin to let you split pictures into layers."
NO_SEARCH = "Ask an admin for web search, or make it without."
NO_ROLE = "You can look and comment, and an admin can let you make pictures."
ASKS_FIRST = "This costs {total}, and above {above} an admin has to approve it. Ask for it on the Create page."


class NotAllowed(NotPlaced):
    """The person may not use this, or has asked for too much in an hour."""


class TooManyWaiting(NotPlaced):
    """With the pictures `asked` for, more than `most` of this person would wait in line; `waiting` do already."""

    def __init__(self, *, waiting: int, asked: int, most: int) -> None:
        pictures = counted(waiting, "picture")
        more = "this one" if asked == 1 else f"these {asked}"
        super().__init__(
            f"You have {pictures} waiting. With {more} it would be more than {most:,}: "
            "wait until some are made, or cancel some."
        )
        self.waiting = waiting
        self.asked = asked
        self.most = most


class NeedsApproval(Exception):
    """It costs more (`total`, dollars) than the person may ask for without an admin's approval (`above`, dollars).

    Or it passes a budget, and its person wants to ask for it: `budget` says which, and `above` is what was left of it.

    Whoever was to store it adds what it is, so that it can be asked for (Approval.ask).
    """

    person: User
    token: uuid.UUID
    specs: Sequence[RequestSpec] = ()
    kind = ""
    title = ""

    def __init__(self, *, total: Decimal, above: Decimal, budget: str = "") -> None:
        super().__init__(f"{total} is above {above}")
        self.budget = budget
        self.total = total
        self.above = above

    @property
    def sentence(self) -> str:
        total, above = apart(self.total, self.above)
        return ASKS_FIRST.format(total=total, above=above)

    def about(
        self, person: User, token: uuid.UUID, specs: Sequence[RequestSpec], kind: str, title: str
    ) -> NeedsApproval:
        """Add what it is that costs so much, and return it."""
        self.person, self.token, self.specs, self.kind, self.title = person, token, specs, kind, title
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one request asks for, as far as rights and caps are about it. `cost` is in dollars, None where unknown."""

    type: str
    model: str
    web_search: bool
    count: int
    cost: Decimal | None

    @classmethod
    def by(cls, spec: RequestSpec) -> Asked:
        inputs = len(spec.all_references) + (spec.source is not None)
        each = price(spec.type, spec.model, inputs)
        cost = None if each is None else each * spec.count
        return cls(type=spec.type, model=spec.model, web_search=spec.web_search, count=spec.count, cost=cost)


PERSON_BY_KEY = CompiledQuery(lambda key: User.objects.filter(pk=key), KEY)


def person_now(pk: int) -> User:
    """Return a person as the tables have them now. Raises User.DoesNotExist."""
    person: User | None = PERSON_BY_KEY.first(pk)
    if person is None:
        raise User.DoesNotExist
    return person


def check(
    person: User, asked: Sequence[Asked], *, now: datetime, is_approved: bool = False, in_line: bool = True
) -> None:
    """Refuse what this person may not ask for now. Call it after Revision.bump(), inside the transaction.

    `is_approved`: an admin approved it, so rights and caps of the person do not count. `in_line`: whether it makes the
    line longer than what was accepted before. Raises NotAllowed, NeedsApproval or TooManyWaiting.
    """
    fresh = person_now(person.pk)
    if not (fresh.is_active and fresh.can_make):
        raise NotAllowed(NO_ROLE)
    number = sum(one.count for one in asked)
    if not is_approved:
        for sentence in refusals(fresh, asked):
            raise NotAllowed(sentence)
        check_price(fresh, asked)
        _check_hour(fresh, number, now)
    if in_line:
        _check_waiting(fresh, number, is_approved=is_approved)


def check_more(person: User, asked: Asked, *, now: datetime, in_line: bool = True) -> None:
    """As `check`, of one more picture of what was stored already: what would need an approval is refused as well."""
    try:
        check(person, [asked], now=now, in_line=in_line)
    except NeedsApproval as needed:
        raise NotAllowed(needed.sentence) from None


def check_price(person: User, asked: Iterable[Asked]) -> None:
    """Raise NeedsApproval where all of it costs more than the person may ask for alone."""
    total = total_of(asked)
    if person.asks_above is not None and total > person.asks_above:
        raise NeedsApproval(total=total, above=person.asks_above)


def total_of(asked: Iterable[Asked]) -> Decimal:
    """What all of it costs at today's prices, in dollars, as far as prices are known."""
    return sum((one.cost for one in asked if one.cost is not None), Decimal(0))


def refusals(person: User, asked: Iterable[Asked]) -> list[str]:
    """Say what of it the person may not use."""
    said = []
    for one in asked:
        if one.type == LAYERS:
            said += [] if person.may_split else [NO_LAYERS]
        elif not may_use(person, one.model):
            others = " or ".join(person.models_allowed)
            said.append(f"You can't use {one.model}. Choose {others}, or ask an admin.")
        if one.web_search and not person.may_search_web:
            said.append(NO_SEARCH)
    return said


def may_use(person: User, model: str) -> bool:
    """Whether the person may draw with this model; an empty list allows all."""
    return not person.models_allowed or model in person.models_allowed


def models_of(person: User, models: Iterable[str]) -> list[str]:
    """The models among these that the person may use, in their order; all where none of them is allowed."""
    every = list(models)
    return [model for model in every if may_use(person, model)] or every


def most_waiting(person: User) -> int:
    """How many jobs of the person may wait: their own cap, else the team's."""
    return settings.WAITING_PER_PERSON if person.cap_waiting is None else person.cap_waiting


def over_running_cap(now: datetime) -> list[int]:
    """The keys of the people who wait and have as many jobs running as their cap allows."""
    jobs = _jobs()
    waiting = jobs.waiting().filter(person__cap_running__isnull=False)
    caps: dict[int, int] = dict(waiting.order_by().values_list("person", "person__cap_running").distinct())
    if not caps:
        return []
    busy = jobs.occupying(now).filter(person__in=caps).order_by().values("person").annotate(number=Count("pk"))
    running = {row["person"]: row["number"] for row in busy}
    return [person for person, cap in caps.items() if running.get(person, 0) >= cap]


def _check_waiting(person: User, number: int, *, is_approved: bool) -> None:
    waiting = _jobs().of(person).waiting().count()
    most = settings.WAITING_PER_PERSON if is_approved else most_waiting(person)
    if waiting + number > most:
        raise TooManyWaiting(waiting=waiting, asked=number, most=most)


def _check_hour(person: User, number: int, now: datetime) -> None:
    cap = person.cap_per_hour
    if cap is None:
        return
    since = now - HOUR
    # By the time alone, which has an index: an hour of the whole team is few rows.
    asked = _jobs().filter(created_at__gt=since, person=person).exclude(state="cancelled").order_by()
    again = apps.get_model("studio", "Attempt").objects.filter(
        Q(asked_by=person, number__gt=1) | Q(job__asked_by=person, number__gt=1),
        sent_at__gt=since,
        job__person=person,
        job__created_at__lte=since,
    )
    made = asked.count() + again.count()
    if made + number <= cap:
        return
    left = max(0, cap - made)
    pictures, are = ("1 picture", "is") if cap == 1 else (f"{cap:,} pictures", "are")
    had = "none is" if made == 0 else f"{made:,} {'is' if made == 1 else 'are'}"
    if left:
        raise NotAllowed(f"You can make {pictures} an hour; {had} made, so at most {left:,} now.")
    oldest = asked.order_by("created_at").values_list("created_at", flat=True).first()
    minutes = max(1, math.ceil(((oldest or now) + HOUR - now).total_seconds() / 60)) if cap else 0
    wait = f"Try again in {minutes} min" if minutes else "Ask an admin for more"
    raise NotAllowed(f"You can make {pictures} an hour, and {made:,} {are if made else 'are'} made. {wait}.")


def dollars(amount: Decimal) -> str:
    """An amount as people read it: whole cents."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def apart(total: Decimal, above: Decimal) -> tuple[str, str]:
    """Write an amount and the limit that it is above: exactly, where in whole cents they would be the same."""
    said = dollars(total), dollars(above)
    return (f"${total.normalize():,f}", f"${above.normalize():,f}") if said[0] == said[1] else said


def _jobs() -> Any:
    """The jobs, whose module imports this one."""
    return apps.get_model("studio", "Job").objects
