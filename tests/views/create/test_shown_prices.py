"""Every button that pays sends the prices that its page showed: what costs more by now is asked about first."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from studio.luma import pricing
from studio.models import Job, Price, Revision, Submission, User
from studio.models.review import case_act
from studio.models.review.failure_search import FailureSearch
from studio.models.spend import shown_prices
from studio.models.spend.shown_prices import PriceChanged, Priced
from tests.people import HTMX, LOST, LUMA_FAILED, make_job, make_picture
from tests.views.edits.test_marks import NUMBER

ROSE = "The price has changed: this costs {} now, not {}. Nothing was made yet"
Press = Callable[[dict[str, str]], Any]


def dearer(amount: str = "0.05", *, model: str = "uni-1", per: str = "picture") -> Price:
    return Price.objects.create(model=model, per=per, amount=Decimal(amount), first_day=timezone.localdate())


def shown_by(client: Client, address: str) -> dict[str, str]:
    """The prices that the forms of a page send."""
    found = re.findall(r'name="prices"[^>]*value="([^"]+)"', client.get(address).content.decode())
    assert found, address
    assert len(set(found)) == 1
    return {"prices": found[0]}


def asks_first(press: Press, shown: dict[str, str], said: str, address: str, client: Client) -> None:
    """Press with the prices of before and with those of now: only the second one makes anything."""
    dearer()
    jobs, waiting = Job.objects.count(), Job.objects.waiting().count()
    answer = press(shown)
    assert said in answer.content.decode()
    assert (Job.objects.count(), Job.objects.waiting().count()) == (jobs, waiting)
    press(shown_by(client, address))
    assert Job.objects.waiting().count() > waiting


def test_a_retry_asks_first_on_its_page_on_its_card_and_in_review(
    as_alice: Client, as_ada: Client, alice: User
) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    address = f"/jobs/{job.code}/"
    said = ROSE.format("$0.05", "$0.0404")
    shown = shown_by(as_alice, address)
    assert shown == shown_by(as_ada, "/review/")

    def by_card(fields: dict[str, str]) -> Any:
        return as_alice.post(f"{address}retry/?seen=1", fields, headers=HTMX | {"HX-Target": f"job-{job.code}"})

    def by_row(fields: dict[str, str]) -> Any:
        return as_ada.post(
            f"{address}retry/", {"seen": "1", **fields}, headers=HTMX | {"HX-Target": f"case-{job.code}"}
        )

    def by_page(fields: dict[str, str]) -> Any:
        return as_alice.post(f"{address}retry/?seen=1", {"next": address, **fields}, follow=True)

    dearer("0.045")
    card = by_card(shown).content.decode()
    assert ROSE.format("$0.0450", "$0.0404") in card
    assert "· $0.05" in card  # and the button says it
    row = by_row(shown).content.decode()
    assert ROSE.format("$0.0450", "$0.0404") in row
    assert f'value="{shown_prices.stamp()}"' in row
    asks_first(by_page, shown, said, address, as_alice)


def test_less_is_no_question(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    shown = shown_by(as_alice, f"/jobs/{job.code}/")
    dearer("0.01")
    as_alice.post(f"/jobs/{job.code}/retry/?seen=1", shown)
    assert Job.objects.get().price == Decimal("0.01")


def test_what_is_free_is_never_asked_about(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="saving")
    old = {"prices": shown_prices.stamp()}
    dearer()
    Job.objects.filter(pk=job.pk).update(cause="unsaved", fetches=3)
    answer = as_alice.post(f"/jobs/{job.code}/retry/", old, follow=True)
    assert "The price has changed" not in answer.content.decode()


def test_sending_an_unknown_one_again_asks_first(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="unknown", failure=LOST)
    address = f"/jobs/{job.code}/second-send/"
    shown = shown_by(as_alice, address)

    def press(fields: dict[str, str]) -> Any:
        return as_alice.post(f"{address}?seen=1", fields, follow=True)

    asks_first(press, shown, ROSE.format("$0.05", "$0.0404"), address, as_alice)


def test_a_redo_asks_first(as_alice: Client, alice: User) -> None:
    asked = make_job(alice, state="done").submission
    address = f"/groups/{asked.code}/"
    shown = shown_by(as_alice, address)

    def press(fields: dict[str, str]) -> Any:
        return as_alice.post(f"/submissions/{asked.code}/redo/", {"seen": "1", **fields}, follow=True)

    asks_first(press, shown, ROSE.format("$0.05", "$0.0404"), address, as_alice)


def test_marks_ask_first_and_the_page_goes_on_with_the_prices_of_now(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    address = f"/pictures/{picture.code}/marks/"
    shown = shown_by(as_alice, address)

    def press(fields: dict[str, str], **headers: str) -> Any:
        form = {
            "token": str(uuid.uuid4()),
            "model": "uni-1",
            "count": "1",
            "marks": json.dumps([NUMBER | {"points": [4, 4], "words": "a cat"}]),
        }
        return as_alice.post(address, form | fields, headers=headers)

    asks_first(press, shown, ROSE.format("$0.0560", "$0.0464"), address, as_alice)
    dearer("0.06")
    answer = press(shown, **HTMX)
    assert answer.status_code == 422
    told = json.loads(answer.headers["Studio-Prices"])
    assert (told["stamp"], told["prices"]["uni-1"]["base"]) == (shown_prices.stamp(), 600)


def test_a_cut_out_asks_first_once_layers_have_a_price(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    address = f"/pictures/{picture.code}/"
    assert "publishes no price" in as_alice.get(address).content.decode()
    shown = shown_by(as_alice, address)
    dearer("0.02", model="", per="layer")
    form = {"token": str(uuid.uuid4())}
    said = as_alice.post(f"{address}cut-out/", form | shown, follow=True).content.decode()
    assert "The price has changed: each layer costs $0.02 now, not a price that is not known." in said
    assert "It costs" in said
    assert "$0.02 per layer." in said
    assert not Submission.objects.exists()
    as_alice.post(f"{address}cut-out/", form | shown_by(as_alice, address))
    assert Submission.objects.get().type == "layering"


# ---- For all


@pytest.fixture
def failed(alice: User, bob: User) -> list[Job]:
    return [make_job(who, state="failed", failure=LUMA_FAILED) for who in (alice, bob, alice)]


def for_all(client: Client, fields: dict[str, str]) -> str:
    form = {"act": "retry", "all": "on", "cause": "luma_failed", "show": "open", "next": "/review/"}
    answer = client.post("/review/acts/", form | fields, follow=True)
    return answer.content.decode()


def test_retry_all_asks_first_with_the_new_total(as_ada: Client, failed: list[Job]) -> None:
    shown = shown_by(as_ada, "/review/")
    dearer()
    said = for_all(as_ada, shown)
    assert ROSE.format("$0.15", "$0.1212") in said
    assert re.search(r"Retry all 3\s+<span class=\"btn__price\">· \$0\.15<", said)
    assert "to run again" not in said or "$0.15" in said
    assert not Job.objects.waiting().exists()
    assert "3 retried, $0.15." in for_all(as_ada, shown_by(as_ada, "/review/"))
    assert set(Job.objects.values_list("price", flat=True)) == {Decimal("0.05")}


def test_the_chosen_ones_ask_first_too(as_ada: Client, failed: list[Job]) -> None:
    shown = shown_by(as_ada, "/review/")
    page = as_ada.get("/review/").content.decode()
    assert 'data-price="404"' in page
    dearer()
    chosen = {"act": "retry", "cause": "luma_failed", "show": "open", "job": [str(failed[0].code)], "next": "/review/"}
    said = as_ada.post("/review/acts/", chosen | shown, follow=True).content.decode()
    assert ROSE.format("$0.05", "$0.0404") in said
    assert 'data-price="500"' in said
    as_ada.post("/review/acts/", chosen | shown_by(as_ada, "/review/"))
    assert Job.objects.waiting().count() == 1


def test_a_price_that_rises_halfway_leaves_the_rest_as_it_is(ada: User, failed: list[Job]) -> None:
    shown, now = shown_prices.stamp(), timezone.now()
    search = FailureSearch(viewer=ada, cause="luma_failed", last=now)
    first = case_act.act_on_all(search, "retry", by=ada, now=now, shown=shown, most=1)
    dearer()
    rest = case_act.act_on_all(search, "retry", by=ada, now=now, shown=shown, after=first.after)
    assert (first.number, rest.number, rest.refused) == (1, 0, 2)


# ---- The dock of an open page


def test_an_open_dock_hears_of_a_price_with_its_next_pulse(as_alice: Client, alice: User) -> None:
    page = as_alice.get("/").content.decode()
    pulse = re.search(r'hx-get="(/pulse/[^"]+)"', page)
    assert pulse
    address = pulse[1].replace("&amp;", "&")
    assert f"prices={shown_prices.stamp()}" in address
    assert as_alice.get(address, headers=HTMX).status_code == 204
    dearer()
    answer = as_alice.get(address, headers=HTMX).content.decode()
    assert f'id="dock-prices" value="{shown_prices.stamp()}"' in answer
    rules = re.search(r'data-rules="([^"]+)"', answer)
    assert rules
    assert json.loads(rules[1].replace("&quot;", '"'))["prices"]["uni-1"]["base"] == 500
    again = re.search(r'hx-get="(/pulse/[^"]+)"', answer)
    assert again
    assert as_alice.get(again[1].replace("&amp;", "&"), headers=HTMX).status_code == 204


def test_an_open_dock_hears_of_a_price_that_begins_at_midnight(as_alice: Client, alice: User) -> None:
    Price.objects.create(
        model="uni-1", per="picture", amount=Decimal("0.06"), first_day=timezone.localdate() + timedelta(days=1)
    )
    address = f"/pulse/?page=create&since={Revision.current()}&prices={shown_prices.stamp()}"
    assert [as_alice.get(address, headers=HTMX).status_code for _ in range(2)] == [204, 204]
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        answer = as_alice.get(address, headers=HTMX)
        assert answer.status_code == 200
        assert "data-rules=" in answer.content.decode()


def test_a_refused_dock_gets_the_rules_of_now(as_alice: Client, alice: User) -> None:
    old = shown_prices.stamp()
    dearer()
    form = {"token": str(uuid.uuid4()), "prompt": "Boats", "prices": old}
    assert "data-rules=" in as_alice.post("/submissions/", form, headers=HTMX).content.decode()


def test_layers_and_unpriced_models_compare(alice: User) -> None:
    old = shown_prices.stamp()
    dearer("0.02", model="", per="layer")
    layers = Priced("layering", "uni-1", 1)
    with pytest.raises(PriceChanged, match="each layer costs"):
        shown_prices.check(old, [layers])
    shown_prices.check(old, [Priced("image", "uni-1", 0)])
    assert shown_prices.has_risen(old, layers)
    assert pricing.layer_words(Decimal("0.0125")) == "$0.0125 per layer"
    for odd in ("", "x", "2026-11-27", "9999-99-99.1"):
        shown_prices.check(odd, [layers])
