"""When to ask again: the costs and the waits of a whole population of jobs, on an imagined clock."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from statistics import NormalDist, fmean, quantiles

import pytest

from studio.engine.pacing import next_look
from studio.models import Job
from studio.models.jobs.timing import Usual

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Nine in ten pictures take from 30 to 60 s.
TOOK = NormalDist(math.log(42.4), 0.21)
USUAL = Usual(fast=30.0, low=42.4, high=60.0)
IN_LINE = timedelta(seconds=1.2)


def running(*, making: bool = True, pk: int = 1) -> Job:
    return Job(
        pk=pk,
        state=Job.State.RUNNING,
        sent_at=NOON,
        accepted_at=NOON,
        making_at=NOON if making else None,
        deadline_at=NOON + timedelta(minutes=5),
    )


def after(seconds: float, usual: Usual | None = USUAL, *, making: bool = True, pk: int = 1) -> float:
    return next_look(running(making=making, pk=pk), usual, NOON + timedelta(seconds=seconds))


def followed(pk: int, took: float) -> tuple[int, float]:
    """Ask about one job until its picture is ready: how often, and how long the picture waited to be seen."""
    job, now, ready = running(making=False, pk=pk), NOON, NOON + timedelta(seconds=took)
    looks = 0
    while now < ready:
        now += timedelta(seconds=next_look(job, USUAL, now))
        looks += 1
        if now > NOON + IN_LINE:
            job.making_at = now
    return looks, (now - ready).total_seconds()


def test_a_job_of_30_to_60_s_is_asked_about_a_dozen_times_and_seen_within_two_seconds() -> None:
    random.seed(7)
    looks, waits = zip(*(followed(n, math.exp(TOOK.inv_cdf((n + 0.5) / 500))) for n in range(500)), strict=True)
    assert fmean(looks) < 12
    cut = quantiles(waits, n=20)
    assert (cut[9] < 1.0, cut[18] < 1.9) == (True, True), cut


def test_nobody_asks_while_a_picture_cannot_be_ready() -> None:
    assert 22.0 < after(6.0) < 24.0


def test_one_job_in_ten_finds_out_whether_luma_became_much_faster() -> None:
    assert [pk for pk in range(1, 21) if after(6.0, pk=pk) == pytest.approx(9.0)] == [10, 20]


def test_a_job_in_lumas_line_is_asked_about_early_to_learn_that_it_left() -> None:
    assert (after(0.5, making=False), after(3.0, making=False)) == (1.5, 2.0)


@pytest.mark.parametrize(("seconds", "most"), [(60, 2.0), (90, 3.0), (240, 9.0)])
def test_a_picture_that_is_later_than_usual_is_asked_about_less_and_less(seconds: float, most: float) -> None:
    assert most * 0.6 < after(seconds) <= most


def test_an_overdue_picture_is_asked_about_once_a_minute() -> None:
    assert 55 < after(301) < 65


def test_without_a_history_every_second_and_a_half() -> None:
    assert 1.4 < after(10, None) < 1.6


def test_a_job_that_luma_has_not_taken_yet_is_asked_about_as_soon() -> None:
    assert next_look(Job(pk=1), USUAL, NOON) == 1.5
