"""Filters, order and counts of the gallery: the same whatever the database, in an address that can be shared."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Decision, Picture, Revision, Tag, User
from studio.views.gallery.finder import Finder
from studio.views.gallery.page import Cursor
from tests.people import HTMX, make_look, make_picture
from tests.views.searching import NOW, address_of, found, shown

# ---- Filters


FILTERS = {
    "type=image": ["Square", "Manga", "Wide"],
    "type=image_edit": ["Edit"],
    "type=image&type=image_edit": ["Square", "Manga", "Wide", "Edit"],
    "model=uni-1-max": ["Wide"],
    "ratio=1:1": ["Square"],
    "ratio=16:9": ["Wide"],
    "ratio=16:9&ratio=1:1": ["Square", "Wide"],
    "ratio=1:1&model=uni-1-max": [],
    "style=manga": ["Manga"],
    "from=2026-11-20": ["Square", "Manga"],
    "to=2026-11-19": ["Wide", "Edit"],
    "from=2026-11-19&to=2026-11-19": ["Wide"],
    "from=2026-10&to=2026-10": ["Edit"],
    "from=2025&to=2025": [],
    "from=2026-12&to=2026-01": [],
    "from=2026-11-20&ratio=1:1&q=square": ["Square"],
}


def test_filters_find(alice: User) -> None:
    source = make_picture(alice)
    shown(alice, "Square", aspect_ratio="1:1", size=(2048, 2048))
    shown(alice, "Manga", aspect_ratio="2:3", style="manga", now=NOW - timedelta(minutes=1))
    shown(alice, "Wide", model="uni-1-max", size=(2784, 1504), now=NOW - timedelta(days=1))
    shown(alice, "Edit", type="image_edit", source=source, now=NOW - timedelta(days=30), size=(800, 300))
    assert {address: found(alice, address) for address in FILTERS} == FILTERS


def test_people_are_filtered_by_who_made_it(alice: User, bob: User) -> None:
    shown(alice, "A boat")
    shown(bob, "A train", now=NOW - timedelta(minutes=1))
    assert found(alice, f"person={bob.pk}") == ["A train"]
    assert found(alice, f"person={bob.pk}&person={alice.pk}") == ["A boat", "A train"]


@pytest.mark.parametrize(
    "address",
    [
        "person=0&person=x&person=-1&person=99999999999999999999&person=%00",
        "type=nothing&model=&ratio=3x2&style=%F0%9F%94%A5&look=1&board=x&tag=%E2%80%8B",
        "from=2026-13&to=2026-02-30",
        "from=0000&to=9999-12-31&from=%D9%A1%D9%A9%D9%A9%D9%A0",
        "layers=off&job=x&job=%C2%B2",
        "q=" + "%00%E2%80%AE" * 50,
        "unknown=1&page=2&q=",
    ],
)
def test_nonsense_is_left_out(alice: User, as_alice: Client, address: str) -> None:
    shown(alice, "A boat")
    assert not Finder.read(QueryDict(address), alice).is_on
    assert as_alice.get(f"/gallery/?{address}").status_code == 200


def test_what_is_gone_is_not_left_out(alice: User, bob: User, as_bob: Client) -> None:
    """A saved view or a selection of a board that is deleted meanwhile would mean every picture."""
    boat, board = shown(alice, "A boat"), Board.make(alice, name="Harbour", now=NOW)
    BoardPicture.add(board, [boat.pk], by=alice, now=NOW)
    Tag.put(boat, "sea", by=alice)
    address = f"board={board.code}"
    assert found(bob, address) == ["A boat"]
    board.delete()
    Tag.take(boat, "sea")
    for gone in (address, f"look={make_look(alice).code}", "tag=sea", "person=999", f"{address}&q=boat"):
        assert (Finder.parse(gone, bob).address, found(bob, gone)) == (gone, []), gone
    html = as_bob.get(f"/gallery/?{address}").content.decode()
    assert 'aria-label="Remove filter: Board no longer there"' in html
    assert "The board was deleted, or you may not see it." in html
    more = as_bob.get(f"/gallery/?q=boat&{address}").content.decode()
    assert '1 result without <b dir="auto">Board no longer there</b>' in more
    as_bob.post("/trash/chosen/", {"all": "on", "address": address})
    assert not Picture.objects.filter(trashed_at__isnull=False).exists()


def test_the_address_is_canonical(alice: User, bob: User) -> None:
    asked = f"to=2026-11-30&q=++warm++light&ratio=3:2&ratio=1:1&ratio=3:2&person={bob.pk}&from=2026-09-01&select=on&after=1-1"
    finder = Finder.read(QueryDict(asked), alice)
    assert finder.address == f"from=2026-09&person={bob.pk}&q=warm+light&ratio=1%3A1&ratio=3%3A2&to=2026-11"
    assert Finder.parse(finder.address, bob).address == finder.address
    assert Finder.parse("&".join("a=1" for _ in range(5000)), alice).address == ""


def test_a_long_search_is_cut_between_words(alice: User) -> None:
    finder = Finder.read(QueryDict(address_of(q="boat " * 100)), alice)
    assert len(finder.q) <= 200
    assert set(finder.q.split()) == {"boat"}


# ---- Order, pages, counts


def test_pages_follow_the_gallerys_order(alice: User) -> None:
    for number in range(7):
        # Three were shown in the same microsecond.
        shown(alice, f"Boat {number}", now=NOW if number < 3 else NOW - timedelta(seconds=number))
    whole = list(Picture.objects.made().newest_first())
    finder, keys, after = Finder.parse("q=boat", alice), [], None
    while page := finder.page(after, 2):
        keys += page
        after = Cursor.at(next(one for one in whole if one.pk == page[-1]))
    assert keys == [one.pk for one in whole]
    assert [finder.query.count(most) for most in (3, 7, 100)] == [3, 7, 7]
    rows = Picture.objects.made().newest_first()
    assert finder.count() == 7
    assert finder.newest(rows, 3) == whole[:3]
    for one in (finder, Finder.parse("", alice)):
        assert one.count_newer(rows, Cursor.at(whole[2]), 100) == 2
        assert one.count_newer(rows, None, 4) == 4
        assert one.older(rows, Cursor.at(whole[4]), 9) == whole[5:]
        assert one.newer(rows, Cursor.at(whole[4]), 3) == whole[1:4][::-1]


def test_all_of_a_search_but_some_is_meant_by_a_selection(alice: User, as_alice: Client) -> None:
    boats = [shown(alice, f"boat {number}", now=NOW - timedelta(minutes=number)) for number in range(4)]
    shown(alice, "train")
    chosen = {"all": "on", "address": "q=boat", "except": [str(boats[1].code)], "script": "on"}
    html = as_alice.post("/edits/", chosen).content.decode()
    assert "<h1>Edit 3 pictures</h1>" in html
    assert [str(one.code) in html for one in boats] == [True, False, True, True]
    whole = as_alice.post("/edits/", chosen | {"address": "", "except": []}).content.decode()
    assert "<h1>Edit 5 pictures</h1>" in whole
    zipped = as_alice.post("/archives/", chosen, follow=True).content.decode()
    assert "3 pictures" in zipped


@pytest.mark.parametrize("address", ["", "q=boat"])
def test_all_of_a_list_is_what_was_there_when_it_was_chosen(alice: User, as_alice: Client, address: str) -> None:
    old = shown(alice, "boat", now=NOW)
    upto = re.search(r'data-upto="(\d+)"', as_alice.get(f"/gallery/?{address}").content.decode())
    assert upto
    later = shown(alice, "boat", now=timezone.now() + timedelta(seconds=1))
    chosen = {"all": "on", "address": address, "upto": upto[1]}
    html = as_alice.post("/edits/", chosen | {"script": "on"}).content.decode()
    assert [str(one.code) in html for one in (old, later)] == [True, False]
    # The page between the gallery and a board hands it on.
    assert f'name="upto" value="{upto[1]}"' in as_alice.post("/boards/additions/", chosen).content.decode()
    for odd in ("", "x", "9" * 30, "-1"):
        assert "Edit 2 pictures" in as_alice.post("/edits/", chosen | {"upto": odd, "script": "on"}).content.decode()
    as_alice.post("/trash/chosen/", chosen)
    assert list(Picture.objects.filter(trashed_at=None, origin="made").values_list("pk", flat=True)) == [later.pk]


def test_all_of_a_board_is_what_its_open_page_knows_of(as_alice: Client, alice: User) -> None:
    first, second, later = pictures = [shown(alice, words) for words in ("first", "second", "later")]
    board = Board.make(alice, now=NOW, name="Harbour")
    BoardPicture.add(board, [first.pk, second.pk], by=alice, now=NOW)
    Decision.make(first, "approved", by=alice)
    upto = re.search(
        r'<tile-grid[^>]* data-upto="(r\d+)"', as_alice.get(board.get_absolute_url()).content.decode(), re.DOTALL
    )
    assert upto
    since = Revision.current()
    BoardPicture.add(board, [later.pk], by=alice, now=NOW)
    Decision.make(second, "approved", by=alice)

    def meant(upto: str, address: str = "") -> set[int]:
        sent = {"all": "on", "address": f"board={board.code}{address}", "upto": upto, "script": "on"}
        text = as_alice.post("/edits/", sent).content.decode()
        return {one.pk for one in pictures if str(one.code) in text}

    before = {first.pk, second.pk}
    assert meant(upto[1]) == before
    # A page of what is approved doesn't know of what was approved since.
    assert meant(upto[1], "&decision=approved") == {first.pk}
    # The pulse brings what came, and a number that counts it.
    asked = {"page": "board", "since": since, "code": str(board.code)}
    pulse = as_alice.get("/pulse/", asked, headers=HTMX).content.decode()
    heard = re.search(r'id="moved-pictures"[^>]* data-upto="(r\d+)"', pulse)
    assert heard
    assert meant(heard[1]) == {*before, later.pk}
    assert meant(heard[1], "&decision=approved") == {first.pk, second.pk}
    assert all(meant(odd) == {*before, later.pk} for odd in ("r", "rr1", "r" + "9" * 30))


def test_an_unfiltered_finder_is_off(alice: User) -> None:
    shown(alice, "A boat")
    finder = Finder.parse("", alice)
    assert (finder.is_on, finder.address, finder.count(), len(finder.page(None, 9))) == (False, "", 1, 1)


def test_a_cut_of_today_is_of_today(alice: User) -> None:
    shown(alice, "A boat", now=timezone.now())
    assert found(alice, f"from={timezone.localdate()}") == ["A boat"]
