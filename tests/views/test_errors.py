from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils import timezone

from studio import urls
from studio.database import silent_database
from studio.models import Board, Picture, User
from tests import people
from tests.people import HTMX

TROUBLES = {
    "400": SuspiciousOperation("x"),
    "403": PermissionDenied("x"),
    "413": RequestDataTooBig("x"),
    "500": ZeroDivisionError("a secret of ours"),
    "507": OSError(errno.ENOSPC, "a secret of ours"),
}
WORDS = {
    "400": "Studio did not understand that.",
    "403": "You don't have access to this page.",
    "413": "That&#x27;s too much text.",
    "500": "Something went wrong on our side.",
    "507": "disk is full.",
}


def stumble(request: HttpRequest, status: str) -> HttpResponse:
    raise TROUBLES[status]


urlpatterns = [*urls.urlpatterns, path("stumble/<str:status>/", stumble)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def stumbling(alice: User) -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield people.signed_in(alice, raise_request_exception=False)


@pytest.mark.parametrize("status", TROUBLES)
def test_a_page_says_in_a_sentence_what_is_wrong(stumbling: Client, status: str) -> None:
    response = stumbling.get(f"/stumble/{status}/")
    html = response.content.decode()
    assert response.status_code == int(status)
    assert WORDS[status] in html
    assert "<!doctype html>" in html
    assert "secret" not in html


@pytest.mark.parametrize("status", TROUBLES)
def test_a_fragment_hears_it_as_a_notice(stumbling: Client, status: str) -> None:
    response = stumbling.get(f"/stumble/{status}/", headers=HTMX)
    assert response.status_code == int(status)
    assert response.content.decode().strip().startswith("<toast-note")
    assert response.headers["HX-Retarget"] == "#toasts"


@pytest.mark.parametrize("status", ["403", "500", "507"])
def test_a_form_that_fails_shows_what_was_written_in_it(stumbling: Client, status: str) -> None:
    response = stumbling.post(f"/stumble/{status}/", {"name": "Harbour <at dusk>", "password": "secret-1"})
    assert response.status_code == int(status)
    assert "Harbour &lt;at dusk&gt;</textarea>" in response.content.decode()
    assert "secret-1" not in response.content.decode()


def test_a_host_that_is_not_ours_gets_a_plain_page(client: Client, db: None) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert WORDS["400"] in response.content.decode()
    assert "STUDIO_ALLOWED_HOSTS" in response.content.decode()


@pytest.mark.parametrize("act", ["star", "rating", "decision", "tags", "comments", "archive"])
@pytest.mark.parametrize("change", [{"is_private": True}, {"trashed_at": timezone.now()}], ids=["private", "trashed"])
def test_an_act_on_what_went_meanwhile_says_so(alice: User, bob: User, act: str, change: dict[str, object]) -> None:
    picture = people.make_job(bob, state="done").pictures.get()
    Picture.objects.filter(pk=picture.pk).update(**change)
    response = people.signed_in(alice).post(f"/pictures/{picture.code}/{act}/", {"text": "Fog"}, headers=HTMX)
    assert response.status_code == 404
    assert (
        "Somebody may have deleted it or made it private meanwhile. Nothing was changed." in response.content.decode()
    )


def test_a_wrong_address_is_not_said_to_have_gone(alice: User) -> None:
    for response in (people.signed_in(alice).get(f"/pictures/{uuid4()}/"), people.signed_in(alice).post("/nowhere/")):
        assert response.status_code == 404
        assert "Page not found." in response.content.decode()


# ---- Refusals without words


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/submissions/", 405), ("post", "/gallery/", 405)])
def test_a_method_that_is_not_served_has_a_page(as_alice: Client, method: str, path: str, status: int) -> None:
    response = getattr(as_alice, method)(path)
    assert response.status_code == status
    assert response.headers["Allow"]
    assert "opened like that" in response.content.decode()
    assert "<!doctype html>" in response.content.decode()
    fragment = getattr(as_alice, method)(path, headers=HTMX)
    assert fragment.content.decode().strip().startswith("<toast-note")
    assert fragment.headers["HX-Retarget"] == "#toasts"


def test_a_value_that_is_none_of_ours_has_a_page(as_alice: Client) -> None:
    response = as_alice.post("/theme/", {"theme": "beige"})
    assert (response.status_code, WORDS["400"] in response.content.decode()) == (400, True)


# ---- A disk that takes nothing, and a database that is silent


def caused(cause: Exception, problem: Exception) -> Exception:
    problem.__cause__ = cause
    return problem


def locked_sqlite() -> Exception:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return caused(cause, OperationalError("database is locked"))


def no_such_table() -> Exception:
    cause = sqlite3.OperationalError("no such table")
    cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
    return caused(cause, OperationalError("no such table"))


SILENT = [
    locked_sqlite(),
    caused(psycopg.OperationalError("connection refused"), OperationalError("connection refused")),
    caused(psycopg.errors.AdminShutdown("x"), OperationalError("terminating connection")),
    InterfaceError("connection already closed"),
    caused(psycopg.errors.ReadOnlySqlTransaction("x"), InternalError("cannot execute UPDATE")),
]
MISTAKES = [
    no_such_table(),
    caused(psycopg.errors.DeadlockDetected("x"), OperationalError("x")),
    ZeroDivisionError("x"),
]


@pytest.mark.parametrize(
    ("problem", "is_silent"), [*((one, True) for one in SILENT), *((one, False) for one in MISTAKES)]
)
def test_a_silent_database_is_told_from_a_mistake(problem: Exception, is_silent: bool) -> None:
    assert silent_database.is_cause(problem) is is_silent


def test_a_page_without_its_database_asks_again_by_itself(alice: User) -> None:
    client = people.signed_in(alice, raise_request_exception=False)
    with patch.object(SessionStore, "load", side_effect=SILENT[1]):
        page = client.get("/gallery/?q=lake&sort=old")
        sent = client.post("/trash/emptying/")
    html = page.content.decode()
    assert (page.status_code, page["Retry-After"], page["Refresh"]) == (503, "5", "5")
    assert "Studio&#x27;s database does not answer." in html
    assert 'href="/gallery/?q=lake&amp;sort=old">Try again' in html
    # What was sent is not sent again by itself.
    assert sent.status_code == 503
    assert "Refresh" not in sent


def test_a_database_that_can_only_be_read_is_said_to_be_so(alice: User) -> None:
    client = people.signed_in(alice, raise_request_exception=False)
    with patch.object(SessionStore, "load", side_effect=SILENT[-1]):
        page = client.get("/gallery/")
    assert (page.status_code, page["Refresh"]) == (503, "5")
    assert "database takes nothing just now: it can only be read." in page.content.decode()


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [(OSError(errno.ENOSPC, "x"), 507, "disk is full."), (OSError(errno.EROFS, "x"), 503, "can&#x27;t use its disk.")],
)
def test_signing_in_on_a_disk_that_takes_nothing_is_told(
    client: Client, alice: User, problem: Exception, status: int, words: str
) -> None:
    client.raise_request_exception = False
    alice.set_password("a long enough password")
    alice.save()
    with patch.object(SessionStore, "save", side_effect=problem):
        response = client.post("/sign-in/", {"username": alice.name, "password": "a long enough password"})
    assert response.status_code == status
    assert words in response.content.decode()


WROTE = {
    "name": "<b>\u05e2\u05e8\u05d1</b>",
    "purpose": "two\nlines",
    "client": " ",
    "password": "a secret of theirs",
    "once": "x",
}


def test_what_stood_in_a_refused_form_is_shown_again(as_bob: Client, bob: User, alice: User) -> None:
    board = Board.make(alice, name="Harbour", now=timezone.now())
    gone, closed = reverse("studio:board_settings", args=[uuid4()]), reverse("studio:board_settings", args=[board.code])
    User.objects.filter(pk=bob.pk).update(role=User.Role.VIEWER)
    answers = [as_bob.post(reverse("studio:new_board"), WROTE)]
    User.objects.filter(pk=bob.pk).update(role=User.Role.DESIGNER)
    answers += [as_bob.post(gone, WROTE), as_bob.post(closed, WROTE)]
    page = f"http://testserver{reverse('studio:new_board')}"
    answers.append(Client().post(reverse("studio:new_board"), WROTE, headers={"Referer": page}))
    assert [one.status_code for one in answers] == [403, 404, 403, 401]
    for one in answers:
        html = one.content.decode()
        assert [">&lt;b&gt;\u05e2\u05e8\u05d1&lt;/b&gt;</textarea>" in html, ">two\nlines</textarea>" in html] == [
            True,
            True,
        ]
        assert html.count("<textarea") == 2
        assert "a secret of theirs" not in html
    assert (
        "Only Alice Moreau, or an admin for a board of the whole team, can change its settings."
        in answers[2].content.decode()
    )
    signed_out = answers[3].content.decode()
    assert "<title>Signed out · Studio</title>" in signed_out
    assert f'href="{reverse("studio:sign_in")}?next={reverse("studio:new_board")}"' in signed_out


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nContent-Disposition: form-data; name=text\r\n\r\nWords"])
def test_a_form_to_nowhere_is_not_read(as_bob: Client, body: bytes) -> None:
    answer = as_bob.post("/nowhere/", body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, b"<textarea" in answer.content) == (404, False)


def test_a_form_without_words_leads_to_the_sign_in_page_and_from_there_to_its_own(client: Client) -> None:
    own, elsewhere = (f"http://{host}{reverse('studio:looks')}" for host in ("testserver", "elsewhere.example"))
    for page, leads in ((own, f"?next={reverse('studio:looks')}"), (elsewhere, ""), ("", "")):
        answer = client.post(reverse("studio:submit"), headers={"Referer": page})
        assert answer.headers["Location"] == f"{reverse('studio:sign_in')}{leads}"


def test_a_viewer_reads_what_is_true_of_viewers(as_bob: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.VIEWER)
    refused = as_bob.post(reverse("studio:new_board")).content.decode()
    assert "Ask an admin to make you a designer" in refused
    assert "Go to the gallery" in refused
    # A page that is older than the role still offers what it asked for.
    asked = as_bob.get(reverse("studio:create"), {"source": "x"}, follow=True)
    assert "You&#x27;re a viewer here" in asked.content.decode()
    # A designer could not open it either.
    for_admins = as_bob.get(reverse("studio:people")).content.decode()
    assert "You don't have access to this page." in for_admins
    assert "Ask an admin to make you a designer" not in for_admins
