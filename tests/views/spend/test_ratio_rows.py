"""A ratio is added or withdrawn on the Spend page, from a day on, and every page and program knows it without a restart."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from studio.engine import wire_order
from studio.forms.create import draft, rules
from studio.forms.files.downloads import Wanted
from studio.luma import ratios
from studio.models import Job, Ratio, Submission, TrailEntry, User
from studio.models.revision import Revision
from studio.models.spend import shown_prices
from tests.api.calling import Caller, make_token
from tests.forms.test_rules import said, spec
from tests.people import HTMX, make_job, make_picture, make_submission
from tests.views.spend.test_spend import text

NEW = {"ratio": "4:3", "width": "2368", "height": "1,792"}


def post(client: Client, path: str, days: int = 0, **fields: str) -> Any:
    day = timezone.localdate() + timedelta(days=days)
    return client.post(f"/spend/ratios/{path}", {"first_day": day.isoformat(), **fields})


def add(client: Client, days: int = 0, **fields: str) -> Any:
    return post(client, "", days, **{**NEW, **fields})


def withdraw(client: Client, ratio: str = "4:3", days: int = 0, **fields: str) -> Any:
    return post(client, "withdrawn/", days, ratio=ratio, **fields)


def ask(client: Client, **fields: str) -> Any:
    form = {"token": str(uuid.uuid4()), "type": "image", "prompt": "Boats", "count": "1", "aspect_ratio": "4:3"}
    return client.post("/submissions/", {**form, **fields})


# ---- What an admin does


def test_a_ratio_is_added_once_and_told_in_the_trail(as_ada: Client) -> None:
    for _ in range(2):
        assert add(as_ada).headers["Location"] == "/spend/#ratios"
    row = Ratio.objects.get()
    assert (row.ratio, row.width, row.height, row.model, row.style, row.is_offered) == ("4:3", 2368, 1792, "", "", True)
    entry = TrailEntry.objects.get(verb="ratio")
    assert (entry.thing, entry.address) == ("4:3", "/spend/")
    assert entry.text.startswith("4:3, 2,368 × 1,792 pixels, for all models, from ")
    page = text(as_ada.get("/spend/"))
    assert "4:3 2368 × 1792" in page
    assert "3:1 3360 × 1248 the start Luma's list Withdraw" in page
    assert "4:3 is offered already for all models on that day." in text(add(as_ada, days=1))


def test_the_forms_stand_on_the_page_that_names_them(as_ada: Client) -> None:
    html = as_ada.get("/spend/?add=ratio").content.decode()
    assert 'action="/spend/ratios/"' in html
    link = re.search(r'href="(\?withdraw=9[^"]+)#ratios"', as_ada.get("/spend/").content.decode())
    assert link
    html = as_ada.get(f"/spend/{unescape(link[1])}").content.decode()
    assert 'action="/spend/ratios/withdrawn/"' in html
    assert 'name="ratio" value="9:16"' in html
    assert "/spend/ratios/" not in as_ada.get("/spend/?withdraw=7:5").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ratio": "16:0"}, "two numbers from 1 to 99, such as 4:3"),
        ({"ratio": ""}, "two numbers from 1 to 99"),
        ({"ratio": "4:3\x00"}, "two numbers from 1 to 99"),
        ({"ratio": "٤:٣"}, "two numbers from 1 to 99"),
        ({"ratio": "100:3"}, "two numbers from 1 to 99"),
        ({"width": "8001"}, "whole pixels, from 64 to 8,000"),
        ({"height": "-5"}, "whole pixels, from 64 to 8,000"),
        ({"height": "1e3"}, "whole pixels, from 64 to 8,000"),
        ({"width": ""}, "whole pixels, from 64 to 8,000"),
        ({"width": "1792", "height": "2368"}, "1,792 × 2,368 pixels are not near 4:3"),
        ({"ratio": "3:2"}, "3:2 is offered already for all models"),
        ({"ratio": "32:18", "width": "2784", "height": "1504"}, "32:18 is the same shape as 16:9"),
        ({"style": "manga"}, "Manga is portrait only: choose a ratio that is taller than wide."),
        ({"style": "oil"}, "Choose the style Auto or Manga, or all styles."),
        ({"model": "uni-7"}, "There is no model uni-7 here: add its price first."),
        ({"model": "Uni 1"}, "small letters"),
        ({"model": "x" * 30}, "at most 20"),
        ({"first_day": "2020-01-01"}, "A ratio changes today or later"),
        ({"first_day": "9999-12-31"}, "within ten years"),
        ({"first_day": "soon"}, "Write the first day"),
    ],
)
def test_a_ratio_that_cannot_be_is_refused_and_nothing_is_lost(
    as_ada: Client, fields: dict[str, str], sentence: str
) -> None:
    answer = add(as_ada, **fields)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert f'name="height" value="{fields.get("height", NEW["height"])}"' in answer.content.decode()
    assert not Ratio.objects.exists()


def test_a_ratio_has_one_size_for_all_models(as_ada: Client) -> None:
    add(as_ada, model="uni-1-max")
    answer = add(as_ada, width="2304", height="1728")
    assert "4:3 is 2,368 × 1,792 pixels for the other models, and has one size" in text(answer)
    assert add(as_ada).status_code == 302


def test_what_is_not_offered_cannot_be_withdrawn_and_the_last_one_stays(as_ada: Client) -> None:
    assert "4:3 isn't offered for all models on that day." in text(withdraw(as_ada))
    assert "two numbers from 1 to 99" in text(withdraw(as_ada, ratio="\x00"))
    for one in ("2:3", "9:16", "1:2"):
        assert withdraw(as_ada, ratio=one).status_code == 302
    assert "Keep at least one ratio: another model in Manga would have none left." in text(withdraw(as_ada, "1:3"))
    assert withdraw(as_ada, "1:3", style="auto").status_code == 302
    add(as_ada, ratio="3:4", width="1792", height="2368")
    withdraw(as_ada, ratio="3:4", days=3)
    assert "in Manga would have none left" in text(withdraw(as_ada, ratio="1:3", days=1))


def test_the_page_says_what_holds_what_comes_and_what_was(as_ada: Client, ada: User) -> None:
    begin = timezone.localdate() - timedelta(days=3)
    Ratio.objects.create(ratio="4:3", width=2368, height=1792, first_day=begin, added_by=ada)
    withdraw(as_ada)
    add(as_ada, days=5, model="uni-1", style="auto")
    page = text(as_ada.get("/spend/"))
    yesterday = timezone.localdate() - timedelta(days=1)
    assert f"2368 × 1792 {begin.day} {begin:%b %Y} until {yesterday.day} {yesterday:%b %Y} Ada Admin" in page
    assert "4:3 withdrawn" in page
    assert "4:3 uni-1, Auto 2368 × 1792" in page
    assert "in 5 days" in page


# ---- What everybody has of it


def test_a_new_ratio_is_offered_everywhere_without_a_restart(as_ada: Client, as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    pages = ("/", "/gallery/filters/ratio/", f"/pictures/{picture.code}/formats/", "/looks/new/")
    for address in pages:
        assert "4:3" not in as_alice.get(address).content.decode(), address
    add(as_ada)
    for address in pages:
        assert "4:3" in as_alice.get(address).content.decode(), address
    dock = as_alice.get("/?prompt=Boats&ratio=4:3").content.decode()
    assert "4:3 makes 2368 × 1792 pixels" in dock
    assert re.search(r'class="shape r-1330"[^>]*></span>\s*<input[^>]*value="4:3" checked', dock)
    assert Wanted.of({"form": "crop-4:3"}, picture)
    assert not Wanted.of({"form": "crop-7:5"}, picture)
    job = make_job(alice, state="done", aspect_ratio="4:3", size=(2368, 1792))
    found = as_alice.get("/gallery/?ratio=4:3").content.decode()
    assert found.count('<article class="tile') == 1
    assert str(job.pictures.get().code) in found


def test_programs_can_ask_for_it(as_ada: Client, alice: User) -> None:
    caller = Caller(make_token(alice)[1], base="/v1")
    body = {"prompt": "A sunset", "aspect_ratio": "4:3"}
    refused = caller.post("/generations", body)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Invalid aspect_ratio '4:3'. Valid: 1:1, ")
    add(as_ada)
    assert caller.post("/generations", body).status_code == 201
    own = Caller(make_token(alice)[1])
    assert own.post("/submissions", {"prompt": "A boat", "aspect_ratio": "4:3"}).status_code == 201
    assert set(Submission.objects.values_list("aspect_ratio", flat=True)) == {"4:3"}
    tools = Caller(make_token(alice)[1], base="").post(
        "/mcp",
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
        Accept="application/json, text/event-stream",
    )
    made = next(one for one in tools.json()["result"]["tools"] if one["name"] == "make")
    assert "4:3" in made["inputSchema"]["properties"]["aspect_ratio"]["enum"]


def test_it_is_refused_before_its_day_and_after_it_is_withdrawn(as_ada: Client, as_alice: Client) -> None:
    add(as_ada, days=1)
    assert "Luma makes these ratios: 3:1, 2:1, 16:9, 3:2, 1:1, 2:3, 9:16, 1:2, 1:3." in text(ask(as_alice))
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert ask(as_alice).status_code == 302
        withdraw(as_ada, days=0)
        assert "Luma makes these ratios" in text(ask(as_alice, prompt="Hills"))
    assert Job.objects.count() == 1


def test_the_request_to_luma_carries_it(as_ada: Client, as_alice: Client) -> None:
    add(as_ada)
    ask(as_alice)
    body = asyncio.run(wire_order.request(wire_order.Order(Submission.objects.get(), [], {}, {}, {}))).body()
    assert body["aspect_ratio"] == "4:3"


def test_a_ratio_of_one_model_is_refused_for_the_others(as_ada: Client, as_alice: Client) -> None:
    add(as_ada, model="uni-1-max")
    assert ask(as_alice, model="uni-1-max").status_code == 302
    refused = text(ask(as_alice, model="uni-1", prompt="Hills"))
    assert "uni-1 doesn't make 4:3: choose 3:1, 2:1, 16:9, 3:2, 1:1, 2:3, 9:16, 1:2, 1:3, or leave" in refused
    assert said(spec(model="uni-1-max", aspect_ratio="4:3")) == {}
    table = rules.table()["ratios_of"]
    assert isinstance(table, dict)
    assert ["4:3" in table[name]["auto"] for name in ("uni-1", "uni-1-max")] == [False, True]


def test_an_open_dock_hears_of_a_ratio_with_its_next_pulse(as_ada: Client, as_alice: Client, alice: User) -> None:
    address = f"/pulse/?page=create&since={Revision.current()}&prices={shown_prices.stamp()}"
    assert as_alice.get(address, headers=HTMX).status_code == 204
    add(as_ada)
    answer = as_alice.get(address, headers=HTMX).content.decode()
    assert 'id="dock-ratios"' in answer
    assert 'id="ratio-4:3"' in answer
    assert 'id="more-4:3"' in answer
    table = re.search(r'data-rules="([^"]+)"', answer)
    assert table
    made = json.loads(unescape(table[1]))["ratios"]
    assert {"slug": "4:3", "shape": "r-1330", "foot": "4:3 makes 2368 × 1792 pixels"} in made
    again = f"/pulse/?page=create&since={Revision.current()}&prices={shown_prices.stamp()}"
    assert as_alice.get(again, headers=HTMX).status_code == 204
    refused = as_alice.post(
        "/submissions/", {"token": uuid.uuid4(), "prompt": "", "prices": "2026-11-27.0.0"}, headers=HTMX
    )
    assert 'id="ratio-4:3"' in refused.content.decode()


def test_settings_with_a_ratio_that_is_gone_say_so(as_ada: Client, as_alice: Client, alice: User) -> None:
    add(as_ada)
    asked = make_submission(alice, aspect_ratio="4:3")
    sentence = "4:3 can't be chosen with these settings any more, so the ratio is left to Luma."
    address = f"/?reuse={asked.code}"
    assert sentence not in text(as_alice.get(address))
    withdraw(as_ada)
    page = as_alice.get(address)
    assert sentence in text(page)
    assert page.context["form"].dock.ratio == ""
    state = json.loads(unescape(re.findall(r'data-begin="([^"]+)"', as_alice.get("/prompts/").content.decode())[1]))
    assert (state["note"], state["choices"]["image"]["aspect_ratio"]) == (sentence, "")
    asked.refresh_from_db()
    assert asked.aspect_ratio == "4:3"


def test_a_draft_and_a_style_fall_back_where_a_ratio_is_gone(as_ada: Client, as_alice: Client, alice: User) -> None:
    assert draft.fitting_ratio("uni-1", "manga", "16:9") == "2:3"
    assert draft.fitting_ratio("uni-1", "auto", "4:3") == ""
    add(as_ada)
    choices = {"model": "uni-1", "aspect_ratio": "4:3", "style": "auto", "count": 1}
    assert draft.choices_of("image", choices)["aspect_ratio"] == draft.fitting_ratio("uni-1", "auto", "4:3") == "4:3"
    withdraw(as_ada)
    assert draft.choices_of("image", choices)["aspect_ratio"] == ""
    assert "4:3" not in ratios.slugs()
    assert "4:3" in ratios.table().offer_on(date.max).known
