"""What each token gets at every address of the programs' doors. A route without a row fails."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from studio.models import ApiToken, Board, Job, User
from tests import people
from tests.api.calling import EVERY, Caller, make_token

pytestmark = pytest.mark.untraced

# The columns: tokens that read, make, decide and do an admin's work (alone, of an admin who owns nothing here), one of
# another designer, of a viewer and of the owner that may everything; then the same designer's, about private work.
TABLE: dict[str, str] = {
    "GET /me": "200 200 200 200 200 200 200 200",
    "GET /submissions": "200 403 403 403 200 200 200 200",
    "POST /submissions": "403 422 403 403 422 403 422 422",
    "GET /submissions/{submission}": "200 403 403 403 200 200 200 404",
    "GET /submissions/{submission}/wait?seconds=0": "200 403 403 403 200 200 200 404",
    "POST /submissions/{submission}/cancel": "403 403 403 403 403 403 200 404",
    "GET /approvals": "200 403 403 403 200 200 200 200",
    "GET /jobs/{job}": "200 403 403 403 200 200 200 404",
    "POST /jobs/{job}/cancel": "403 403 403 403 403 403 409 404",
    "GET /pictures": "200 403 403 403 200 200 200 200",
    "POST /pictures": "403 422 403 403 422 403 422 422",
    "GET /pictures/{picture}": "200 403 403 403 200 200 200 404",
    "GET /pictures/{picture}/file": "200 403 403 403 200 200 200 404",
    "PUT /pictures/{picture}/decision": "403 403 422 403 422 403 422 422",
    "PUT /pictures/{picture}/rating": "403 403 422 403 422 403 422 422",
    "PUT /pictures/{picture}/star": "403 403 200 403 200 403 200 404",
    "DELETE /pictures/{picture}/star": "403 403 200 403 200 403 200 404",
    "POST /pictures/{picture}/tags": "403 403 422 403 422 403 422 422",
    "DELETE /pictures/{picture}/tags?tag=x": "403 403 200 403 200 403 200 404",
    "GET /pictures/{picture}/comments": "200 403 403 403 200 200 200 404",
    "POST /pictures/{picture}/comments": "403 403 422 403 422 403 422 422",
    "GET /boards": "200 403 403 403 200 200 200 200",
    "POST /boards": "403 422 403 403 422 403 422 422",
    "GET /boards/{board}": "200 403 403 403 200 200 200 200",
    "POST /boards/{board}/pictures": "403 422 403 403 422 403 422 422",
    "DELETE /boards/{board}/pictures/{picture}": "403 200 403 403 200 403 200 200",
    "GET /tokens": "403 403 403 200 403 403 403 403",
    "POST /tokens/{token}/revoke": "403 403 403 200 403 403 403 403",
    "GET /webhooks/key": "403 200 403 403 200 403 200 200",
    "POST /webhooks/test": "403 422 403 403 422 403 422 422",
    "GET /webhooks/deliveries/{token}": "403 404 403 403 404 403 404 404",
    "GET /openapi.json": "200 200 200 200 200 200 200 200",
    "GET /nowhere": "404 404 404 404 404 404 404 404",
}
NO_TOKEN_NEEDED = {"GET /openapi.json", "GET /nowhere"}
# Of people who are signed in (tests/views/test_permissions.py has none of these rows).
PAGES = {"docs/", "docs"}


def routes() -> set[str]:
    """Every address of the API, its parameters as the table writes them."""
    [found] = [one for one in get_resolver().url_patterns if isinstance(one, URLResolver) and one.namespace == "api"]
    return {str(one.pattern) for one in found.url_patterns}


def test_every_route_has_a_row() -> None:
    shapes = {re.sub(r"\{\w+\}", "{}", row.split()[1].partition("?")[0]).lstrip("/") for row in TABLE}
    asked = {re.sub(r"<[\w:]+>", "{}", one) for one in routes() - PAGES}
    assert {one for one in asked if one not in {"", "{}"}} | {"nowhere"} == shapes


@pytest.mark.parametrize("row", TABLE)
def test_each_token_gets_the_answer_of_the_table(alice: User, bob: User, ada: User, row: str) -> None:
    vera = people.make_person("Vera", role=User.Role.VIEWER)
    job = people.make_job(alice, state="done")
    board = Board.make(alice, name="Harbour", now=timezone.now())
    doomed, _ = make_token(bob)
    names = {
        "job": job.code,
        "submission": job.submission.code,
        "picture": job.pictures.get().code,
        "board": board.code,
        "token": doomed.code,
    }
    method, path = row.format(**names).split()
    secrets = [make_token(ada, scope)[1] for scope in EVERY] + [make_token(one)[1] for one in (bob, vera, alice)]

    def ask(secret: str) -> int:
        with transaction.atomic():
            # A row of a body that is asked for gets an empty one: who may come in reads what is missing in it.
            answer = Caller(secret).ask(method, path, {} if method in {"POST", "PUT"} else None)
            status = answer.status_code
            assert not answer.streaming or b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        return status

    told = [ask(secret) for secret in secrets]
    job.submission.set_privacy(True)
    told.append(ask(secrets[4]))
    assert " ".join(map(str, told)) == TABLE[row]
    if row not in NO_TOKEN_NEEDED:
        assert [ask(secret) for secret in ("", "studio-x", dead(alice, "revoked"), dead(alice, "expired"))] == [401] * 4
        # A cookie is no token.
        assert people.signed_in(alice).generic(method, f"/api/v1{path}", "{}", "application/json").status_code == 401


def dead(person: User, how: str) -> str:
    token, secret = make_token(person)
    now: dict[str, Any] = {"revoked_at": timezone.now()} if how == "revoked" else {}
    ApiToken.objects.filter(pk=token.pk).update(**now or {"expires_at": timezone.now() - timedelta(days=1)})
    return secret


def test_private_work_is_in_no_answer_for_others(alice: User, ada: User) -> None:
    secret = people.make_job(alice, state="done", prompt="Zephyrine", is_private=True)
    theirs = Caller(make_token(ada)[1])
    for path in (
        "/pictures?q=zephyrine",
        "/pictures",
        "/submissions",
        "/boards",
        f"/pictures?filters=job%3D{secret.pk}",
    ):
        assert b"ephyrine" not in theirs.get(path).content
    code = uuid.UUID(str(secret.code))
    assert theirs.post(f"/jobs/{code}/cancel").status_code == 404
    assert Job.objects.get().state == "done"


def test_the_page_for_people_wants_a_person() -> None:
    assert Client().get("/api/v1/docs/").headers["Location"] == "/sign-in/?next=/api/v1/docs/"
