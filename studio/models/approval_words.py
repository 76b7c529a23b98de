"""Why a request waits for an admin's approval, as its person reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from studio.models.rights import apart

WAITS = "It costs {total}, which is above {above}, so it waits for an admin's approval. Nothing is charged before."
PASSES = "It passes the {budget}, so it waits for an admin's approval. Nothing is charged before."


class Kept(Protocol):
    """What waits: a price and a limit in dollars, or a budget as a phrase."""

    total: Decimal
    above: Decimal
    budget: str


def why_it_waits(kept: Kept) -> str:
    said = PASSES if kept.budget else WAITS
    total, above = apart(kept.total, kept.above)
    return said.format(total=total, above=above, budget=kept.budget)
