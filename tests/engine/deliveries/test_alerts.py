"""Alerts: what raises one, once, and whom it is for."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from studio.engine.deliveries import alerts
from studio.launcher import web_watch
from studio.models import (
    Alert,
    AlertDelivery,
    ApiAccount,
    Decision,
    Heartbeat,
    Job,
    Notification,
    ProofLink,
    SendingPause,
    User,
    budget,
)
from studio.models.alerts.alert import Event, raise_alert
from studio.models.proof import answers
from studio.models.proof.link import ProofSpec
from studio.models.spend.spent import Spent
from tests import people
from tests.engine.conftest import MakeChannel
from tests.engine.deliveries.receiver import Receiver

pytestmark = pytest.mark.django_db


def told(event: Event) -> list[str]:
    return list(Alert.objects.filter(event=event).order_by("pk").values_list("text", flat=True))


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.STUDIO_EMAIL = True


def test_one_alert_for_a_key_goes_to_whoever_wants_it(channel: MakeChannel) -> None:
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


def test_a_pause_is_told_after_two_minutes_once_and_its_end_too(channel: MakeChannel) -> None:
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


def test_a_long_wait_of_everybody_is_told_once_and_its_end_too(channel: MakeChannel, alice: User) -> None:
    channel()
    now = timezone.now()
    ApiAccount.current().pause(now + timedelta(minutes=5), now=now)
    alerts.watch(now + timedelta(minutes=3))
    assert told(Event.PAUSED) == []  # nobody waits
    people.make_job(alice, now=now)
    alerts.watch(now + timedelta(seconds=110))
    assert told(Event.PAUSED) == []
    for minutes in (2, 3):
        alerts.watch(now + timedelta(minutes=minutes))
    clock = f"{timezone.localtime(now + timedelta(minutes=5)):%H:%M:%S}"
    assert told(Event.PAUSED) == [f"Luma asked Studio to wait. Nothing new is sent until {clock}."]
    # It is tried again then, and Luma asks for the next wait.
    alerts.watch(now + timedelta(minutes=5, seconds=10))
    ApiAccount.current().pause(now + timedelta(minutes=10), now=now + timedelta(minutes=5, seconds=20))
    alerts.watch(now + timedelta(minutes=8))
    raise_alert(Event.SILENT, "io:1", "The conductor is silent.", lasts=True)
    alerts.watch(now + timedelta(minutes=9))
    Alert.objects.filter(event=Event.SILENT).update(ended_at=now)
    assert (len(told(Event.PAUSED)), told(Event.RESUMED)) == (1, [])
    SendingPause.pause("funds", now=now + timedelta(minutes=9))
    ApiAccount.objects.update(paused_until=None)
    for _ in range(2):
        alerts.watch(now + timedelta(minutes=10))
    assert len(told(Event.PAUSED)) == 1
    assert told(Event.RESUMED) == ["One reason to pause is gone; sending is still paused for another."]


def refuse(job: Job, at: datetime, *, wait: int) -> None:
    """Luma takes no more at this moment, and asks everybody to wait so many seconds; 0: it says that its places are full."""
    sent = people.send(job, now=at)
    if wait:
        ApiAccount.current().pause(at + timedelta(seconds=wait), now=at)
    else:
        ApiAccount.current().learn_refusal(1, now=at)
    assert sent.requeue(until=at, detail="slow down", status=429, now=at)


@pytest.mark.parametrize("wait", [5, 20, 40, 0])
def test_short_waits_that_add_up_are_told_once_and_their_end_too(channel: MakeChannel, alice: User, wait: int) -> None:
    channel()
    now = timezone.now()
    job = people.make_job(alice, now=now)
    for seconds in range(0, 100, 20):
        refuse(job, now + timedelta(seconds=seconds), wait=wait)
        alerts.watch(now + timedelta(seconds=seconds + 3))
    assert told(Event.PAUSED) == []
    for seconds in range(100, 300, 20):
        refuse(job, now + timedelta(seconds=seconds), wait=wait)
        for later in (3, 18):
            alerts.watch(now + timedelta(seconds=seconds + later))
    [text] = told(Event.PAUSED)
    assert text.startswith("Luma asked Studio to wait." if wait == 40 else "Luma keeps asking Studio to wait.")
    taken = people.send(job, now=now + timedelta(seconds=300))
    assert taken.accept("d290f1ee-6c54-4b01-90e6-d701748f0851", now=now + timedelta(seconds=301))
    for _ in range(2):
        alerts.watch(now + timedelta(seconds=370))
    assert (len(told(Event.PAUSED)), told(Event.RESUMED)) == (1, ["Sending goes on."])


def test_short_waits_far_apart_or_with_room_to_come_are_not_told(channel: MakeChannel, alice: User) -> None:
    channel()
    now = timezone.now()
    job = people.make_job(alice, now=now)
    for minutes in (0, 10, 20):
        refuse(job, now + timedelta(minutes=minutes), wait=5)
        alerts.watch(now + timedelta(minutes=minutes, seconds=3))
    # Places that our own jobs hold are freed by them.
    people.make_job(alice, state="making")
    for minutes in range(30, 36):
        refuse(job, now + timedelta(minutes=minutes), wait=0)
        alerts.watch(now + timedelta(minutes=minutes, seconds=3))
    # And where nobody waits, nobody need hear of it.
    for minutes in (40, 43):
        refuse(job, now + timedelta(minutes=minutes), wait=5)
    assert job.cancel(now=now)
    alerts.watch(now + timedelta(minutes=43, seconds=3))
    assert told(Event.PAUSED) == []


def test_lost_answers_that_hold_every_place_for_long_are_told(channel: MakeChannel, alice: User) -> None:
    channel()
    now = timezone.now()
    ApiAccount.current().learn(now=now, slots=1)
    lost = people.make_job(alice, state="unknown", failure=people.LOST)
    until = now + timedelta(minutes=5)
    Job.objects.filter(pk=lost.pk).update(place_until=until, finished_at=now)
    people.make_job(alice, now=now)
    for minutes in (1, 2, 3):
        alerts.watch(now + timedelta(minutes=minutes))
    clock = f"{timezone.localtime(until):%H:%M:%S}"
    assert told(Event.PAUSED) == [
        f"Lost requests may hold every place at Luma. Nothing new is sent until one of ours is free, at {clock} at the latest."
    ]
    alerts.watch(until + timedelta(seconds=1))
    assert told(Event.RESUMED) == ["Sending goes on."]


def test_where_the_engine_is_silent_nothing_else_is_told_of_the_line(channel: MakeChannel, alice: User) -> None:
    channel()
    now = timezone.now()
    people.make_job(alice)
    raise_alert(Event.SILENT, "io:1", "The conductor is silent.", lasts=True)
    alerts.watch(now + timedelta(minutes=9))
    assert told(Event.PAUSED) == []


def test_a_silent_engine_is_told_by_the_web_and_so_is_its_return(channel: MakeChannel) -> None:
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


def test_where_the_queue_is_silent_the_web_sends_by_itself(
    channel: MakeChannel, receiver: Receiver, private: None
) -> None:
    channel("webhook", receiver.url)
    web_watch.look(timezone.now() - timedelta(minutes=9))
    web_watch.look(timezone.now() - timedelta(minutes=9))
    events = [json.loads(body)["event"] for _, body in receiver.seen]
    assert events == ["silent", "silent"]


def test_pictures_that_are_not_saved_for_45_minutes_are_one_alarm(channel: MakeChannel, alice: User) -> None:
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


def test_an_unknown_outcome_is_told_once(channel: MakeChannel, alice: User) -> None:
    channel()
    people.make_job(alice, state="unknown", failure=people.LOST, prompt="Zephyrine", is_private=True)
    for _ in range(2):
        alerts.watch(timezone.now())
    assert [text.partition(":")[0] for text in told(Event.UNKNOWN)] == ["1 request waits for a decision"]


def test_approvals_of_a_minute_are_one_line_and_private_work_is_none(
    channel: MakeChannel, alice: User, bob: User
) -> None:
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
    # A client who gives the name of somebody of the team is no one of it.
    spec = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=1))
    link, _ = ProofLink.make(alice, spec, pictures=pictures)
    Decision.make(pictures[0], "approved", client=answers.name_client(link, bob.name))
    assert "Client Bob Stranger approved “Boat {0} 0”" in told(Event.APPROVED)


def test_a_group_that_is_finished_is_told_without_private_work(channel: MakeChannel, alice: User) -> None:
    channel()
    for is_private in (False, True):
        job = people.make_job(alice, state="done", prompt="Paper boats", is_private=is_private)
        for _ in range(2):
            Notification.tell_end(job.submission_id)
    assert told(Event.FINISHED) == ["Alice Moreau: finished: Paper boats"]


def test_old_alerts_go(channel: MakeChannel) -> None:
    channel()
    raise_alert(Event.PAUSED, "k", "x")
    Alert.clear_old(now=timezone.now() + timedelta(days=91))
    assert not Alert.objects.exists()
    assert not AlertDelivery.objects.exists()


def test_a_budget_that_is_used_up_is_told_once_for_each_share(channel: MakeChannel, alice: User) -> None:
    channel()
    limit = budget.Limit(None, Spent(pk=7), 100, True, date(2026, 11, 1))
    for share in (80, 80, 100):
        budget.crossed(limit, share)
    assert [text.partition(":")[0] for text in told(Event.BUDGET)] == [
        "The team's budget for November is used to 80 %",
        "The team's budget for November is used up",
    ]
