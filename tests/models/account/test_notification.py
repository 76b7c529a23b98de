from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Comment, Decision, Notification, User
from studio.views import notifications
from tests import people

pytestmark = pytest.mark.django_db


def test_only_the_kinds_that_somebody_ticked_are_told_outside_the_page(alice: User) -> None:
    Notification.tell(alice, Notification.Kind.CHANGE, "archived your board", "/boards/")
    assert Notification.objects.newest_wanted(alice) is None
    alice.notify = {"mention": ["sound"]}
    alice.save()
    assert Notification.objects.newest_wanted(alice) is None
    alice.notify = {"change": ["desktop"]}
    alice.save()
    assert str(Notification.objects.newest_wanted(alice)) == "archived your board"


def test_no_desktop_notice_names_a_picture_that_became_private(alice: User, bob: User) -> None:
    job = people.make_job(alice, state="done", prompt="Zephyrine lighthouse")
    Notification.objects.all().delete()
    picture = job.pictures.get()
    Decision.make(picture, "approved", by=bob)
    Decision.make(picture, "rejected", by=alice)
    for person in (alice, bob):
        person.notify = {"decision": ["desktop"]}
        person.save()
        assert Notification.objects.newest_wanted(person)
    job.submission.set_privacy(True)
    assert Notification.objects.newest_wanted(bob) is None
    assert Notification.objects.newest_wanted(alice)


def test_older_ones_follow_on_another_page_also_of_one_moment(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "PAGE", 2)
    for said in ("first", "second", "third"):
        Notification.tell(alice, Notification.Kind.CHANGE, f"said a {said} word", "/boards/")
    Notification.objects.update(at=timezone.now())
    shown = []
    address = "/notifications/"
    while address:
        page = as_alice.get(address).content.decode()
        shown.append(re.findall(r"said a (\w+) word", page))
        older = re.search(r'notes__more" href="([^"]+)"', page)
        address = unescape(older[1]) if older else ""
    assert shown == [["third", "second"], ["first"]]


def test_all_are_read_that_were_there_when_the_page_was_shown(as_alice: Client, alice: User) -> None:
    Notification.tell(alice, Notification.Kind.CHANGE, "said a first word", "/boards/")
    until = re.search(r'name="until" value="(\d+)"', as_alice.get("/notifications/").content.decode())
    assert until
    Notification.tell(alice, Notification.Kind.CHANGE, "said a second word", "/boards/")
    as_alice.post("/notifications/read/", {"until": until[1]})
    assert [note.text for note in Notification.objects.of(alice).unread()] == ["said a second word"]
    as_alice.post("/notifications/read/", {"until": "x"})
    assert not Notification.objects.of(alice).unread().exists()


def test_nobody_hears_what_happens_to_a_picture_that_became_private(alice: User, bob: User) -> None:
    job = people.make_job(alice, state="done")
    picture = job.pictures.get()
    Decision.make(picture, "approved", by=bob)
    said = Comment.objects.say(picture, "A little lower", by=bob)
    job.submission.set_privacy(True)
    Decision.make(picture, "rejected", by=alice)
    said = Comment.objects.get(pk=said.pk)
    said.resolve(alice, now=timezone.now())
    said.delete_by(alice, now=timezone.now())
    assert not Notification.objects.of(bob).exists()


def test_a_comment_that_is_deleted_takes_what_was_told_of_others_not_along(alice: User, bob: User) -> None:
    picture, now = people.make_job(alice, state="done").pictures.get(), timezone.now()
    Notification.objects.all().delete()
    mine = Comment.objects.say(picture, "my own", by=alice)
    first, second, third = (Comment.objects.say(picture, words, by=bob) for words in ("first", "second", "third"))

    def told() -> list[tuple[str, int, str]]:
        return [(one.text, one.number, one.address) for one in Notification.objects.of(alice)]

    third.delete_by(bob, now=now)
    assert told() == [("commented: “second”", 2, second.get_absolute_url())]
    third.restore()
    assert told() == [("commented: “third”", 3, third.get_absolute_url())]
    for one in (third, second):
        one.delete_by(bob, now=now)
    assert told() == [("commented: “first”", 1, first.get_absolute_url())]
    first.delete_by(bob, now=now)
    assert told() == []
    # Replies stay those of their thread.
    replies = [Comment.objects.say(picture, words, by=bob, reply_to=mine) for words in ("yes", "no")]
    replies[1].delete_by(bob, now=now)
    assert told() == [("replied: “yes”", 1, replies[0].get_absolute_url())]
