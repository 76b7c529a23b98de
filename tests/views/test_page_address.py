"""The way back: where a form may lead afterwards."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from studio.models import User
from studio.views.permissions import accepts_get, page_address
from tests import people

pytestmark = pytest.mark.untraced

CODE = uuid.UUID(int=1)
BAD = [
    "foo", "foo/bar", "?page=2", "#top", ".", "..", "", " ", "//evil.example/", "///evil.example", "/\\evil.example",
    "https://evil.example/", "http://testserver.evil.example/", "javascript:alert(1)", "data:text/html,x",
    "/submissions/", "/theme/", "/uploads/", "/pulse/", "/people/invites/", f"/jobs/{CODE}/retry/", "/sign-out/",
    "/sign-in/", "/api/v1/me", "/v1/generations/x", "/mcp", "/healthz", "/static/css/base.css", "/nothing/here/", "/gallery/\n", "\n/gallery/", "/gal\tlery/",
    "http://[::1", "http://[::1]/gallery/", "\x00", "/gallery/\x00", "/gallery/%00", "%00", "/%ff/", "/gallery\u2028/",
    "/gallery/?" + "x" * 10_000, "/back-office/logout/", f"/pictures/{CODE}/download/", "/../gallery/", "/\ud800",
    "http:///gallery/", "http:gallery", "/gallery", "/🎨/", "mailto:ada@studio.example",
]  # fmt: skip
GOOD = [
    "/", "/gallery/", "/gallery/?after=1-1#here", "/review/", "/people/", f"/jobs/{CODE}/", f"/pictures/{CODE}/",
    f"/jobs/{CODE}/second-send/", "/gallery/?q=bär", "/gallery/?q=%0a", "/welcome/abc/", "/back-office/",
]  # fmt: skip


@pytest.mark.parametrize("wanted", BAD)
def test_what_is_no_page_of_ours_leads_nowhere(wanted: str) -> None:
    assert page_address(wanted, host="testserver") == ""


@pytest.mark.parametrize("wanted", GOOD)
def test_a_page_of_ours_is_led_back_to(wanted: str) -> None:
    assert page_address(wanted, host="testserver") == wanted
    assert page_address(f"http://testserver{wanted}", host="testserver") == wanted


@pytest.mark.parametrize("wanted", BAD)
def test_every_form_with_a_way_back_leads_somewhere(as_alice: Client, alice: User, wanted: str) -> None:
    wanted = wanted.replace("\ud800", "")
    job = people.make_job(alice, state="failed")
    answers = [
        as_alice.post(reverse("studio:theme"), {"theme": "dark", "next": wanted}),
        as_alice.post(reverse("studio:dismiss_job", args=[job.code]), {"next": wanted}),
        as_alice.get(reverse("studio:sign_in"), {"next": wanted}),
        Client().get(reverse("studio:sign_in"), {"next": wanted}),
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    for answer in answers[:3]:
        assert as_alice.get(answer.url).status_code == 200
    assert as_alice.get(reverse("studio:send_job_again", args=[job.code]), {"next": wanted}).status_code in {200, 302}


def patterns(resolver: URLResolver, prefix: str = "") -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            found.append(one)
        elif one.app_name in {"", None, "studio"}:
            found += patterns(one)
    return found


def test_every_view_says_truly_whether_it_answers_get(as_ada: Client) -> None:
    for pattern in patterns(get_resolver()):
        if pattern.name.startswith("mcp"):
            continue  # a door for programs, which is no page
        values = {
            "code": CODE,
            "name": "admin",
            "field": "board",
            "reason": "admin",
            "pk": 1,
            "token": "x",
            "content": "x",
            "size": 256,
        }
        values |= {"which": "numbers", "month": "2026-11", "session": 1}
        wanted = {name: values[name] for name in pattern.pattern.converters}
        answer = as_ada.get(reverse(f"studio:{pattern.name}", kwargs=wanted))
        assert accepts_get(pattern.callback) == (answer.status_code != 405), pattern.name
