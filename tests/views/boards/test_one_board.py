"""One board without script: its pictures are added, moved and removed, in the gallery and in the dock too."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from studio.engine import collect
from studio.models import Board, BoardPicture, Decision, Job, Notification, ProofLink, Revision, Submission, User
from tests.people import HTMX, make_job
from tests.views.board_pages import ADD, a_board, by_hand, of, put, some
from tests.views.page_text import text
from tests.views.routes import A_PROOF

# ---- One board


def test_a_board_shows_its_pictures_by_hand_or_newest_first_page_by_page(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    pictures = put(board, some(alice, 5))
    for at, row in enumerate(board.places.by_hand()):
        BoardPicture.objects.filter(pk=row.pk).update(added_at=timezone.now() + timezone.timedelta(minutes=at))

    def shown(address: str, **headers: str) -> list[str]:
        return re.findall(r'id="picture-([0-9a-f-]+)"', as_alice.get(address, headers=headers).content.decode())

    codes = [str(one.code) for one in pictures]
    address = board.get_absolute_url()
    assert shown(address) == codes
    assert shown(f"{address}?order=newest") == codes[::-1]
    assert shown(f"{address}?order=nonsense") == codes
    rows = list(board.places.by_hand())
    assert shown(f"{address}?after={rows[1].place}_{rows[1].pk}", **HTMX) == codes[2:]
    micro = int(rows[3].added_at.timestamp() * 1e6)
    assert shown(f"{address}?order=newest&after={micro}_{rows[3].pk}", **HTMX) == codes[2::-1]
    assert "That was the last picture" in text(as_alice.get(f"{address}?after={rows[4].place}_{rows[4].pk}"))
    for odd in ("x", "1-2", "9" * 30 + "_1", "1_1_1"):
        assert as_alice.get(f"{address}?after={odd}").status_code == 404
    assert as_alice.get(f"{address}?order=newest&after={'9' * 18}_1").status_code in {200, 404}


def test_pictures_move_by_buttons_and_by_drop(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    a, b, c = put(board, some(alice, 3))
    page = as_alice.get(f"{board.get_absolute_url()}?arrange=on").content.decode()
    assert page.count('value="earlier"') == 3
    moved = as_alice.post(of(board, "order"), {"picture": c.code, "to": "first"})
    assert moved.headers["Location"] == f"{board.get_absolute_url()}?arrange=on#move-{c.code}"
    assert by_hand(board) == [c, a, b]
    dropped = as_alice.post(of(board, "order"), {"picture": c.code, "before": b.code}, headers=HTMX)
    assert dropped.status_code == 204
    assert as_alice.post(of(board, "order"), {"picture": a.code, "before": ""}, headers=HTMX).status_code == 204
    assert by_hand(board) == [c, b, a]
    for odd in ({}, {"picture": "x"}, {"picture": uuid.uuid4()}, {"picture": a.code, "before": uuid.uuid4()}):
        assert as_alice.post(of(board, "order"), odd, headers=HTMX).status_code == 409
    assert "nothing was moved" in text(as_alice.post(of(board, "order"), {"picture": "x", "to": "first"}, follow=True))
    as_alice.post(of(board, "cover"), {"picture": b.code})
    board.refresh_from_db()
    assert board.cover == b
    assert "nothing was moved" in text(as_alice.post(of(board, "cover"), {"picture": uuid.uuid4()}, follow=True))


def test_open_pages_hear_of_another_cover_and_count(as_alice: Client, as_bob: Client, alice: User) -> None:
    board = a_board(alice)
    first, second = put(board, [*some(alice), *some(alice)])
    page = as_bob.get(f"{board.get_absolute_url()}?order=newest&show=approved").content.decode()
    known = Revision.current()
    asked = re.search(r'hx-get="(/pulse/[^"]+)"', page)
    assert asked
    assert f"{first.code}/" in page.split('id="board-cover"')[1].split("</div>")[0]
    assert as_bob.get(html.unescape(asked[1])).status_code == 204
    as_alice.post(of(board, "cover"), {"picture": str(second.code)})
    Decision.make(first, "approved", by=alice)
    told = as_bob.get(html.unescape(asked[1])).content.decode()
    assert f"{second.code}/" in told.split('id="board-cover"')[1].split("</div>")[0]
    assert 'aria-current="true">Approved <span class="num">1</span>' in " ".join(told.split())
    board.visibility = Board.Visibility.PRIVATE
    board.save()
    for code in (board.code, uuid.uuid4(), "\0", ""):
        answer = as_bob.get("/pulse/", {"page": "board", "code": str(code), "since": known})
        assert answer.status_code == 200
        assert 'id="board-cover"' not in answer.content.decode()


def test_a_picture_that_others_dont_see_takes_no_cover_from_them(as_alice: Client, as_bob: Client, alice: User) -> None:
    board = a_board(alice)
    _, second = put(board, [*some(alice), *some(alice)])
    own = make_job(alice, state="done", is_private=True).pictures.get()
    BoardPicture.add(board, [own.pk], by=alice, now=timezone.now())
    board.set_cover(second, now=timezone.now())
    said = as_alice.post(f"/boards/{board.code}/cover/", {"picture": str(own.code)}, follow=True)
    assert "Choose a cover that everybody sees." in text(said)
    cover = as_bob.get(f"/boards/{board.code}/").content.decode().split('id="board-cover"')[1].split("</div>")[0]
    assert f"{second.code}/" in cover
    # Alone with it, one may.
    Board.objects.filter(pk=board.pk).update(visibility=Board.Visibility.PRIVATE)
    as_alice.post(f"/boards/{board.code}/cover/", {"picture": str(own.code)})
    board.refresh_from_db()
    assert board.cover == own


def test_what_was_added_is_one_undo_away(as_alice: Client, as_bob: Client, alice: User) -> None:
    board = a_board(alice)
    [there] = put(board, some(alice))
    codes = [one.code for one in some(alice, 2)]
    added = as_bob.post(ADD, {"picture": [there.code, *codes], "board": board.code}, follow=True)
    assert "2 pictures added to “Harbour”. Undo" in text(added)
    [undo] = re.findall(r'action="([^"]+\?added=\d+)"', added.content.decode())
    # What somebody else put there, or at another time, stays.
    assert "None of them was on this board" in text(as_alice.post(undo, follow=True))
    for odd in ("x", "-1", "1", "9" * 17, "9" * 18, "٣", "\x00"):
        odd_one = as_bob.post(f"{of(board, 'removals')}?{urlencode({'added': odd})}", follow=True)
        assert "None of them was on this board" in text(odd_one)
    gone = as_bob.post(undo, follow=True)
    assert "2 pictures removed. The gallery still has them. Undo" in text(gone)
    assert by_hand(board) == [there]
    assert not Notification.objects.filter(person=alice, kind=Notification.Kind.CHANGE).exists()
    again = as_bob.post(ADD, {"picture": there.code, "board": board.code}, follow=True)
    assert "All of them were on “Harbour” already." in text(again)
    assert "already. Undo" not in text(again)


def test_what_is_removed_is_one_undo_away(as_alice: Client, as_bob: Client, alice: User) -> None:
    board = a_board(alice)
    pictures = put(board, some(alice, 3))
    gone = as_bob.post(of(board, "removals"), {"picture": [one.code for one in pictures[:2]]}, follow=True)
    assert "2 pictures removed. The gallery still has them. Undo" in text(gone)
    assert by_hand(board) == pictures[2:]
    assert Notification.objects.get(person=alice, kind="change").text == "took 2 pictures off your board “Harbour”."
    [undo] = re.findall(r'action="(/boards/removals/[^"]+)"', gone.content.decode())
    # It is the one person's, and good once.
    others, nones = (as_alice.post(one) for one in (undo, f"/boards/removals/{uuid.uuid4()}/undo/"))
    assert (others.status_code, text(others)) == (nones.status_code, text(nones))
    assert by_hand(board) == pictures[2:]
    assert "2 pictures put back." in text(as_bob.post(undo, follow=True))
    assert by_hand(board) == pictures
    assert "can't be put back" in text(as_bob.post(undo, follow=True))
    # Somebody else was first.
    gone = as_bob.post(of(board, "removals"), {"picture": pictures[0].code}, follow=True)
    assert "1 picture removed. The gallery still has it. Undo" in text(gone)
    [undo] = re.findall(r'action="(/boards/removals/[^"]+)"', gone.content.decode())
    BoardPicture.add(board, [pictures[0].pk], by=alice, now=timezone.now())
    assert "Nothing was put back: it's on this board already" in text(as_bob.post(undo, follow=True))
    assert "Choose at least one picture first." in text(as_bob.post(of(board, "removals"), follow=True))
    assert "None of them" in text(as_bob.post(of(board, "removals"), {"picture": some(alice)[0].code}, follow=True))


# ---- From the gallery, to the gallery


def test_chosen_pictures_are_added_to_a_board_or_a_new_one(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    a_board(alice, "Closed").archive(now=timezone.now())
    codes = [str(one.code) for one in some(alice, 2)]
    choose = as_alice.post(ADD, {"picture": [*codes, "x", uuid.uuid4()]})
    assert "Add 2 pictures to a board" in text(choose)
    assert choose.content.decode().count('name="picture"') == 2
    assert "Closed" not in text(choose)
    assert "No board that you can add to" in text(as_alice.post(ADD, {"picture": codes, "q": "zzz"}))
    added = as_alice.post(ADD, {"picture": codes, "board": board.code}, follow=True)
    assert "2 pictures added to “Harbour”." in text(added)
    assert "All of them were on “Harbour” already." in text(
        as_alice.post(ADD, {"picture": codes, "board": board.code}, follow=True)
    )
    new = as_alice.post(ADD, {"picture": codes, "make": "on", "name": "Quay"}, follow=True)
    assert "2 pictures added to “Quay”." in text(new)
    assert as_alice.post(ADD, {"picture": codes, "make": "on", "name": " "}).status_code == 422
    assert as_alice.post(ADD, {"picture": codes, "make": "on", "name": "x" * 90}).status_code == 422
    assert "Choose at least one picture first." in text(as_alice.post(ADD, follow=True))
    for odd in ("x", "\x00"):
        assert as_alice.post(ADD, {"picture": codes, "board": odd}).status_code == 403
    assert Board.objects.count() == 3


def test_all_that_a_search_finds_is_added(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    pictures = some(alice, 3)
    chosen = {"all": "on", "address": "q=harbour", "except": pictures[1].code}
    choose = as_alice.post(ADD, chosen)
    assert "Add 2 pictures to a board" in text(choose)
    assert 'name="address" value="q=harbour"' in choose.content.decode()
    as_alice.post(ADD, {**chosen, "board": board.code})
    # Newest first, as the gallery has them.
    assert set(by_hand(board)) == {pictures[0], pictures[2]}


def test_the_gallery_finds_the_pictures_of_a_board(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    on, off = put(board, some(alice))[0], some(alice)[0]
    page = as_alice.get(f"/gallery/?board={board.code}")
    assert str(on.code) in page.content.decode()
    assert f"picture-{off.code}" not in page.content.decode()
    assert "Board Harbour" in text(page)
    zipped = as_alice.post("/archives/", {"all": "on", "address": f"board={board.code}"}, follow=True)
    assert "1 picture" in text(zipped)
    came = as_alice.get(on.get_absolute_url(), headers={"Referer": f"http://testserver{board.get_absolute_url()}"})
    assert "1 of 1" in text(came)
    panel = text(as_alice.get(on.get_absolute_url()))
    assert "Boards Harbour Add to board" in panel


# ---- The dock


def ask(client: Client, **fields: Any) -> Submission:
    form = {"token": str(uuid.uuid4()), "type": "image", "prompt": f"A boat {uuid.uuid4()}", "model": "uni-1"}
    assert client.post("/submissions/", {**form, **fields}).status_code == 302
    return Submission.objects.latest("pk")


def test_the_dock_begins_with_the_board_of_a_link_or_the_last_one(as_alice: Client, alice: User) -> None:
    assert 'name="board"' not in as_alice.get("/").content.decode()
    board = a_board(alice)

    def chosen(address: str) -> bool:
        return f'value="{board.code}" selected' in as_alice.get(address).content.decode()

    assert (chosen("/"), chosen(f"/?board={board.code}"), chosen("/?board=x")) == (False, True, False)
    assert ask(as_alice, board=str(board.code)).board == board
    assert chosen("/")
    board.archive(now=timezone.now())
    assert not chosen("/")
    assert ask(as_alice).board is None


def test_a_board_that_is_closed_meanwhile_costs_no_job(as_alice: Client, alice: User, bob: User) -> None:
    board = a_board(bob, visibility="private")
    for code in (board.code, "nonsense", uuid.uuid4()):
        assert ask(as_alice, board=str(code)).board is None
    assert "gone or closed to you by now" in text(as_alice.get("/"))


def test_pictures_are_put_on_their_board_as_they_come(alice: User, bob: User) -> None:
    board, closed = a_board(alice), a_board(bob)
    for one in (board, closed):
        job = make_job(alice, state="done")
        Submission.objects.filter(pk=job.submission_id).update(board=one)
        job = Job.objects.select_related("submission__board", "person").get(pk=job.pk)
        if one == closed:
            closed.settle(now=timezone.now(), members=[], visibility="private")
            job.submission.board.refresh_from_db()  # type: ignore[union-attr]
        collect._put_on_board(job, job.submission.board, timezone.now())  # type: ignore[arg-type]
    assert [one.person for one in by_hand(board)] == [alice]
    assert by_hand(closed) == []
    told = Notification.objects.get(person=alice, kind="change")
    assert "is gone or closed to you" in told.text
    assert told.address == reverse("studio:gallery")


def test_the_tools_show_what_is_decided_in_the_order_of_the_board(as_bob: Client, alice: User, bob: User) -> None:
    board, pictures = a_board(alice), [some(alice)[0] for _ in range(3)]
    BoardPicture.add(board, [one.pk for one in pictures], by=alice, now=timezone.now())
    for one in pictures[1:]:
        Decision.make(one, "approved", by=bob)
    read = as_bob.get(f"/boards/{board.code}/?show=approved&order=hand").content.decode()
    assert [f'id="picture-{one.code}"' in read for one in pictures] == [False, True, True]
    assert re.search(r"Approved <span class=\"num\">2<", read)
    assert "$0.12 spent" in read
    assert "data-move" not in read
    assert "None of its pictures is rejected" in as_bob.get(f"/boards/{board.code}/?show=rejected").content.decode()
    assert str(pictures[0].code) in as_bob.get(f"/boards/{board.code}/?show=%00").content.decode()


def test_it_says_how_many_links_show_it_and_how_far_they_are(as_alice: Client, as_bob: Client, alice: User) -> None:
    board, picture = a_board(alice), some(alice)[0]
    BoardPicture.add(board, [picture.pk], by=alice, now=timezone.now())
    Decision.make(picture, "approved", by=alice)
    assert "approved</span>" not in as_alice.get("/boards/").content.decode()
    for _ in range(2):
        link, _ = ProofLink.make(alice, A_PROOF, board=board)
    assert "2 links" in as_alice.get(f"/boards/{board.code}/").content.decode()
    assert "1 of 1 approved" in as_alice.get("/boards/").content.decode()
    assert "2 links" not in as_bob.get(f"/boards/{board.code}/").content.decode()
    assert "1 of 1 approved" not in as_bob.get("/boards/").content.decode()
    link.revoke(alice, now=timezone.now())
    assert "1 link<" in as_alice.get(f"/boards/{board.code}/").content.decode()
