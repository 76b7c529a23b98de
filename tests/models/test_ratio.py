"""Ratios are dated rows: added, never changed, and known to every process within a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from studio.luma import ratios
from studio.models import Ratio, Submission, User, ratio
from studio.models.search.document import shape_of
from tests.people import make_job


def add(slug: str = "4:3", width: int = 2368, height: int = 1792, *, days: int = 0, **fields: Any) -> Ratio:
    first = timezone.localdate() + timedelta(days=days)
    return Ratio.objects.create(ratio=slug, width=width, height=height, first_day=first, **fields)


def test_another_process_sees_a_row_within_a_second(alice: User) -> None:
    ratio.forget()
    assert "4:3" not in ratios.slugs()
    row = Ratio(ratio="4:3", width=2368, height=1792, first_day=timezone.localdate())
    Ratio.objects.bulk_create([row])
    deadline = time.monotonic() + 1
    while "4:3" not in ratios.slugs():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rows_are_only_added(alice: User) -> None:
    row = add()
    refused: list[Callable[[], object]] = [
        row.save,
        row.delete,
        Ratio.objects.all().delete,
        lambda: Ratio.objects.update(width=1),
    ]
    for act in refused:
        with pytest.raises(TypeError, match=r"Ratios are only added\."):
            act()
    with pytest.raises(IntegrityError), transaction.atomic():
        add(width=0)
    assert str(row) == "4:3, all models"
    day = f"{row.first_day.day} {row.first_day:%B %Y}"
    assert row.words == f"4:3, 2,368 × 1,792 pixels, for all models, from {day}"
    gone = add(model="uni-1", style="manga", is_offered=False)
    assert gone.words == f"4:3, withdrawn, for uni-1 in manga, from {day}"
    assert ratio.added() == {"4:3": (2368, 1792)}


def test_a_job_keeps_the_shape_of_a_ratio_that_is_withdrawn(alice: User) -> None:
    add()
    job = make_job(alice, aspect_ratio="4:3")
    assert job.submission.shape == (2368, 1792)
    add(is_offered=False)
    asked = Submission.objects.get(pk=job.submission_id)
    assert (asked.aspect_ratio, asked.shape) == ("4:3", (2368, 1792))
    assert asked.ratio_class == "r-1330"


def test_pictures_are_found_by_a_ratio_that_came_and_went(alice: User) -> None:
    assert shape_of(2368, 1792) == "other"
    add()
    assert shape_of(2368, 1792) == shape_of(1600, 1200) == "4x3"
    add(is_offered=False)
    assert shape_of(2368, 1792) == "4x3"
