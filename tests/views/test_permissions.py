"""Every address of the studio against everybody who may knock: made from the URLconf, so that none is forgotten."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from studio.models import Invite, User
from studio.urls import pages
from tests import people

PUBLIC = {"sign_in", "join", "healthz", "readyz"}
ADMINS = {"review", "people"}
# Answer a GET with 405, once the person is known to be let in.
POSTED = {
    "submit",
    "cancel_job",
    "retry_job",
    "write_off_job",
    "look_up_job",
    "stop_waiting",
    "dismiss_job",
    "prioritize_job",
    "sending_pause",
    "invite",
    "revoke_invite",
    "change_access",
    "password_link",
    "theme",
    "sign_out",
}
# What a GET says depends on what else it is asked: whether to send again, which upload.
ASKS_FIRST = {"send_job_again", "upload"}
names = [page.name for page in pages if isinstance(page, URLPattern) and page.name]


@pytest.fixture
def addresses(alice: User, ada: User) -> dict[str, str]:
    """One real address of each page."""
    job = people.make_job(alice, state="done", aspect_ratio="1:1")
    picture = job.pictures.get()
    invite = Invite.objects.create(token_hash="x", invited_by=ada, expires_at=job.created_at)
    rendition = picture.renditions.get(size=256)
    kwargs: dict[str, dict[str, Any]] = {
        "sending_pause": {"reason": "admin"},
        "revoke_invite": {"pk": invite.pk},
        "change_access": {"pk": alice.pk},
        "password_link": {"pk": alice.pk},
        "join": {"token": "no-such-token"},
        "picture": {"code": picture.code},
        "download": {"code": picture.code},
        "original": {"code": picture.code},
        "rendition": {"code": picture.code, "content": picture.sha256[:12], "size": rendition.size},
    }
    jobs = {page.name for page in pages if str(page.pattern).startswith("jobs/")}
    kwargs |= {name: {"code": job.code} for name in jobs}
    return {name: reverse(f"studio:{name}", kwargs=kwargs.get(name, {})) for name in names}


@pytest.mark.parametrize("name", sorted(set(names) - PUBLIC))
def test_a_stranger_sees_only_the_door(client: Client, addresses: dict[str, str], name: str) -> None:
    response = client.get(addresses[name])
    if name == "sign_out":
        assert response.status_code == 405
    else:
        assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("studio:sign_in"))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_sign_in_and_the_probes_are_open(client: Client, addresses: dict[str, str], name: str) -> None:
    assert client.get(addresses[name]).status_code in {200, 410, 503}


@pytest.mark.parametrize("name", sorted(set(names) - PUBLIC))
def test_a_designer_sees_the_teams_pages_and_no_admins(as_bob: Client, addresses: dict[str, str], name: str) -> None:
    assert look(as_bob, addresses[name]) in expected(name, admin=False)


@pytest.mark.parametrize("name", sorted(set(names) - PUBLIC))
def test_an_admin_sees_every_page(as_ada: Client, addresses: dict[str, str], name: str) -> None:
    assert look(as_ada, addresses[name]) in expected(name, admin=True)


def look(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        assert b"".join(response.streaming_content)
    return response.status_code


def expected(name: str, *, admin: bool) -> set[int]:
    if name in POSTED:
        return {405}
    if name in ASKS_FIRST:
        return {200, 302, 403, 404, 405}
    if name in ADMINS:
        return {200} if admin else {403}
    return {200, 204}


@pytest.mark.parametrize("name", sorted(POSTED | ASKS_FIRST | {"sign_in", "join"}))
def test_nothing_changes_without_the_forms_token(addresses: dict[str, str], ada: User, name: str) -> None:
    assert people.signed_in(ada, enforce_csrf_checks=True).post(addresses[name]).status_code == 403


@pytest.mark.parametrize(
    "name",
    ["sending_pause", "invite", "revoke_invite", "change_access", "password_link", "prioritize_job", "look_up_job"],
)
def test_what_is_an_admins_is_refused_to_a_designer(as_bob: Client, addresses: dict[str, str], name: str) -> None:
    assert as_bob.post(addresses[name], {"state": "paused", "access": "admin"}).status_code in {403, 404}


def test_a_picture_that_does_not_exist_is_not_found(as_alice: Client) -> None:
    for name in ("picture", "download", "original"):
        assert as_alice.get(reverse(f"studio:{name}", args=[uuid.uuid4()])).status_code == 404
