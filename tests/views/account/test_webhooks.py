"""The page of one's webhooks: adding, testing, switching, removing; nothing secret is shown or logged."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.models import ApiToken, TrailEntry, User, Webhook, WebhookDelivery
from studio.models.alerts.webhook import MOST
from tests.api.calling import make_token

HOOK = "https://hooks.example/services/T000/secret-part"
PAGE = "/account/webhooks/"


def add(client: Client, **given: object) -> HttpResponse:
    return client.post(PAGE, {"address": HOOK, "events": ["finished", "failed"]} | given)


def test_a_webhook_is_added_tested_switched_off_and_removed(as_alice: Client) -> None:
    hook = Webhook.objects.get(code=add(as_alice).headers["Location"].rpartition("webhook-")[2])
    assert (hook.address, hook.events, hook.site, hook.token) == (
        HOOK,
        ["finished", "failed"],
        "http://testserver",
        None,
    )
    at = f"{PAGE}{hook.code}/"
    assert as_alice.post(f"{at}test/").headers["Location"] == f"{PAGE}#webhook-{hook.code}"
    page = as_alice.get(PAGE).content.decode()
    assert "On its way" in page
    assert 'hx-trigger="every 3s"' in page
    assert as_alice.get(PAGE, headers={"HX-Request": "true"}).content.decode().lstrip().startswith("<div id=")
    WebhookDelivery.objects.get().succeed("It answered 200.", now=timezone.now())
    hook.note(is_well=True, result="It answered 200.", now=timezone.now())
    page = as_alice.get(PAGE).content.decode()
    assert "It answered 200." in page
    assert "secret-part" not in page
    assert hook.signing_key not in page
    assert hook.signing_key in as_alice.post(f"{at}signing-key/").content.decode()
    as_alice.post(at, {"state": "off"})
    assert not Webhook.objects.get().is_on
    as_alice.post(at, {"state": "nonsense"})
    as_alice.post(at, {"state": "removed"})
    assert not WebhookDelivery.objects.exists()
    told = list(TrailEntry.objects.filter(verb="token").order_by("pk").values_list("thing", "text"))
    assert [text for _, text in told] == ["added", "signing key shown", "switched off", "removed"]
    assert "secret-part" not in str(told)


def test_a_webhook_of_a_token_has_the_tokens_key(as_alice: Client, alice: User, bob: User) -> None:
    token, _ = make_token(alice)
    add(as_alice, token=str(token.code))
    assert Webhook.objects.get().token == token
    assert Webhook.objects.get().signing_key == token.signing_key
    for code in (make_token(bob)[0].code, uuid.uuid4(), "\0"):
        assert "That token is gone." in add(as_alice, token=str(code)).content.decode()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert Webhook.objects.count() == 1


def test_the_same_webhook_is_not_added_again(as_alice: Client) -> None:
    first, again = add(as_alice), add(as_alice)
    assert again.headers["Location"] == first.headers["Location"]
    assert "That webhook is here already" in as_alice.get(PAGE).content.decode()
    add(as_alice, events=["finished"])
    assert Webhook.objects.count() == 2


WRONG = [
    ("events", "nothing", "Tick at least one thing"),
    ("address", "http://hooks.example/", "beginning with https://"),
    ("address", "https://me:word@hooks.example/", "beginning with https://"),
    ("address", "https://hooks.example/\0", "beginning with https://"),
    ("address", "", "beginning with https://"),
    ("address", "https://x/" + "x" * 600, "more than 500"),
    ("address", f"https://{'x' * 255}/", "No host can have this name"),
    ("address", "https://127.0.0.1/", "where Studio calls nobody"),
    ("address", "https://169.254.169.254/latest", "where Studio calls nobody"),
]


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG)
def test_what_can_not_be_is_refused_and_kept(as_alice: Client, field: str, value: str, sentence: str) -> None:
    answer = add(as_alice, **{field: value})
    assert (answer.status_code, Webhook.objects.count()) == (422, 0)
    assert sentence in answer.content.decode()


def test_there_is_an_end_to_how_many(as_alice: Client) -> None:
    for number in range(MOST):
        add(as_alice, address=f"{HOOK}{number}")
    assert "Remove one first." in add(as_alice).content.decode()
    assert Webhook.objects.count() == MOST
