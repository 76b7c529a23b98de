"""Prices are dated rows: added, never changed, and known to every process within a second."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from studio.luma import capabilities, pricing
from studio.models import Job, Price, User
from studio.models.spend import price
from tests.people import make_job


def add(amount: str, *, model: str = "uni-1", per: str = "picture", days: int = 0) -> Price:
    first = timezone.localdate() + timedelta(days=days)
    return Price.objects.create(model=model, per=per, amount=Decimal(amount), first_day=first)


def test_a_row_holds_from_its_day_on(alice: User) -> None:
    before = make_job(alice)
    add("0.05")
    add("0.06", days=1)
    assert pricing.price("image", "uni-1", 0) == Decimal("0.05")
    assert make_job(alice).price == Decimal("0.05")
    assert make_job(alice, now=timezone.now(), state="done").price == Decimal("0.05")
    before.refresh_from_db()
    assert before.price == Decimal("0.0404")
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert pricing.table().price_on(tomorrow, "image", "uni-1", 1) == Decimal("0.063")


def test_the_dock_gets_the_new_price_as_data(alice: User) -> None:
    first = capabilities.table()["prices"]
    add("0.05")
    add("0.002", model="", per="input")
    assert first == {"uni-1": {"base": 404, "each_input": 30}, "uni-1-max": {"base": 1000, "each_input": 30}}
    assert capabilities.table()["prices"] == {
        "uni-1": {"base": 500, "each_input": 20},
        "uni-1-max": {"base": 1000, "each_input": 20},
    }


def test_a_model_that_has_a_price_can_be_asked_for(alice: User, as_alice: Client) -> None:
    add("0.07", model="uni-2")
    add("0.07", model="uni-3", days=1)
    assert capabilities.models() == ("uni-1", "uni-1-max", "uni-2")
    assert capabilities.KINDS["layering"].models == ("uni-1",)
    assert "uni-2" in as_alice.get("/").content.decode()
    form = {"token": str(uuid.uuid4()), "type": "image", "prompt": "Boats", "count": "1"}
    assert as_alice.post("/submissions/", {**form, "model": "uni-3"}).status_code == 422
    assert as_alice.post("/submissions/", {**form, "model": "uni-2"}).status_code == 302
    job = Job.objects.get()
    assert (job.kind, job.price) == ("image:uni-2", Decimal("0.07"))


def test_another_process_sees_a_row_within_a_second(alice: User) -> None:
    price.forget()
    assert pricing.price("image", "uni-1", 0) == Decimal("0.0404")
    Price.objects.bulk_create(
        [Price(model="uni-1", per="picture", amount=Decimal("0.05"), first_day=timezone.localdate())]
    )
    deadline = time.monotonic() + 1
    while pricing.price("image", "uni-1", 0) != Decimal("0.05"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_a_page_showed_can_be_told_later(alice: User) -> None:
    versions = [price.table().version]
    for amount in ("0.05", "0.06"):
        add(amount)
        versions.append(price.table().version)
    day = timezone.localdate()
    shown = [price.table_of(version).price_on(day, "image", "uni-1", 0) for version in (*versions, 10**12, -5)]
    assert shown == [Decimal(one) for one in ("0.0404", "0.05", "0.06", "0.06", "0.0404")]


def test_rows_are_only_added(alice: User) -> None:
    row = add("0.05")
    refused: list[Callable[[], object]] = [
        row.save,
        row.delete,
        Price.objects.all().delete,
        lambda: Price.objects.update(amount=1),
    ]
    for act in refused:
        with pytest.raises(TypeError, match="only added"):
            act()
    for fields in ({"amount": "-1"}, {"amount": "1", "model": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(**fields)  # type: ignore[arg-type]
    assert str(row) == "uni-1, picture or edit: $0.05"


def test_a_model_that_was_added_is_offered_wherever_models_are(alice: User, as_alice: Client, as_ada: Client) -> None:
    for address in ("/gallery/filters/model/", "/review/", f"/people/{alice.pk}/"):
        assert "uni-2" not in as_ada.get(address).content.decode(), address
    add("0.07", model="uni-2")
    picture = make_job(alice, state="done", model="uni-2").pictures.get()
    make_job(alice, state="done")
    for address in ("/gallery/filters/model/", "/review/", f"/people/{alice.pk}/", "/spend/"):
        assert "uni-2" in as_ada.get(address).content.decode(), address
    found = as_alice.get("/gallery/?model=uni-2").content.decode()
    assert str(picture.code) in found
    assert found.count('<article class="tile') == 1
    rights = {"role": "designer", "models": ["uni-1", "uni-2"], "may_split": "on", "may_search_web": "on"}
    form = dict(re.findall(r'name="(seen)" value="([^"]*)"', as_ada.get(f"/people/{alice.pk}/").content.decode()))
    as_ada.post(f"/people/{alice.pk}/", {**rights, **form})
    alice.refresh_from_db()
    assert alice.models_allowed == ["uni-1", "uni-2"]
