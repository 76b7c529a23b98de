"""Budgets: what a person and the team may spend in a day and in a month. What is reserved counts as spent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.db import models, transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from studio.models.account.notification import Notification
from studio.models.account.rights import NeedsApproval, person_now
from studio.models.alerts.alert import Event, raise_alert
from studio.models.jobs.count import in_dollars, in_parts
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.spend.spent import Change, Spent
from studio.models.sql.compiled_query import CompiledQuery
from studio.ratios import share_class
from studio.text.names import isolated

# Shares of a limit, in per cent, at which admins are told, highest first.
ALERTED_AT = (100, 80)
# Sent once the transaction is committed, with `limit` (a Limit) and `share` (80 or 100): what tells people elsewhere.
budget_crossed = Signal()


class Limit(NamedTuple):
    """One limit and what is used of it, in ten-thousandths of a dollar. `person` None is the team."""

    person: User | None
    used: Spent
    most: int
    is_month: bool
    day: date

    @property
    def left(self) -> int:
        return self.most - self.used.total

    @property
    def share(self) -> int:
        """Per cent of the limit, rounded down."""
        return 100 * self.used.total // self.most if self.most else 100

    @property
    def period(self) -> str:
        """`today`, `November`, or another day as `27 November`."""
        if self.is_month:
            return f"{self.day:%B}"
        return "today" if self.day == timezone.localdate() else f"{self.day.day} {self.day:%B}"

    @property
    def words(self) -> str:
        """What it is called: `daily budget of $5.00`, `team's monthly budget of $600.00`."""
        whose = "team's " if self.person is None else ""
        return f"{whose}{'monthly' if self.is_month else 'daily'} budget of {dollars(self.dollars)}"

    @property
    def dollars(self) -> Decimal:
        return in_dollars(self.most)

    @property
    def over(self) -> Decimal:
        """By how much it is passed, in dollars."""
        return in_dollars(max(0, -self.left))

    @property
    def share_class(self) -> str:
        return share_class(self.share / 100)

    @property
    def dollars_left(self) -> Decimal:
        return in_dollars(max(0, self.left))


class OverBudget(NotPlaced):
    """What is asked for would pass a limit: nothing of it is stored."""

    def __init__(self, limit: Limit, asked: int, by: User) -> None:
        self.limit, self.asked = limit, in_dollars(asked)
        # As it was before this was asked for.
        self.left = in_dollars(max(0, limit.left + asked))
        self.is_own = limit.person is not None and limit.person.pk == by.pk
        super().__init__(self.sentence)

    def to_ask(self) -> NeedsApproval:
        """Return what an admin may approve in its place."""
        return NeedsApproval(total=self.asked, above=self.left, budget=self.limit.words)

    @property
    def sentence(self) -> str:
        name = "The team" if self.limit.person is None else self.limit.person.name
        whose = "Your" if self.is_own else f"{name}'s"
        return (
            f"{whose} budget for {self.limit.period} has {dollars(self.left)} left, and this costs "
            f"{dollars(self.asked)}. Nothing was made. Make less, or ask an admin to raise the budget."
        )


class TeamBudget(models.Model):
    """The limits that an admin sets, one row; empty is no limit. All in dollars.

    A person's own caps (User.cap_per_day, cap_per_month) go before those for everybody.
    """

    per_day = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    per_month = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    each_per_day = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    each_per_month = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_team_budget", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return "The team's budget"

    @classmethod
    def current(cls) -> TeamBudget:
        return _CURRENT.first() or cls(pk=1)

    def limits(self, person: User | None, day: date) -> list[Limit]:
        """The limits of a person, or with None of the team, and what is used of them; empty where none is set."""
        if person is None:
            most = (self.per_day, self.per_month)
        else:
            most = (
                self.each_per_day if person.cap_per_day is None else person.cap_per_day,
                self.each_per_month if person.cap_per_month is None else person.cap_per_month,
            )
        if most == (None, None):
            return []
        used = Spent.of(person.pk if person else None, day)
        return [
            Limit(person, spent, in_parts(one), is_month, day)
            for spent, one, is_month in zip(used, most, (False, True), strict=True)
            if one is not None
        ]

    def all_limits(self, person: User, day: date) -> list[Limit]:
        return [*self.limits(person, day), *self.limits(None, day)]


def take(person: User, parts: int, *, day: date, may_pass: bool = False) -> None:
    """Count a reservation on the budgets of its day. Raises OverBudget where it would pass a limit.

    `may_pass`: an admin let this one pass.

    Call it inside the transaction that asks, after Revision.bump(), and let the exception undo the transaction.
    """
    if not parts:
        return
    Spent.add(Change(person.pk, day, reserved=parts))
    check(person, parts, day=day, may_pass=may_pass)


def check(person: User, parts: int, *, day: date, by: User | None = None, may_pass: bool = False) -> None:
    """Raise OverBudget where what was just counted passes a limit; tell admins of a limit that is nearly reached."""
    limits = TeamBudget.current().all_limits(person, day)
    for limit in limits:
        if limit.left < 0 and not may_pass:
            raise OverBudget(limit, parts, by or person)
    tell_crossed(limits)


def watch(change: Change) -> None:
    """Tell admins where money that nobody could reserve (layers) came near a limit or passed it."""
    tell_crossed(TeamBudget.current().all_limits(person_now(change.person), change.day))


def tell_crossed(limits: list[Limit]) -> None:
    for limit, share in _crossed(limits):
        Spent.objects.filter(pk=limit.used.pk).update(alerted=share)
        crossed(limit, share)


def _crossed(limits: list[Limit]) -> Iterator[tuple[Limit, int]]:
    for limit in limits:
        share = next((one for one in ALERTED_AT if limit.share >= one), 0)
        if share > limit.used.alerted:
            yield limit, share


def crossed(limit: Limit, share: int) -> None:
    """Tell every admin, once for each period and share, and send `budget_crossed` after the commit."""
    whose = "The team's" if limit.person is None else f"{isolated(limit.person.name)}'s"
    said = "is used up" if share >= 100 else f"is used to {share} %"
    text = (
        f"{whose} budget for {limit.period} {said}: {dollars(limit.used.dollars)} of {dollars(in_dollars(limit.most))}."
    )
    address, key = reverse("studio:spend"), f"budget:{limit.used.pk}"
    raise_alert(Event.BUDGET, f"{limit.used.pk}:{share}", text, address=address)
    for admin in User.objects.admins():
        Notification.tell(admin, Notification.Kind.BUDGET, text, address, key=key)
    transaction.on_commit(partial(budget_crossed.send, sender=TeamBudget, limit=limit, share=share, text=text))


def dollars(amount: Decimal) -> str:
    """Write an amount with its cents, and with all four places where it is not whole cents."""
    return f"${amount:,.2f}" if amount == amount.quantize(Decimal("0.01")) else f"${amount:,.4f}"


_CURRENT = CompiledQuery(lambda: TeamBudget.objects.filter(pk=1))
