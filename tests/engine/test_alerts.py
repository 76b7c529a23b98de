"""Alerts: what raises one, and how it leaves over real sockets, against receivers of every kind of ill will."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from studio import tasks
from studio.engine import alert_wire, alerts, signed_post
from studio.launcher import web_watch
from studio.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    Decision,
    Heartbeat,
    Job,
    Notification,
    SendingPause,
    User,
    budget,
)
from studio.models.alert import Event, raise_alert
from studio.models.delivery import WAITS
from studio.models.spent import Spent
from tests import people
from tests.engine.receiver import SECRET, Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(settings: Settings) -> None:
    """The tests' receivers are on this machine."""
    settings.STUDIO_WEBHOOKS_PRIVATE = True


Make = Callable[..., AlertChannel]


@pytest.fixture
def channel(ada: User) -> Make:
    def make(kind: str = "webhook", address: str = "https://hooks.example/x", *events: Event) -> AlertChannel:
        wanted = [event.value for event in events or Event]
        fields = {"kind": kind, "address": address, "events": wanted, "site": "https://studio.example"}
        return AlertChannel.objects.create(name="Team", created_by=ada, **fields)

    return make


def told(event: Event) -> list[str]:
    return list(Alert.objects.filter(event=event).order_by("pk").values_list("text", flat=True))


def only() -> AlertDelivery:
    return AlertDelivery.objects.select_related("channel").get()


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.STUDIO_EMAIL = True


# ---- Raising


def test_one_alert_for_a_key_goes_to_whoever_wants_it(channel: Make) -> None:
    wants, other = channel(), channel("email", "a@studio.example", Event.BUDGET)
    assert raise_alert(Event.PAUSED, "k", "Sending\nis paused.")
    assert raise_alert(Event.PAUSED, "k", "Again.") is None
    [delivery] = AlertDelivery.objects.all()
    assert (delivery.channel, told(Event.PAUSED)) == (wants, ["Sending is paused."])
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.send_alerts"]
    assert raise_alert(Event.BUDGET, "k", "80 %")
    assert other.deliveries.count() == 1
    assert (str(wants), str(delivery).startswith("paused k to ")) == ("Team (Webhook)", True)


def test_without_a_channel_nothing_is_written(ada: User) -> None:
    assert raise_alert(Event.BUDGET, "k", "80 %") is None
    assert not Alert.objects.exists()


def test_a_pause_is_told_after_two_minutes_once_and_its_end_too(channel: Make) -> None:
    channel()
    now = timezone.now()
    SendingPause.pause("funds", now=now)
    alerts.watch(now + timedelta(seconds=110))
    assert told(Event.PAUSED) == []
    for _ in range(2):
        alerts.watch(now + timedelta(minutes=2))
    assert len(told(Event.PAUSED)) == 1
    assert "out of budget" in told(Event.PAUSED)[0]
    SendingPause.resume("funds")
    for _ in range(2):
        alerts.watch(now + timedelta(minutes=3))
    assert told(Event.RESUMED) == ["Sending goes on."]
    SendingPause.pause("funds", now=now + timedelta(minutes=10))
    SendingPause.pause("disk", now=now + timedelta(minutes=10))
    alerts.watch(now + timedelta(minutes=13))
    SendingPause.resume("funds")
    alerts.watch(now + timedelta(minutes=14))
    assert told(Event.RESUMED)[-1].startswith("One reason to pause is gone")


def test_a_silent_engine_is_told_by_the_web_and_so_is_its_return(channel: Make) -> None:
    channel()
    now = timezone.now()
    Heartbeat.beat("io", now=now - timedelta(hours=8))
    Heartbeat.beat("studio", now=now)
    # After a night: nobody has watched for long enough to say so.
    assert alerts.watch_engine(now - timedelta(minutes=1), now) is False
    assert told(Event.SILENT) == []
    for _ in range(2):
        assert alerts.watch_engine(now - timedelta(minutes=9), now) is False
    assert len(told(Event.SILENT)) == 1
    assert "conductor" in told(Event.SILENT)[0]
    Heartbeat.beat("io", now=now)
    alerts.watch_engine(now - timedelta(minutes=9), now)
    assert told(Event.SILENT)[-1] == "The conductor works again."


def test_where_the_queue_is_silent_the_web_sends_by_itself(channel: Make, receiver: Receiver, private: None) -> None:
    channel("webhook", receiver.url)
    web_watch.look(timezone.now() - timedelta(minutes=9))
    web_watch.look(timezone.now() - timedelta(minutes=9))
    events = [json.loads(body)["event"] for _, body in receiver.seen]
    assert events == ["silent", "silent"]


def test_pictures_that_are_not_saved_for_45_minutes_are_one_alarm(channel: Make, alice: User) -> None:
    channel()
    now = timezone.now()
    for _ in range(2):
        job = people.make_job(alice, state="saving")
        Job.objects.filter(pk=job.pk).update(cause="disk", made_at=now - timedelta(minutes=44))
    alerts.watch(now)
    assert told(Event.CUSTODY) == []
    for minutes in (1, 2):
        alerts.watch(now + timedelta(minutes=minutes))
    assert [text[:16] for text in told(Event.CUSTODY)] == ["2 pictures were "]
    Job.objects.update(cause="")
    alerts.watch(now + timedelta(minutes=3))
    assert not Alert.lasting(Event.CUSTODY).exists()


def test_an_unknown_outcome_is_told_once(channel: Make, alice: User) -> None:
    channel()
    people.make_job(alice, state="unknown", failure=people.LOST, prompt="Zephyrine", is_private=True)
    for _ in range(2):
        alerts.watch(timezone.now())
    assert [text.partition(":")[0] for text in told(Event.UNKNOWN)] == ["1 request waits for a decision"]


def test_approvals_of_a_minute_are_one_line_and_private_work_is_none(channel: Make, alice: User, bob: User) -> None:
    channel()
    pictures = [people.make_job(alice, state="done", prompt=f"Boat {{0}} {n}").pictures.get() for n in range(3)]
    private = people.make_job(alice, state="done", prompt="Zephyrine", is_private=True).pictures.get()
    Decision.make(private, "approved", by=alice)
    Decision.make(pictures[0], "approved", by=bob)
    assert told(Event.APPROVED) == ["Bob Stranger approved “Boat {0} 0”"]
    for one in pictures[1:]:
        Decision.make(one, "approved", by=bob)
    assert told(Event.APPROVED) == ["Bob Stranger approved 3 pictures"]
    [delivery] = AlertDelivery.objects.filter(alert__event=Event.APPROVED)
    assert timezone.now() < delivery.due_at < timezone.now() + timedelta(seconds=61)


def test_a_group_that_is_finished_is_told_without_private_work(channel: Make, alice: User) -> None:
    channel()
    for is_private in (False, True):
        job = people.make_job(alice, state="done", prompt="Paper boats", is_private=is_private)
        for _ in range(2):
            Notification.tell_end(job.submission_id)
    assert told(Event.FINISHED) == ["Alice Moreau: finished: Paper boats"]


# ---- Webhooks


def raised(channel: AlertChannel) -> AlertDelivery:
    raise_alert(Event.PAUSED, uuid.uuid4().hex, "Sending is paused.", address="/state/")
    return channel.deliveries.get()


def test_a_webhook_gets_signed_json(channel: Make, receiver: Receiver, private: None) -> None:
    hook = channel("webhook", receiver.url)
    delivery = raised(hook)
    tasks.send_alerts()
    [(headers, body)] = receiver.seen
    told_by = json.loads(body)
    assert (told_by["id"], told_by["event"], told_by["text"]) == (str(delivery.code), "paused", "Sending is paused.")
    assert told_by["url"] == "https://studio.example/state/"
    stamp, _, given = headers["studio-signature"].partition(",v1=")
    signed = stamp.removeprefix("t=").encode() + b"." + body
    assert hmac.new(hook.signing_key.encode(), signed, hashlib.sha256).hexdigest() == given
    assert abs(int(stamp.removeprefix("t=")) - timezone.now().timestamp()) < 60
    assert headers["studio-delivery"] == str(delivery.code)
    assert (only().state, only().result) == ("sent", "It answered 200.")
    assert only().channel.is_well


def test_a_receiver_that_hangs_redirects_and_breaks_gets_it_in_the_end_with_one_id(
    channel: Make, receiver: Receiver, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_post, "WALL", 0.4)
    elsewhere = Receiver()
    receiver.answer(None, "302 Found", "500 Oops", "200 OK", location=f"http://127.0.0.1:{elsewhere.port}/")
    raised(channel("webhook", receiver.url))
    now, results = timezone.now(), []
    for number in range(4):
        with time_machine.travel(now, tick=True):
            assert alerts.send_due(now) == 1
            assert alerts.send_due(now) == 0
        results.append(only().result)
        now = only().due_at + timedelta(seconds=1)
        assert number == 3 or only().state == "waiting"
    assert results == [
        "No answer within 0.4 seconds.",
        "It led elsewhere (302), and Studio follows nobody. Give the final address.",
        "It answered 500.",
        "It answered 200.",
    ]
    assert len({json.loads(body)["id"] for _, body in receiver.seen}) == 1
    assert elsewhere.connections == 0
    elsewhere.listener.close()


def test_after_eight_tries_it_is_given_up(channel: Make, receiver: Receiver, private: None) -> None:
    receiver.answer("503 Busy")
    raised(channel("webhook", receiver.url))
    began = now = timezone.now()
    while only().state == "waiting":
        with time_machine.travel(now, tick=True):
            alerts.send_due(now)
        now = only().due_at + timedelta(seconds=1)
    assert (receiver.connections, only().attempts, only().state) == (8, 8, "failed")
    assert timedelta(hours=3) < now - began < timedelta(hours=5)
    assert sum(WAITS, timedelta()) > timedelta(hours=3)


def test_a_worker_that_was_killed_in_the_middle_is_followed_by_another(
    channel: Make, receiver: Receiver, private: None
) -> None:
    delivery = raised(channel("webhook", receiver.url))
    now = timezone.now()
    assert delivery.claim(now=now)
    stale = AlertDelivery.objects.select_related("alert", "channel").get()
    stale.attempts = 0
    assert not stale.claim(now=now)
    assert alerts.send_due(now + timedelta(seconds=60)) == 0
    with time_machine.travel(now + timedelta(minutes=3), tick=True):
        assert alerts.send_due(timezone.now()) == 1
    assert (only().state, only().attempts) == ("sent", 2)
    # Killed in the middle of every try, it ends all the same.
    AlertDelivery.objects.update(state="waiting", ended_at=None, attempts=8, due_at=now)
    alerts.send_due(timezone.now())
    AlertDelivery.objects.update(due_at=now)
    assert only().state == "failed"
    assert receiver.connections == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_webhook_leaves_for_a_private_network(channel: Make, receiver: Receiver, host: str) -> None:
    raised(channel("webhook", f"https://{host}:{receiver.port}/"))
    alerts.send_due(timezone.now())
    assert only().result == signed_post.PRIVATE
    assert receiver.connections == 0


def test_plain_http_is_not_spoken_unless_it_is_allowed(channel: Make, receiver: Receiver) -> None:
    raised(channel("webhook", receiver.url))
    alerts.send_due(timezone.now())
    assert (only().result, receiver.connections) == (signed_post.PRIVATE, 0)


def test_nobody_there_is_said_and_no_secret_is_written_anywhere(
    channel: Make, receiver: Receiver, private: None, caplog: pytest.LogCaptureFixture
) -> None:
    # Without it a thread that waits in accept() would still take one.
    receiver.listener.shutdown(socket.SHUT_RDWR)
    receiver.listener.close()
    hook = channel("webhook", receiver.url)
    chat = channel("chat", f"mmost://127.0.0.1:{receiver.port}/{SECRET}")
    raise_alert(Event.PAUSED, "k", "Sending is paused.")
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        alerts.send_due(timezone.now())
    results = list(AlertDelivery.objects.order_by("pk").values_list("result", flat=True))
    assert results[0].startswith("No connection")
    assert results[1] == "The chat did not take it."
    said = [record.getMessage() for record in caplog.records if record.name.startswith("studio")]
    assert len(said) == 2
    assert SECRET not in "".join([*said, *results, hook.masked, chat.masked])
    assert (hook.masked, chat.masked) == (f"http://127.0.0.1:{receiver.port}/…", "mmost://…")


# ---- Chat and e-mail


def test_a_chat_is_told_by_apprise(channel: Make, receiver: Receiver, private: None) -> None:
    raised(channel("chat", f"mmost://127.0.0.1:{receiver.port}/{SECRET}"))
    alerts.send_due(timezone.now())
    assert only().result == "Taken by the chat."
    assert b"Sending is paused." in receiver.seen[0][1]


def test_a_chat_of_a_private_network_or_one_that_leads_there_gets_nothing(
    channel: Make, receiver: Receiver, settings: Settings
) -> None:
    raised(channel("chat", f"mmost://localhost:{receiver.port}/{SECRET}"))
    alerts.send_due(timezone.now())
    assert (only().result, receiver.connections) == (signed_post.PRIVATE, 0)
    settings.STUDIO_WEBHOOKS_PRIVATE = True
    elsewhere = Receiver()
    receiver.answer("302 Found", location=f"http://127.0.0.1:{elsewhere.port}/")
    AlertDelivery.objects.update(due_at=timezone.now())
    alerts.send_due(timezone.now())
    assert (receiver.connections, elsewhere.connections) == (1, 0)
    elsewhere.listener.close()


def test_an_address_of_no_chat_is_not_tried(channel: Make) -> None:
    raised(channel("chat", "json://127.0.0.1/"))
    alerts.send_due(timezone.now())
    assert only().result == "This address is of no chat that Studio knows."


def test_other_programs_of_urllib3_are_not_guarded(receiver: Receiver) -> None:
    with alert_wire.guarded():
        pass
    import urllib3

    with urllib3.PoolManager() as pool:
        assert pool.request("GET", receiver.url, retries=False).status == 200


def test_an_email_is_sent(channel: Make) -> None:
    delivery = raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    [message] = mail.outbox
    assert (message.to, message.subject) == (["team@studio.example"], "Studio: Sending is paused")
    assert "https://studio.example/state/" in message.body
    assert message.extra_headers["Message-ID"] == f"<{delivery.code}@studio>"
    assert only().state == "sent"


def test_without_a_mail_server_it_says_what_to_set(channel: Make, settings: Settings) -> None:
    settings.STUDIO_EMAIL = False
    raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    assert "STUDIO_EMAIL_URL" in only().result


def test_a_mail_server_that_is_gone_is_said(channel: Make, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = 9
    raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    assert only().result == "The mail server did not take it (ConnectionRefusedError)."


def test_a_library_that_breaks_keeps_nobody_else_from_being_told(
    channel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> str:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(alert_wire, "_chat", breaks)
    channel("chat", "slack://x"), channel("email", "team@studio.example")
    raise_alert(Event.PAUSED, "k", "Sending is paused.")
    tasks.watch_alerts()
    assert len(mail.outbox) == 1
    assert AlertDelivery.objects.get(channel__kind="chat").result == "Something went wrong (RuntimeError)."


def test_old_alerts_go(channel: Make) -> None:
    channel()
    raise_alert(Event.PAUSED, "k", "x")
    Alert.clear_old(now=timezone.now() + timedelta(days=91))
    assert not Alert.objects.exists()
    assert not AlertDelivery.objects.exists()


def test_a_budget_that_is_used_up_is_told_once_for_each_share(channel: Make, alice: User) -> None:
    channel()
    limit = budget.Limit(None, Spent(pk=7), 100, True, date(2026, 11, 1))
    for share in (80, 80, 100):
        budget.crossed(limit, share)
    assert [text.partition(":")[0] for text in told(Event.BUDGET)] == [
        "The team's budget for November is used to 80 %",
        "The team's budget for November is used up",
    ]
