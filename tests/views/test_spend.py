"""The Spend page: its sums, its budgets and prices, the CSV; who may see it, and what nobody sees there."""

from __future__ import annotations

import csv
import html
import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.engine.integrity import money
from studio.models import Board, Job, LedgerRow, Price, Spent, SpentDay, TeamBudget, TrailEntry, User, price
from studio.views.spend import price_lines
from studio.views.spend_month import SpendMonth, this_month
from tests.people import HTMX, LOST, LUMA_FAILED, REFUSED, make_job, make_picture, make_submission
from tests.views import plans

NOW = timezone.now()
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '"=1', "a,b\n=c", "<b>x</b>", "\u202e=1"]


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


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
    board = board_of(alice, "Secret harbour", visibility="private")
    make_job(alice, state="done", board=board, is_private=True, prompt="Secret words")
    for address in ("/spend/?all=board", "/spend/"):
        shown = text(as_ada.get(address))
        assert "Boards that only others see 1 $0.04" in shown
        assert "Secret" not in shown
    told = b"".join(as_ada.get(f"/spend/{this_month()}.csv")).decode()
    assert "Secret" not in told


# ---- CSV


def rows_of(client: Client) -> list[dict[str, str]]:
    answer = client.get(f"/spend/{this_month()}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_the_csv_has_every_row_of_the_month_and_adds_up(
    as_ada: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.views.spend_csv.ROWS_AT_ONCE", 3)
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


def test_a_budget_is_set_shown_and_told_in_the_trail(as_ada: Client, alice: User) -> None:
    make_submission(alice, count=20)
    answer = as_ada.post("/spend/budgets/", {"per_month": "0.82", "per_day": "", "each_per_day": "5"})
    assert answer.headers["Location"] == "/spend/#budgets"
    budget = TeamBudget.current()
    assert (budget.per_month, budget.per_day, budget.each_per_day) == (Decimal("0.82"), None, 5)
    entry = TrailEntry.objects.get(verb="budget")
    assert (entry.thing, entry.text) == (
        "The team",
        "the team a month: no limit → $0.82; each person a day: no limit → $5.00",
    )
    shown = text(as_ada.get("/spend/"))
    month = f"{timezone.localdate():%B}"
    assert f"Team {month} {month} $0.81 $0.81 held $0.82" in shown
    assert "$0.01 left" in shown
    assert "Everybody Each, per day Each, per day $5.00" in shown
    as_ada.post("/spend/budgets/", {"per_month": "0.5"})
    assert "The team is $0.31 over its budget of $0.50 for " in text(as_ada.get("/spend/"))


def test_a_person_has_a_budget_of_their_own(as_ada: Client, alice: User) -> None:
    assert "Alice Moreau" in text(as_ada.get("/spend/?budget=new"))
    as_ada.post("/spend/budgets/", {"person": alice.pk, "per_day": "5", "per_month": ""})
    alice.refresh_from_db()
    assert (alice.cap_per_day, alice.cap_per_month) == (5, None)
    assert "Alice Moreau Today Today $0.00 $5.00 $5.00 left" in text(as_ada.get("/spend/"))
    assert 'value="5.00"' in as_ada.get(f"/spend/?budget={alice.pk}").content.decode()


@pytest.mark.parametrize("amount", ["-1", "x", "1e99", "NaN", "1.000,50", "9999999", "\x00", "٣"])
def test_a_budget_that_is_no_amount_is_refused_and_nothing_is_lost(as_ada: Client, alice: User, amount: str) -> None:
    answer = as_ada.post("/spend/budgets/", {"per_month": amount, "per_day": "7"})
    assert answer.status_code == 422
    assert "Write an amount in dollars" in text(answer)
    assert 'value="7"' in answer.content.decode()
    assert not TeamBudget.objects.exists()
    assert as_ada.post("/spend/budgets/", {"person": "999999"}).status_code == 422


# ---- Prices


def test_two_prices_from_the_same_day_are_one_and_the_later_holds(as_ada: Client) -> None:
    added(as_ada, amount="0.07")
    added(as_ada, amount="0,08")
    lines = [line for line in price_lines(timezone.localdate()) if line.model == "uni-1"]
    assert [(line.amount, line.is_replaced) for line in lines[:2]] == [
        (Decimal("0.08"), False),
        (Decimal("0.07"), True),
    ]
    assert "$0.0700 " in text(as_ada.get("/spend/"))
    assert "replaced the same day" in text(as_ada.get("/spend/"))


def added(client: Client, **fields: str) -> Any:
    day = timezone.localdate().isoformat()
    return client.post(
        "/spend/prices/", {"model": "uni-1", "per": "picture", "amount": "0.05", "first_day": day, **fields}
    )


def test_a_price_is_added_and_old_jobs_keep_theirs(as_ada: Client, alice: User) -> None:
    before = make_job(alice, state="done")
    assert added(as_ada).headers["Location"] == "/spend/#prices"
    after = make_job(alice, state="done")
    assert (before.price, after.price) == (Decimal("0.0404"), Decimal("0.05"))
    assert TrailEntry.objects.get(verb="price").text.startswith("Picture or edit: $0.05, from ")
    shown = text(as_ada.get("/spend/"))
    assert "uni-1 Picture or edit $0.0500" in shown
    assert "until " in shown
    assert "$0.09" in text(as_ada.get("/spend/"))


def test_a_double_click_adds_a_price_once(as_ada: Client) -> None:
    number = Price.objects.count()
    for amount in ("0.05", "0.05", "0.06", "0.05"):
        assert added(as_ada, amount=amount).status_code == 302
    assert Price.objects.count() == number + 3
    assert TrailEntry.objects.filter(verb="price").count() == 3


def test_a_coming_price_waits_for_its_day(as_ada: Client, alice: User) -> None:
    day = timezone.localdate() + timedelta(days=5)
    added(as_ada, first_day=day.isoformat())
    assert "in 5 days" in text(as_ada.get("/spend/"))
    assert make_job(alice).price == Decimal("0.0404")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "0.00001"}, "at most four decimals"),
        ({"amount": "-1"}, "Write an amount in dollars"),
        ({"amount": "1e9"}, "Write an amount in dollars"),
        ({"first_day": "2020-01-01"}, "A price starts today or later"),
        ({"first_day": "9999-12-31"}, "within ten years"),
        ({"first_day": "soon"}, "Write the first day"),
        ({"model": ""}, "Say which model"),
        ({"model": "Uni 1!"}, "small letters"),
        ({"model": "x" * 30}, "at most 20"),
        ({"per": "video"}, "Choose what the price is for"),
        ({"model": "a\x00b"}, "small letters"),
        ({"amount": "1.000,50"}, "Write an amount in dollars"),
        ({"amount": "0,00001"}, "at most four decimals"),
    ],
)
def test_a_price_that_cannot_be_is_refused_and_nothing_is_lost(
    as_ada: Client, fields: dict[str, str], said: str
) -> None:
    answer = added(as_ada, **fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Price.objects.exists()
    if fields.get("first_day") != "soon":
        assert 'name="amount"' in answer.content.decode()


# ---- What the dock says


def sent(client: Client, **fields: str) -> Any:
    return client.post(
        "/submissions/", {"token": str(uuid.uuid4()), "type": "image", "prompt": "Boats", "count": "4", **fields}
    )


def test_a_page_with_the_old_price_asks_again(as_ada: Client, as_alice: Client, alice: User) -> None:
    stamp = as_alice.get("/").context["form"].dock.prices
    assert sent(as_alice, prices=stamp).status_code == 302
    added(as_ada)
    answer = sent(as_alice, prices=stamp, prompt="Other boats")
    assert answer.status_code == 422
    said = "The price has changed: this costs $0.20 now, not $0.1616. Nothing was made yet; press again to make it."
    assert said in text(answer)
    assert "Other boats" in answer.content.decode()
    assert Job.objects.count() == 4
    fresh = answer.context["form"].dock.prices
    assert fresh != stamp
    part = as_alice.post("/submissions/", {"token": uuid.uuid4(), "prompt": "Boats", "prices": stamp}, headers=HTMX)
    assert f'id="dock-prices" value="{fresh}"' in part.content.decode()
    assert sent(as_alice, prices=fresh, prompt="Third boats").status_code == 302
    # Who was shown no price is told none.
    for odd in ("", "\u0663", "2026-11-27", "2026-11-27.x", "9999-99-99.1", "0001-01-01.9999999999999999"):
        assert sent(as_alice, prices=odd).status_code in {302, 422}


def test_edits_and_formats_ask_again_too(as_ada: Client, as_alice: Client, alice: User) -> None:
    picture = make_job(alice, state="done").pictures.get()
    stamp = as_alice.get("/").context["form"].dock.prices
    added(as_ada)
    token = str(uuid.uuid4())
    edits = {"token": token, "picture": str(picture.code), "prompt": "Snow", "model": "uni-1", "prices": stamp}
    formats = {"token": token, "way": "make", "ratios": ["1:1"], "prompt": "Snow", "model": "uni-1", "prices": stamp}
    for address, form in (("/edits/", edits), (f"/pictures/{picture.code}/formats/", formats)):
        assert "The price has changed" in text(as_alice.post(address, form))
    assert Job.objects.count() == 1


def test_out_of_budget_is_calm_and_keeps_what_was_typed(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(cap_per_day=Decimal("0.10"))
    TeamBudget.objects.create(pk=1, per_month=Decimal(3))
    shown = text(as_alice.get("/"))
    assert "$0.10 left today · $3.00 left for the team in" in shown
    assert "$3.00 left Anna" not in shown
    answer = sent(as_alice, prompt="Boats that cost")
    assert answer.status_code == 422
    assert "Your budget for today has $0.10 left, and this costs $0.1616. Nothing was made." in text(answer)
    assert "Boats that cost" in answer.content.decode()
    made = as_alice.post("/submissions/", {"token": uuid.uuid4(), "prompt": "Boats", "count": "2"}, headers=HTMX)
    assert "$0.02 left today · $2.92 left for the team in" in text(made)
    shown = text(as_alice.get("/gallery/"))
    assert "$2.92 left" in shown
    assert "Spent this month $0.08" in shown


def test_a_retry_that_nobody_can_pay_is_refused_with_the_sentence(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed")
    User.objects.filter(pk=alice.pk).update(cap_per_day=0)
    answer = as_alice.post(f"/jobs/{job.code}/retry/?seen=1", follow=True)
    assert "Your budget for today has $0.00 left, and this costs $0.0404." in text(answer)
    assert Job.objects.get(pk=job.pk).state == "failed"


def test_a_retry_costs_what_it_costs_today(as_ada: Client, as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED, references=[make_picture(alice)])
    added(as_ada)
    page = text(as_alice.get(f"/jobs/{job.code}/"))
    assert "· $0.05" in page
    assert Job.objects.get(pk=job.pk).retry(by=alice, now=timezone.now())
    assert Job.objects.get(pk=job.pk).price == Decimal("0.053")


def test_layers_are_paid_for_by_the_layer_once_that_has_a_price(as_ada: Client, alice: User) -> None:
    added(as_ada, model="", per="layer", amount="0.1")
    job = make_job(alice, state="saving", type="layering", prompt="", source=make_picture(alice))
    assert job.finish(now=timezone.now(), layers=7)
    assert (job.price, job.attempts_made.get().price) == (Decimal("0.7"), Decimal("0.7"))
    shown = text(as_ada.get("/spend/"))
    assert "Layers 7 layers of 1 picture $0.70" in shown
    assert list(money.broken()) == []


# ---- Its cost


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
