"""What is done with chosen pictures leads back to the list they were chosen in."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Archive, Board, BoardPicture, Picture, Star, Tag, User
from studio.models.pictures import archived, trash
from tests.people import signed_in
from tests.views.page_text import text
from tests.views.searching import address_of, shown

PAGES = ["/gallery/?q=boat&select=on", "/boards/{board}/?decision=approved"]
ACTS = ["archives/", "boards/additions/", "proofs/new/", "edits/", "trash/chosen/", "opinions/?act=star"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("act", ACTS)
def test_a_refusal_leaves_the_list_as_it_is(as_alice: Client, alice: User, page: str, act: str) -> None:
    board = Board.make(alice, name="Harbour", now=timezone.now())
    page = page.format(board=board.code)
    path, _, query = act.partition("?act=")
    answer = as_alice.post(f"/{path}", {"act": query}, headers={"Referer": f"http://testserver{page}"})
    assert answer.headers["Location"] == page
    # From its own page, whose pictures are gone meanwhile, it leads to the gallery and not to itself for ever.
    assert as_alice.get(f"/{path}", headers={"Referer": f"http://testserver/{path}"}).status_code != 200
    own = as_alice.post(f"/{path}", {"act": query}, headers={"Referer": f"http://testserver/{path}"})
    assert own.headers["Location"].startswith("/gallery/")


def test_what_is_deleted_on_a_board_leaves_the_board_open(as_alice: Client, alice: User) -> None:
    now = timezone.now()
    board, boat = Board.make(alice, name="Harbour", now=now), shown(alice, "A boat")
    BoardPicture.add(board, [boat.pk], by=alice, now=now)
    page = f"/boards/{board.code}/"
    answer = as_alice.post(
        "/trash/chosen/", {"picture": str(boat.code)}, headers={"Referer": f"http://testserver{page}"}
    )
    assert answer.headers["Location"] == page


TILES = re.compile(r"<tile-grid[^>]*>")
ACTS_ON_ALL = ["archives/", "boards/additions/", "proofs/new/", "edits/", "gallery/archive/", "gallery/stack/"]


def said(page: str) -> tuple[str, str]:
    """Up to when a page with tiles knows its list, and how many it says there are."""
    (tiles,) = TILES.findall(page)
    return re.findall(r'data-upto="(\w+)"', tiles)[0], re.findall(r'data-total="(\d+)"', tiles)[0]


@pytest.mark.parametrize("came", ["restored", "unarchived", "shown", "tagged"])
def test_all_of_a_list_is_no_more_than_its_page_said(as_alice: Client, alice: User, bob: User, came: str) -> None:
    *_, late = pictures = [shown(alice, words) for words in ("first", "second", "late")]
    now, keys = timezone.now(), [late.pk]
    for one in pictures[:2] if came == "tagged" else ():
        Tag.put(one, "final", by=alice)
    if came == "restored":
        trash.move(keys, by=alice, now=now)
    elif came == "unarchived":
        archived.archive(keys, by=alice, now=now)
    elif came == "shown":
        late.job.submission.set_privacy(True)  # type: ignore[union-attr]
    browser = signed_in(bob) if came == "shown" else as_alice
    address = address_of(tag="final") if came == "tagged" else ""
    page = browser.get(f"/gallery/?{address}").content.decode()
    upto, total = said(page)
    assert total == "2"
    if came == "restored":
        trash.restore(keys, by=alice, now=now)
    elif came == "unarchived":
        archived.unarchive(keys, by=alice)
    elif came == "shown":
        late.job.submission.set_privacy(False)  # type: ignore[union-attr]
    else:
        Tag.put(late, "final", by=alice)
    sent = {"all": "on", "address": address, "upto": upto, "number": total, "act": "star", "script": "on"}
    for act in (*ACTS_ON_ALL, "opinions/", "trash/chosen/"):
        answer = browser.post(
            f"/{act}", sent, headers={"Referer": f"http://testserver/gallery/?{address}"}, follow=True
        )
        assert answer.request["PATH_INFO"] == "/gallery/"
        assert "you selected all 2 pictures, and now there are 3." in text(answer), act
    assert not Archive.objects.exists()
    assert not Star.objects.exists()
    assert Picture.objects.in_gallery().filter(cover=None).count() == 3
    starred = browser.post("/opinions/", sent | {"number": "3"}, follow=True)
    assert "3 pictures starred." in text(starred)


def test_all_of_a_board_is_as_many_as_its_page_says(as_alice: Client, alice: User, bob: User) -> None:
    now, board = timezone.now(), Board.make(alice, name="Harbour", now=timezone.now())
    pictures = [shown(alice, words) for words in ("plain", "private", "archived", "late")]
    theirs = shown(bob, "hidden")
    BoardPicture.add(board, [one.pk for one in pictures], by=alice, now=now)
    BoardPicture.add(board, [theirs.pk], by=bob, now=now)
    for one in (pictures[1], theirs):
        one.job.submission.set_privacy(True)  # type: ignore[union-attr]
    archived.archive([pictures[2].pk], by=alice, now=now)
    trash.move([pictures[3].pk], by=alice, now=now)
    page = as_alice.get(board.get_absolute_url()).content.decode()
    upto, total = said(page)
    sent = {"all": "on", "address": f"board={board.code}", "upto": upto, "number": total}
    asked = as_alice.post("/boards/additions/", sent)
    assert "Add 3 pictures to a board" in text(asked)
    assert f'name="number" value="{total}"' in asked.content.decode()
    trash.restore([pictures[3].pk], by=alice, now=now)
    away = as_alice.post(f"{board.get_absolute_url()}removals/", sent, follow=True)
    assert "3 pictures removed." in text(away)
    assert set(board.places.values_list("picture", flat=True)) == {pictures[3].pk, theirs.pk}
