from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from studio import urls
from studio.models import User
from tests import cast
from tests.cast import HTMX

TROUBLES = {
    "400": SuspiciousOperation("x"),
    "403": PermissionDenied("x"),
    "413": RequestDataTooBig("x"),
    "500": ZeroDivisionError("a secret of ours"),
}
WORDS = {
    "400": "Studio did not understand that.",
    "403": "This is not open to you.",
    "413": "That is too large to send.",
    "500": "Studio stumbled.",
}


def stumble(request: HttpRequest, status: str) -> HttpResponse:
    raise TROUBLES[status]


urlpatterns = [*urls.urlpatterns, path("stumble/<str:status>/", stumble)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def stumbling(alice: User) -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield cast.signed_in(alice, raise_request_exception=False)


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


def test_a_host_that_is_not_ours_gets_a_plain_page(client: Client, db: None) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert WORDS["400"] in response.content.decode()
