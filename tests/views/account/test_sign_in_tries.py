"""Too many tries to sign in: who waits, how long, and who does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from studio.models import User
from studio.signing_in import brake
from tests import people
from tests.people import PASSWORD
from tests.views.signing_in import SIGN_IN, knock, wrong


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def test_the_seventh_wrong_try_is_told_when_to_come_back(client: Client, cleo: User) -> None:
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False):
        answers = [knock(client, name, "wrong") for name in ["Cleo Door", "CLEO DOOR", "cleo@studio.example"] * 2]
        assert {answer.status_code for answer in answers} == {422}
        last = knock(client, "Cleo Door", "wrong")
        assert last.status_code == 429
        assert "Try again at 10:15" in last.content.decode()
        assert last.headers["Retry-After"] == "900"
        assert knock(client, "Cleo Door").status_code == 429, "even the right password waits"


def test_after_the_wait_the_right_password_works(client: Client, cleo: User) -> None:
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False) as clock:
        for _ in range(settings.AXES_FAILURE_LIMIT):
            knock(client, "Cleo Door", "wrong")
        clock.shift(timedelta(minutes=5))
        impatient = knock(client, "Cleo Door")
        assert ("Try again at 10:15" in impatient.content.decode(), impatient.headers["Retry-After"]) == (True, "600")
        clock.shift(settings.AXES_COOLOFF_TIME - timedelta(minutes=5) + timedelta(seconds=1))
        assert knock(client, "Cleo Door").status_code == 302


def test_a_right_password_forgives_the_wrong_ones(client: Client, cleo: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        knock(client, "cleo@studio.example", "wrong")
    assert knock(client, "cleo@studio.example").status_code == 302
    client.post(reverse("studio:sign_out"))
    assert knock(client, "Cleo Door", "wrong").status_code == 422


def test_a_name_that_nobody_has_is_slowed_down_as_well(client: Client, db: None) -> None:
    answers = [knock(client, "Nobody", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1] == 429


def test_the_others_of_the_office_are_not_locked_out(client: Client, cleo: User) -> None:
    people.make_person("Dora", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        knock(client, "Cleo Door", "wrong")
    assert knock(client, "Dora").status_code == 302


@pytest.fixture
def behind_a_proxy(settings) -> None:
    settings.STUDIO_PROXIES = 1


def right(client: Client, name: str, address: str) -> int:
    headers = {"X-Forwarded-For": address}
    return client.post(SIGN_IN, {"username": name, "password": PASSWORD}, headers=headers).status_code


@pytest.mark.usefixtures("behind_a_proxy")
def test_behind_a_proxy_a_name_is_locked_for_one_address(client: Client, cleo: User) -> None:
    assert [wrong(client, "Cleo Door", "1.1.1.1") for _ in range(7)][-1] == 429
    assert wrong(client, "Cleo Door", "[2001:db8::1]:99") == 422
    assert right(client, "Cleo Door", "2.2.2.2") == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_many_names_from_one_address_are_slowed(client: Client, cleo: User) -> None:
    answers = [wrong(client, f"Name {number}", "1.1.1.1") for number in range(brake.PER_ADDRESS)]
    assert (answers[-2], answers[-1]) == (422, 429)
    assert right(client, "Cleo Door", "1.1.1.1") == 429
    assert right(client, "Cleo Door", "2.2.2.2") == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_an_account_does_not_free_an_address(client: Client, cleo: User) -> None:
    for number in range(brake.PER_ADDRESS - 1):
        wrong(client, f"Name {number}", "1.1.1.1")
    assert right(client, "Cleo Door", "1.1.1.1") == 302
    assert wrong(Client(), "Another", "1.1.1.1") == 429


@pytest.mark.usefixtures("behind_a_proxy")
def test_one_name_from_many_addresses_is_slowed_but_not_for_a_browser_of_its_own(client: Client, cleo: User) -> None:
    mine, strange = Client(), Client()
    assert right(mine, "Cleo Door", "9.9.9.9") == 302
    mine.post(reverse("studio:sign_out"))
    answers = [wrong(strange, "Cleo Door", f"1.1.{number}.1") for number in range(brake.PER_NAME)]
    assert answers[-1] == 429
    assert right(strange, "Cleo Door", "3.3.3.3") == 429
    assert right(mine, "Cleo Door", "1.1.1.1") == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_known_browser_has_a_limit_of_its_own_and_only_for_its_people(client: Client, cleo: User) -> None:
    people.make_person("Dora", password=PASSWORD)
    assert right(client, "Cleo Door", "1.1.1.1") == 302
    client.post(reverse("studio:sign_out"))
    assert [wrong(client, "Cleo Door", f"1.1.{number}.1") for number in range(7)][-1] == 429
    for _ in range(7):
        wrong(Client(), "Dora", "1.1.1.1")
    assert right(client, "Dora", "1.1.1.1") == 429


@pytest.mark.usefixtures("behind_a_proxy")
@pytest.mark.parametrize("agent", ["known browser x", ""])
def test_a_browser_cannot_call_itself_known(client: Client, cleo: User, agent: str) -> None:
    client.cookies[brake.cookie_name()] = "eyJudW1iZXIiOiJ4IiwicGVvcGxlIjpbMV19:forged:forged"
    client.defaults["HTTP_USER_AGENT"] = agent
    assert [wrong(client, "Cleo Door", "1.1.1.1") for _ in range(7)][-1] == 429
    assert right(Client(), "Cleo Door", "1.1.1.1") == 429


@pytest.mark.usefixtures("behind_a_proxy")
def test_the_wait_that_is_told_is_the_longest_that_holds(client: Client, cleo: User) -> None:
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False) as clock:
        for _ in range(7):
            wrong(client, "Cleo Door", "1.1.1.1")
        clock.shift(timedelta(minutes=10))
        for number in range(brake.PER_ADDRESS - 7):
            wrong(client, f"Name {number}", "1.1.1.1")
        answer = client.post(
            SIGN_IN, {"username": "Cleo Door"} | {"password": "x"}, headers={"X-Forwarded-For": "1.1.1.1"}
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
        clock.shift(timedelta(minutes=5, seconds=1))
        assert right(client, "Cleo Door", "1.1.1.1") == 302
