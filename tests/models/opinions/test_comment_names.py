"""Whom a comment names when its words change."""

from __future__ import annotations

from django.utils import timezone

from studio.models import Comment, Notification, User
from tests.people import make_picture


def test_who_was_named_stays_so_when_the_words_change_under_another_name_and_without_access(
    alice: User, bob: User, ada: User
) -> None:
    said = Comment.objects.say(make_picture(alice), "@Ada Admin and @Alice Moreau look", by=bob)
    before = said.named
    User.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    told = Notification.objects.count()
    said.edit("@Ada Admin and @Alice Moreau look, @Bob Stranger too", now=timezone.now(), was=said.text)
    assert said.named[:2] == before
    assert [person for _, _, person in said.named] == [ada.pk, alice.pk, bob.pk]
    assert Notification.objects.count() == told
    said.edit("@Ada Lovelace, look", now=timezone.now(), was=said.text)
    assert said.named == [(0, 13, ada.pk)]
