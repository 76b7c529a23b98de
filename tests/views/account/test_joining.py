"""Joining by the first link and by an invite."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Invite, User

NEW = {"name": "Cleo New", "email": "Cleo@Studio.Example", "password": "blue harbour at nine"}


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def first_link() -> str:
    token = Invite.issue_first(now=timezone.now())
    assert token
    return reverse("studio:join", args=[token])


def test_the_first_link_makes_the_first_admin_and_shows_create(client: Client, db: None) -> None:
    link = first_link()
    assert b"be the admin" in client.get(link).content
    response = client.post(link, NEW)
    assert (response.status_code, response.url) == (302, reverse("studio:create"))
    person = User.objects.get()
    assert (person.name, person.email, person.is_admin) == ("Cleo New", "cleo@studio.example", True)
    assert person.check_password(NEW["password"])
    assert client.session["_auth_user_id"] == str(person.pk)


def test_machines_that_start_together_print_links_that_all_end_with_the_first_who_joins(
    client: Client, db: None
) -> None:
    one, other = first_link(), first_link()
    assert b"be the admin" in client.get(one).content
    client.post(one, NEW)
    assert b"be the admin" not in Client().get(other).content
    Client().post(other, {**NEW, "name": "Somebody", "email": "other@studio.example"})
    assert User.objects.count() == 1
    assert Invite.issue_first(now=timezone.now()) is None


def test_an_invite_makes_a_designer(client: Client, ada: User) -> None:
    invite, token = Invite.issue(by=ada, role=User.Role.DESIGNER, now=timezone.now())
    link = reverse("studio:join", args=[token])
    assert b"<bdi>Ada Admin</bdi> invited you" in client.get(link).content
    client.post(link, {**NEW, "email": ""})
    invite.refresh_from_db()
    assert invite.used_by is not None
    assert (invite.used_by.role, invite.used_by.email) == (User.Role.DESIGNER, None)


def test_a_used_link_is_closed(client: Client, db: None) -> None:
    link = first_link()
    client.post(link, NEW)
    again = Client().post(link, {**NEW, "name": "Somebody else", "email": ""})
    assert again.status_code == 410
    assert b"This link no longer works." in again.content
    assert User.objects.count() == 1


def test_an_expired_link_is_closed(client: Client, ada: User) -> None:
    _, token = Invite.issue(by=ada, role="designer", now=timezone.now() - timedelta(days=8))
    assert client.get(reverse("studio:join", args=[token])).status_code == 410


def test_of_two_who_use_a_link_at_once_one_joins(client: Client, ada: User) -> None:
    invite, token = Invite.issue(by=ada, role="designer", now=timezone.now())
    Invite.objects.filter(pk=invite.pk).update(used_at=timezone.now())
    with patch.object(type(Invite.objects.all()), "by_token", return_value=invite):
        assert client.post(reverse("studio:join", args=[token]), NEW).status_code == 410
    assert not User.objects.filter(name="Cleo New").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "ada admin", "already uses this name"),
        ("name", "ada@studio.example", "contain @"),
        ("name", "  ", "This field is required"),
        ("email", "ADA@studio.example", "has this email address already"),
        ("password", "short", "too short"),
        ("password", "0123456789", "entirely numeric"),
    ],
)
def test_a_new_person_is_told_what_to_change(client: Client, ada: User, field: str, value: str, words: str) -> None:
    User.objects.filter(pk=ada.pk).update(email="ada@studio.example")
    _, token = Invite.issue(by=ada, role="designer", now=timezone.now())
    response = client.post(reverse("studio:join", args=[token]), {**NEW, field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert User.objects.count() == 1


def test_an_invite_to_an_address_of_the_team_is_refused_and_says_whose_it_is(as_ada: Client, alice: User) -> None:
    invited = {"role": "designer", "email": "Alice@Studio.example"}
    said = as_ada.post(reverse("studio:invite"), invited, follow=True).content.decode()
    assert "alice@studio.example is the address of Alice Moreau, who is on the team already." in said
    User.objects.filter(pk=alice.pk).update(is_active=False)
    said = as_ada.post(reverse("studio:invite"), invited, follow=True).content.decode()
    assert "Give it back instead" in said
    long = {"role": "designer", "email": f"a@{'.'.join(['b' * 50] * 5)}.example"}
    assert "not an email address" in as_ada.post(reverse("studio:invite"), long, follow=True).content.decode()
    assert not Invite.objects.exists()


def test_what_cannot_be_stored_or_shown_of_a_note_is_left_out(as_ada: Client) -> None:
    for note in ("\0\0Jonas\0", "\u202eJonas", "\0\u202e"):
        as_ada.post(reverse("studio:invite"), {"role": "designer", "note": note})
    assert list(Invite.objects.order_by("pk").values_list("note", flat=True)) == ["Jonas", "Jonas", ""]
