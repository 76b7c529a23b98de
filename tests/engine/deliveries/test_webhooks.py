"""People's webhooks: what they hear of requests, and how it leaves, against receivers of every kind of ill will."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from studio.engine.deliveries import signed_post, webhooks
from studio.models import ApiToken, Approval, Submission, User, Webhook, WebhookDelivery
from studio.models.account.rights import NeedsApproval
from studio.models.alerts.webhook import EVENTS, FULL, KEPT, MOST_WAITING, WebhookEvent, new_key, tell, tell_end
from studio.models.requests.request_spec import RequestSpec
from tests import people
from tests.engine.deliveries.receiver import Receiver

pytestmark = pytest.mark.django_db
Make = Callable[..., Webhook]


@pytest.fixture
def local(settings: Settings) -> None:
    """The tests' receivers are on this machine."""
    settings.STUDIO_WEBHOOKS_LOCAL = True


@pytest.fixture
def hook(alice: User) -> Make:
    def make(address: str = "https://hooks.example/x", person: User = alice, **fields: Any) -> Webhook:
        events = [event.value for event in EVENTS]
        return Webhook.objects.create(
            person=person, address=address, **{"events": events, "site": "https://studio.example"} | fields
        )

    return make


def token_of(person: User) -> ApiToken:
    return ApiToken.issue(person, name="Nightly", scopes=["make"], now=timezone.now())[0]


def events(of: Webhook) -> list[str]:
    return list(of.deliveries.order_by("pk").values_list("event", flat=True))


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("hook").get()


def put_test(hook: Webhook) -> WebhookDelivery:
    tell([hook], WebhookEvent.TEST, new_key(), "A test.")
    return hook.deliveries.order_by("-pk")[0]


# ---- What is told


@pytest.mark.parametrize(("state", "event"), [("done", "finished"), ("failed", "failed"), ("unknown", "unknown")])
def test_an_end_is_told_once(hook: Make, alice: User, bob: User, state: str, event: str) -> None:
    mine, others = hook(), hook(person=bob)
    job = people.make_job(alice, state=state, prompt="Zephyrine")
    tell_end(job.submission_id)
    assert (events(mine), events(others)) == ([event], [])
    facts = only().facts()
    assert (facts["submission"], facts["jobs"][0]["state"]) == (str(job.submission.code), state)
    assert facts["url"] == f"https://studio.example{job.get_absolute_url()}"
    assert len(facts["jobs"][0]["pictures"]) == (state == "done")
    assert "Zephyrine" not in json.dumps(facts)
    assert "studio.tasks.send_webhooks" in [row.task["func"] for row in OrmQ.objects.all()]


def test_several_pictures_are_told_when_the_last_has_ended_and_again_after_another_try(hook: Make, alice: User) -> None:
    mine = hook()
    submission = people.make_submission(alice, count=2)
    people.make_job(alice, state="done", submission=submission)
    assert events(mine) == []
    second = people.make_job(alice, state="failed", submission=submission)
    assert [(one.event, one.text) for one in mine.deliveries.all()] == [("failed", "1 finished, 1 failed")]
    assert second.retry(by=alice, now=timezone.now())
    people.make_job(alice, state="done", submission=submission)
    assert events(mine) == ["failed", "finished"]


def test_what_was_cancelled_and_what_nobody_wants_to_hear_is_not_told(hook: Make, alice: User) -> None:
    everything, failures, off = hook(), hook(events=["failed"]), hook(is_on=False)
    people.make_job(alice, state="cancelled")
    people.make_job(alice, state="done")
    assert (events(everything), events(failures), events(off)) == (["finished"], [], [])


def test_a_tokens_webhook_hears_of_the_tokens_requests_alone(hook: Make, alice: User) -> None:
    first, second = token_of(alice), token_of(alice)
    of_first, of_all = hook(token=first), hook()
    own = Webhook.of_requests(second, "https://hooks.example/own", site="https://studio.example")
    assert Webhook.of_requests(second, "https://hooks.example/own", site="") == own
    for token in (first, second, second):
        job = people.make_job(alice, state="making")
        Submission.objects.filter(pk=job.submission_id).update(api_token=token)
        if token == second and not of_all.deliveries.filter(submission=job.submission_id).exists():
            Submission.objects.filter(pk=job.submission_id).update(webhook=own)
        assert job.fail(people.REFUSED, now=timezone.now())
    assert (len(events(of_first)), len(events(own)), len(events(of_all))) == (1, 2, 3)
    assert own.signing_key == second.signing_key != of_first.signing_key == first.signing_key


def test_a_request_that_needs_an_approval_is_told(hook: Make, alice: User) -> None:
    mine = hook()
    User.objects.filter(pk=alice.pk).update(asks_above=0)
    alice.refresh_from_db()
    with pytest.raises(NeedsApproval) as needed:
        people.make_submission(alice)
    spec = RequestSpec(type="image", prompt="A tree", model="uni-1")
    needed.value.about(alice, uuid.uuid4(), [spec], "", "A tree")
    approval, _ = Approval.ask(needed.value, now=timezone.now())
    assert [(one.event, one.path) for one in mine.deliveries.all()] == [("needs_approval", approval.get_absolute_url())]


# ---- How it leaves


def test_it_is_signed_as_the_docs_say(hook: Make, receiver: Receiver, local: None, alice: User) -> None:
    mine = hook(receiver.url)
    people.make_job(alice, state="done")
    assert webhooks.send_due() == 1
    [(headers, body)] = receiver.seen
    told = json.loads(body)
    assert (told["id"], told["event"]) == (str(only().code), "finished")
    stamp, _, given = headers["studio-signature"].removeprefix("t=").partition(",v1=")
    assert hmac.new(mine.signing_key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() == given
    assert headers["studio-event"] == "finished"
    assert (only().state, only().result, only().hook.is_well) == ("sent", "It answered 200.", True)
    assert webhooks.send_due() == 0


def test_a_receiver_that_hangs_leads_elsewhere_and_breaks_is_tried_eight_times(
    hook: Make, receiver: Receiver, local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_post, "WALL", 0.3)
    elsewhere = Receiver()
    receiver.answer(None, "302 Found", "500 Oops", location=f"http://127.0.0.1:{elsewhere.port}/")
    put_test(hook(receiver.url))
    now, results = timezone.now(), []
    while only().state == "waiting":
        with time_machine.travel(now, tick=True):
            assert (webhooks.send_due(), webhooks.send_due()) == (1, 0)
        results.append(only().result)
        now = only().due_at + timedelta(seconds=1)
    assert results[0].startswith("No answer within")
    assert results[1].startswith("It led elsewhere (302)")
    assert results[2:] == ["It answered 500."] * 6
    assert (only().state, only().attempts, receiver.connections, elsewhere.connections) == ("failed", 8, 8, 0)
    assert len({json.loads(body)["id"] for _, body in receiver.seen}) == 1
    elsewhere.listener.close()


def test_a_body_without_an_end_is_not_read(hook: Make, receiver: Receiver, local: None) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nagain\r\n" * 10_000]
    put_test(hook(receiver.url))
    began = time.monotonic()
    webhooks.send_due()
    assert (only().state, time.monotonic() - began < 5) == ("sent", True)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0", "[::]"),
        *("[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "you@127.0.0.1", "[fe80::1%25lo]"),
    ],
)
def test_nothing_leaves_for_a_private_network(hook: Make, receiver: Receiver, settings: Settings, host: str) -> None:
    # What an admin allows for alerts opens nothing for others.
    settings.STUDIO_WEBHOOKS_PRIVATE = True
    put_test(hook(f"https://{host}:{receiver.port}/"))
    webhooks.send_due()
    assert (only().result, receiver.connections) == (webhooks.PRIVATE, 0)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "①②⑦.0.0.1"])
def test_an_address_in_another_notation_leads_nowhere(
    hook: Make, receiver: Receiver, settings: Settings, host: str
) -> None:
    settings.STUDIO_WEBHOOKS_LOCAL = False
    put_test(hook(f"https://{host}:{receiver.port}/"))
    webhooks.send_due()
    assert (only().state, receiver.connections) == ("waiting", 0)


def test_a_name_that_changes_its_address_after_it_was_judged_gains_nothing(
    hook: Make, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked, called = socket.getaddrinfo, [], []

    async def connect(self: object, request: httpx.Request) -> httpx.Response:
        called.append(request.url.host)
        raise httpx.ConnectError("nobody there")

    def lookup(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host not in {"rebind.example", b"rebind.example"}:
            return known(host, port, *rest, **more)
        asked.append(host)
        return known("93.184.216.34" if len(asked) % 2 else "127.0.0.1", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", connect)
    put_test(hook(f"https://rebind.example:{receiver.port}/"))
    webhooks.send_due()
    assert (len(asked), called, only().state) == (1, ["93.184.216.34"], "waiting")
    WebhookDelivery.objects.update(due_at=timezone.now())
    webhooks.send_due()
    assert (len(asked), len(called), only().result) == (2, 1, webhooks.PRIVATE)


def test_addresses_that_hang_are_called_at_once_and_keep_nobody_waiting(
    hook: Make, receiver: Receiver, local: None, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_post, "WALL", 0.6)
    receiver.answer(None)
    well = Receiver()
    slow, fine = hook(receiver.url), hook(well.url, person=bob)
    for _ in range(12):
        put_test(slow)
    put_test(fine)
    began = time.monotonic()
    assert webhooks.send_due() == 6
    assert time.monotonic() - began < 2.5
    assert fine.deliveries.get().state == "sent"
    well.listener.close()


def test_no_more_than_so_many_wait_for_one_person(hook: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = hook()
    monkeypatch.setattr("studio.models.alerts.webhook.MOST_WAITING", 2)
    for _ in range(3):
        put_test(mine)
    assert [one.result for one in mine.deliveries.order_by("pk")] == ["", "", FULL]
    assert MOST_WAITING == 200


def test_what_is_on_its_way_stays_when_the_token_or_its_person_goes(
    hook: Make, receiver: Receiver, local: None, alice: User
) -> None:
    token = token_of(alice)
    put_test(hook(receiver.url, token=token))
    token.revoke(by=alice, now=timezone.now())
    assert webhooks.send_due() == 1
    assert (only().state, only().result, receiver.connections) == ("failed", "It is wanted no more.", 0)
    # Killed in the middle of every try, another ends all the same.
    put_test(hook(receiver.url))
    waiting = WebhookDelivery.objects.filter(state="waiting")
    waiting.update(attempts=8)
    webhooks.send_due()
    assert not waiting.exists()


def test_a_fault_of_ours_is_said_and_what_is_old_goes(hook: Make, monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    async def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError

    monkeypatch.setattr(signed_post, "post", broken)
    mine = hook()
    put_test(mine)
    webhooks.send_due()
    assert only().result == "Something went wrong (RuntimeError)."
    Webhook.of_requests(token_of(alice), "https://hooks.example/old", site="")
    old = timezone.now() - KEPT - timedelta(days=1)
    WebhookDelivery.objects.update(at=old, ended_at=old)
    Webhook.objects.update(created_at=old)
    WebhookDelivery.clear_old(now=timezone.now())
    assert (WebhookDelivery.objects.count(), list(Webhook.objects.all())) == (0, [mine])
    assert str(mine) == "https://hooks.example/…"
