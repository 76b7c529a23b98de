from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from studio import brake
from studio.models import Invite, User
from studio.views.sign_in import SAMPLES, WRONG
from tests import people
from tests.people import PASSWORD

SIGN_IN = reverse("studio:sign_in")
NEW = {"name": "Cleo New", "email": "Cleo@Studio.Example", "password": "blue harbour at nine"}


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def knock(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


# ---- Signing in


@pytest.mark.parametrize("known_as", ["Cleo Door", "cleo door", "cleo@studio.example", "CLEO@studio.example"])
def test_a_name_or_an_email_opens_the_door(client: Client, cleo: User, known_as: str) -> None:
    response = knock(client, known_as)
    assert (response.status_code, response.url) == (302, reverse("studio:create"))
    assert client.session["_auth_user_id"] == str(cleo.pk)


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


# ---- Too many tries


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


def wrong(client: Client, name: str, address: str, **more: str) -> int:
    """One wrong password from an address behind our proxy."""
    headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
    return client.post(SIGN_IN, {"username": name, "password": "wrong", **more}, headers=headers).status_code


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


# ---- Signing out


def test_signing_out_ends_the_session(as_alice: Client) -> None:
    assert as_alice.post(reverse("studio:sign_out")).url == SIGN_IN
    assert as_alice.get(reverse("studio:gallery")).status_code == 302


# ---- Joining


def first_link() -> str:
    token = Invite.issue_first(now=timezone.now())
    assert token
    return reverse("studio:join", args=[token])


def test_the_first_link_makes_the_first_admin_and_shows_create(client: Client, db: None) -> None:
    link = first_link()
    assert b"be the admin" in client.get(link).content
    response = client.post(link, NEW)
    assert (response.status_code, response.url) == (302, reverse("studio:create"))
    person = User.objects.get()
    assert (person.name, person.email, person.is_admin) == ("Cleo New", "cleo@studio.example", True)
    assert person.check_password(NEW["password"])
    assert client.session["_auth_user_id"] == str(person.pk)


def test_machines_that_start_together_print_links_that_all_end_with_the_first_who_joins(
    client: Client, db: None
) -> None:
    one, other = first_link(), first_link()
    assert b"be the admin" in client.get(one).content
    client.post(one, NEW)
    assert b"be the admin" not in Client().get(other).content
    Client().post(other, {**NEW, "name": "Somebody", "email": "other@studio.example"})
    assert User.objects.count() == 1
    assert Invite.issue_first(now=timezone.now()) is None


def test_an_invite_makes_a_designer(client: Client, ada: User) -> None:
    invite, token = Invite.issue(by=ada, role=User.Role.DESIGNER, now=timezone.now())
    link = reverse("studio:join", args=[token])
    assert b"Ada Admin invited you" in client.get(link).content
    client.post(link, {**NEW, "email": ""})
    invite.refresh_from_db()
    assert invite.used_by is not None
    assert (invite.used_by.role, invite.used_by.email) == (User.Role.DESIGNER, None)


def test_a_used_link_is_closed(client: Client, db: None) -> None:
    link = first_link()
    client.post(link, NEW)
    again = Client().post(link, {**NEW, "name": "Somebody else", "email": ""})
    assert again.status_code == 410
    assert b"This link no longer works." in again.content
    assert User.objects.count() == 1


def test_an_expired_link_is_closed(client: Client, ada: User) -> None:
    _, token = Invite.issue(by=ada, role="designer", now=timezone.now() - timedelta(days=8))
    assert client.get(reverse("studio:join", args=[token])).status_code == 410


def test_of_two_who_use_a_link_at_once_one_joins(client: Client, ada: User) -> None:
    invite, token = Invite.issue(by=ada, role="designer", now=timezone.now())
    Invite.objects.filter(pk=invite.pk).update(used_at=timezone.now())
    with patch.object(type(Invite.objects.all()), "by_token", return_value=invite):
        assert client.post(reverse("studio:join", args=[token]), NEW).status_code == 410
    assert not User.objects.filter(name="Cleo New").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "ada admin", "already uses this name"),
        ("name", "ada@studio.example", "contain @"),
        ("name", "  ", "This field is required"),
        ("email", "ADA@studio.example", "has this email address already"),
        ("password", "short", "too short"),
        ("password", "0123456789", "entirely numeric"),
    ],
)
def test_a_new_person_is_told_what_to_change(client: Client, ada: User, field: str, value: str, words: str) -> None:
    User.objects.filter(pk=ada.pk).update(email="ada@studio.example")
    _, token = Invite.issue(by=ada, role="designer", now=timezone.now())
    response = client.post(reverse("studio:join", args=[token]), {**NEW, field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert User.objects.count() == 1


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
