"""The account page, and what it says."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from studio.models import User
from tests.people import PASSWORD

ACCOUNT, SIGN_IN = reverse("studio:account"), reverse("studio:sign_in")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"


def signed_in(person: User, agent: str = FIREFOX) -> Client:
    """A browser in which a person has signed in at the page."""
    client = Client(headers={"user-agent": agent})
    assert client.post(SIGN_IN, {"username": person.name, "password": PASSWORD}).status_code == 302
    return client


def page(client: Client) -> str:
    return client.get(ACCOUNT).content.decode()
