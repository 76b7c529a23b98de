"""Signing in through a provider: what goes wrong on the way, and what is not believed."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import oidc_provider_mock
import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from studio.signing_in import oidc
from tests.views.providers import ANSWER, GRACE, START, provider, put, sentence, told, walk, who

__all__ = ["provider", "told"]


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
