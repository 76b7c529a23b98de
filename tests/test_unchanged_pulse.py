"""The short way to a 204 says what the long way would say, and no longer than the long way would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from studio.middleware import known_browsers
from studio.models import Revision, User
from tests.people import HTMX, make_job, signed_in
from tests.session_ends import change_password, delete, disable, expire, sign_out


@pytest.fixture
def known(as_alice: Client) -> Client:
    """Alice's browser with a page open, whose pulse the whole stack has answered with 204 before."""
    Revision.bump()
    as_alice.get("/gallery/")
    assert pulse(as_alice).status_code == 204
    return as_alice


def pulse(client: Client, *, host: str = "testserver", since: int | None = None, **query: Any) -> HttpResponse:
    since = Revision.current() if since is None else since
    return client.get("/pulse/", {"page": "create", "since": since} | query, headers={**HTMX, "Host": host})


def long_way(client: Client, **query: Any) -> HttpResponse:
    """What a process that has never seen this browser answers it."""
    stranger = Client()
    stranger.cookies = client.cookies
    return pulse(stranger, **query)


def told(response: HttpResponse) -> tuple[int, dict[str, str], str]:
    return response.status_code, dict(response.items()), response.cookies.output()


def questions(client: Client, **query: Any) -> list[str]:
    since = Revision.current()
    with CaptureQueriesContext(connection) as captured:
        pulse(client, since=since, **query)
    return [one["sql"] for one in captured]


def is_short(client: Client, **query: Any) -> bool:
    """Was the pulse answered after one question?"""
    return len(questions(client, **query)) == 1


def test_a_known_browser_hears_nothing_new_after_one_question_and_with_every_header(known: Client) -> None:
    assert is_short(known)
    answer = pulse(known)
    assert told(answer) == told(long_way(known))
    assert answer.status_code == 204
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_new_is_told_and_the_browser_stays_known(known: Client, alice: User) -> None:
    before = Revision.current()
    job = make_job(alice)
    assert f"job-{job.code}" in pulse(known, since=before, born=0).content.decode()
    assert is_short(known)


def empty(client: Client, person: User) -> None:
    Session.objects.update(session_data=client.session.encode({}))


@pytest.mark.parametrize("end", [sign_out, change_password, disable, delete, expire, empty])
def test_a_session_that_is_over_is_over_for_the_next_pulse(
    known: Client, alice: User, end: Callable[[Client, User], None]
) -> None:
    assert is_short(known)
    end(known, alice)
    cookies = known.cookies.copy()
    answer = pulse(known)
    known.cookies = cookies
    assert answer.status_code == 401
    assert told(answer) == told(long_way(known))
    known.cookies = cookies
    # And nothing of it is kept.
    assert not any("person.password" in question for question in questions(known))


@pytest.mark.parametrize("change", [change_password, empty])
def test_what_changed_while_the_stack_answered_is_not_taken_for_what_it_compared(
    as_alice: Client, alice: User, change: Callable[[Client, User], None]
) -> None:
    Revision.bump()
    since = Revision.current()

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "person.password" in sql:
            change(as_alice, alice)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        assert pulse(as_alice, since=since).status_code == 204
    assert pulse(as_alice).status_code == 401


def test_a_stranger_is_sent_to_sign_in_each_time(client: Client, db: None) -> None:
    Revision.bump()
    assert [pulse(client).status_code for _ in range(2)] == [401, 401]


def test_another_persons_cookie_is_another_browser(known: Client, bob: User) -> None:
    known.cookies = signed_in(bob).cookies
    assert not is_short(known)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert pulse(known).status_code == 401


def test_a_foreign_host_is_refused_though_the_browser_is_known(known: Client) -> None:
    answer = pulse(known, host="evil.example")
    assert answer.status_code == 400
    assert told(answer) == told(long_way(known, host="evil.example"))


def test_a_browser_known_over_tls_is_still_sent_away_from_plain_http(as_alice: Client) -> None:
    address = f"/pulse/?since={Revision.bump()}"
    proxied = {"SECURE_SSL_REDIRECT": True, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}
    over_tls = {"X-Forwarded-Proto": "https"}
    with override_settings(**proxied):
        assert [as_alice.get(address, headers=over_tls).status_code for _ in range(2)] == [204, 204]
        assert as_alice.get(address).status_code == 301


@pytest.mark.parametrize("method", ["head", "post"])
def test_only_a_question_is_answered(known: Client, method: str) -> None:
    ask = getattr(known, method)
    assert ask(f"/pulse/?since={Revision.current()}", headers={"Host": "testserver"}).status_code == 405


def test_an_answer_with_a_cookie_is_never_kept(as_alice: Client) -> None:
    Revision.bump()
    for _ in range(2):
        as_alice.cookies[settings.CSRF_COOKIE_NAME] = "nonsense"
        assert settings.CSRF_COOKIE_NAME in pulse(as_alice).cookies


def test_an_address_with_too_many_words_is_refused_as_before(known: Client) -> None:
    many = {f"w{number}": "" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    answer = pulse(known, **many)
    assert answer.status_code == 413
    assert told(answer) == told(long_way(known, **many))


def test_a_database_that_stumbles_is_asked_again_the_long_way(known: Client) -> None:
    def stumble(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "person.password" in sql:
            raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(stumble):
        assert pulse(known).status_code == 204


def test_who_was_known_first_makes_room(known: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_browsers, "MOST_KNOWN", 1)
    assert pulse(known, host="localhost").status_code == 204
    assert is_short(known, host="localhost")
    assert not is_short(known)
