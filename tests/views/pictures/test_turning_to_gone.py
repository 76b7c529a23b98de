"""Turning to a picture that is gone meanwhile: its page says so, and leads on along the list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, User
from studio.models.pictures import trash
from studio.models.stacks import stacks as stacking
from tests import people
from tests.views.page_text import text


def made(person: User, minutes: int, **spec: Any) -> Picture:
    now = timezone.now() - timedelta(minutes=minutes)
    return people.make_job(person, state="done", size=(64, 64), now=now, **spec).pictures.get()


@pytest.fixture
def row(alice: User) -> list[Picture]:
    """Three pictures, newest first."""
    return [made(alice, minutes, prompt="A boat") for minutes in range(3)]


def turn(client: Client, there: Picture, *, of: str = "", came: Picture | None = None) -> Any:
    url = came.get_absolute_url() if came else ""
    headers = {"Referer": f"http://testserver{url}{of}"} if came else {}
    return client.get(there.get_absolute_url() + of, headers=headers)


def arrows(answer: Any) -> tuple[str, str]:
    html = answer.content.decode()
    found = [re.search(rf'rel="{rel}"\s+href="([^"]+)"', html) for rel in ("prev", "next")]
    return found[0][1] if found[0] else "", found[1][1] if found[1] else ""


@pytest.mark.parametrize("of", ["", "?of=team", "?of=gallery%3Fq%3Dboat", "?of=gallery%3Fsort%3Doldest", "?of=board"])
def test_a_deleted_neighbour_says_so_and_leads_on_along_the_list(
    as_bob: Client, alice: User, row: list[Picture], of: str
) -> None:
    newer, gone, older = row
    if of == "?of=board":
        board = Board.make(alice, name="Harbour", now=timezone.now())
        BoardPicture.add(board, [one.pk for one in row], by=alice, now=timezone.now())
        of = f"?of=board.{board.code}.hand."
    trash.move([gone.pk], by=alice, now=timezone.now())
    answer = turn(as_bob, gone, of=of, came=newer)
    assert answer.status_code == 404
    assert "This picture was deleted." in text(answer)
    beside = (f"{newer.get_absolute_url()}{of}", f"{older.get_absolute_url()}{of}")
    assert arrows(answer) == (beside[::-1] if "oldest" in of else beside)


def test_whoever_may_restore_it_goes_on_along_the_list_too(as_alice: Client, alice: User, row: list[Picture]) -> None:
    newer, gone, older = row
    trash.move([gone.pk], by=alice, now=timezone.now())
    answer = turn(as_alice, gone, came=newer)
    assert (answer.status_code, arrows(answer)) == (200, (newer.get_absolute_url(), older.get_absolute_url()))
    assert "Restore" in text(answer)
    # From the trash, its own arrows.
    assert arrows(as_alice.get(gone.get_absolute_url(), headers={"Referer": "http://testserver/trash/"})) == ("", "")


def test_what_became_private_or_left_for_good_leads_back(as_bob: Client, alice: User, row: list[Picture]) -> None:
    newer, gone, _ = row
    code = people.make_picture(alice)
    Picture.objects.filter(pk=gone.pk).update(is_private=True)
    code.code = "00000000-0000-4000-8000-000000000000"  # type: ignore[assignment]
    for one in (gone, code):
        answer = turn(as_bob, one, of="?of=team", came=newer)
        assert answer.status_code == 404
        assert "This picture is no longer there for you." in text(answer)
        assert arrows(answer) == (f"{newer.get_absolute_url()}?of=team", "")
        # Without a page that it was turned to from, a private one is as unknown as none.
        plain = as_bob.get(one.get_absolute_url())
        assert (plain.status_code, "Page not found." in text(plain)) == (404, True)


def test_out_of_a_stack_or_the_trash_it_leads_back_there(as_alice: Client, as_bob: Client, alice: User) -> None:
    cover, gone, last = (made(alice, minutes) for minutes in range(3))
    stacking.stack([cover.pk, gone.pk, last.pk], by=alice, now=timezone.now())
    now = timezone.now()
    trash.move([gone.pk], by=alice, now=now)
    answer = turn(as_bob, gone, of="?of=stack", came=cover)
    assert arrows(answer) == (f"{cover.get_absolute_url()}?of=stack", "")
    assert "Stack" in text(answer)
    trash.move([last.pk], by=alice, now=now)
    Picture.objects.filter(pk=gone.pk).update(deleted_at=now)
    answer = turn(as_alice, gone, came=last)
    assert arrows(answer) == (last.get_absolute_url(), "")
    assert 'href="/trash/"' in answer.content.decode()
