"""Unknown outcomes against Luma's figures: the difference in words, figures as people paste them, and what slots prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studio.models import ApiAccount, Attempt, ProviderUsage, User
from studio.models.spend.provider_usage import DayLedger
from studio.views.review.usage_check import compared
from tests.people import make_job
from tests.views.review_pages import REVIEW, page, words

USAGE = reverse("studio:usage_check")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = NOW.date()


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def usage(pictures: int, cost: str = "0") -> ProviderUsage:
    return ProviderUsage(day=DAY, pictures=pictures, cost=Decimal(cost))


def ledger(charged: int, maybe: int = 0, unpriced: int = 0) -> DayLedger:
    each = Decimal("0.04")
    return DayLedger(charged=charged, cost=charged * each, maybe=maybe, maybe_cost=maybe * each, unpriced=unpriced)


@pytest.mark.parametrize(
    ("counted", "own", "maybe", "said"),
    [
        (5, 5, 0, "Luma counts as many pictures as Studio."),
        (5, 5, 2, "So none of the 2 that may have been charged seems to have run."),
        (7, 5, 2, "Luma counts 2 more than Studio. All that may have been charged probably ran."),
        (6, 5, 2, "1 of 2 that may have been charged probably ran."),
        (9, 5, 2, "only 2 may have been charged here. 2 were asked for elsewhere, with the same account."),
        (4, 5, 2, "Luma counts 1 fewer than Studio. It may count later"),
    ],
)
def test_the_difference_is_named(counted: int, own: int, maybe: int, said: str) -> None:
    assert said in compared(ledger(own, maybe), usage(counted, str(own * Decimal("0.04"))))[0]


def test_the_difference_in_cost_is_named_with_layers_that_have_no_price() -> None:
    assert compared(ledger(5), usage(5, "0.20")) == ["Luma counts as many pictures as Studio."]
    assert compared(ledger(5, unpriced=1), usage(5, "0.70"))[1] == (
        "Luma's cost is $0.50 more than Studio's. Layers without a known price (1) are not in Studio's sum."
    )
    assert compared(ledger(5), usage(5, "0.10"))[1] == "Luma's cost is $0.10 less than Studio's."


def test_a_day_of_studios_own_rows_is_summed(alice: User) -> None:
    make_job(alice, state="done")
    make_job(alice, state="unknown")
    make_job(alice, state="failed")
    make_job(alice, state="done", now=NOW - timedelta(days=1))
    own = DayLedger.of(DAY)
    assert (own.charged, own.maybe, own.unpriced) == (1, 1, 0)
    assert own.cost == own.maybe_cost == Decimal("0.0404")


def test_figures_are_typed_pasted_or_uploaded_and_compared(as_ada: Client, ada: User, alice: User) -> None:
    make_job(alice, state="done")
    make_job(alice, state="unknown", prompt="A lost harbour")
    assert "Check 1 against usage" in words(page(as_ada, REVIEW))
    read = words(page(as_ada, USAGE))
    assert "Enter Luma's figures to compare." in read.replace("&#x27;", "'")
    assert "A lost harbour" in read
    assert "It did not run, send again · $0.04" in read
    answer = as_ada.post(USAGE, {"day": str(DAY), "pictures": "2", "cost": "$0.08"}, follow=True)
    read = words(answer.content.decode()).replace("&#x27;", "'")
    assert "Luma counts 1 more than Studio. All that may have been charged probably ran." in read
    assert "From Luma's dashboard, Ada Admin" in read
    lines = "\ufeffDate;Pictures;Cost\n2026-11-23;1,204;5,28\n\n2026-11-24;1;0.04"
    as_ada.post(USAGE, {"day": str(DAY), "lines": lines})
    assert ProviderUsage.of(DAY).pictures == 1  # type: ignore[union-attr]
    file = SimpleUploadedFile("usage.csv", "\ufeffday,count,cost\n2026-11-22,7,0.28\n".encode())
    as_ada.post(USAGE, {"day": str(DAY), "file": file})
    assert [(row.pictures, row.cost) for row in ProviderUsage.objects.order_by("day", "pk")] == [
        (7, Decimal("0.28")),
        (1204, Decimal("5.28")),
        (2, Decimal("0.08")),
        (1, Decimal("0.04")),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Enter the figures of a day, or paste lines."),
        ({"pictures": "x", "cost": "1"}, "Line 1: write a date, a number of pictures and dollars"),
        ({"pictures": "1", "cost": "NaN"}, "Line 1: write a date"),
        ({"pictures": "-1", "cost": "1"}, "Line 1: write a date"),
        ({"lines": "2026-11-24, 1, 1\n2026-11-25, 1, 1"}, "Line 2: this day hasn&#x27;t begun yet."),
        ({"lines": "0206-11-24, 1, 1"}, "Line 1: 0206-11-24 is long before Luma. Check its year."),
        ({"lines": "2026-11-24, 1\n"}, "Line 1: write a date"),
        ({"lines": "2026-11-24,1,1\n" * 401}, "Paste at most 400 lines."),
        ({"lines": "a\x00b"}, "Paste lines of text, at most 100,000 characters."),
        ({"lines": "1" * 100_001}, "Paste lines of text, at most 100,000 characters."),
        ({"pictures": "1" * 41, "cost": "1"}, "Line 1: write a date"),
        # A decimal comma between commas is another cell, and more decimals than are kept are another amount.
        ({"lines": "2026-11-24,3,0,12"}, "Line 1: write a date"),
        ({"lines": "2026-11-24,1_000,0.12"}, "Line 1: write a date"),
        ({"lines": "2026-11-24;3;0,00001"}, "Line 1: write dollars with at most four decimals"),
        ({"lines": "2026-11-24,1,1\n2026-11-24,2,2"}, "Line 2: the day 2026-11-24 stands in an earlier line too."),
        ({"file": SimpleUploadedFile("x.csv", b"x" * 100_001)}, "This file is larger than 100,000 bytes"),
    ],
)
def test_figures_that_make_no_sense_are_named(as_ada: Client, data: dict[str, Any], said: str) -> None:
    answer = as_ada.post(USAGE, {"day": str(DAY), **data})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ProviderUsage.objects.exists()


@pytest.mark.parametrize("day", ["", "x", "1999-01-01", "2027-01-01", "\x00"])
def test_a_day_that_makes_no_sense_is_the_one_that_matters(as_ada: Client, alice: User, day: str) -> None:
    make_job(alice, state="unknown", now=NOW - timedelta(days=3))
    answer = as_ada.get(USAGE, {"day": day})
    assert "21 November 2026" in answer.content.decode()


def test_the_engine_is_asked_and_its_answer_shown_as_it_came(as_ada: Client, ada: User) -> None:
    said = as_ada.post(USAGE, {"day": str(DAY), "act": "ask"}, follow=True)
    assert "Studio asks Luma." in words(said.content.decode())
    ProviderUsage.objects.create(day=DAY, source="api", answer="{<b>1</b>}")
    assert "{&lt;b&gt;1&lt;/b&gt;}" in page(as_ada, USAGE)


# ---- Slots


def attempt(person: User, *, minutes: float, ends: float | None, **fields: Any) -> None:
    job = make_job(person, state="making", now=NOW)
    at = NOW + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "sent_at": at,
        "answered_at": at,
        "ended_at": NOW + timedelta(minutes=ends) if ends else None,
    }
    Attempt.objects.filter(job=job).update(**{**values, **fields})


def history(person: User) -> None:
    """A picture takes a minute here."""
    for hours in (30, 31, 32):
        made = NOW - timedelta(hours=hours)
        make_job(person, state="done", now=made, took=timedelta(minutes=1))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (
            [(-1, None), (0.5, None)],
            "It held no slot. Today 12:00: Luma ran 2 others, all 2 slots. It probably did not run.",
        ),
        # A picture takes a minute: what runs two minutes later says nothing of this one.
        (
            [(-1, None), (2, None)],
            "The slots say nothing: others used all 2 slots, but perhaps only after it was made.",
        ),
        ([(-1, 0.5), (0.9, None)], "The slots say nothing: at most 1 of 2 were in use while it could have run."),
        ([], "The slots say nothing: at most 0 of 2 were in use"),
    ],
)
def test_whether_a_slot_came_free_is_said(
    as_ada: Client, alice: User, others: list[tuple[float, float | None]], said: str
) -> None:
    ApiAccount.configure()
    ApiAccount.objects.update(slots=2)
    history(alice)
    make_job(alice, state="unknown", now=NOW, took=timedelta(0))
    for minutes, ends in others:
        attempt(alice, minutes=minutes, ends=ends)
    assert said in words(page(as_ada, USAGE))


def test_a_refusal_while_slots_seemed_free_says_that_one_was_taken(as_ada: Client, alice: User) -> None:
    ApiAccount.configure()
    ApiAccount.objects.update(slots=2)
    history(alice)
    make_job(alice, state="unknown", now=NOW, took=timedelta(0))
    attempt(alice, minutes=-1, ends=None)
    # By then it would have been made long since.
    attempt(alice, minutes=9, ends=9, outcome="held", status=429, answered_at=None)
    assert "The slots say nothing" in words(page(as_ada, USAGE))
    attempt(alice, minutes=2, ends=2, outcome="held", status=429, answered_at=None)
    said = "Something held a slot. Today 12:02: Luma refused another for want of one, with 1 of 2 known to run."
    assert said in words(page(as_ada, USAGE))


def test_a_refusal_for_another_reason_says_nothing_of_slots(as_ada: Client, alice: User) -> None:
    ApiAccount.configure()
    ApiAccount.objects.update(slots=2)
    make_job(alice, state="unknown", now=NOW, took=timedelta(0))
    attempt(alice, minutes=2, ends=2, outcome="held", status=402, answered_at=None)
    assert "The slots say nothing: at most 0 of 2 were in use" in words(page(as_ada, USAGE))
