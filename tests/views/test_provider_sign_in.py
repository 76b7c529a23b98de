"""Signing in through a provider of OpenID Connect: a real one on this machine, and every way in which it goes wrong."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import oidc_provider_mock
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import oidc
from studio.models import ApiToken, TrailEntry, User
from studio.models.people import AccessRefused
from tests import people

START, ANSWER, SIGN_IN = "/sign-in/provider/", "/sign-in/provider/answer/", "/sign-in/"
GRACE = {"email": "grace@studio.example", "email_verified": True, "name": "Grace Hopper"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def told(settings: Any, provider: str, db: None) -> Any:
    """The settings of a team whose provider this is."""
    settings.OIDC_URL, settings.OIDC_CLIENT_ID, settings.OIDC_SECRET = provider, "studio", "a secret"
    settings.OIDC_NAME, settings.OIDC_DOMAINS, settings.OIDC_GROUPS = "Example Login", {"studio.example"}, {}
    return settings


def put(provider: str, subject: str, **claims: Any) -> None:
    """Make somebody known at the provider."""
    httpx.put(f"{provider}/users/{subject}", json={**GRACE, **claims}, trust_env=False).raise_for_status()


def walk(client: Client, subject: str = "grace", *, action: str = "", next: str = "") -> Any:
    """Follow the button, sign in at the provider as `subject`, and come back with its answer."""
    there = client.get(START, {"next": next} if next else {})
    assert there.status_code == 302, there.content
    form = {"action": action} if action else {"sub": subject}
    back = httpx.post(there.headers["Location"], data=form, trust_env=False)
    assert back.status_code in {302, 303}, back.text
    came = urlsplit(back.headers["Location"])
    assert came.path == ANSWER
    return client.get(f"{came.path}?{came.query}")


def sentence(response: Any) -> str:
    assert response.status_code == 422
    assert response.templates[0].name == "account/sign_in.html"
    return str(response.context["error"])


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


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


# ---- What goes wrong


def test_cancelling_is_said(client: Client) -> None:
    assert sentence(walk(client, action="deny")) == (
        "You cancelled signing in with Example Login. Try again, or sign in another way."
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "left open too long"),
        ({"state": "x" * 16, "code": "y"}, "left open too long"),
        ({"state": "a\0b", "code": "\ud7ff"}, "left open too long"),
        ({"error": "server_error"}, "refused the sign-in (server_error)"),
        ({"error": "<b>You won</b>", "state": "1"}, "refused the sign-in (an unknown reason)"),
    ],
)
def test_an_answer_that_nobody_asked_for_is_refused(client: Client, query: dict[str, str], words: str) -> None:
    assert words in sentence(client.get(ANSWER, query))


def test_an_answer_works_once_and_in_its_own_browser(client: Client, provider: str) -> None:
    put(provider, "grace")
    there = client.get(START).headers["Location"]
    back = urlsplit(httpx.post(there, data={"sub": "grace"}, trust_env=False).headers["Location"])
    address = f"{back.path}?{back.query}"
    assert sentence(Client().get(address)) == oidc.STALE
    assert client.get(address).status_code == 302
    client.post(reverse("studio:sign_out"))
    assert sentence(client.get(address)) == oidc.STALE


def test_a_code_that_was_used_elsewhere_is_refused(client: Client, provider: str) -> None:
    put(provider, "grace")
    state = parse_qs(urlsplit(client.get(START).headers["Location"]).query)["state"][0]
    assert sentence(client.get(ANSWER, {"state": state, "code": "used"})) == oidc.STALE
    state = parse_qs(urlsplit(client.get(START).headers["Location"]).query)["state"][0]
    assert "can't trust" in sentence(client.get(ANSWER, {"state": state}))


def test_a_wrong_secret_is_said(client: Client, told: Any) -> None:
    with oidc_provider_mock.run_server_in_thread(require_client_registration=True) as server:
        told.OIDC_URL = f"http://localhost:{server.server_port}"
        asked = {"redirect_uris": [f"http://testserver{ANSWER}"], "token_endpoint_auth_method": "client_secret_post"}
        made = httpx.post(f"{told.OIDC_URL}/oauth2/clients", json=asked, trust_env=False).json()
        told.OIDC_CLIENT_ID = made["client_id"]
        put(told.OIDC_URL, "grace")
        assert sentence(walk(client)) == "Example Login doesn't accept Studio's client ID and secret. Tell an admin."
        told.OIDC_SECRET = made["client_secret"]
        assert walk(client).status_code == 302


def test_a_provider_that_is_down_is_said(client: Client, told: Any, provider: str) -> None:
    put(provider, "grace")
    back = urlsplit(
        httpx.post(client.get(START).headers["Location"], data={"sub": "grace"}, trust_env=False).headers["Location"]
    )
    cache.clear()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told.OIDC_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
    silent = "Example Login doesn't answer. Try again in a moment, or sign in another way."
    assert sentence(client.get(START)) == silent
    assert sentence(client.get(f"{back.path}?{back.query}")) == silent


@pytest.mark.parametrize("minutes", [-2, 61, 90])
def test_clocks_that_differ_are_said(client: Client, provider: str, minutes: int) -> None:
    put(provider, "grace")
    there = client.get(START).headers["Location"]
    back = urlsplit(httpx.post(there, data={"sub": "grace"}, trust_env=False).headers["Location"])
    real = oidc.jwt.decode

    def decode(*args: Any, **kwargs: Any) -> Any:
        with time_machine.travel(time.time() + minutes * 60 + (5 if minutes > 0 else 0)):
            return real(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oidc.jwt, "decode", decode)
        got = sentence(client.get(f"{back.path}?{back.query}"))
    assert got == "The clocks of Example Login and Studio differ by more than a minute. Tell an admin."


FORGED = [
    {"aud": "another"},
    {"iss": "http://localhost:1"},
    {"nonce": "another"},
    {"azp": "another"},
    {"sub": "\0"},
    {"sub": "x" * 256},
    {"alg": "none"},
    {"alg": "HS384"},
    {"key": "another secret of the attacker's that is long enough" * 2},
]


@pytest.mark.parametrize("change", [{}, *FORGED])
def test_an_answer_that_is_not_for_us_is_not_believed(
    client: Client, told: Any, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]
) -> None:
    told.OIDC_SECRET = "a secret that is long enough for its purpose" * 2
    there = parse_qs(urlsplit(client.get(START).headers["Location"]).query)
    now = int(time.time())
    said = {
        "iss": told.OIDC_URL,
        "aud": "studio",
        "sub": "grace",
        "iat": now,
        "exp": now + 60,
        "nonce": there["nonce"][0],
    }
    said |= {name: value for name, value in change.items() if name not in {"alg", "key"}}
    algorithm = change.get("alg", "HS256")
    token = jwt.encode(said, None if algorithm == "none" else change.get("key", told.OIDC_SECRET), algorithm=algorithm)
    given = {"access_token": "x", "id_token": token}
    monkeypatch.setattr(oidc.Adapter, "get_access_token_data", lambda *args, **kwargs: given)
    monkeypatch.setattr(oidc.Adapter, "_fetch_user_info", lambda *args: {"sub": said["sub"], **GRACE})
    answer = client.get(ANSWER, {"state": there["state"][0], "code": "x"})
    if change:
        assert sentence(answer) == "Example Login gave an answer that Studio can't trust. Try again, or tell an admin."
    assert (who(client) is None) == bool(change)


def test_the_page_of_another_person_is_not_believed(
    client: Client, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(provider, "grace")
    monkeypatch.setattr(oidc.Adapter, "_fetch_user_info", lambda *args: {"sub": "ada", **GRACE})
    assert "can't trust" in sentence(walk(client))


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://login.example"},
        {"issuer": None, "authorization_endpoint": "http://evil.example/authorize"},
        {"issuer": None, "token_endpoint": None},
    ],
)
def test_a_provider_that_says_strange_things_of_itself_is_not_used(
    client: Client, told: Any, says: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    own = {"issuer": told.OIDC_URL, **dict.fromkeys(oidc.ENDPOINTS, f"{told.OIDC_URL}/x")}
    own |= {name: value for name, value in says.items() if value or name != "issuer"}
    cache.set(f"oidc:{told.OIDC_URL}{oidc.WELL_KNOWN}", json.dumps(own), 60)
    assert "can't trust" in sentence(client.get(START))
    assert "The provider at" in caplog.text


@pytest.mark.parametrize("name", ["", "Grace Hopper", "grace@studio.example", "\u202egnp", "x" * 500, 7, "😀"])
def test_a_name_that_cannot_be_taken_becomes_one_that_can(client: Client, provider: str, name: Any) -> None:
    people.make_person("Grace Hopper")
    people.make_person("grace")
    put(provider, "grace", name=name)
    walk(client)
    person = who(client)
    assert person
    assert person.name


def test_who_is_signed_in_already_is_led_on(as_bob: Client) -> None:
    assert as_bob.get(START, {"next": "/gallery/"}).headers["Location"] == "/gallery/"
