"""Prices that an admin adds, what they change and when, and the question of a page that shows an old one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.engine.integrity import money
from studio.models import Job, Price, TrailEntry, User
from studio.views.spend.page import price_lines
from tests.people import HTMX, LUMA_FAILED, make_job, make_picture
from tests.views.page_text import text


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
