"""STUDIO_PASSWORDS=off: people come in through the provider alone, and links of invites lead there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Invite, User
from tests.people import PASSWORD
from tests.views.providers import SIGN_IN, provider, put, sentence, told, walk, who

__all__ = ["provider", "told"]


@pytest.fixture(autouse=True)
def without_passwords(told: Any) -> None:
    told.PASSWORDS = False


def link(role: str = "viewer", **fields: Any) -> str:
    return f"/welcome/{Invite.issue(by=fields.pop('by', None), role=role, now=timezone.now(), **fields)[1]}/"


def test_no_password_opens_anything(client: Client, alice: User) -> None:
    page = client.get(SIGN_IN).content.decode()
    assert 'name="password"' not in page
    assert "Forgot your password" not in page
    assert "Sign in with Example Login" in page
    assert (
        'name="password"' not in client.post(SIGN_IN, {"username": alice.name, "password": PASSWORD}).content.decode()
    )
    assert who(client) is None
    assert client.get("/sign-in/forgotten/").status_code == 404


def test_nobody_gets_a_new_password(as_ada: Client, as_alice: Client, alice: User, client: Client, ada: User) -> None:
    assert "Reset password" not in as_ada.get(f"/people/{alice.pk}/").content.decode()
    answer = as_ada.post(f"/people/{alice.pk}/password-link/", follow=True)
    assert "Nobody signs in with a password here, so no link was made" in answer.content.decode()
    assert not Invite.objects.exists()
    assert "Change password" not in as_alice.get("/account/").content.decode()
    before = alice.password
    answer = as_alice.post("/account/password/", {"password": PASSWORD, "new": "another long phrase 7"}, follow=True)
    assert "Nobody signs in with a password here" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.password == before
    assert client.get(link(by=ada, person=alice)).status_code == 410


def test_the_first_admin_comes_in_with_the_printed_link(client: Client, told: Any, provider: str) -> None:
    told.OIDC_DOMAINS = set()
    put(provider, "grace")
    token = Invite.issue_first(now=timezone.now())
    page = client.get(f"/welcome/{token}/").content.decode()
    assert "Start with Example Login" in page
    assert f'href="/sign-in/provider/?next=%2Fwelcome%2F{token}%2F"' in page
    assert 'name="password"' not in page
    answer = walk(client, next=f"/welcome/{token}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    person = who(client)
    assert person
    assert (person.is_admin, person.has_usable_password(), person.invite.role) == (True, False, "admin")
    put(provider, "gary", email="gary@studio.example")
    assert "Nobody has let gary@studio.example in yet" in sentence(walk(Client(), "gary", next=f"/welcome/{token}/"))


def test_an_invite_lets_somebody_in_once_with_its_role(client: Client, ada: User, told: Any, provider: str) -> None:
    told.OIDC_DOMAINS = set()
    put(provider, "grace")
    invited = link(by=ada)
    assert client.post(invited, {"name": "Eve", "password": "a long phrase 7"}).status_code == 200
    assert not User.objects.filter(name="Eve").exists()
    assert "Join with Example Login" in client.get(invited).content.decode()
    walk(client, next=invited)
    person = who(client)
    assert person
    assert (person.name, person.role) == ("Grace Hopper", "viewer")
    assert client.get(invited).status_code == 410
    put(provider, "gary", email="gary@studio.example")
    assert "Nobody has let gary@studio.example in yet" in sentence(walk(Client(), "gary", next=invited))


def test_a_link_for_a_new_password_lets_nobody_else_join(alice: User, ada: User, told: Any, provider: str) -> None:
    told.OIDC_DOMAINS = set()
    put(provider, "grace")
    walked = walk(Client(), next=link(by=ada, person=alice))
    assert "Nobody has let grace@studio.example in yet" in sentence(walked)
    assert Invite.objects.get().used_at is None


def test_domains_and_groups_count_beside_an_invite(ada: User, told: Any, provider: str) -> None:
    put(provider, "grace", email="grace@else.example")
    assert "Addresses of else.example can't sign in here" in sentence(walk(Client(), next=link(by=ada)))
    put(provider, "gary", email="gary@studio.example", groups=["makers"])
    told.OIDC_GROUPS = {"makers": "designer"}
    walk(client := Client(), "gary", next=link(by=ada))
    person = who(client)
    assert person
    assert person.role == "designer"


def test_somebody_signed_in_may_join_as_somebody_else(as_alice: Client, ada: User, told: Any, provider: str) -> None:
    put(provider, "grace")
    walk(as_alice, next=link(by=ada))
    person = who(as_alice)
    assert person
    assert person.name == "Grace Hopper"


def test_no_link_to_join_is_read_out_of_nonsense(client: Client, provider: str) -> None:
    put(provider, "grace")
    for strange in ("/welcome/", "/welcome/nobody/", "//else.example/welcome/x/", "/nothing/here/"):
        walk(client, next=strange)
        assert who(client), strange
        client.logout()
