"""A provider of OpenID Connect on this machine, and the way through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import oidc_provider_mock
import pytest
from django.test import Client

from studio.models import User

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
