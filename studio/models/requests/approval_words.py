"""What people read of a request that waits: why it does, and that other words were saved for it meanwhile."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from studio.models.account.rights import apart

WAITS = "It costs {total}, which is above {above}, so it waits for an admin's approval. Nothing is charged before."
PASSES = "It passes the {budget}, so it waits for an admin's approval. Nothing is charged before."

NOTED_MEANWHILE = "You changed this note meanwhile, in another tab. Save again to have these words instead."
ASKED_MEANWHILE = "{who} asked something else meanwhile. Send again to ask this instead."


class SaidMeanwhile(Exception):
    """Other words were saved since the page was shown; the sentence says whose."""


class Kept(Protocol):
    """What waits: a price and a limit in dollars, or a budget as a phrase."""

    total: Decimal
    above: Decimal
    budget: str


def why_it_waits(kept: Kept) -> str:
    said = PASSES if kept.budget else WAITS
    total, above = apart(kept.total, kept.above)
    return said.format(total=total, above=above, budget=kept.budget)
