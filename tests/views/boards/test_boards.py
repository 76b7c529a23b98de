"""Boards without script: their list and their settings."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import Board, Notification, User
from studio.views.boards.page import PAGE
from tests.people import make_person, signed_in
from tests.views.board_pages import ADD, BOARDS, a_board, of, put, some
from tests.views.page_text import text

# ---- The list


def test_each_list_says_how_many_boards_the_person_sees_there(as_alice: Client, alice: User, bob: User) -> None:
    a_board(bob, "Team's")
    a_board(alice, "Own").archive(now=timezone.now())
    listed = a_board(bob, "Listed")
    Board.objects.filter(pk=listed.pk).update(visibility="listed")
    assert "All 1 Mine 0 Shared 0 Archived 1" in text(as_alice.get(BOARDS))
    listed.members.create(person=alice, right="look")
    assert "All 2 Mine 0 Shared 1 Archived 1" in text(as_alice.get(BOARDS))


def test_the_first_board_is_asked_for_and_made(as_alice: Client, alice: User, bob: User) -> None:
    assert "No boards yet" in text(as_alice.get(BOARDS))
    assert 'name="visibility"' in as_alice.get("/boards/new/").content.decode()
    fields = {"name": " Harbour  campaign ", "client": "Harbour Authority", "job_number": "NL-2041", "purpose": "Night"}
    made = as_alice.post(
        "/boards/new/", {**fields, "visibility": "listed", f"right-{bob.pk}": "look", "order": "newest"}
    )
    board = Board.objects.get()
    assert made.headers["Location"] == board.get_absolute_url()
    assert (board.name, board.person, board.visibility, board.order) == ("Harbour campaign", alice, "listed", "newest")
    assert list(board.members.values_list("person", "right")) == [(bob.pk, "look")]
    page = text(as_alice.get(board.get_absolute_url()))
    assert "Harbour campaign Night No pictures 2 people Harbour Authority · NL-2041" in page
    assert page.count("Make pictures here") == 1
    assert "or make new ones that go straight here. Make pictures here Open the gallery" in page
    board.archive(now=timezone.now())
    assert "Make pictures here" not in text(as_alice.get(board.get_absolute_url()))


def test_cards_say_how_many_pictures_and_for_whom(as_alice: Client, alice: User, bob: User) -> None:
    put(a_board(alice, "Paper seasons"), some(alice, 2))
    listed = a_board(bob, "Ceramics", visibility="listed")
    listed.members.create(person=alice)
    a_board(bob, "Secret plans", visibility="private")
    a_board(bob, "Other list", visibility="listed")
    a_board(alice, "Old", visibility="private").archive(now=timezone.now())
    page = text(as_alice.get(BOARDS))
    assert "Paper seasons 2 pictures Team" in page
    assert "Ceramics No pictures 2 people" in page
    assert "All 2 Mine 1 Shared 1 Archived 1" in page
    for hidden in ("Secret", "Other list", "Old"):
        assert hidden not in page
    assert "Old No pictures Only me Archived" in text(as_alice.get(f"{BOARDS}?show=archived"))
    assert "Ceramics" not in text(as_alice.get(f"{BOARDS}?show=mine"))
    assert "Paper" not in text(as_alice.get(f"{BOARDS}?show=shared"))
    assert "Paper" not in text(as_alice.get(f"{BOARDS}?q=ceram%00"))
    assert "No board is called that" in text(as_alice.get(f"{BOARDS}?q=zzz"))
    for odd in ("show=x", "deleted=x", f"deleted={uuid.uuid4()}", "q=" + "x" * 5000):
        assert as_alice.get(f"{BOARDS}?{odd}").status_code == 200
    for odd in ("after=x", "after=9-99999999999999999999"):
        assert as_alice.get(f"{BOARDS}?{odd}").status_code == 404


def test_a_long_list_has_pages(as_alice: Client, alice: User) -> None:
    for number in range(PAGE + 2):
        a_board(alice, f"Board {number}")
    first = as_alice.get(BOARDS)
    assert first.content.decode().count('class="board"') == PAGE
    [more] = re.findall(r'href="(\?after=[^"]+)"', first.content.decode())
    rest = as_alice.get(BOARDS + html.unescape(more))
    assert rest.content.decode().count('class="board"') == 2
    assert "Board 1 " in text(rest)


def test_more_boards_and_pictures_cost_no_more_queries(
    as_alice: Client, alice: User, bob: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    def more(number: int) -> Board:
        board = a_board(alice, visibility="listed")
        board.members.create(person=bob)
        put(board, some(alice, number))
        return board

    board = more(2)
    picture = board.places.by_hand()[0].picture
    pages = [BOARDS, board.get_absolute_url(), f"{ADD}?picture={picture.code}", picture.get_absolute_url(), "/"]
    spent = []
    for page in pages:
        as_alice.get(page)
        with django_assert_max_num_queries(30) as few:
            as_alice.get(page)
        spent.append(len(few))
    for number in (3, 6, 9):
        more(number)
        put(board, some(alice, number))
        put(more(1), [picture])
    for page, most in zip(pages, spent, strict=True):
        with django_assert_max_num_queries(most):
            as_alice.get(page)


@pytest.mark.parametrize(
    "name",
    [
        "<script>x</script>",
        'O\'Brien "x"',
        "夕暮れ 👩‍👩‍👧",
        "{% now %} {{ 7|add:7 }}",
        "\u202eesrever",
        "a\x00b\ud800c",
        "=b1 %s",
    ],
)
def test_a_hostile_name_is_text(as_alice: Client, alice: User, name: str) -> None:
    sent = name.encode("utf-8", "surrogatepass") if "\ud800" not in name else name.replace("\ud800", "")
    assert as_alice.post("/boards/new/", {"name": sent, "purpose": sent, "client": sent}).status_code == 302
    board = Board.objects.get()
    [picture] = put(board, some(alice))
    addresses = (BOARDS, board.get_absolute_url(), of(board, "settings"), f"{ADD}?picture={picture.code}")
    for address in (*addresses, picture.get_absolute_url(), f"/gallery/?board={board.code}", f"/?board={board.code}"):
        page = as_alice.get(address).content.decode()
        assert "<script>x" not in page
        assert html.escape(board.name) in page
        assert not {"\u202e", "\x00"} & set(page)


# ---- Settings


def test_settings_are_saved_and_what_is_wrong_is_said(as_alice: Client, alice: User, bob: User) -> None:
    board = a_board(alice)
    address = of(board, "settings")
    assert "Bob Stranger" in text(as_alice.get(address))
    wrong = as_alice.post(address, {"name": "x" * 81, "purpose": "kept", "visibility": "all", "order": "up"})
    assert wrong.status_code == 422
    assert "Shorten the name to 80 characters. Choose who can see the board." in text(wrong)
    assert 'value="kept"' in wrong.content.decode()
    assert "Give the board a name." in text(as_alice.post(address, {"name": "\u200b \x00"}))
    saved = as_alice.post(address, {"name": "Quay", "visibility": "listed", f"right-{bob.pk}": "change"}, follow=True)
    assert "Saved." in text(saved)
    board.refresh_from_db()
    assert (board.name, board.visibility, board.may_change(bob)) == ("Quay", "listed", True)


def test_the_people_of_the_settings_are_read_once(as_alice: Client, alice: User, bob: User) -> None:
    board = a_board(alice)
    with CaptureQueriesContext(connection) as asked:
        page = as_alice.get(of(board, "settings")).content.decode()
    assert f'name="right-{bob.pk}"' in page
    assert f'name="right-{alice.pk}"' not in page
    assert sum("ORDER BY" in one["sql"] and '"studio_user"."name" ASC' in one["sql"] for one in asked) == 1


def test_two_who_save_the_settings_at_once_keep_what_each_has_changed(
    as_alice: Client, as_ada: Client, alice: User, bob: User
) -> None:
    board = a_board(alice, "Harbour")
    address = of(board, "settings")
    seen = html.unescape(re.findall(r'name="seen" value="([^"]*)"', as_alice.get(address).content.decode())[0])
    sheet = {"name": "Harbour", "visibility": "team", "order": "hand", "seen": seen}
    assert as_ada.post(address, {**sheet, "client": "Acme", f"right-{bob.pk}": "look"}).status_code == 302
    assert as_alice.post(address, {**sheet, "purpose": "A calendar"}).status_code == 302
    board.refresh_from_db()
    assert (board.client, board.purpose, board.members.get().person) == ("Acme", "A calendar", bob)

    # Where both have changed the same, the second is told, keeps what was typed, and may have it.
    refused = as_alice.post(address, {**sheet, "client": "Bolt & Co", "job_number": "7"})
    assert refused.status_code == 422
    assert "Somebody else changed the client to “Acme” meanwhile. Save again to have yours instead." in text(refused)
    page = refused.content.decode()
    assert 'value="Bolt &amp; Co"' in page
    seen = html.unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])
    again = {**sheet, "client": "Bolt & Co", "job_number": "7", "purpose": "A calendar", "seen": seen}
    assert as_alice.post(address, {**again, f"right-{bob.pk}": "look"}).status_code == 302
    board.refresh_from_db()
    assert (board.client, board.job_number) == ("Bolt & Co", "7")


@pytest.mark.parametrize("seen", ["", "{", "[]", "7", '{"name": {"a": 1}, "rights": 5}', "[" * 3000])
def test_what_a_sheet_has_seen_may_be_nonsense(as_alice: Client, alice: User, seen: str) -> None:
    board = a_board(alice, "Harbour")
    answer = as_alice.post(of(board, "settings"), {"name": "Quay", "visibility": "team", "order": "hand", "seen": seen})
    assert answer.status_code in {302, 422}


def test_a_stranger_finds_nothing_of_a_hidden_board(as_bob: Client, alice: User, ada: User) -> None:
    board = a_board(alice, "Secret plans", visibility="private")
    [picture] = put(board, some(alice))
    for client in (as_bob, signed_in(ada)):
        assert client.get(board.get_absolute_url()).status_code == 404
        assert client.get(of(board, "settings")).status_code == 404
        for what in ("order", "removals", "cover", "archive", "deletion", "settings"):
            assert client.post(of(board, what), {"picture": picture.code}).status_code == 404
        assert client.post(ADD, {"picture": picture.code, "board": board.code}).status_code == 404
        for page in (BOARDS, picture.get_absolute_url(), "/gallery/", f"/gallery/?board={board.code}", "/", ADD):
            assert "Secret plans" not in text(client.get(page))
        # Its filter finds what that of a board finds that never was, and so tells nothing.
        asked = [text(client.get(f"/gallery/?board={one}")) for one in (board.code, picture.code)]
        assert "Board no longer there" in asked[0]
        assert asked[0].replace(str(board.code), str(picture.code)).count("no longer there") == asked[1].count(
            "no longer there"
        )
    assert Board.objects.get().number == 1


def test_who_may_look_changes_nothing(as_bob: Client, alice: User, bob: User) -> None:
    board = a_board(alice, visibility="listed")
    board.members.create(person=bob, right="look")
    [picture] = put(board, some(alice))
    page = text(as_bob.get(board.get_absolute_url()))
    assert "Arrange" not in page
    assert "Take off" not in page
    for what in ("order", "removals", "cover", "archive", "deletion", "settings"):
        assert as_bob.post(of(board, what), {"picture": picture.code}).status_code == 403
    viewer = signed_in(make_person("Vera", role=User.Role.VIEWER))
    team = a_board(alice, "For all")
    assert viewer.get(team.get_absolute_url()).status_code == 200
    assert viewer.post(ADD, {"picture": picture.code, "board": team.code}).status_code == 403
    assert viewer.post("/boards/new/", {"name": "x"}).status_code == 403


def test_an_admin_settles_a_teams_board_and_its_owner_hears_of_it(as_ada: Client, alice: User) -> None:
    board = a_board(alice)
    as_ada.post(of(board, "settings"), {"name": "Quay", "visibility": "team"})
    as_ada.post(of(board, "archive"), {"state": "on"})
    gone = as_ada.post(of(board, "deletion"), {"state": "on"}, follow=True)
    assert "“ Quay ” is deleted. Its pictures stay in the gallery. Undo" in text(gone)
    told = list(Notification.objects.filter(person=alice).order_by("pk").values_list("text", flat=True))
    assert told == [
        "changed the settings of your board “Quay”.",
        "archived your board “Quay”.",
        "deleted your board “Quay”. You can bring it back.",
    ]
    as_alice = signed_in(alice)
    assert as_alice.get(board.get_absolute_url()).status_code == 404
    assert as_alice.post(of(board, "deletion"), {"state": "off"}).headers["Location"] == board.get_absolute_url()
    assert "Archived" in text(as_alice.get(board.get_absolute_url()))
    as_alice.post(of(board, "archive"), {"state": "off"})
    assert "Quay" in text(as_alice.get(BOARDS))


@pytest.mark.parametrize("visibility", ["private", "listed"])
def test_a_board_that_is_not_seen_is_deleted_like_none(as_bob: Client, alice: User, visibility: str) -> None:
    hidden = Board.make(alice, name="Secret", now=timezone.now(), visibility=visibility)
    hidden.members.create(person=make_person("Vera"), right="look")

    def asked(code: uuid.UUID) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert as_bob.post(f"/boards/{code}/deletion/", {"state": "on"}).status_code == 404
        return len(queries)

    asked(uuid.uuid4())  # the first page has more to ask
    assert asked(uuid.uuid4()) == asked(hidden.code)
