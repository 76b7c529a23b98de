from __future__ import annotations

from django.utils import timezone

from studio.models import Approval, Notification, User
from tests.people import make_approval


def test_what_was_taken_back_is_asked_about_no_more(alice: User, ada: User) -> None:
    waits = make_approval(alice)
    assert waits.cancel(now=timezone.now())
    Notification.objects.all().delete()
    assert not waits.ask_about(by=ada, question="For which client?")
    assert Approval.objects.get().question == ""
    assert not Notification.objects.exists()
