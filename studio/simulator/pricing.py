"""What a request costs in money and in capacity (luma-api.md sections 8.4 and 14)."""

from __future__ import annotations

from studio.simulator.options import Options
from studio.simulator.validate import GenerationRequest

# Prices are whole ten-thousandths of a dollar, so sums stay exact.
UNITS_PER_DOLLAR = 10_000
BASE = {"uni-1": 404, "uni-1-max": 1000}
EACH_INPUT = 30
# Layering is priced per layer and the figure is unpublished: an invented flat sum stands for a handful of layers.
LAYERING = {"1k": 1500, "2k": 3000}

# Half is kept where the money ran out or nobody knows the cause; other failures are refunded, five of them by assumption.
HALF_CHARGED = ("budget_exhausted", "solar_flare")


def price(spec: GenerationRequest) -> int:
    """Return the price of one job in ten-thousandths of a dollar."""
    if spec.type == "layering":
        return LAYERING[spec.resolution]
    return BASE[spec.model] + EACH_INPUT * len(spec.refs)


def weight(spec: GenerationRequest, options: Options) -> int:
    """Return how many units of both limits one job takes: 1 as documented, 3 for `uni-1-max` as measured."""
    return 3 if options.limit_mode == "weights" and spec.model == "uni-1-max" else 1


def charged(state: str, failure_code: str | None, price: int) -> int:
    """Return what a job costs by now: all while it may yet succeed, nothing or half of it once it has failed."""
    if state != "failed":
        return price
    return price // 2 if failure_code in HALF_CHARGED else 0
