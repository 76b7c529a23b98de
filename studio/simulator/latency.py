"""How long a job takes: the published and measured shape, the same for the same job id (luma-api.md section 13)."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from studio.simulator.validate import Wish


@dataclass(frozen=True)
class Spread:
    """A log-normal spread of seconds, cut at both ends."""

    median: float
    sigma: float
    shortest: float
    longest: float


SPREADS = {
    "uni-1": Spread(64, 0.06, 55, 85),
    "uni-1-max": Spread(93, 0.16, 70, 135),
    # No layering latency is published; these are invented.
    "1k": Spread(100, 0.1, 80, 140),
    "2k": Spread(150, 0.1, 120, 210),
}
WEB_SEARCH_SECONDS = 6.0
QUEUED_SHARE = (0.10, 0.15)


def duration(wish: Wish, job_id: str) -> tuple[float, float]:
    """Return the unscaled seconds a job is queued, and the seconds from submit to its end."""
    spread = SPREADS[wish.resolution if wish.type == "layering" else wish.model]
    digest = hashlib.sha256(job_id.encode()).digest()
    shares = [int.from_bytes(digest[i : i + 2]) / 0xFFFF for i in range(0, 26, 2)]
    # Twelve uniform shares less six are as good as a normal deviate here.
    deviate = sum(shares[:12]) - 6
    total = min(max(spread.median * math.exp(spread.sigma * deviate), spread.shortest), spread.longest)
    if wish.web_search:
        total += WEB_SEARCH_SECONDS
    low, high = QUEUED_SHARE
    return total * (low + (high - low) * shares[12]), total
