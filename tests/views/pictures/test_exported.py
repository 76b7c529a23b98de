"""Approved pictures that nobody took away yet, the star of a tile, and deciding on Compare."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from studio.engine.archives import archives
from studio.models import Archive, Decision, Picture, Star, User
from studio.models.search.document import UNEXPORTED
from tests import people


def made(person: User, **spec: Any) -> Picture:
    return people.make_job(person, state="done", **spec).pictures.get()


def waits(client: Client) -> set[str]:
    read = client.get("/gallery/?exported=no").content.decode()
    return {str(code) for code in Picture.objects.values_list("code", flat=True) if f'id="picture-{code}"' in read}


def test_what_is_approved_waits_until_somebody_takes_it_away(as_alice: Client, as_bob: Client, alice: User) -> None:
    one, two, other = (made(alice) for _ in range(3))
    for picture in (one, two):
        Decision.make(picture, "approved", by=alice)
    assert waits(as_bob) == {str(one.code), str(two.code)}
    assert b"".join(as_bob.get(f"/pictures/{one.code}/download/").streaming_content)  # type: ignore[attr-defined]
    assert waits(as_bob) == {str(two.code)}
    archive = Archive.choose(alice, [two.pk, other.pk], [])
    archive.start(size="original", has_settings=False, has_list=False, now=timezone.now())
    archives.make(archive.pk)
    assert waits(as_alice) == {str(two.code)}
    assert b"".join(as_alice.get(f"/archives/{archive.code}/file/").streaming_content)  # type: ignore[attr-defined]
    assert waits(as_bob) == set()
    # Approved anew, it waits anew.
    Decision.make(one, "rejected", by=alice)
    Decision.make(one, "approved", by=alice, at=timezone.now() + timedelta(seconds=1))
    assert waits(as_bob) == {str(one.code)}
    assert UNEXPORTED not in people.tokens_of(other)


def test_a_tile_is_starred_with_a_script_and_without(as_bob: Client, alice: User, bob: User) -> None:
    picture = made(alice)
    page = as_bob.get("/gallery/").content.decode()
    address = f"/pictures/{picture.code}/star/"
    assert f'form="stars" formaction="{address}"' in page
    assert '<form id="stars" method="post" hidden>' in page
    answer = as_bob.post(address, {"state": "on", "next": "/gallery/?q=harbour"})
    assert answer.headers["Location"] == "/gallery/?q=harbour"
    assert Star.objects.filter(picture=picture, person=bob).exists()
    read = as_bob.get("/gallery/").content.decode()
    assert 'name="state" value="off"' in read
    answer = as_bob.post(f"{address}?tile=on", {"state": "off"}, headers=people.HTMX)
    assert answer.content.decode().strip().startswith("<button")
    assert 'aria-pressed="false"' in answer.content.decode()
    assert as_bob.post(address, {"next": "https://else.example/"}).headers["Location"] == picture.get_absolute_url()


def test_compared_pictures_are_decided_on_in_place(as_bob: Client, alice: User) -> None:
    one, two = made(alice), made(alice)
    page = f"/compare/?picture={one.code}&picture={two.code}"
    read = as_bob.get(page).content.decode()
    assert read.count('aria-keyshortcuts="y"') == 2
    target = {"HX-Target": f"verdict-of-{two.code}", **people.HTMX}
    answer = as_bob.post(f"/pictures/{two.code}/decision/", {"verdict": "approved"}, headers=target)
    assert answer.content.decode().count('aria-pressed="true"') == 1
    two.refresh_from_db()
    assert two.decision == "approved"
    answer = as_bob.post(f"/pictures/{one.code}/decision/", {"verdict": "rejected", "next": page})
    assert answer.headers["Location"] == page
    vera = people.signed_in(people.make_person("Vera Viewer", role=User.Role.VIEWER))
    User.objects.filter(name="Vera Viewer").update(may_decide=False)
    assert 'aria-keyshortcuts="y"' not in vera.get(page).content.decode()
