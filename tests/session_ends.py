"""What ends a session, or takes away what its person may see."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from studio.models import User


def sign_out(client: Client, person: User) -> None:
    other_tab = Client()
    other_tab.cookies = client.cookies.copy()
    other_tab.post("/sign-out/")


def change_password(client: Client, person: User) -> None:
    person.set_password("another long password")
    person.save(update_fields=["password"])


def disable(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def delete(client: Client, person: User) -> None:
    person.delete()


def expire(client: Client, person: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
