"""How an alert leaves over real sockets, against receivers of every kind of ill will."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from studio import tasks
from studio.engine.deliveries import alert_wire, alerts, signed_post
from studio.models import AlertChannel, AlertDelivery
from studio.models.alerts.alert import Event, raise_alert
from studio.models.alerts.delivery import WAITS
from tests.engine.conftest import MakeChannel
from tests.engine.deliveries.receiver import SECRET, Receiver

pytestmark = pytest.mark.django_db


def only() -> AlertDelivery:
    return AlertDelivery.objects.select_related("channel").get()


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.STUDIO_EMAIL = True


# ---- Webhooks


def raised(channel: AlertChannel) -> AlertDelivery:
    raise_alert(Event.PAUSED, uuid.uuid4().hex, "Sending is paused.", address="/state/")
    return channel.deliveries.get()


def test_a_webhook_gets_signed_json(channel: MakeChannel, receiver: Receiver, private: None) -> None:
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
    channel: MakeChannel, receiver: Receiver, private: None, monkeypatch: pytest.MonkeyPatch
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


def test_after_eight_tries_it_is_given_up(channel: MakeChannel, receiver: Receiver, private: None) -> None:
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
    channel: MakeChannel, receiver: Receiver, private: None
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
def test_no_webhook_leaves_for_a_private_network(channel: MakeChannel, receiver: Receiver, host: str) -> None:
    raised(channel("webhook", f"https://{host}:{receiver.port}/"))
    alerts.send_due(timezone.now())
    assert only().result == signed_post.PRIVATE
    assert receiver.connections == 0


def test_plain_http_is_not_spoken_unless_it_is_allowed(channel: MakeChannel, receiver: Receiver) -> None:
    raised(channel("webhook", receiver.url))
    alerts.send_due(timezone.now())
    assert (only().result, receiver.connections) == (signed_post.PRIVATE, 0)


def test_nobody_there_is_said_and_no_secret_is_written_anywhere(
    channel: MakeChannel, receiver: Receiver, private: None, caplog: pytest.LogCaptureFixture
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


# ---- Chat and email


def test_a_chat_is_told_by_apprise(channel: MakeChannel, receiver: Receiver, private: None) -> None:
    raised(channel("chat", f"mmost://127.0.0.1:{receiver.port}/{SECRET}"))
    alerts.send_due(timezone.now())
    assert only().result == "Taken by the chat."
    assert b"Sending is paused." in receiver.seen[0][1]


def test_a_chat_of_a_private_network_or_one_that_leads_there_gets_nothing(
    channel: MakeChannel, receiver: Receiver, settings: Settings
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


def test_a_chat_that_answers_a_byte_at_a_time_is_not_waited_for(
    channel: MakeChannel, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_wire, "WALL", 0.5)
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.05):
                connection.sendall(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    raised(channel("chat", f"mmost://127.0.0.1:{listener.getsockname()[1]}/{SECRET}"))
    began = time.monotonic()
    alerts.send_due(timezone.now())
    assert time.monotonic() - began < 5
    assert only().result == "No answer within 0.5 seconds."
    over.set()
    dripping.join()
    listener.close()


def test_a_connection_that_is_opened_when_the_time_is_over_is_cut_at_once() -> None:
    guard = alert_wire.Guard()
    guard.end()
    ours, theirs = socket.socketpair()
    guard.hold(ours)
    assert theirs.recv(1) == b""
    for one in (ours, theirs, *guard.handles):
        one.close()


def test_an_address_of_no_chat_is_not_tried(channel: MakeChannel) -> None:
    raised(channel("chat", "json://127.0.0.1/"))
    alerts.send_due(timezone.now())
    assert only().result == "This address is of no chat that Studio knows."


def test_other_programs_of_urllib3_are_not_guarded(receiver: Receiver) -> None:
    with alert_wire.guarded():
        pass
    import urllib3

    with urllib3.PoolManager() as pool:
        assert pool.request("GET", receiver.url, retries=False).status == 200


def test_an_email_is_sent(channel: MakeChannel) -> None:
    delivery = raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    [message] = mail.outbox
    assert (message.to, message.subject) == (["team@studio.example"], "Studio: Sending is paused")
    assert "https://studio.example/state/" in message.body
    assert message.extra_headers["Message-ID"] == f"<{delivery.code}@studio>"
    assert only().state == "sent"


def test_without_a_mail_server_it_says_what_to_set(channel: MakeChannel, settings: Settings) -> None:
    settings.STUDIO_EMAIL = False
    raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    assert "STUDIO_EMAIL_URL" in only().result


def test_a_mail_server_that_is_gone_is_said(channel: MakeChannel, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "studio.network.mail.Backend", "127.0.0.1"
    settings.EMAIL_PORT = 9
    raised(channel("email", "team@studio.example"))
    alerts.send_due(timezone.now())
    assert only().result == "The mail server did not take it (ConnectionRefusedError)."


def test_a_library_that_breaks_keeps_nobody_else_from_being_told(
    channel: MakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> str:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(alert_wire, "_chat", breaks)
    channel("chat", "slack://x"), channel("email", "team@studio.example")
    raise_alert(Event.PAUSED, "k", "Sending is paused.")
    tasks.watch_alerts()
    assert len(mail.outbox) == 1
    assert AlertDelivery.objects.get(channel__kind="chat").result == "Something went wrong (RuntimeError)."


def test_a_round_ends_in_time_and_leaves_what_another_worker_took(
    channel: MakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(channel("email", "team@studio.example"))
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "LONGEST_ROUND", timedelta(0))
        assert alerts.send_due(timezone.now()) == 0
        patched.undo()
        patched.setattr(AlertDelivery, "claim", lambda *_, **__: False)
        assert alerts.send_due(timezone.now()) == 0
    assert (mail.outbox, only().state) == ([], "waiting")
    assert alerts.send_due(timezone.now()) == 1
