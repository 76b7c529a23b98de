"""Webhooks that come along with a request, their key and their test."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studio.engine.deliveries import webhooks
from studio.models import Submission, User, Webhook, WebhookDelivery
from tests import people
from tests.api.calling import Caller, caller, make_token

pytestmark = pytest.mark.django_db
HOOK = "https://hooks.example/done?run=7"


@pytest.fixture
def mine(alice: User) -> Caller:
    return caller(alice)


def test_the_webhook_of_a_request_hears_how_it_ends(mine: Caller) -> None:
    asked = {"prompt": "A tree", "webhook": HOOK}
    code = mine.post("/submissions", asked, **{"Idempotency-Key": "a"}).json()["code"]
    assert mine.post("/submissions", asked, **{"Idempotency-Key": "a"}).status_code == 200
    submission = Submission.objects.get(code=code)
    hook = Webhook.objects.get()
    assert (submission.webhook, hook.is_listed, hook.site) == (hook, False, "http://testserver")
    job = people.send(submission.jobs.get(), now=timezone.now())
    assert job.mark_unknown(people.LOST, now=timezone.now(), place_until=timezone.now())
    assert [(one.event, one.submission) for one in hook.deliveries.all()] == [("unknown", submission)]
    assert mine.get("/webhooks/key").json() == {"signing_key": hook.signing_key}


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://hooks.example/",
            "https://10.0.0.1/",
            "nonsense",
            "https://x/\0",
            " ",
            "https://hooks.example:99999/",
        ),
        *("https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://localhost./"),
        *("https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://[::]/"),
        *(
            "https://you@hooks.example/",
            "https://hooks.example@10.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https://[fe80::1%25lo]/",
        ),
        *(
            "file:///etc/passwd",
            "gopher://hooks.example/",
            "https://hooks.example/#x",
            "https:///x",
            "//hooks.example/",
        ),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_before_anything_is_asked_for(mine: Caller, address: str) -> None:
    answer = mine.post("/submissions", {"prompt": "A tree", "webhook": address})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "webhook")
    assert not Submission.objects.exists()


def test_a_test_says_how_it_went(mine: Caller, bob: User) -> None:
    sent = mine.post("/webhooks/test", {"address": "https://localhost/"})
    assert sent.status_code == 422
    sent = mine.post("/webhooks/test", {"address": HOOK})
    assert (sent.status_code, sent.json()["event"], sent.json()["state"]) == (202, "test", "waiting")
    WebhookDelivery.objects.get().succeed("It answered 200.", now=timezone.now())
    at = f"/webhooks/deliveries/{sent.json()['code']}"
    assert (mine.get(at).json()["state"], mine.get(at).json()["result"]) == ("sent", "It answered 200.")
    assert caller(bob).get(at).status_code == 404
    assert webhooks.send_due() == 0
    assert make_token(bob)[0].signing_key != mine.get("/webhooks/key").json()["signing_key"]
