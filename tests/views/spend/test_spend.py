"""The Spend page: its sums, its budgets and prices, the CSV; who may see it, and what nobody sees there."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, LedgerRow, Spent, SpentDay, TrailEntry, User
from studio.models.spend import price
from studio.views.spend.month import SpendMonth, this_month
from tests.people import LOST, REFUSED, make_job, make_picture, signed_in
from tests.views import plans
from tests.views.page_text import text

NOW = timezone.now()
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '"=1', "a,b\n=c", "<b>x</b>", "\u202e=1"]


def board_of(person: User, name: str = "Harbour", **fields: str) -> Board:
    return Board.make(person, now=NOW, name=name, **fields)


def some_money(alice: User, bob: User) -> Board:
    board = board_of(alice, client="Harbour Authority", job_number="NL-2041")
    for _ in range(2):
        make_job(alice, state="done", board=board, references=[make_picture(alice)])
    make_job(bob, state="done", model="uni-1-max")
    make_job(bob, state="done", type="image_edit", source=make_picture(bob))
    make_job(bob, state="done", type="layering", prompt="", source=make_picture(bob))
    make_job(bob, state="unknown", failure=LOST)
    make_job(bob, state="failed", failure=REFUSED)
    make_job(bob)
    return board


def test_every_table_ends_in_the_same_total(as_ada: Client, alice: User, bob: User) -> None:
    some_money(alice, bob)
    page = as_ada.get("/spend/")
    found = page.context["found"]
    assert {table.parts for table in found.tables} == {found.parts} == {2 * 434 + 1000 + 434}
    assert {table.pictures for table in found.tables} == {found.pictures} == {5}
    assert found.differing == ""
    shown = text(page)
    assert "Spent in " in shown
    assert "Every table adds up to $0.23, what 5 jobs of " in shown
    assert "Pictures 3 generated $0.18" in shown
    assert "Edits 1 picture $0.04" in shown
    assert "References 3 input pictures $0.01" in shown
    assert "Layers 1 picture, price not published $0.00" in shown
    assert "Unknown outcomes 1 job, may be charged $0.04 held" in shown
    assert "Harbour Authority NL-2041 2 $0.09" in shown
    assert "No client 3 $0.14" in shown
    assert f"{timezone.localdate():%a} {timezone.localdate().day}" in shown


def test_what_is_made_already_is_spent_and_held_no_more(as_ada: Client, alice: User, ada: User) -> None:
    make_job(alice, state="running")
    make_job(alice, state="saving")
    found = SpendMonth(this_month(), ada, today=timezone.localdate())
    assert (found.running, found.spent) == ((Decimal("0.0404"), 1), Decimal("0.0404"))


def test_a_sum_that_is_wrong_is_named(as_ada: Client, alice: User) -> None:
    make_job(alice, state="done")
    Spent.objects.update(spent=1)
    assert "These sums differ from $0.04: The budget 0.00." in text(as_ada.get("/spend/"))


def test_the_days_are_rows_as_well(as_ada: Client, alice: User) -> None:
    make_job(alice, state="done")
    day = timezone.localdate()
    assert f"{day:%a} {day.day} {day:%B} 1 $0.04" in text(as_ada.get("/spend/?show=table"))
    assert f'href="?month={this_month()}&amp;show=table#day-{day.day}"' in as_ada.get("/spend/").content.decode()


def test_months_lead_back_and_no_further_than_now(as_ada: Client, alice: User) -> None:
    make_job(alice, state="done", now=datetime(2025, 1, 10, 12, tzinfo=UTC))
    page = as_ada.get("/spend/?month=2025-01")
    assert (str(page.context["before"]), str(page.context["after"])) == ("2024-12", "2025-02")
    # Nothing was priced then.
    assert "Layers" in text(page)
    assert as_ada.get("/spend/").context["after"] is None
    for odd in ("2025-13", "x", "2025-1", "%00", "9" * 500):
        assert as_ada.get(f"/spend/?month={odd}").status_code == 404
        assert as_ada.get(f"/spend/{odd}.csv").status_code == 404
    # A month to come is no empty one: the page and its file say so.
    nothing = timezone.localdate().year + 1
    for address in (f"/spend/?month={nothing}-01", f"/spend/{nothing}-01.csv"):
        answer = as_ada.get(address)
        assert answer.status_code == 404
        assert f"January {nothing} hasn't come yet." in text(answer)
    assert not TrailEntry.objects.filter(verb="exported").exists()
    for odd in ("all=%00", "show=x", "budget=99999999999", "budget=-1", "budget=²", "add=%00"):
        assert as_ada.get(f"/spend/?{odd}").status_code == 200


def test_many_are_one_row_until_they_are_asked_for(as_ada: Client, alice: User) -> None:
    for number in range(8):
        make_job(alice, state="done", board=board_of(alice, f"Board {number}", client=f"Client {number}"))
    make_job(alice, state="done")
    shown = text(as_ada.get("/spend/"))
    assert "3 others and no board" in shown
    assert "3 others and no client" in shown
    assert "Board 7" in text(as_ada.get("/spend/?all=board"))


def test_a_board_that_an_admin_does_not_see_has_no_name_here(as_ada: Client, alice: User) -> None:
    facts = {"visibility": "private", "client": "Secret client", "job_number": "Secret 7"}
    board = board_of(alice, "Secret harbour", **facts)
    make_job(alice, state="done", board=board, is_private=True, prompt="Secret words")
    for address in ("/spend/?all=board", "/spend/"):
        shown = text(as_ada.get(address))
        assert shown.count("Boards that only others see 1 $0.04") == 2  # by board, and by client
        assert "Secret" not in shown
    told = b"".join(as_ada.get(f"/spend/{this_month()}.csv")).decode()
    assert "Secret" not in told
    # Whose board it is, and a client of the team's board that was deleted, are named.
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)
    assert "Secret client" in text(signed_in(alice).get("/spend/"))
    gone = board_of(alice, client="Harbour Authority")
    make_job(alice, state="done", board=gone)
    gone.delete_for_now(now=NOW)
    assert "Harbour Authority" in text(as_ada.get("/spend/"))


# ---- CSV


def rows_of(client: Client) -> list[dict[str, str]]:
    answer = client.get(f"/spend/{this_month()}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_the_csv_has_every_row_of_the_month_and_adds_up(
    as_ada: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.views.spend.csv.ROWS_AT_ONCE", 3)
    some_money(alice, bob)
    make_job(alice, state="done", now=NOW - timedelta(days=70))
    rows = rows_of(as_ada)
    assert len(rows) == LedgerRow.objects.of_days(this_month().as_date, timezone.localdate()).count()
    spent = sum(
        int(day.parts) for day in SpentDay.objects.filter(day__gte=this_month().as_date).exclude(line="unknown")
    )
    assert sum(Decimal(row["spent"]) for row in rows) * 10_000 == spent
    assert rows[0]["person"] == "Alice Moreau"
    assert TrailEntry.objects.get(verb="exported").thing == f"Spend of {this_month()}"


def test_no_cell_is_a_formula(as_ada: Client, alice: User) -> None:
    for number, words in enumerate(FORMULAS):
        make_job(alice, state="done", board=board_of(alice, words, client=words, job_number=f"{words}{number}"[:40]))
    assert as_ada.get("/spend/?all=client").status_code == 200
    rows = rows_of(as_ada)
    assert len(rows) == 2 * len(FORMULAS)
    for row in rows:
        for name in ("board", "client", "job number"):
            assert row[name].lstrip()[:1] not in set("=+-@\t\r"), row


# ---- Budgets


def test_a_month_costs_a_fixed_number_of_queries(
    as_ada: Client, alice: User, bob: User, django_assert_max_num_queries: Any
) -> None:
    some_money(alice, bob)
    price.table()
    with django_assert_max_num_queries(30) as few:
        as_ada.get("/spend/")
    for number in range(4):
        make_job(alice, state="done", board=board_of(bob, f"Board {number}", client=f"{number}"))
    with django_assert_max_num_queries(len(few)):
        as_ada.get("/spend/")
    with plans.walks() as found:
        as_ada.get("/spend/")
        list(as_ada.get(f"/spend/{this_month()}.csv"))
    assert found == []


def test_figures_of_a_past_month(alice: User, ada: User) -> None:
    make_job(alice, state="done", now=NOW - timedelta(days=70))
    month = type(this_month()).of(NOW - timedelta(days=70))
    found = SpendMonth(month, ada, today=timezone.localdate())
    assert (found.parts, found.is_current, len(found.days)) == (404, False, found.last.day)
