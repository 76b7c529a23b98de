"""What a request costs in money and in capacity (luma-api.md sections 8.4 and 14)."""

from __future__ import annotations

from studio.simulator.options import Options
from studio.simulator.validate import Wish

# Prices are whole ten-thousandths of a dollar, so sums stay exact.
UNITS_PER_DOLLAR = 10_000
BASE = {"uni-1": 404, "uni-1-max": 1000}
EACH_INPUT = 30
# Layering is priced per layer and the figure is unpublished: an invented flat sum stands for a handful of layers.
LAYERING = {"1k": 1500, "2k": 3000}

# Failures for which nothing is charged: the first three are documented, the others are assumed to follow them.
REFUNDED = (
    "content_moderated",
    "generation_failed",
    "output_not_found",
    "image_too_large",
    "unsupported_format",
    "corrupt_input",
    "invalid_request",
    "rate_limited",
)


def price(wish: Wish) -> int:
    """Return the price of one job in ten-thousandths of a dollar."""
    if wish.type == "layering":
        return LAYERING[wish.resolution]
    return BASE[wish.model] + EACH_INPUT * len(wish.refs)


def weight(wish: Wish, options: Options) -> int:
    """Return how many units of both limits one job takes: 1 as documented, 3 for a max edit as measured."""
    if options.limit_mode == "weights" and wish.model == "uni-1-max" and wish.type == "image_edit":
        return 3
    return 1


def charged(state: str, failure_code: str | None, price: int) -> int:
    """Return what a job costs by now: all while it may yet succeed, nothing or half of it once it has failed."""
    if state != "failed":
        return price
    return 0 if failure_code in REFUNDED else price // 2
