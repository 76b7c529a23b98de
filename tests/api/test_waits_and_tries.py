"""What changes while a call waits or before it is sent again: tokens that stop, refusals, keys, requests that differ."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from studio.api import waiting
from studio.models import ApiToken, Approval, Job, Picture, Submission, TeamBudget, User
from tests import people
from tests.api.calling import Caller, caller, make_token
from tests.api.test_strictness import _call

AGAIN = {"X-Stainless-Retry-Count": "1"}


@pytest.fixture
def luma(alice: User) -> Caller:
    return Caller(make_token(alice)[1], base="/v1")


# ---- While it waits


def stop_by_revoking(person: User) -> None:
    ApiToken.objects.get().revoke(by=person, now=timezone.now())


def stop_by_time(person: User) -> None:
    ApiToken.objects.update(expires_at=timezone.now())


def stop_by_disabling(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("stop", [stop_by_revoking, stop_by_time, stop_by_disabling])
def test_a_token_that_stops_while_its_call_waits_gets_nothing_more(
    alice: User, monkeypatch: pytest.MonkeyPatch, stop: Callable[[User], None]
) -> None:
    mine = caller(alice)
    job = people.make_job(alice, state="waiting")
    looks = []

    def pause(_: float) -> None:
        # What it waits for ends too: its pictures are for a token that works.
        looks.append(1)
        job.cancel(now=timezone.now())
        stop(alice)

    monkeypatch.setattr("studio.api.waiting.time.sleep", pause)
    answer = mine.get(f"/submissions/{job.submission.code}/wait?seconds=20")
    assert (answer.status_code, answer.json()["code"], len(looks)) == (401, "no-token", 1)
    assert waiting._places._value == waiting.PLACES  # type: ignore[attr-defined]


def test_at_the_other_doors_too(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    luma = Caller(make_token(alice)[1], base="")
    job = people.make_job(alice, state="waiting")
    monkeypatch.setattr("studio.api.waiting.time.sleep", lambda _: stop_by_revoking(alice))
    answer = luma.post("/v1/images/generations", {"prompt": "A boat"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_token")
    ApiToken.objects.update(revoked_at=None)
    assert _call(luma, "wait", {"submission": str(job.submission.code), "seconds": 20})["code"] == "no-token"
    assert waiting._places._value == waiting.PLACES  # type: ignore[attr-defined]


def test_a_link_ends_with_its_token(luma: Caller, alice: User) -> None:
    job = people.make_job(alice, state="done")
    link = luma.get(f"/generations/{job.code}").json()["output"][0]["url"]
    assert b"".join(Client().get(link).streaming_content)
    stop_by_revoking(alice)
    assert Client().get(link).status_code == 403


# ---- Sent again


def test_what_was_refused_and_is_sent_again_is_made_and_does_not_find_an_older_one(
    luma: Caller, settings: Settings
) -> None:
    cache.clear()
    first = luma.post("/generations", {"prompt": "x"}).json()["id"]
    settings.WAITING_PER_PERSON = 1
    for _ in range(2):
        assert luma.post("/generations", {"prompt": "x"}).status_code == 429
    assert luma.post("/generations", {"prompt": "x"}, **AGAIN).status_code == 429
    settings.WAITING_PER_PERSON = 9
    made = [luma.post("/generations", {"prompt": "x"}, **AGAIN).json()["id"] for _ in range(2)]
    assert len({first, *made}) == 3
    # One whose answer was lost finds the last.
    assert luma.post("/generations", {"prompt": "x"}, **AGAIN).json()["id"] == made[1]


def test_openais_client_that_found_no_place_is_served_with_its_own_pictures(
    luma: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()

    def made(is_done: Callable[[], bool], seconds: float) -> bool:
        for job in Job.objects.filter(state="waiting").order_by("number"):
            people.make_job(job.person, state="done", submission=job.submission)
        return is_done()

    monkeypatch.setattr(waiting, "watch", made)
    asked = {"prompt": "A boat"}
    first = luma.post("/images/generations", asked).headers["Studio-Submission"]
    with monkeypatch.context() as full:
        full.setattr(waiting._places, "acquire", lambda blocking: False)
        assert luma.post("/images/generations", asked).status_code == 503
    second = luma.post("/images/generations", asked, **AGAIN).headers["Studio-Submission"]
    assert second != first
    assert luma.post("/images/generations", asked, **AGAIN).headers["Studio-Submission"] == second


# ---- Keys


def test_a_key_does_not_stand_for_another_request_that_cannot_be_made(alice: User) -> None:
    mine, key = caller(alice), {"Idempotency-Key": "1"}
    picture = people.make_picture(alice)
    asked: dict[str, Any] = {"prompt": "A boat", "references": [str(picture.code)]}
    first = mine.post("/submissions", asked, **key).json()
    Picture.objects.filter(pk=picture.pk).update(trashed_at=timezone.now())
    assert mine.post("/submissions", asked, **key).json()["code"] == first["code"]
    for more in ({"prompt": ""}, {"prompt": "A tree"}, {"count": 21}, {"count": 2}, {"style": "manga"}):
        answer = mine.post("/submissions", {**asked, **more}, **key)
        assert (answer.status_code, answer.json()["code"]) == (422, "key-used"), more
    assert Submission.objects.count() == 1


def test_neither_does_one_that_waits_for_an_approval(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(asks_above=0)
    mine, key = caller(alice), {"Idempotency-Key": "1"}
    assert mine.post("/submissions", {"prompt": "A boat"}, **key).status_code == 202
    for asked in ({"prompt": ""}, {"prompt": "A tree"}, {"prompt": "A boat", "count": 0}):
        assert mine.post("/submissions", asked, **key).json()["code"] == "key-used"
    assert Approval.objects.count() == 1


def test_a_key_whose_first_call_was_refused_is_free(alice: User, settings: Settings) -> None:
    token, secret = make_token(alice, cap_per_day=Decimal("0.01"))
    mine, key = Caller(secret), {"Idempotency-Key": "1"}
    assert mine.post("/submissions", {"prompt": "A boat"}, **key).status_code == 402
    ApiToken.objects.filter(pk=token.pk).update(cap_per_day=None)
    settings.WAITING_PER_PERSON = 0
    assert mine.post("/submissions", {"prompt": "A boat"}, **key).status_code == 429
    settings.WAITING_PER_PERSON = 9
    TeamBudget.objects.create(pk=1, per_month=Decimal("0.01"))
    assert mine.post("/submissions", {"prompt": "A boat"}, **key).status_code == 402
    TeamBudget.objects.all().delete()
    assert mine.post("/submissions", {"prompt": "A tree"}, **key).status_code == 201
    assert mine.post("/submissions", {"prompt": "A boat"}, **key).status_code == 422
    assert Submission.objects.count() == 1


# ---- Nothing is left out without a word


@pytest.mark.parametrize(
    "query",
    ["decision=approved", "board=x", "limit=1&limit=2", "q=boat&q=tree", "Limit=1", "%00=1", "a" * 300 + "=1"],
)
def test_a_parameter_that_a_call_does_not_have_is_refused(alice: User, query: str) -> None:
    answer = caller(alice).get(f"/pictures?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert caller(alice).ask("HEAD", f"/pictures?{query}").status_code == 422
    assert caller(alice).get(f"/me?{query}").status_code == 422
    assert Caller("").get(f"/pictures?{query}").status_code == 401


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({"web_search": "false"}, "web_search must be a boolean"),
        ({"web_search": 1}, "web_search must be a boolean"),
        ({"type": "layering", "layering": "2k"}, "layering must be an object"),
        ({"layering": {"resolution": "2k"}}, "layering is only valid for type 'layering'"),
    ],
)
def test_lumas_fields_are_of_their_kinds(luma: Caller, alice: User, asked: dict[str, Any], detail: str) -> None:
    job = people.make_job(alice, state="done")
    source = {"source": {"generation_id": str(job.code)}} if "type" in asked else {}
    answer = luma.post("/generations", {"prompt": "x", **source, **asked})
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert Submission.objects.count() == 1


def test_an_edit_of_openais_says_each_field_once(luma: Caller) -> None:
    file = SimpleUploadedFile("a.png", people.image_bytes(), "image/png")
    answer = luma.client.post("/v1/images/edits", {"prompt": ["At night", "At noon"], "image": file})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt")
    assert not Submission.objects.exists()


def test_an_agent_names_each_argument_once(alice: User) -> None:
    body = (
        '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": '
        '{"name": "make", "arguments": {"prompt": "A boat", "count": 1, "count": 20}}}'
    )
    agent = caller(alice)
    for said in (body, "[" * 100_000):
        answer = agent.client.post("/mcp", said, "application/json", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "not-read")
    assert not Submission.objects.exists()
