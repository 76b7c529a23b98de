"""What a person may not use is not offered, and refused in a sentence wherever it is asked for all the same."""

from __future__ import annotations

import json
import re
import uuid
from decimal import Decimal

import pytest
from django.test import Client

from studio.models import Approval, Job, Submission, User
from tests.models.account.test_rights import may
from tests.people import HTMX, LUMA_FAILED, make_job, make_picture
from tests.views.create.test_submit import asked

ONLY = "You can&#x27;t use uni-1-max. Choose uni-1, or ask an admin."


@pytest.fixture
def limited(alice: User) -> User:
    return may(alice, models_allowed=["uni-1"], may_search_web=False, may_split=False)


def rules_of(html: str) -> dict[str, object]:
    found = re.search(r'<script id="dock-rules" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    rules: dict[str, object] = json.loads(found[1])
    return rules


def test_the_dock_offers_what_the_person_may_use(as_alice: Client, limited: User) -> None:
    html = as_alice.get("/").content.decode()
    rules = rules_of(html)
    types: dict[str, dict[str, object]] = rules["types"]  # type: ignore[assignment]
    assert types["image"]["models"] == types["image_edit"]["models"] == ["uni-1"]
    assert types["layering"]["models"] == ["no layers"]
    assert not types["image"]["has_web_search"]
    assert rules["words"]["layers_model"] == "An admin allows you {models} here."  # type: ignore[index]
    flat = " ".join(html.split())
    assert '<option value="uni-1-max" disabled>' in flat
    assert '<fieldset data-setting="web" hidden disabled>' in flat
    assert "Ask an admin to let you split pictures into layers." in flat


def test_whoever_may_use_everything_gets_the_rules_of_luma(as_bob: Client, bob: User) -> None:
    html = as_bob.get("/").content.decode()
    assert rules_of(html)["words"]["layers_model"] == "Layers can only be made by {models}."  # type: ignore[index]
    assert '<option value="uni-1-max">' in " ".join(html.split())


def test_a_model_that_is_chosen_all_the_same_is_refused_and_the_words_stay(as_alice: Client, limited: User) -> None:
    answer = as_alice.post("/submissions/", asked(model="uni-1-max", prompt="Half a sentence"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert ONLY in html
    assert "Half a sentence" in html
    assert not Submission.objects.exists()


def test_a_form_without_a_model_takes_one_that_is_allowed(as_alice: Client, alice: User) -> None:
    may(alice, models_allowed=["uni-1-max"])
    as_alice.post("/submissions/", asked(model=""), headers=HTMX)
    assert Submission.objects.get().model == "uni-1-max"


@pytest.mark.parametrize("page", ["formats", "marks"])
def test_other_pages_offer_no_other_model(as_alice: Client, limited: User, page: str) -> None:
    picture = make_picture(limited)
    assert 'value="uni-1-max"' not in as_alice.get(f"/pictures/{picture.code}/{page}/").content.decode()
    form = {"way": "make", "prompt": "A boat", "ratios": ["1:1"], "model": "uni-1-max", "token": str(uuid.uuid4())}
    if page == "formats":
        assert ONLY in as_alice.post(f"/pictures/{picture.code}/formats/", form).content.decode()


def test_one_edit_of_many_offers_no_other_model(as_alice: Client, limited: User) -> None:
    picture = make_picture(limited)
    html = as_alice.post("/edits/", {"picture": str(picture.code)}).content.decode()
    assert "uni-1-max" not in html
    form = {"picture": str(picture.code), "prompt": "Night", "model": "uni-1-max", "token": str(uuid.uuid4())}
    assert ONLY in as_alice.post("/edits/", form).content.decode()


def test_a_cut_out_needs_the_right_to_layers(as_alice: Client, limited: User) -> None:
    picture = make_picture(limited)
    said = as_alice.post(f"/pictures/{picture.code}/cut-out/", {"token": str(uuid.uuid4())}, follow=True)
    assert "Ask an admin to let you split pictures into layers." in said.content.decode()
    assert not Job.objects.exists()


def test_trying_again_says_why_not_beside_the_card(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    may(alice, cap_per_hour=0)
    target = HTMX | {"HX-Target": f"job-{job.code}"}
    html = as_alice.post(f"/jobs/{job.code}/retry/?seen={job.attempts}", headers=target).content.decode()
    assert "You can make 0 pictures an hour" in html
    job.refresh_from_db()
    assert job.state == "failed"


def test_one_more_candidate_above_the_limit_says_where_to_ask(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="done")
    may(alice, asks_above=Decimal("0.01"))
    said = as_alice.post(f"/submissions/{job.submission.code}/redo/", {"seen": "1"}, follow=True).content.decode()
    assert "above $0.01 an admin has to approve it. Ask for it on the Create page." in said
    assert not Approval.objects.exists()
