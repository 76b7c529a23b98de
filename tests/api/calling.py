"""Calls with a token, as a program makes them."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.models import ApiToken, User

EVERY = ("read", "make", "decide", "admin")


def make_token(person: User, *scopes: str, **fields: Any) -> tuple[ApiToken, str]:
    """A token with these scopes, or all of them."""
    return ApiToken.issue(
        person, name=fields.pop("name", "Nightly"), scopes=scopes or EVERY, now=timezone.now(), **fields
    )


class Caller:
    """Whoever has this secret; `body` goes as JSON."""

    def __init__(self, secret: str, *, base: str = "/api/v1") -> None:
        self.base = base
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.client.generic(
            method, self.base + path, json.dumps(body) if body is not None else "", "application/json", headers=headers
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, {} if body is None else body, **headers)


def caller(person: User, *scopes: str, **fields: Any) -> Caller:
    return Caller(make_token(person, *scopes, **fields)[1])
