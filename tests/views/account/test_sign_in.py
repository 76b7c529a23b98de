"""Signing in and out."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from studio.models import User
from studio.views.account.sign_in import SAMPLES, WRONG
from tests import people
from tests.people import PASSWORD
from tests.views.signing_in import SIGN_IN, knock

Form = Literal["NFC", "NFD"]


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


# ---- Signing in


@pytest.mark.parametrize("known_as", ["Cleo Door", "cleo door", "cleo@studio.example", "CLEO@studio.example"])
def test_a_name_or_an_email_opens_the_door(client: Client, cleo: User, known_as: str) -> None:
    response = knock(client, known_as)
    assert (response.status_code, response.url) == (302, reverse("studio:create"))
    assert client.session["_auth_user_id"] == str(cleo.pk)


@pytest.mark.parametrize(("made", "typed"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_password_opens_the_door_however_a_keyboard_writes_its_letters(
    client: Client, cleo: User, made: Form, typed: Form
) -> None:
    cleo.set_password(unicodedata.normalize(made, "Überflüssige Äpfel"))
    cleo.save()
    assert knock(client, "Cleo Door", unicodedata.normalize(typed, "Überflüssige Äpfel")).status_code == 302


def test_signing_in_leads_on_to_where_somebody_wanted_to_go(client: Client, cleo: User) -> None:
    assert b'value="/gallery/"' in client.get(f"{SIGN_IN}?next=/gallery/").content
    assert knock(client, "Cleo Door", next="/gallery/").url == "/gallery/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_signing_in_leads_to_no_other_site(client: Client, cleo: User, evil: str) -> None:
    assert knock(client, "Cleo Door", next=evil).url == reverse("studio:create")


def test_a_wrong_password_and_an_unknown_name_hear_the_same_words(client: Client, cleo: User) -> None:
    wrong, unknown = knock(client, "Cleo Door", "not this one"), knock(client, "Nobody", "not this one")
    assert wrong.status_code == unknown.status_code == 422
    assert WRONG.encode() in wrong.content
    assert WRONG.encode() in unknown.content
    assert "_auth_user_id" not in client.session


def test_somebody_without_access_hears_no_more_than_a_stranger(client: Client, cleo: User) -> None:
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    assert WRONG.encode() in knock(client, "Cleo Door").content


def test_a_person_who_is_signed_in_passes_the_door(as_alice: Client) -> None:
    assert as_alice.get(SIGN_IN).url == reverse("studio:create")


@pytest.mark.parametrize(("keep", "ends_with_browser"), [({"keep": "on"}, False), ({}, True)])
def test_only_who_asks_for_it_stays_signed_in(
    client: Client, cleo: User, keep: dict[str, str], ends_with_browser: bool
) -> None:
    knock(client, "Cleo Door", **keep)
    assert client.session.get_expire_at_browser_close() is ends_with_browser


def test_signing_in_starts_a_new_session(client: Client, cleo: User) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["left"] = "by a stranger"
    session.save()
    before = session.session_key
    knock(client, "Cleo Door")
    assert client.session.session_key != before


# ---- Signing out


def test_signing_out_ends_the_session(as_alice: Client) -> None:
    assert as_alice.post(reverse("studio:sign_out")).url == SIGN_IN
    assert as_alice.get(reverse("studio:gallery")).status_code == 302


# ---- Pictures beside the form


def test_strangers_see_sample_pictures_and_none_of_the_teams(client: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    page = client.get(SIGN_IN).content.decode()
    assert str(picture.code) not in page
    assert "/pictures/" not in page
    assert "/static/sign-in/" in page


def test_the_samples_are_as_large_as_they_say_and_light_enough_for_sign_in() -> None:
    files = [settings.BASE_DIR / "static" / sample.file for sample in SAMPLES]
    for sample, file in zip(SAMPLES, files, strict=True):
        with Image.open(file) as image:
            assert image.size == (sample.width, sample.height)
    assert sum(file.stat().st_size for file in files) < 200_000  # bytes
