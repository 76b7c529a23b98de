from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Notification, User
from studio.views import notifications

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
