"""The account page: the devices that are signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.middleware import last_seen
from studio.models import TrailEntry, User
from studio.models.account.session import device, end_sessions, seen_of, sessions_of
from tests import people
from tests.people import HTMX, PASSWORD
from tests.views.accounts import ACCOUNT, FIREFOX, IPHONE, SIGN_IN, page, signed_in

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> User:
    return people.make_person("Cleo Door", email="cleo@studio.example", password=PASSWORD)


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
        assert {key: number for key, (number, _) in seen_of([cleo.pk, bob.pk]).items()} == {cleo.pk: 1}


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
