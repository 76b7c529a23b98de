from __future__ import annotations

import pytest

from studio.models import Notification, User

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
