from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.engine.integrity import search
from studio.middleware import last_seen
from studio.models import TrailEntry, User
from studio.models.session import device, end_sessions, numbers_of, sessions_of
from tests import people
from tests.people import HTMX, PASSWORD

ACCOUNT, SIGN_IN = reverse("studio:account"), reverse("studio:sign_in")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
NEW = "blue harbour at nine"


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


def signed_in(person: User, agent: str = FIREFOX) -> Client:
    """A browser in which a person has signed in at the page."""
    client = Client(headers={"user-agent": agent})
    assert client.post(SIGN_IN, {"username": person.name, "password": PASSWORD}).status_code == 302
    return client


def page(client: Client) -> str:
    return client.get(ACCOUNT).content.decode()


def said(person: User) -> list[tuple[str, str]]:
    return list(TrailEntry.objects.filter(actor=person).order_by("pk").values_list("verb", "text"))


# ---- E-mail


def test_an_address_changes_after_the_password(cleo: User) -> None:
    client = signed_in(cleo)
    change = reverse("studio:change_email")
    refused = client.post(change, {"email": "new@studio.example", "password": "wrong"})
    assert (refused.status_code, "Wrong password." in refused.content.decode()) == (422, True)
    assert 'value="new@studio.example"' in refused.content.decode(), "what was typed is kept"
    assert client.post(change, {"email": "New@Studio.example", "password": PASSWORD}).status_code == 302
    cleo.refresh_from_db()
    assert cleo.email == "new@studio.example"
    assert said(cleo)[-1] == ("password", "Changed the e-mail address")
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
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
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


# ---- Sessions


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) AppleWebKit/537.36 Chrome/126 Safari/537.36", "Chrome on Mac"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "Unknown device"),
        ("", "Unknown device"),
        ("\x00<script>", "Unknown device"),
    ],
)
def test_a_device_is_named_in_plain_words(agent: str, words: str) -> None:
    assert device(agent) == words


def test_each_session_is_listed_and_can_be_ended(cleo: User) -> None:
    here, there = signed_in(cleo), signed_in(cleo, IPHONE)
    html = page(here)
    assert ("Firefox on Linux" in html, "Safari on iPhone" in html, "127.0.0.1" in html) == (True, True, True)
    assert html.count("This device") == 1
    assert str(there.session.session_key) not in html
    other = next(one for one in sessions_of(cleo.pk) if one.device == "Safari on iPhone")
    answer = here.post(reverse("studio:end_own_session", args=[other.pk]), follow=True)
    assert "Signed out on Safari on iPhone." in answer.content.decode()
    assert there.get(reverse("studio:gallery"), headers=HTMX).status_code == 401
    assert (
        "had ended already"
        in here.post(reverse("studio:end_own_session", args=[other.pk]), follow=True).content.decode()
    )
    assert "Safari on iPhone" not in page(here)


def test_sessions_of_a_team_are_counted_by_one_query(cleo: User, bob: User, django_assert_num_queries) -> None:
    signed_in(cleo)
    ended = signed_in(cleo, IPHONE)
    Session.objects.filter(session_key=ended.session.session_key).update(expire_date=timezone.now())
    with django_assert_num_queries(1):
        assert numbers_of([cleo.pk, bob.pk]) == {cleo.pk: 1}


def test_nobody_ends_a_session_of_somebody_else(cleo: User, as_bob: Client) -> None:
    signed_in(cleo)
    as_bob.post(reverse("studio:end_own_session", args=[UserSession.objects.get().pk]))
    assert len(sessions_of(cleo.pk)) == 1


def test_everywhere_else_ends_all_but_this_one(cleo: User) -> None:
    here, *others = (signed_in(cleo, agent) for agent in (FIREFOX, IPHONE, EDGE))
    answer = here.post(reverse("studio:end_other_sessions"), follow=True)
    assert "Signed out on 2 other devices." in answer.content.decode()
    assert [client.get(ACCOUNT).status_code for client in (here, *others)] == [200, 302, 302]
    again = here.post(reverse("studio:end_other_sessions"), follow=True)
    assert "only here" in again.content.decode()


def test_signing_in_and_out_is_in_the_trail(cleo: User) -> None:
    client = signed_in(cleo)
    client.post(reverse("studio:sign_out"))
    Client().post(SIGN_IN, {"username": "CLEO DOOR", "password": "wrong"})
    Client().post(SIGN_IN, {"username": "a-password-typed-as-a-name", "password": "wrong"})
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    Client().post(SIGN_IN, {"username": "Cleo Door", "password": "wrong"})
    rows = list(TrailEntry.objects.order_by("pk").values_list("verb", "actor", "thing", "text"))
    assert rows == [
        ("signed-in", cleo.pk, "", ""),
        ("signed-out", cleo.pk, "", ""),
        ("sign-in-refused", None, "Cleo Door", "Wrong password, from 127.0.0.1"),
        ("sign-in-refused", None, "Cleo Door", "No access, from 127.0.0.1"),
    ]
    assert not UserSession.objects.exists()


def test_a_session_is_noted_at_most_once_in_five_minutes(cleo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(last_seen.time, "monotonic", lambda: clock[0])
    client = signed_in(cleo)
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(days=1))

    def seen() -> bool:
        client.get(reverse("studio:keys"))
        return UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)

    assert seen()
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    clock[0] += last_seen.EVERY - 1
    assert not seen()
    clock[0] += 2
    assert seen()


def test_no_more_sessions_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_seen, "_noted", {})
    monkeypatch.setattr(last_seen, "MOST_KNOWN", 3)
    assert all(last_seen.is_due(str(number)) for number in range(5))
    assert list(last_seen._noted) == ["2", "3", "4"]


def test_whose_access_is_removed_is_out_for_good(cleo: User, ada: User) -> None:
    client = signed_in(cleo)
    User.objects.change_access(cleo.pk, by=ada, is_active=False)
    assert client.get(reverse("studio:pulse") + "?since=0", headers=HTMX).status_code == 401
    assert not Session.objects.filter(session_key=client.cookies["sessionid"].value).exists()
    User.objects.change_access(cleo.pk, by=ada, is_active=True)
    assert client.get(ACCOUNT).status_code == 302, "the old session does not come back with the access"


def test_an_admin_sees_and_ends_sessions_of_others(cleo: User, as_ada: Client) -> None:
    client = signed_in(cleo)
    html = as_ada.get(reverse("studio:sessions_of_person", args=[cleo.pk])).content.decode()
    assert "Firefox on Linux" in html
    row = sessions_of(cleo.pk)[0]
    as_ada.post(reverse("studio:end_session_of_person", args=[cleo.pk, row.pk]))
    assert client.get(ACCOUNT).status_code == 302
    entry = TrailEntry.objects.newest_first()[0]
    assert (entry.verb, entry.name, entry.thing) == ("signed-out", "Ada Admin", "Cleo Door")
    assert end_sessions(cleo.pk) == 0


def test_the_account_page_takes_as_many_queries_with_many_sessions(cleo: User, django_assert_max_num_queries) -> None:
    client = signed_in(cleo)
    for _ in range(4):
        signed_in(cleo)
    page(client)
    with django_assert_max_num_queries(11):
        page(client)


def test_strange_input_is_answered_with_a_sentence(cleo: User) -> None:
    client = signed_in(cleo)
    for name in ("change_email", "change_password", "add_passkey", "turn_off_second_step", "new_recovery_codes"):
        for value in ("", "\x00", "x" * 5000, "\u202e\ud7ff", "' OR 1=1"):
            data = {"email": value, "password": value, "new": value, "name": value}
            AccessAttempt.objects.all().delete()
            assert client.post(reverse(f"studio:{name}"), data).status_code == 422


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
