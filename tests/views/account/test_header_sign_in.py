"""Signing in by a header of the team's own proxy, which nobody else can write."""

from __future__ import annotations

import re
from html import unescape
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.test import Client

from studio.middleware.header_sign_in import HeaderSignIn
from studio.models import ApiToken, TrailEntry, User
from tests import people

PROXY, ELSEWHERE = "10.1.2.3", "10.1.3.3"
HOME = "/gallery/"


@pytest.fixture
def behind(settings: Any, client: Client, alice: User, bob: User) -> Any:
    """Ask through the proxy, which says that somebody is `named`."""
    settings.STUDIO_PROXIES, settings.SIGN_IN_HEADER = 1, "X-Remote-User"
    settings.SIGN_IN_FROM = [ip_network("10.1.2.0/24"), ip_network("::1/128")]

    def ask(named: str | None, path: str = HOME, *, peer: str = PROXY, to: Client = client) -> Any:
        headers = {} if named is None else {"X-Remote-User": named}
        return to.get(path, headers=headers, REMOTE_ADDR=peer)

    return ask


def test_whom_the_proxy_names_is_signed_in_by_name_or_address(behind: Any, client: Client, alice: User) -> None:
    for named in ("Alice Moreau", "ALICE@studio.example"):
        client.cookies.clear()
        assert behind(named).context["user"] == alice
    entry = TrailEntry.objects.newest_first()[0]
    assert (entry.verb, entry.actor, entry.text) == ("signed-in", alice, "Named by the proxy")
    entries = TrailEntry.objects.count()
    assert behind("alice@studio.example").status_code == 200
    assert TrailEntry.objects.count() == entries
    assert client.session.get_expiry_age() <= 12 * 3600


def test_a_client_that_writes_the_header_itself_gets_nothing(behind: Any, client: Client, alice: User) -> None:
    for peer in (ELSEWHERE, "127.0.0.1", "::ffff:10.1.3.3", ""):
        assert behind("Alice Moreau", peer=peer).status_code == 302
    # Nor by saying that it came through the proxy.
    got = client.get(HOME, headers={"X-Remote-User": "Alice Moreau", "X-Forwarded-For": PROXY}, REMOTE_ADDR=ELSEWHERE)
    assert got.status_code == 302
    assert behind("Alice Moreau", peer=f"::ffff:{PROXY}").status_code == 200


def test_it_is_off_unless_it_is_set(settings: Any, client: Client, alice: User) -> None:
    assert not settings.SIGN_IN_HEADER
    with pytest.raises(MiddlewareNotUsed):
        HeaderSignIn(lambda request: None)
    assert client.get(HOME, headers={"X-Remote-User": "Alice Moreau"}).status_code == 302


def test_the_session_ends_with_the_header_or_becomes_another_persons(behind: Any, client: Client, bob: User) -> None:
    behind("Alice Moreau")
    assert behind("Bob Stranger").context["user"] == bob
    assert behind(None).status_code == 302
    behind("Bob Stranger")
    # Its cookie is worth nothing without the proxy.
    assert behind("Bob Stranger", peer=ELSEWHERE).status_code == 302


def test_a_thumbnail_and_the_pulse_of_a_known_browser_follow_the_header_too(behind: Any, alice: User) -> None:
    picture = people.make_picture(alice)
    small = picture.renditions.get(size=256).get_absolute_url()
    for _ in range(2):
        got = behind("Alice Moreau", small)
        assert (got.status_code, b"".join(got.streaming_content)[:4]) == (200, b"RIFF")
    assert behind(None, small).status_code == 302
    page = behind("Alice Moreau").content.decode()
    pulse = unescape(re.search(r'id="pulse" hx-get="([^"]+)"', page)[1])
    for _ in range(2):
        assert behind("Alice Moreau", pulse).status_code in {200, 204}
    assert behind(None, pulse).status_code not in {200, 204}


def test_nobody_joins_by_it_and_who_has_no_access_stays_out(behind: Any, client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for named in ("Alice Moreau", "Grace", "a\ufffdb", "x" * 300, "Alice Moreau, Bob Stranger"):
        assert behind(named.encode().decode("latin-1")).status_code == 302
        page = behind(named.encode().decode("latin-1"), "/sign-in/")
        assert page.context["error"].startswith(f"You came as {named[:254]}, and nobody with access")
    assert User.objects.count() == 2


def test_a_session_of_ones_own_stays_when_the_proxy_names_the_same_person(behind: Any, alice: User, bob: User) -> None:
    own = people.signed_in(alice)
    assert behind("Alice Moreau", to=own).context["user"] == alice
    assert "named_by_proxy" not in own.session
    assert behind(None, to=own).status_code == 200
    assert behind("Bob Stranger", to=own).context["user"] == bob


def test_programs_with_a_token_get_no_session(behind: Any, client: Client, alice: User) -> None:
    ApiToken.issue(alice, name="script", scopes=["read"], now=alice.joined_at)
    assert behind("Alice Moreau", "/api/v1/me").status_code == 401
    assert "sessionid" not in client.cookies
