"""A person who signs in, and the addresses of the second step."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.people import PASSWORD

SIGN_IN, STEP, SETUP = (reverse(f"studio:{name}") for name in ("sign_in", "second_step", "second_step_setup"))
CODES, ACCOUNT, CREATE = (reverse(f"studio:{name}") for name in ("recovery_codes", "account", "create"))


def knock(client: Client, **more: str):
    return client.post(SIGN_IN, {"username": "Cleo Door", "password": PASSWORD, **more})
