"""What may still be spent, in words beside the price."""

from __future__ import annotations

from django.utils import timezone

from studio.forms.create.dock import dollars
from studio.models import TeamBudget, User
from studio.models.budget import Limit


def left(person: User) -> list[str]:
    """Say what is left of the person's budget and of the team's, of each the least: `$3.80 left today`."""
    budget, today = TeamBudget.current(), timezone.localdate()
    own, team = budget.limits(person, today), budget.limits(None, today)
    return [*_least(own, "left"), *_least(team, "left for the team")]


def _least(limits: list[Limit], words: str) -> list[str]:
    if not limits:
        return []
    least = min(limits, key=lambda limit: limit.left)
    when = f"in {least.period}" if least.is_month else least.period
    return [f"{dollars(least.dollars_left)} {words} {when}"]
