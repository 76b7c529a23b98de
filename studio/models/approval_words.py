"""Why a request waits for an admin's approval, as its person reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from studio.models.rights import dollars

WAITS = "It costs {total}, which is above {above}, so it waits for an admin's approval. Nothing is charged before."
PASSES = "It passes the {budget}, so it waits for an admin's approval. Nothing is charged before."


class Kept(Protocol):
    """What waits: a price and a limit in dollars, or a budget as a phrase."""

    total: Decimal
    above: Decimal
    budget: str


def why_it_waits(kept: Kept) -> str:
    said = PASSES if kept.budget else WAITS
    return said.format(total=dollars(kept.total), above=dollars(kept.above), budget=kept.budget)
