"""The ledger says of every job what it reserves and costs, in every state and after every verb; rows are only added."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from studio.engine import integrity
from studio.models import Board, Job, LedgerRow, Price, Spent, SpentDay, User
from studio.models.jobs.failure import Failure
from studio.models.spend.spent import Line
from tests.models.jobs.test_job_count import ACTS, STATES
from tests.people import LOST, LUMA_FAILED, REFUSED, make_job, make_picture, make_submission, send

NOW = timezone.now()
BOOKS = {"ledger-fits-jobs", "spend-is-summed"}
CHARGED = Failure(cause="unsaved", sentence="Made, and its file is lost.", charge="charged")


def wrong() -> list[str]:
    return [one.sentence for one in integrity.check(timezone.now()) if one.invariant in BOOKS]


def sums(**where: Any) -> tuple[int, int, int]:
    """Reserved, spent and unknown of the ledger, in ten-thousandths of a dollar."""
    rows = LedgerRow.objects.filter(**where).aggregate(r=Sum("reserved"), s=Sum("spent"), u=Sum("unknown"))
    return rows["r"] or 0, rows["s"] or 0, rows["u"] or 0


def entries(job: Job) -> list[tuple[str, int, int, int]]:
    rows = LedgerRow.objects.filter(job=job).order_by("pk")
    return [(row.entry, row.reserved, row.spent, row.unknown) for row in rows]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ACTS)
def test_every_verb_in_every_state_keeps_the_books(alice: User, ada: User, state: str, act: str) -> None:
    submission = make_submission(alice, count=2)
    job = make_job(alice, submission=submission, state=state)
    assert wrong() == []
    ACTS[act](Job.objects.get(pk=job.pk), ada)
    assert wrong() == []
    assert min(sums()) >= 0


def test_a_picture_is_reserved_then_settled(alice: User) -> None:
    job = make_job(alice, state="done", references=[make_picture(alice)])
    assert entries(job) == [("reserve", 434, 0, 0), ("settle", -434, 434, 0)]
    day = SpentDay.objects.get()
    assert (day.line, day.parts, day.jobs, day.inputs, day.inputs_parts) == (Line.PICTURES, 434, 1, 1, 30)
    assert {row.pk: (row.reserved, row.spent) for row in Spent.objects.all()} == dict.fromkeys(
        (*Spent.keys(alice.pk, row_day := timezone.localdate(job.created_at)), *Spent.keys(None, row_day)), (0, 434)
    )


@pytest.mark.parametrize(
    ("state", "failure", "last", "line"),
    [
        ("failed", REFUSED, ("release", -404, 0, 0), None),
        ("failed", LUMA_FAILED, ("hold", -404, 0, 404), Line.UNKNOWN),
        ("failed", CHARGED, ("settle", -404, 404, 0), Line.FAILED),
        ("unknown", LOST, ("hold", -404, 0, 404), Line.UNKNOWN),
        ("cancelled", None, ("release", -404, 0, 0), None),
    ],
)
def test_an_end_without_a_picture(
    alice: User, state: str, failure: Failure | None, last: tuple[Any, ...], line: str | None
) -> None:
    job = make_job(alice, state=state, failure=failure)
    assert entries(job)[-1] == last
    assert [row.line for row in SpentDay.objects.all()] == ([line] if line else [])
    assert wrong() == []


def test_a_made_picture_that_is_lost_moves_to_what_failed(alice: User) -> None:
    job = make_job(alice, state="saving")
    assert job.fail(CHARGED, now=NOW)
    assert {row.line: (row.parts, row.jobs) for row in SpentDay.objects.all()} == {
        "pictures": (0, 0),
        "failed": (404, 1),
    }
    assert wrong() == []


def test_sending_again_reserves_anew_and_keeps_what_the_first_may_have_cost(alice: User) -> None:
    job = make_job(alice, state="unknown")
    assert job.send_again(by=alice, now=NOW)
    assert sums() == (404, 0, 404)
    job = send(Job.objects.get(pk=job.pk), now=NOW)
    assert job.mark_unknown(LOST, now=NOW)
    assert sums() == (0, 0, 808)
    assert job.follow("3f2b8c1e", now=NOW)
    assert job.start_saving(now=NOW)
    assert sums() == (0, 404, 404)
    assert wrong() == []


def test_what_is_tried_again_tomorrow_counts_tomorrow(alice: User) -> None:
    yesterday = NOW - timedelta(days=1)
    job = make_job(alice, state="failed", now=yesterday)
    assert job.retry(by=alice, now=NOW)
    first, *_, last = LedgerRow.objects.order_by("pk")
    assert (first.day, last.day) == (timezone.localdate(yesterday), timezone.localdate())
    assert wrong() == []


def test_it_names_the_client_of_the_board_as_it_was_then(alice: User) -> None:
    board = Board.make(alice, now=NOW, name="Harbour", client="Harbour Authority", job_number="NL-2041")
    job = make_job(alice, board=board)
    Board.objects.filter(pk=board.pk).update(client="Somebody else")
    job.cancel(now=NOW)
    told = LedgerRow.objects.filter(job=job).values_list("client", "job_number", "board", "model", "type").distinct()
    assert list(told) == [("Harbour Authority", "NL-2041", board.pk, "uni-1", "image")]


def test_nothing_is_changed_or_deleted(alice: User) -> None:
    make_job(alice)
    row = LedgerRow.objects.get()
    refused: list[Callable[[], object]] = [
        row.save,
        row.delete,
        LedgerRow.objects.all().delete,
        lambda: LedgerRow.objects.update(spent=1),
    ]
    for act in refused:
        with pytest.raises(TypeError, match="only added to"):
            act()
    facts = {
        "day": row.day,
        "job": row.job,
        "submission": row.submission,
        "person": alice,
        "model": "x",
        "type": "image",
    }
    for entry, amounts in (("reserve", {"reserved": -1}), ("settle", {"spent": -1}), ("release", {"unknown": 1})):
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerRow.objects.create(**facts, line="pictures", entry=entry, **amounts)


def test_wrong_books_are_found_and_mended_by_adding(alice: User) -> None:
    job = make_job(alice, state="done")
    before = entries(job)
    LedgerRow.objects.create(
        **{
            name: getattr(LedgerRow.objects.all()[0], name)
            for name in ("day", "job", "submission", "person", "model", "type")
        },
        line="pictures",
        entry="settle",
        spent=7,
    )
    Spent.objects.update(reserved=3)
    found = [one for one in integrity.check(timezone.now()) if one.invariant in BOOKS]
    assert {one.invariant for one in found} == BOOKS
    assert f"The ledger has for J-{job.pk} 0.0411 spent instead of 0.0404." in [one.sentence for one in found]
    assert all(integrity.repair(one, now=timezone.now()) for one in found)
    assert wrong() == []
    assert entries(job) == [*before, ("settle", 0, 7, 0), ("correct", 0, -7, 0)]


def test_jobs_from_before_the_ledger_are_taken_in(alice: User) -> None:
    jobs = [make_job(alice, state="done"), make_job(alice), make_job(alice, state="unknown")]
    LedgerRow.objects.all()._raw_delete("default")
    SpentDay.objects.all().delete()
    Spent.objects.all().delete()
    jobs[1].cancel(now=NOW)
    for one in integrity.check(timezone.now()):
        integrity.repair(one, now=timezone.now())
    assert wrong() == []
    assert sums() == (0, 404, 404)


def test_a_year_of_rows_adds_up(alice: User, bob: User) -> None:
    for person, days in ((alice, 0), (bob, 40), (alice, 70)):
        at = NOW - timedelta(days=days)
        for state in ("done", "failed", "unknown", "saving"):
            make_job(person, state=state, now=at)
    total = LedgerRow.objects.aggregate(all=Sum("spent"))["all"]
    assert total == SpentDay.objects.exclude(line=Line.UNKNOWN).aggregate(all=Sum("parts"))["all"] == 6 * 404
    months = Spent.objects.filter(pk__regex=r"^team:\d{4}-\d{2}$")
    assert sum(row.spent for row in months) == total
    assert sum(row.dollars for row in months) == Decimal("0.3636")
    assert wrong() == []


def test_what_is_settled_is_what_is_done_for_layers_and_unknown_ones_too(alice: User, ada: User) -> None:
    day = timezone.localdate()
    Price.objects.create(model="", per="layer", amount=Decimal("0.02"), first_day=day, added_by=ada)
    split = make_job(alice, state="saving", type="layering", prompt="", source=make_picture(alice))
    assert split.finish(now=timezone.now(), layers=5)
    make_job(alice, state="done")
    lost, settled, again = (make_job(alice, state="unknown") for _ in range(3))
    assert settled.write_off(by=ada, now=timezone.now())
    assert again.send_again(by=ada, now=timezone.now())
    make_job(alice, submission=again.submission, state="done")
    done = Job.objects.filter(state="done").aggregate(Sum("price"))["price__sum"]
    waiting = Job.objects.filter(state="waiting").count()
    assert (waiting, sums()) == (0, (0, int(done * 10_000), 3 * 404))
    assert sums(line=Line.LAYERS)[1] == 1_000
    assert LedgerRow.objects.filter(line=Line.LAYERS).aggregate(Sum("layers"))["layers__sum"] == 5
    assert lost.state == "unknown"
    assert wrong() == []


def test_books_that_sum_to_less_than_nothing_are_told(alice: User) -> None:
    make_job(alice, state="done")
    facts = {
        name: getattr(LedgerRow.objects.all()[0], name) for name in ("job", "submission", "person", "model", "type")
    }
    LedgerRow.objects.create(
        **facts, day=timezone.localdate(NOW) - timedelta(days=70), line="pictures", entry="correct", spent=-7
    )
    assert [said for said in Spent.wrong() if "less than nothing" in said]
