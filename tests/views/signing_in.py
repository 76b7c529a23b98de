"""Whoever knocks at the sign-in page."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.people import PASSWORD

SIGN_IN = reverse("studio:sign_in")


def knock(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def wrong(client: Client, name: str, address: str, **more: str) -> int:
    """One wrong password from an address behind our proxy."""
    headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
    return client.post(SIGN_IN, {"username": name, "password": "wrong", **more}, headers=headers).status_code
