"""The account page: email, password and name."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from studio.engine.integrity import search
from studio.models import TrailEntry, User
from studio.models.account.session import sessions_of
from tests import people
from tests.people import PASSWORD
from tests.views.accounts import ACCOUNT, IPHONE, page, signed_in

NEW = "blue harbour at nine"


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def said(person: User) -> list[tuple[str, str]]:
    return list(TrailEntry.objects.filter(actor=person).order_by("pk").values_list("verb", "text"))


# ---- Email


def test_an_address_changes_after_the_password(cleo: User) -> None:
    client = signed_in(cleo)
    change = reverse("studio:change_email")
    refused = client.post(change, {"email": "new@studio.example", "password": "wrong"})
    assert (refused.status_code, "Wrong password." in refused.content.decode()) == (422, True)
    assert 'value="new@studio.example"' in refused.content.decode(), "what was typed is kept"
    assert client.post(change, {"email": "New@Studio.example", "password": PASSWORD}).status_code == 302
    cleo.refresh_from_db()
    assert cleo.email == "new@studio.example"
    assert said(cleo)[-1] == ("password", "Changed the email address")
    client.post(change, {"email": "", "password": PASSWORD})
    cleo.refresh_from_db()
    assert cleo.email is None


def test_an_address_of_somebody_else_is_refused(cleo: User, alice: User) -> None:
    answer = signed_in(cleo).post(
        reverse("studio:change_email"), {"email": "ALICE@studio.example", "password": PASSWORD}
    )
    assert "has this email address already" in answer.content.decode()


def test_with_e_mail_an_address_changes_when_its_link_is_confirmed(cleo: User, settings) -> None:
    settings.STUDIO_EMAIL = True
    client = signed_in(cleo)
    client.post(reverse("studio:change_email"), {"email": "new@studio.example", "password": PASSWORD})
    cleo.refresh_from_db()
    assert cleo.email == "cleo@studio.example"
    assert [one.to for one in mail.outbox] == [["new@studio.example"]]
    link = re.search(r"http://testserver(/account/email/\S+)", mail.outbox[0].body)
    assert link
    assert "Use this address" in client.get(link[1]).content.decode()
    assert people.signed_in(people.make_person("Bob")).post(link[1]).status_code == 302
    cleo.refresh_from_db()
    assert cleo.email == "cleo@studio.example", "neither looking nor somebody else changes it"
    client.post(link[1])
    cleo.refresh_from_db()
    assert cleo.email == "new@studio.example"
    assert mail.outbox[1].to == ["cleo@studio.example"]
    assert "no longer works" in client.get(link[1], follow=True).content.decode()


def test_a_link_for_an_address_expires_and_yields_to_who_was_faster(cleo: User, settings) -> None:
    settings.STUDIO_EMAIL = True
    client = signed_in(cleo)

    def link() -> str:
        client.post(reverse("studio:change_email"), {"email": "new@studio.example", "password": PASSWORD})
        return mail.outbox[-1].body.split("http://testserver")[1].split()[0]

    first = link()
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=5)):
        assert client.post(first).url == ACCOUNT
    second = link()
    people.make_person("Dora", email="new@studio.example")
    assert "by now" in client.post(second, follow=True).content.decode()
    cleo.refresh_from_db()
    assert cleo.email == "cleo@studio.example"


def test_an_e_mail_that_cannot_be_sent_is_said(cleo: User, settings) -> None:
    settings.STUDIO_EMAIL = True
    settings.EMAIL_BACKEND = "studio.network.mail.Backend"
    settings.EMAIL_PORT, settings.EMAIL_HOST = 1, "127.0.0.1"
    data = {"email": "new@studio.example", "password": PASSWORD}
    answer = signed_in(cleo).post(reverse("studio:change_email"), data, follow=True)
    assert "couldn&#x27;t be sent" in answer.content.decode()


# ---- Password


def test_a_new_password_signs_the_other_devices_out(cleo: User) -> None:
    here, there = signed_in(cleo), signed_in(cleo, IPHONE)
    change = reverse("studio:change_password")
    assert here.post(change, {"password": "wrong", "new": NEW}).status_code == 422
    assert "too short" in here.post(change, {"password": PASSWORD, "new": "short"}).content.decode()
    assert here.post(change, {"password": PASSWORD, "new": NEW}).status_code == 302
    cleo.refresh_from_db()
    assert cleo.check_password(NEW)
    assert here.get(ACCOUNT).status_code == 200
    assert there.get(ACCOUNT).status_code == 302
    assert [one.is_this for one in sessions_of(cleo.pk, this=here.session.session_key)] == [True]
    assert said(cleo)[-1] == ("password", "Changed the password")


def test_wrong_passwords_are_braked_and_nothing_secret_is_written_down(cleo: User) -> None:
    client = signed_in(cleo)
    data = {"password": "wrong-secret", "new": "another-secret", "code": "123456"}
    answers = [client.post(reverse("studio:change_password"), data).status_code for _ in range(7)]
    assert (answers[0], answers[-1]) == (422, 429)
    rows = AccessAttempt.objects.values_list("post_data", "get_data", "path_info")
    assert not any("secret" in field or "123456" in field for row in rows for field in row)


def test_a_right_password_forgives_the_wrong_ones(cleo: User) -> None:
    client = signed_in(cleo)
    for _ in range(6):
        client.post(reverse("studio:change_password"), {"password": "wrong", "new": NEW})
    client.post(reverse("studio:change_email"), {"email": "", "password": PASSWORD})
    assert not AccessAttempt.objects.exists()


# ---- Name


def test_a_name_changes_after_the_password_and_the_trail_says_it(cleo: User) -> None:
    client, change = signed_in(cleo), reverse("studio:change_name")
    assert client.post(change, {"name": "Cleo Marsh", "password": "wrong"}).status_code == 422
    answer = client.post(change, {"name": "  Cleo   Marsh ", "password": PASSWORD}, follow=True)
    assert "Your name is Cleo Marsh now." in answer.content.decode()
    cleo.refresh_from_db()
    assert cleo.name == "Cleo Marsh"
    assert said(cleo)[-1] == ("name", "Cleo Door → Cleo Marsh")
    # The session goes on, and the new name signs in.
    assert "Cleo Marsh" in page(client)
    signed_in(cleo)


def test_a_name_that_is_taken_or_looks_like_anothers_is_refused(cleo: User) -> None:
    people.make_person("Mira Sato")
    client, change = signed_in(cleo), reverse("studio:change_name")
    for name in ("Mira Sato", "mira sato", "Mirа Sato", "ＭＩＲＡ Sato", "Cleo\u202eDoor", "a@b", "!!!", "x" * 81, ""):
        answer = client.post(change, {"name": name, "password": PASSWORD})
        assert answer.status_code == 422, name
    cleo.refresh_from_db()
    assert cleo.name == "Cleo Door"
    assert client.post(change, {"name": "Cleo Door", "password": PASSWORD}).status_code == 302
    assert client.post(change, {"name": "CLEO Door", "password": PASSWORD}).status_code == 302


def test_what_is_found_and_paid_for_stays_with_a_renamed_person(cleo: User) -> None:
    job = people.make_job(cleo, state="done")
    signed_in(cleo).post(reverse("studio:change_name"), {"name": "Cleo Marsh", "password": PASSWORD})
    client = people.signed_in(people.make_person("Ada Admin", role=User.Role.ADMIN))
    assert str(job.pictures.get().code) in client.get(f"/gallery/?person={cleo.pk}").content.decode()
    assert "Cleo Marsh" in client.get("/spend/").content.decode()
    assert "Cleo Door → Cleo Marsh" in client.get("/trail/").content.decode()
    assert list(search.broken()) == []
