"""Tokens: made and revoked on their page, kept as hashes, limited by rights, time and money, and in the trail."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.utils import timezone

from studio.models import ApiToken, Job, Notification, Submission, TokenUse, TrailEntry, User
from studio.models.submission import SAME_AGAIN
from studio.signing_in.sign_in import may_send_files
from tests import people
from tests.api.calling import Caller, caller, make_token

PAGE = "/account/tokens/"
PRICE = Decimal("0.0404")


def sent(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), "name": "Nightly", "scope": ["read", "make"], "life": "90", **fields}


# ---- The page


def test_a_secret_is_shown_once_and_its_hash_kept(as_alice: Client, alice: User) -> None:
    form = sent(cap_per_day="2.50")
    shown = as_alice.post(PAGE, form)
    secret = re.findall(r'value="(studio-[\w-]{43})"', shown.content.decode())
    assert len(secret) == 1
    token = ApiToken.objects.get()
    assert (token.person, token.scopes, token.cap_per_day) == (alice, ["read", "make"], Decimal("2.5"))
    assert secret[0] not in str(ApiToken.objects.values().get())
    assert secret[0].startswith(token.beginning)
    assert secret[0] not in as_alice.get(PAGE).content.decode()
    assert Caller(secret[0]).get("/me").json()["token"]["name"] == "Nightly"
    assert shown.headers["Cache-Control"] == "private, no-store"
    # The same form again makes no second one.
    assert as_alice.post(PAGE, form).headers["Location"] == PAGE
    assert ApiToken.objects.count() == 1
    entry = TrailEntry.objects.newest_first().last()
    assert entry
    assert (entry.verb, entry.actor, entry.text) == ("token", alice, "made it for read, make")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " \u202e "}, "Give the token a name"),
        ({"name": "x" * 81}, "Shorten the name to 80 characters."),
        ({"scope": []}, "Choose at least one thing it may do."),
        ({"scope": ["admin"]}, "Only an admin"),
        ({"life": "7"}, "Choose when it ends."),
        ({"cap_per_day": "much"}, "Write an amount in dollars"),
        ({"cap_per_month": "NaN"}, "Write an amount in dollars"),
        ({"cap_per_month": "-1"}, "Write an amount in dollars"),
        ({"cap_per_month": "1e999999"}, "Write an amount in dollars"),
        ({"once": "x"}, "This form was out of date"),
    ],
)
def test_a_form_that_is_wrong_says_why_and_loses_nothing(
    as_alice: Client, fields: dict[str, Any], sentence: str
) -> None:
    answer = as_alice.post(PAGE, sent(name="Banners", cap_per_day="7") | fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "name" in fields or "once" in fields or 'value="Banners"' in page
    assert not ApiToken.objects.exists()


def test_a_viewer_gets_a_token_that_looks_and_none_that_makes(db: None) -> None:
    vera = people.make_person("Vera Viewer", role=User.Role.VIEWER)
    client = people.signed_in(vera)
    assert "can&#x27;t make" in client.post(PAGE, sent()).content.decode()
    assert client.post(PAGE, sent(scope=["read"])).status_code == 200


def test_nobody_has_more_than_fifty(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.forms.account.token.MOST_LIVE", 1)
    make_token(alice)
    assert as_alice.post(PAGE, sent()).status_code == 422


def test_an_admin_sees_and_revokes_everybodys(as_ada: Client, as_bob: Client, alice: User, ada: User) -> None:
    token, secret = make_token(alice, name="Banners")
    revocation = f"{PAGE}{token.code}/revocation/"
    assert as_bob.post(revocation).status_code == 404
    assert "Banners" not in as_bob.get(f"{PAGE}?whose=all").content.decode()
    assert "Banners" in as_ada.get(f"{PAGE}?whose=all").content.decode()
    assert as_ada.post(revocation).headers["Location"] == f"{PAGE}?whose=all"
    answer = Caller(secret).get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "no-token")
    assert "was revoked" in answer.json()["detail"]
    assert Notification.objects.get(person=alice).text == "revoked your token “Banners”"
    assert "Revoked by" in people.signed_in(alice).get(PAGE).content.decode()
    as_ada.post(revocation)  # once is enough
    assert TrailEntry.objects.filter(verb="token", actor=ada).count() == 1


def test_a_page_of_tokens_goes_on(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.account.tokens.PAGE", 1)
    make_token(alice, name="Older one")
    make_token(alice, name="Newer one")
    first = as_alice.get(PAGE).content.decode()
    assert "Newer one" in first
    assert "Older one" not in first
    more = re.findall(r'href="(/account/tokens/\?after=[\d-]+)"', first)
    assert "Older one" in as_alice.get(more[0]).content.decode()


# ---- Who gets in


def test_a_token_stops_with_time_access_and_rights(alice: User) -> None:
    mine = caller(alice)
    assert mine.get("/me").json()["may"] == ["read", "make", "decide"]
    User.objects.filter(pk=alice.pk).update(role="viewer")
    assert mine.get("/me").json()["may"] == ["read"]
    refused = mine.post("/submissions", {"prompt": "A boat"})
    assert (refused.status_code, refused.json()["code"]) == (403, "no-right")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert mine.get("/me").status_code == 401
    User.objects.filter(pk=alice.pk).update(is_active=True)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "expired" in mine.get("/me").json()["detail"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \x00", "Bearer " + "x" * 4_000])
def test_without_a_token_nobody_gets_in_and_a_cookie_is_none(as_alice: Client, header: str) -> None:
    answer = as_alice.get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_cookie_beside_a_token_stays_its_owners(as_bob: Client, alice: User, bob: User) -> None:
    secret = make_token(alice)[1]
    answer = as_bob.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["name"] == alice.name
    assert not UserSession.objects.filter(user=alice).exists()
    assert as_bob.get("/account/").status_code == 200


def test_the_web_server_takes_files_from_who_has_a_token(alice: User) -> None:
    token, secret = make_token(alice)
    assert may_send_files("", f"Bearer {secret}")
    assert not may_send_files("", "Bearer studio-x")
    token.revoke(by=alice, now=timezone.now())
    assert not may_send_files("", f"Bearer {secret}")


def test_calls_are_limited(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.door.CALLS_PER_MINUTE", 2)
    mine = caller(alice)
    assert [mine.get("/me").headers["X-RateLimit-Remaining"] for _ in "12"] == ["1", "0"]
    answer = mine.get("/me")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_every_use_is_in_the_trail_once_a_day_and_address(alice: User) -> None:
    token, secret = make_token(alice)
    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1"):
        Caller(secret).client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR=address)
    uses = TrailEntry.objects.filter(verb="token", text__startswith="used from")
    assert sorted(uses.values_list("text", flat=True)) == ["used from 10.0.0.1", "used from 10.0.0.2"]
    token.refresh_from_db()
    assert token.last_used_from == "10.0.0.1"
    TokenUse.objects.update(day=timezone.localdate() - timedelta(days=1))
    token.note_use("10.0.0.3", now=timezone.now())
    assert list(TokenUse.objects.values_list("address", flat=True)) == ["10.0.0.3"]


# ---- Money


def test_a_cap_refuses_what_goes_beyond_it_and_gives_back_what_was_free(alice: User) -> None:
    mine = caller(alice, cap_per_day=PRICE * 2, cap_per_month=PRICE * 3)
    answer = mine.post("/submissions", {"prompt": "Boats", "count": 3})
    assert (answer.status_code, answer.json()["code"]) == (402, "over-cap")
    assert "$0.0808 a day" in answer.json()["detail"]
    assert not Submission.objects.exists()
    made = mine.post("/submissions", {"prompt": "Boats", "count": 2}).json()
    assert mine.post("/submissions", {"prompt": "Boat"}).status_code == 402
    mine.post(f"/jobs/{made['jobs'][0]['code']}/cancel")
    assert mine.get("/me").json()["day"] == {"cap": "0.0808", "spent": "0.0404"}
    assert mine.post("/submissions", {"prompt": "Boat"}).status_code == 201
    # Yesterday's counts for the month alone.
    yesterday = timezone.now() - timedelta(days=1)
    Submission.objects.update(created_at=yesterday)
    assert ApiToken.objects.get().spent_since(timezone.now() - timedelta(hours=1)) == 0


def test_what_has_no_price_is_beyond_every_cap(alice: User) -> None:
    picture = people.make_picture(alice)
    split = {"type": "layering", "source": str(picture.code)}
    assert "publishes no price" in caller(alice, cap_per_day=Decimal(9)).post("/submissions", split).json()["detail"]
    assert caller(alice).post("/submissions", split).status_code == 201


def in_parallel(number: int, call: Any) -> list[Any]:
    """Make so many calls at once, each on a connection of its own."""
    found: list[Any] = []

    def one(count: int) -> None:
        try:
            found.append(call(count))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(count,)) for count in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_a_hundred_calls_race_for_a_tokens_last_five_units() -> None:
    alice = people.make_person("Alice")
    _, secret = make_token(alice, cap_per_day=PRICE * 5)
    answers = in_parallel(
        100, lambda count: Caller(secret).post("/submissions", {"prompt": f"Boat {count}"}).status_code
    )
    assert sorted(answers) == [201] * 5 + [402] * 95
    assert Job.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_hundred_calls_with_one_key_make_one_job() -> None:
    alice = people.make_person("Alice")
    _, secret = make_token(alice)
    key = {"Idempotency-Key": "night 1"}
    answers = in_parallel(100, lambda _: Caller(secret).post("/submissions", {"prompt": "Boat"}, **key))
    assert sorted(one.status_code for one in answers) == [200] * 99 + [201]
    assert len({one.json()["code"] for one in answers}) == 1
    assert Job.objects.count() == 1


def test_the_token_of_a_submission_is_kept(alice: User) -> None:
    caller(alice).post("/submissions", {"prompt": "A boat"})
    caller(alice).post(
        "/submissions", {"prompt": "A boat"}
    )  # twice the same is meant: no question, whatever SAME_AGAIN
    assert SAME_AGAIN
    assert Submission.objects.filter(api_token__isnull=False).count() == 2


def test_a_cap_of_less_than_a_cent_is_said_to_its_last_digit(alice: User) -> None:
    token = ApiToken(person=alice, cap_per_day=Decimal("0.0025"), cap_per_month=Decimal(12))
    assert token.caps_said == ["$0.0025 a day", "$12 a month"]
