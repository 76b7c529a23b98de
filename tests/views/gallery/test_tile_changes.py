"""What an open gallery learns of its tiles from the pulse: drawn anew, or gone; never of others' private pictures."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Decision, Picture, Revision, SavedView, Star, User
from studio.models.pictures import archived, trash
from studio.models.stacks import stacks
from studio.views.gallery import tile_changes
from tests.people import HTMX, make_job, make_person, signed_in

NOW = timezone.now()


@pytest.fixture
def made(alice: User) -> list[Picture]:
    return [make_job(alice, state="done", now=NOW - timedelta(minutes=number)).pictures.get() for number in range(4)]


def pulse(client: Client, since: int, page: str = "gallery", **more: str) -> str:
    answer = client.get("/pulse/", {"page": page, "since": since, **more}, headers=HTMX)
    return str(answer.content.decode())


def told(text: str) -> tuple[list[str], str]:
    """The codes of what is gone, and the tiles that are drawn anew."""
    found = re.search(r'data-gone="([^"]*)" data-tiles="([^"]*)"', text)
    return (found[1].split(), html.unescape(found[2])) if found else ([], "")


@pytest.mark.parametrize("how", ["trash", "archive", "private", "stack"])
def test_what_leaves_the_gallery_leaves_a_colleagues_open_page(
    as_bob: Client, alice: User, made: list[Picture], how: str
) -> None:
    since = Revision.current()
    if how == "trash":
        trash.move([made[1].pk], by=alice, now=NOW)
    elif how == "archive":
        archived.archive([made[1].pk], by=alice, now=NOW)
    elif how == "stack":
        stacks.stack([made[0].pk, made[1].pk], by=alice, now=NOW)
    else:
        assert made[1].job
        made[1].job.submission.set_privacy(True)
    gone, tiles = told(pulse(as_bob, since))
    assert gone == [str(made[1].code)]
    assert ("Stack of " in tiles) == (how == "stack")
    # A search and a board keep what is archived or lies behind a cover.
    for found, _ in (told(pulse(as_bob, since, q="harbour")), told(pulse(as_bob, since, page="board"))):
        assert found == ([str(made[1].code)] if how in {"trash", "private"} else [])
    assert told(pulse(as_bob, Revision.current() - 1, page="other")) == ([], "")


def test_a_star_of_another_tab_and_a_decision_draw_the_tile_anew(
    as_alice: Client, as_bob: Client, alice: User, bob: User, made: list[Picture]
) -> None:
    since = Revision.current()
    Star.put(made[0], alice)
    assert 'aria-pressed="true"' in told(pulse(as_alice, since))[1]
    gone, tiles = told(pulse(as_bob, since))
    assert gone == []
    assert f'id="picture-{made[0].code}"' in tiles
    assert 'aria-pressed="true"' not in tiles
    since = Revision.current()
    Decision.make(made[2], "approved", by=bob)
    assert 'aria-label="Approved"' in told(pulse(as_alice, since))[1]


def test_nobody_hears_of_what_is_private(as_bob: Client, alice: User, made: list[Picture]) -> None:
    own = make_job(alice, state="done", is_private=True).pictures.get()
    since = Revision.current()
    Star.put(own, alice)
    trash.move([own.pk], by=alice, now=NOW)
    trash.restore([own.pk], by=alice, now=NOW)
    assert str(own.code) not in pulse(as_bob, since)
    assert Picture.objects.get(pk=own.pk).rev is None


def test_a_page_that_missed_very_much_waits_for_its_next_look(
    as_bob: Client,
    alice: User,
    made: list[Picture],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    since = Revision.current()
    trash.move([one.pk for one in made[:3]], by=alice, now=NOW)
    monkeypatch.setattr(tile_changes, "MOST_TOLD", 2)
    assert told(pulse(as_bob, since)) == ([], "")
    monkeypatch.undo()
    assert len(told(pulse(as_bob, since))[0]) == 3
    with django_assert_max_num_queries(3):
        assert tile_changes.changed(alice, since, is_wall=True)


def test_saved_views_follow(as_alice: Client, as_bob: Client, alice: User) -> None:
    since = Revision.current()
    view = SavedView.save_as(alice, name="Boats", query="q=boats", is_team=True)
    text = pulse(as_bob, since)
    assert 'id="saved-views"' in text
    assert ">Boats</span>" in text
    since = Revision.current()
    view.remove(by=alice)
    assert ">Boats<" not in pulse(as_bob, since)
    # Another search marks the one that it is.
    SavedView.save_as(alice, name="Boats", query="q=boats", is_team=True)
    answer = as_alice.get("/gallery/?q=boats", headers={**HTMX, "HX-Target": "results"}).content.decode()
    assert 'href="/gallery/?q=boats" aria-current="true"' in answer


def test_a_viewer_hears_of_it_too(alice: User, made: list[Picture]) -> None:
    since = Revision.current()
    trash.move([made[0].pk], by=alice, now=NOW)
    viewer = signed_in(make_person("Vera", role=User.Role.VIEWER))
    assert told(pulse(viewer, since))[0] == [str(made[0].code)]
