"""Signing in through a provider of OpenID Connect: a real one on this machine."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiToken, TrailEntry, User
from studio.models.people import AccessRefused
from tests import people
from tests.views.providers import ANSWER, SIGN_IN, START, provider, put, sentence, told, walk, who

__all__ = ["provider", "told"]


def test_the_button_stands_beside_the_form_and_keeps_the_way_onward(client: Client, settings: Any) -> None:
    page = client.get(SIGN_IN, {"next": "/gallery/?q=a&b"}).content.decode()
    assert 'href="/sign-in/provider/?next=%2Fgallery%2F%3Fq%3Da%26b"' in page
    assert "Sign in with Example Login" in page
    settings.OIDC_URL = ""
    assert "sign-in/provider" not in client.get(SIGN_IN).content.decode()
    assert client.get(START).status_code == client.get(ANSWER).status_code == 404


def test_somebody_of_a_listed_domain_joins_and_is_led_on(client: Client, provider: str) -> None:
    put(provider, "grace")
    answer = walk(client, next="/gallery/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/gallery/")
    person = who(client)
    assert person
    assert (person.name, person.email, person.role) == ("Grace Hopper", "grace@studio.example", "designer")
    assert not person.has_usable_password()
    assert [(one.verb, one.text) for one in TrailEntry.objects.order_by("pk")] == [
        ("joined", "As designer, through Example Login"),
        ("signed-in", ""),
    ]
    assert client.session.get_expiry_age() <= 12 * 3600
    client.post(reverse("studio:sign_out"))
    assert who(client) is None
    walk(client)
    assert who(client) == person


def test_an_address_that_is_somebody_elses_by_now_opens_nothing(client: Client, provider: str) -> None:
    put(provider, "grace")
    walk(client)
    put(provider, "gary")
    assert sentence(walk(Client(), "gary")) == (
        "Somebody else at Example Login signs in here with grace@studio.example. Ask an admin of your team."
    )
    # Grace herself may have another address there, and stays who she is.
    put(provider, "grace", email="hopper@studio.example", name="G. H.")
    walk(again := Client())
    assert who(again) == who(client)


def test_a_person_of_the_team_is_found_by_their_verified_address_and_nobody_else_keeps_the_keys(
    client: Client, provider: str
) -> None:
    person = people.make_person("Grace", email="Grace@studio.example", password=people.PASSWORD)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    token, _ = ApiToken.issue(person, name="script", scopes=["read"], now=timezone.now())
    other = Client()
    other.post(SIGN_IN, {"username": "Grace", "password": people.PASSWORD})
    put(provider, "grace")
    walk(client)
    assert who(client) == person
    person.refresh_from_db()
    token.refresh_from_db()
    assert not person.has_usable_password()
    assert not Authenticator.objects.filter(user=person).exists()
    assert token.revoked_at
    assert who(other) is None
    assert UserSession.objects.filter(user=person).count() == 1
    assert TrailEntry.objects.filter(verb="password", actor=person, text__contains="from now on").exists()


@pytest.mark.parametrize("said", [False, None, "no", 1])
def test_an_address_that_is_not_verified_matches_nobody(client: Client, provider: str, told: Any, said: Any) -> None:
    person = people.make_person("Grace", email="grace@studio.example")
    for domains in (told.OIDC_DOMAINS, set()):
        told.OIDC_DOMAINS, told.OIDC_GROUPS = domains, {"makers": "designer"}
        put(provider, "grace", email_verified=said, groups=["makers"])
        assert "hasn't verified it" in sentence(walk(client))
    assert not SocialAccount.objects.exists()
    assert list(User.objects.all()) == [person]


@pytest.mark.parametrize("email", [None, "", "grace", "a\0b@studio.example", f"{'a' * 250}@studio.example"])
def test_an_address_that_is_none_is_no_address(client: Client, provider: str, email: Any) -> None:
    put(provider, "grace", email=email)
    assert "doesn't say your email address" in sentence(walk(client))


def test_other_domains_stay_out_and_the_trail_says_so(client: Client, provider: str) -> None:
    put(provider, "eve", email="eve@notstudio.example")
    assert sentence(walk(client, "eve")) == (
        "Addresses of notstudio.example can't sign in here. Ask an admin of your team."
    )
    entry = TrailEntry.objects.get()
    assert (entry.verb, entry.thing) == ("sign-in-refused", "eve@notstudio.example")


def test_without_domains_and_groups_only_people_of_the_team_come_in(client: Client, provider: str, told: Any) -> None:
    told.OIDC_DOMAINS = set()
    put(provider, "grace")
    assert "Nobody has let grace@studio.example in yet" in sentence(walk(client))
    people.make_person("Grace", email="grace@studio.example")
    walk(client)
    assert who(client)


def test_who_has_no_access_stays_out(client: Client, provider: str) -> None:
    person = people.make_person("Grace", email="grace@studio.example")
    put(provider, "grace")
    for is_linked in (False, True):
        person.is_active = is_linked
        person.save(update_fields=["is_active"])
        if is_linked:
            walk(Client())
            User.objects.update(is_active=False)
        assert sentence(walk(client)) == "An admin has taken your access to Studio away."
        assert who(client) is None


# ---- Roles by groups


def test_the_role_follows_the_groups_at_each_sign_in(client: Client, provider: str, told: Any, ada: User) -> None:
    told.OIDC_GROUPS = {"lookers": "viewer", "makers": "designer", "heads": "admin"}
    for groups, role in ((["makers", "lookers"], "designer"), (["heads"], "admin"), (["lookers", "x"], "viewer")):
        put(provider, "grace", groups=groups)
        walk(client := Client())
        person = who(client)
        assert person
        assert person.role == role
    entry = TrailEntry.objects.filter(verb="role").newest_first()[0]
    assert (entry.name, entry.text) == (
        "Example Login",
        "role: viewer instead of admin, by the groups at Example Login",
    )
    put(provider, "grace", groups=["x"], roles=["y"])
    assert sentence(walk(Client())) == "None of your groups at Example Login may use Studio. Ask an admin of your team."


def test_the_last_admin_stays_one_whatever_the_groups_say(client: Client, provider: str, told: Any) -> None:
    told.OIDC_GROUPS = {"makers": "designer"}
    person = people.make_person("Grace", email="grace@studio.example", role="admin")
    put(provider, "grace", groups=["makers"])
    walk(client)
    person.refresh_from_db()
    assert person.is_admin
    with pytest.raises(AccessRefused):
        User.objects.change_access(person.pk, by=person, role="designer")


# ---- Second step


@pytest.mark.parametrize(("amr", "asked"), [(["pwd"], True), (["pwd", "otp"], False), ("mfa", True), (None, True)])
def test_a_second_step_is_asked_for_unless_the_provider_asked_for_one(
    client: Client, provider: str, amr: Any, asked: bool
) -> None:
    put(provider, "grace", amr=amr)
    walk(Client())
    person = User.objects.get()
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    answer = walk(client)
    assert (answer.headers["Location"] == reverse("studio:second_step")) == asked
    assert (who(client) is None) == asked


@pytest.mark.parametrize("name", ["", "Grace Hopper", "grace@studio.example", "\u202egnp", "x" * 500, 7, "😀"])
def test_a_name_that_cannot_be_taken_becomes_one_that_can(client: Client, provider: str, name: Any) -> None:
    people.make_person("Grace Hopper")
    people.make_person("grace")
    put(provider, "grace", name=name)
    walk(client)
    person = who(client)
    assert person
    assert person.name


def test_where_every_name_like_it_is_taken_a_person_still_has_one(client: Client, provider: str) -> None:
    User.objects.bulk_create(User(name=f"grace {number}") for number in range(2, 20))
    people.make_person("grace")
    put(provider, "grace", name="grace@here")
    walk(client)
    person = who(client)
    assert person
    assert re.fullmatch("Person [0-9a-f]{8}", person.name)


def test_who_is_signed_in_already_is_led_on(as_bob: Client) -> None:
    assert as_bob.get(START, {"next": "/gallery/"}).headers["Location"] == "/gallery/"


def test_tabs_that_ask_at_once_are_all_answered_and_back_leads_home(client: Client, provider: str) -> None:
    put(provider, "grace")
    asked = [client.get(START, {"next": to}).headers["Location"] for to in ("/gallery/", "/boards/", "/trash/")]
    came = [httpx.post(there, data={"sub": "grace"}, trust_env=False).headers["Location"] for there in asked]
    assert [client.get(one.partition("testserver")[2]).headers["Location"] for one in came] == [
        *("/gallery/", "/boards/", "/trash/"),
    ]
    again = client.get(came[0].partition("testserver")[2])
    assert (again.status_code, again.headers["Location"]) == (302, "/")
    assert who(client)
