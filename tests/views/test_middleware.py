from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxMiddleware

from studio import middleware
from studio.models import Revision, User
from tests import people
from tests.people import HTMX

SIGN_IN = reverse("studio:sign_in")


def through(response: HttpResponse, **headers: str) -> HttpResponse:
    """Pass an answer through the htmx and fragments middleware."""
    request = RequestFactory().get("/gallery/", headers=headers)
    answer: Callable[[HttpRequest], HttpResponse] = HtmxMiddleware(middleware.fragments(lambda _: response))
    return answer(request)


def test_a_stranger_is_sent_to_sign_in_and_back_afterwards(client: Client, db: None) -> None:
    response = client.get("/gallery/?after=1-1")
    assert response.status_code == 302
    assert response.url == f"{SIGN_IN}?next=/gallery/%3Fafter%3D1-1"


def test_a_strangers_post_leads_to_sign_in_without_a_way_back(client: Client, db: None) -> None:
    assert client.post(reverse("studio:submit")).url == SIGN_IN


@pytest.mark.parametrize("name", ["pulse", "submit", "upload", "draft"])
def test_a_session_that_ended_leaves_an_open_page_as_it_is(client: Client, db: None, name: str) -> None:
    ask = client.post if name == "submit" else client.get
    response = ask(reverse(f"studio:{name}"), headers={**HTMX, "Studio-Person": "7"})
    assert (response.status_code, response.headers["Studio-Session"]) == (401, "ended")
    assert response.headers["HX-Reswap"] == "none"
    assert "HX-Redirect" not in response.headers
    assert response.content == b""


def test_a_page_of_one_person_gets_and_sends_nothing_of_another(as_bob: Client, alice: User, bob: User) -> None:
    of_alice = {**HTMX, "Studio-Person": str(alice.pk)}
    of_bob = {**HTMX, "Studio-Person": str(bob.pk)}
    asked = reverse("studio:pulse")
    # This process knows Bob's browser by then, and would answer before the stack does.
    for _ in range(2):
        assert as_bob.get(asked, headers=of_bob).status_code in {200, 204}
        assert as_bob.get(asked, {"since": Revision.current()}, headers=of_bob).status_code in {200, 204}
    for answer in (
        as_bob.get(asked, {"since": Revision.current()}, headers=of_alice),
        as_bob.post(reverse("studio:submit"), {"prompt": "Alice's words"}, headers=of_alice),
        as_bob.post(reverse("studio:draft"), "{}", content_type="application/json", headers=of_alice),
    ):
        assert (answer.status_code, answer.headers["Studio-Session"]) == (401, "other")


def test_an_open_page_learns_that_its_token_was_renewed(alice: User, bob: User) -> None:
    client = people.signed_in(alice, enforce_csrf_checks=True)
    mine = client.post(reverse("studio:submit"), headers={**HTMX, "Studio-Person": str(alice.pk)})
    theirs = client.post(reverse("studio:submit"), headers={**HTMX, "Studio-Person": str(bob.pk)})
    assert (mine.status_code, mine.headers["Studio-Session"]) == (403, "renewed")
    assert (theirs.status_code, theirs.headers["Studio-Session"]) == (401, "other")
    assert client.get(reverse("studio:draft")).json()["token"]
    viewer = people.signed_in(people.make_person("Vic", role=User.Role.VIEWER))
    assert viewer.get(reverse("studio:draft")).json()["token"]
    kept = viewer.post(reverse("studio:draft"), "{}", content_type="application/json")
    assert kept.status_code == 403


def test_pages_are_private_and_vary_by_what_is_asked_for(as_alice: Client) -> None:
    response = as_alice.get(reverse("studio:gallery"))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(as_alice: Client) -> None:
    policy = as_alice.get(reverse("studio:gallery")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_refused_fragment_becomes_a_notice_and_replaces_no_card(as_alice: Client) -> None:
    response = as_alice.post(reverse("studio:sending_pause", args=["admin"]), headers=HTMX)
    assert response.status_code == 403
    assert response.headers["HX-Retarget"] == "#toasts"
    assert response.headers["HX-Reswap"] == "beforeend"
    assert response.content.strip().startswith(b"<toast-note")


def test_a_missing_page_is_a_notice_for_htmx_and_a_page_otherwise(as_alice: Client) -> None:
    assert b"<toast-note" in as_alice.get("/nowhere/", headers=HTMX).content
    page = as_alice.get("/nowhere/")
    assert page.status_code == 404
    assert b"<!doctype html>" in page.content
    assert "HX-Retarget" not in page.headers


def test_an_answer_without_words_gets_some() -> None:
    response = through(HttpResponse(status=405), **HTMX)
    assert b"<toast-note" in response.content


def test_a_form_with_mistakes_keeps_its_place() -> None:
    response = through(HttpResponse("<form>", status=422), **HTMX)
    assert response.content == b"<form>"
    assert "HX-Retarget" not in response.headers


def test_a_view_that_says_where_its_refusal_goes_is_believed() -> None:
    response = through(HttpResponse("x", status=429, headers={"HX-Retarget": "#dock"}), **HTMX)
    assert response.headers["HX-Retarget"] == "#dock"


def test_a_session_of_somebody_without_access_is_over(as_alice: Client, alice: User) -> None:
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    assert as_alice.get(reverse("studio:gallery")).status_code == 302


def test_a_form_of_another_site_is_refused_with_advice(alice: User) -> None:
    response = people.signed_in(alice, enforce_csrf_checks=True).post(reverse("studio:theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert b"This page has expired." in response.content


HERE, PROXY = "http://testserver", "https://studio.example"
TOKEN = "x" * 32
NOT_TRUSTED, EXPIRED = "Studio doesn't take forms from this address.", "This page has expired."
HIDDEN, NO_COOKIE = "Your browser hides where this form comes from.", "Your browser didn't send Studio's cookie."


@pytest.mark.parametrize(
    ("headers", "cookies", "sentence", "cause"),
    [
        ({"Origin": PROXY}, (), NOT_TRUSTED, f"set STUDIO_TRUSTED_ORIGINS={PROXY} and start again"),
        ({"Origin": "https://testserver"}, (), NOT_TRUSTED, "Set STUDIO_TLS=on behind an HTTPS proxy, or"),
        ({"Origin": "http://testserver:81"}, (), NOT_TRUSTED, "set STUDIO_TRUSTED_ORIGINS=http://testserver:81"),
        ({"Origin": "null"}, (), HIDDEN, "neither an Origin nor a Referer"),
        ({"Origin": HERE}, (), EXPIRED, "The cookie csrftoken did not come back."),
        ({"Origin": HERE}, ("csrftoken",), EXPIRED, "The form's token is old, or of another browser"),
        ({}, ("csrftoken",), EXPIRED, "The form's token is old, or of another browser"),
    ],
)
def test_a_form_that_is_refused_says_why(
    as_ada: Client,
    alice: User,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    cookies: tuple[str, ...],
    sentence: str,
    cause: str,
) -> None:
    """A designer reads what they can do, an admin and the log the cause and what mends it."""
    for person in (alice, User.objects.get(name="Ada Admin")):
        client = people.signed_in(person, enforce_csrf_checks=True)
        for name in cookies:
            client.cookies[name] = TOKEN
        response = client.post(reverse("studio:theme"), {"theme": "dark"}, headers=headers)
        page = html.unescape(response.text)
        assert response.status_code == 403
        assert f"<h1>{sentence}</h1>" in page
        assert (cause in page) is person.is_admin
        assert "Nothing was changed." in page
        assert cause in caplog.text


def test_a_form_whose_page_has_expired_shows_what_was_typed_and_leads_back(as_ada: Client, alice: User) -> None:
    path = reverse("studio:new_board")
    for person in (alice, User.objects.get(name="Ada Admin")):
        client = people.signed_in(person, enforce_csrf_checks=True)
        client.cookies["csrftoken"] = TOKEN
        fields = {"name": "Harbour <at dusk>", "csrfmiddlewaretoken": "y" * 32}
        headers = {"Origin": HERE, "Referer": f"{HERE}{path}"}
        page = html.unescape(client.post(path, fields, headers=headers).text)
        assert "This page has expired." in page
        assert "Copy what you typed, open the page again" in page
        assert "Harbour <at dusk></textarea>" in page
        assert f'href="{path}">Open the page again' in page
        headers["Referer"] = "https://elsewhere.example/boards/new/"
        assert "Open the page again" not in client.post(path, fields, headers=headers).text


def test_a_stranger_whose_browser_blocks_cookies_is_told_so(db: None) -> None:
    page = Client(enforce_csrf_checks=True).post(reverse("studio:sign_in"), {"username": "x"}, headers={"Origin": HERE})
    assert NO_COOKIE in html.unescape(page.text)


def test_over_tls_a_referer_of_another_site_is_named(as_ada: Client, settings: Any) -> None:
    client = people.signed_in(User.objects.get(name="Ada Admin"), enforce_csrf_checks=True)
    client.cookies["csrftoken"] = TOKEN
    headers = {"Referer": "https://me:hunter2@other.example/x?token=1"}
    page = client.post(reverse("studio:theme"), {"theme": "dark"}, headers=headers, secure=True).text
    assert "STUDIO_TRUSTED_ORIGINS=https://other.example and" in page
    assert "hunter2" not in page


def test_pages_travel_compressed_and_pictures_as_they_are(as_alice: Client, alice: User) -> None:
    picture = people.make_picture(alice)
    page = as_alice.get("/gallery/", headers={"Accept-Encoding": "gzip"})
    file = as_alice.get(reverse("studio:original", args=[picture.code]), headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in file
    file.close()


@pytest.mark.parametrize("path", ["/healthz", "/sign-in/", "/", "/no-such-page/", "/pulse/", "/static/none.css"])
@pytest.mark.django_db
def test_every_answer_is_marked_as_studios(client: Client, path: str) -> None:
    assert client.get(path).headers["Studio"] == "1"


@pytest.mark.django_db
def test_an_answer_that_broke_is_marked_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setitem(middleware.PROBES, "/healthz", broken)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["Studio"]) == (500, "1")


def test_an_unchanged_pulse_is_marked_on_the_short_way(as_alice: Client) -> None:
    Revision.bump()
    for _ in range(2):
        answer = as_alice.get("/pulse/", {"since": Revision.current()})
        assert (answer.status_code, answer.headers["Studio"]) == (204, "1")
