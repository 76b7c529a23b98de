"""The list of people as admins see it: what each may do, how much they may spend and have spent, and when they were here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from studio.models import ApiAccount, Approval, Invite, Spent, User
from studio.models.account.hand_over import joined, parts
from studio.models.account.rights import dollars
from studio.models.account.session import seen_of
from studio.models.budget import TeamBudget
from studio.models.jobs.count import in_dollars
from studio.text import search_text
from studio.views import left_out

ROLES = (("", "All"), ("admin", "Admins"), ("designer", "Designers"), ("viewer", "Viewers"))
# Whoever was here this lately is here now: it is written down once in five minutes.
NOW = timedelta(minutes=10)
# From this share of a limit on it is nearly used up.
NEARLY = Decimal("0.9")
LONGEST_SEARCH = 1_000  # more than a name or an address has


@dataclass(frozen=True, slots=True)
class Facts:
    """What the list says of a person beside the row itself. `spent` is in dollars, None where nothing counts it."""

    person: User
    spent: Decimal | None
    seen_at: datetime | None
    sessions: int
    slots: int
    now: datetime
    # The month's limit of the person or of everybody, in dollars.
    most: Decimal | None = None

    @property
    def is_here(self) -> bool:
        return self.person.is_active and self.seen_at is not None and self.seen_at > self.now - NOW

    @property
    def rights(self) -> str:
        person = self.person
        if not person.can_make:
            return "Looks, comments, decides" if person.can_decide else "Looks, comments"
        if not person.models_allowed and person.may_split and person.may_search_web:
            return "Everything"
        every = list(person.models_allowed) or ["all models"]
        every += ["layers"] if person.may_split else []
        return ", ".join([*every, *(["web search"] if person.may_search_web else [])])

    @property
    def running(self) -> str:
        return f"{self.person.cap_running or self.slots} running"

    @property
    def money(self) -> str:
        person = self.person
        caps = ((person.cap_per_day, "a day"), (person.cap_per_month, "a month"), (person.asks_above, "asks above"))
        for amount, word in caps:
            if amount is not None:
                return f"{word} {_short(amount)}" if word.startswith("asks") else f"{_short(amount)} {word}"
        return ""

    @property
    def limit(self) -> str:
        return dollars(self.most) if self.most is not None else ""

    @property
    def share(self) -> int:
        """Per cent of the month's limit that is spent, at most 100."""
        most = self.most
        return min(100, int(100 * self.spent / most)) if most and self.spent is not None else 0

    @property
    def is_nearly_spent(self) -> bool:
        most = self.most
        return bool(most is not None and self.spent is not None and self.spent >= most * NEARLY)

    @property
    def handed(self) -> str:
        """`412 pictures, 2 boards`: what of a former person's work is with somebody else."""
        return joined(parts(self.person.handed))


def _short(amount: Decimal) -> str:
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else dollars(amount)


def facts(people: Sequence[User], now: datetime) -> dict[int, Facts]:
    """The facts of these people, in a fixed number of queries."""
    spent, slots = spent_this_month(people, now), ApiAccount.current().slots
    seen, each = seen_of(one.pk for one in people), TeamBudget.current().each_per_month
    found = {}
    for one in people:
        sessions, at = seen.get(one.pk, (0, one.last_login))
        most = each if one.cap_per_month is None else one.cap_per_month
        found[one.pk] = Facts(one, spent.get(one.pk), at, sessions if one.is_active else 0, slots, now, most)
    return found


def spent_this_month(people: Sequence[User], now: datetime) -> dict[int, Decimal]:
    """What each of them spent this month, in dollars."""
    day = timezone.localdate(now)
    months = {Spent.keys(one.pk, day)[1]: one.pk for one in people}
    found = Spent.objects.filter(pk__in=months).values_list("pk", "spent")
    return {pk: Decimal(0) for pk in months.values()} | {months[key]: in_dollars(parts) for key, parts in found}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the list shows: people of a role (?role=), or whose name or address has what is typed (?q=)."""
    unknown = left_out.choices(request.GET, {"role": ("Role", User.Role.values)})
    role, query = (
        "" if unknown else request.GET.get("role", ""),
        " ".join(request.GET.get("q", "").replace("\0", " ").split()),
    )
    people = list(User.objects.select_related("handed_to").order_by("-is_active", "name"))
    counts = {one: sum(person.is_active and person.role == one for person in people) for one in User.Role.values}
    found = [person for person in people if _fits(person, role, query[:LONGEST_SEARCH])]
    known, now = facts(found, timezone.now()), timezone.localdate()
    numbers = {"": len(people), **counts}
    requests = Approval.objects.summary()
    roles = [(value, word, numbers[value], value == role) for value, word in ROLES]
    return {
        "rows": [known[person.pk] for person in found],
        "roles_shown": roles,
        "role": role if role in User.Role else "",
        "left_out": unknown + left_out.long_search(request.GET.get("q", "")),
        "q": query[:LONGEST_SEARCH],
        "number": len(people),
        "month": f"{now:%B}",
        "requests": requests,
        "invites": Invite.objects.open(timezone.now()).select_related("invited_by", "person"),
        # What most people are comes first.
        "roles": sorted(User.Role.choices, key=lambda one: one[0] != User.Role.DESIGNER),
        "page": "other",
    }


def _fits(person: User, role: str, query: str) -> bool:
    is_role = role not in User.Role or (person.is_active and person.role == role)
    where = search_text.plain(f"{person.name} {person.email or ''}")
    return is_role and all(word in where for word in search_text.plain(query).split())
