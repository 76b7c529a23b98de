"""The short way to a thumbnail hands out what the long way would, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studio.models import Picture, User
from studio.models.picture import PictureQuerySet
from studio.models.sql.compiled_query import KEPT
from tests.people import make_job, signed_in
from tests.session_ends import change_password, disable, expire, sign_out


@pytest.fixture
def address(alice: User) -> str:
    picture = make_job(alice, state="done").pictures.get()
    return picture.renditions.get(size=256).get_absolute_url()


@pytest.fixture
def known(as_bob: Client, address: str) -> Client:
    """Bob's browser, to which the whole stack has handed the thumbnail before."""
    body(as_bob.get(address))
    assert is_short(as_bob, address)
    return as_bob


def body(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def is_short(client: Client, address: str) -> bool:
    """Was it answered after two questions: who asks, and for what?"""
    with CaptureQueriesContext(connection) as captured:
        body(client.get(address))
    return len(captured) == 2


def told(client: Client, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    answer = client.get(address, headers=headers)
    # A 304 has no length; the stack says 0.
    kept = {name: value for name, value in answer.items() if name != "Content-Length" or answer.status_code == 200}
    return answer.status_code, kept, body(answer)


def long_way(client: Client, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What a process that has never seen this browser answers it."""
    stranger = Client()
    stranger.cookies = client.cookies.copy()
    return told(stranger, address, **headers)


def test_it_is_the_same_file_with_the_same_headers(known: Client, address: str) -> None:
    status, headers, content = short = told(known, address)
    assert (status, bool(content)) == (200, True)
    assert short == long_way(known, address)
    etag = {"If-None-Match": headers["ETag"]}
    assert told(known, address, **etag)[0] == 304
    assert told(known, address, **etag) == long_way(known, address, **etag)


def test_one_picture_makes_the_browser_known_for_every_other(known: Client, alice: User) -> None:
    other = make_job(alice, state="done", prompt="Another").pictures.get()
    rendition = other.renditions.get(size=256).get_absolute_url()
    assert is_short(known, rendition)
    assert told(known, rendition) == long_way(known, rendition)


@pytest.mark.parametrize("end", [sign_out, change_password, disable, expire])
def test_a_session_that_is_over_is_over_for_the_next_thumbnail(
    known: Client, bob: User, address: str, end: Callable[[Client, User], None]
) -> None:
    end(known, bob)
    answer, long = told(known, address), long_way(known, address)
    assert answer[0] == long[0] == 302


def test_another_host_or_person_is_another_browser(known: Client, alice: User, address: str) -> None:
    assert known.get(address, headers={"Host": "evil.example"}).status_code == 400
    known.cookies = signed_in(alice).cookies
    assert not is_short(known, address)


@pytest.mark.parametrize("change", ["code", "content", "size"])
def test_what_is_not_there_is_answered_by_the_whole_stack(known: Client, address: str, change: str) -> None:
    wrong = {
        "code": lambda: address.replace(address.split("/")[2], "0" * 8 + "-0000-0000-0000-" + "0" * 12),
        "content": lambda: address.replace(address.split("/")[3][:12], "0" * 12),
        "size": lambda: address.replace("-256.webp", "-257.webp"),
    }[change]()
    assert told(known, wrong)[0] == 404
    assert told(known, address)[0] == 200


def test_who_may_see_a_picture_is_decided_by_the_one_rule(
    known: Client, address: str, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(self: PictureQuerySet, person: User, **_: bool) -> PictureQuerySet:
        return self.filter(person=person.pk)

    monkeypatch.setattr(PictureQuerySet, "visible_to", own)
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], KEPT, {}, raising=False)
    assert told(known, address)[0] == 404
    Picture.objects.update(person=bob)
    assert told(known, address)[0] == 200


def test_the_rule_asks_for_the_person_alone(db: None) -> None:
    """The query is made once for everybody: a rule that knew roles would need one for each."""

    def sql(**fields: Any) -> str:
        return str(Picture.objects.visible_to(User(pk=7, **fields)).query)

    assert len({sql(role=role) for role, _ in User._meta.get_field("role").choices}) == 1
