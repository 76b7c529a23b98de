"""Passkeys: what a browser could not send (the way itself: tests/browser/test_passkeys.py)."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from studio.models import User
from tests import people
from tests.people import PASSWORD
from tests.views.second_steps import ACCOUNT, CREATE, SIGN_IN, knock


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


@pytest.mark.parametrize("host", ["localhost", "studio.localhost:8000", "127.0.0.1:8000", "studio.example", "[::1]"])
def test_passkeys_are_offered_where_browsers_have_them(cleo: User, settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": host})
    offered = "Sign in with a passkey" in client.get(SIGN_IN).content.decode()
    assert offered is ("localhost" in host)
    knock(client)
    html = client.get(ACCOUNT).content.decode()
    assert ("Passkeys need" in html) is not offered
    answer = client.post(reverse("studio:add_passkey"), {"name": "Laptop", "password": PASSWORD}, follow=True)
    assert ("Create the passkey" in answer.content.decode()) is offered


NONSENSE = [
    "",
    "null",
    "[]",
    "{}",
    '{"id": "x", "rawId": "x", "response": {}}',
    "[" * 9000,
    "x" * 30000,
    "\x00",
    '"\ud800"',
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_an_answer_that_is_no_passkey_is_refused(cleo: User, answer: str) -> None:
    client = Client(headers={"host": "localhost"})
    proof = reverse("studio:passkey_sign_in")
    assert client.get(proof).json()["publicKey"]["userVerification"] == "required"
    refused = client.post(proof, {"credential": answer.encode("utf-8", "replace").decode()})
    assert (refused.status_code, "didn&#x27;t work here" in refused.content.decode()) == (422, True)
    knock(client)
    client.post(reverse("studio:add_passkey"), {"name": "", "password": PASSWORD})
    new = reverse("studio:new_passkey")
    assert client.get(new).status_code == 200
    assert client.post(new, {"credential": answer.encode("utf-8", "replace").decode()}).status_code == 422
    assert not Authenticator.objects.exists()


def test_a_passkey_is_added_only_after_the_password(cleo: User) -> None:
    client = Client(headers={"host": "localhost"})
    knock(client)
    new = reverse("studio:new_passkey")
    assert client.get(new).url == client.post(new, {"credential": "{}"}).url == ACCOUNT
    assert client.get(reverse("studio:passkey_sign_in")).url == CREATE


def test_a_passkey_is_removed_by_its_owner(cleo: User, as_bob: Client) -> None:
    key = Authenticator.objects.create(user=cleo, type="webauthn", data={"name": "Laptop <b>", "credential": {}})
    remove = reverse("studio:remove_passkey", args=[key.pk])
    assert as_bob.post(remove).status_code == 404
    client = Client()
    assert knock(client).url == CREATE, "a passkey alone asks for no second step"
    assert "Laptop &lt;b&gt;" in client.get(ACCOUNT).content.decode()
    client.post(remove)
    assert not Authenticator.objects.exists()
