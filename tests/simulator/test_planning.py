"""How long jobs take before any scaling (luma-api.md section 13)."""

from __future__ import annotations

from statistics import median

import pytest

from studio.simulator.planning import duration
from studio.simulator.validate import GenerationRequest, parse_request
from tests.simulator.conftest import inline

SOURCE = inline(b"any bytes")


def spec(**fields: object) -> GenerationRequest:
    return parse_request({"prompt": "A", **fields})


def totals(wanted: GenerationRequest) -> list[float]:
    return [duration(wanted, f"job-{number}")[1] for number in range(500)]


@pytest.mark.parametrize(
    ("fields", "middle", "longest"),
    [
        ({}, (62, 66), 85),
        ({"model": "uni-1-max"}, (90, 96), 135),
        ({"web_search": True}, (68, 72), 91),
        ({"type": "layering", "source": SOURCE}, (97, 103), 140),
        ({"type": "layering", "source": SOURCE, "layering": {"resolution": "2k"}}, (145, 155), 210),
    ],
)
def test_each_kind_of_job_has_its_spread(
    fields: dict[str, object], middle: tuple[float, float], longest: float
) -> None:
    seconds = totals(spec(**fields))
    assert middle[0] <= median(seconds) <= middle[1]
    assert max(seconds) <= longest
    assert len(set(seconds)) > 100


def test_a_job_takes_as_long_however_often_it_is_asked() -> None:
    assert duration(spec(), "job") == duration(spec(), "job")


def test_a_tenth_or_so_of_a_job_is_spent_queued() -> None:
    shares = [queued / total for queued, total in (duration(spec(), f"job-{number}") for number in range(200))]
    assert 0.10 <= min(shares) < max(shares) <= 0.15
