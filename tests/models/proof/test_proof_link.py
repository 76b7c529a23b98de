"""Proof links: who may come in by one, which pictures it shows, and what clients answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import serializers
from django.db import IntegrityError
from django.utils import timezone

from studio.models import Board, BoardPicture, Comment, Decision, Notification, Picture, ProofClient, ProofLink, User
from studio.models.proof import answers as proof_answers
from studio.models.proof.link import ProofSpec
from studio.models.proof.pictures import MOST_PICTURES
from tests import people

pytestmark = pytest.mark.django_db


def spec(**fields: Any) -> ProofSpec:
    return ProofSpec(**{"title": "Round 2", "expires_at": timezone.now() + timedelta(days=14), **fields})


def made(person: User, **fields: Any) -> Picture:
    picture = people.make_job(person, state="done").pictures.get()
    Picture.objects.filter(pk=picture.pk).update(**fields)
    picture.refresh_from_db()
    return picture


def link_to(person: User, *pictures: Picture, **fields: Any) -> ProofLink:
    return ProofLink.make(person, spec(**fields), pictures=pictures)[0]


def again(link: ProofLink) -> ProofLink:
    return ProofLink.objects.select_related("person", "board").get(pk=link.pk)


def test_only_a_hash_of_the_token_and_of_the_password_is_kept(alice: User) -> None:
    link, token = ProofLink.make(alice, spec(password="fjord-lantern-38"), pictures=[made(alice)])
    assert len(token) == 43
    assert (str(link), str(client_of(link)), str(link.proof_pictures.get())) == (
        "Round 2",
        "Ingrid Holm",
        f"{link.pictures()[0].pk} of {link.pk}",
    )
    row = json.loads(serializers.serialize("json", [link]))[0]["fields"]
    assert token not in str(row)
    assert "fjord" not in str(row)
    assert link.password.startswith("argon2")
    assert link.knows("fjord-lantern-38")
    assert not link.knows("fjord")
    assert ProofLink.objects.by_token(token, timezone.now()) == link
    for other in ("", token[:-1], token + "x", link.token_hash):
        assert ProofLink.objects.by_token(other, timezone.now()) is None


def test_a_link_ends_when_it_expires_is_revoked_or_loses_its_maker_or_board(alice: User, ada: User) -> None:
    board = Board.objects.create(person=alice, name="Harbour")
    ways = {
        "expired": lambda link: ProofLink.objects.filter(pk=link.pk).update(expires_at=timezone.now()),
        "revoked": lambda link: link.revoke(ada, now=timezone.now()),
        "board": lambda _: Board.objects.filter(pk=board.pk).update(deleted_at=timezone.now()),
        "maker": lambda _: User.objects.filter(pk=alice.pk).update(is_active=False),
    }
    for way, end in ways.items():
        link, token = ProofLink.make(alice, spec(), board=board)
        assert ProofLink.objects.by_token(token, timezone.now()), way
        end(link)
        assert ProofLink.objects.by_token(token, timezone.now()) is None, way
        Board.objects.filter(pk=board.pk).update(deleted_at=None)


def test_a_second_revoke_changes_nothing(alice: User, ada: User) -> None:
    link = link_to(alice, made(alice))
    first = timezone.now()
    assert link.revoke(alice, now=first)
    assert not link.revoke(ada, now=first + timedelta(hours=1))
    assert (again(link).revoked_at, again(link).revoked_by) == (first, alice)


def test_a_form_that_is_sent_twice_makes_one_link(alice: User) -> None:
    once, picture = spec(), made(alice)
    code = link_to(alice, picture).code
    with pytest.raises(IntegrityError):
        ProofLink.make(alice, spec(code=code), pictures=[picture])
    assert once.code is None


def test_a_link_needs_a_picture_and_takes_no_more_than_fit(alice: User) -> None:
    for pictures in ([], [Picture(pk=n) for n in range(MOST_PICTURES + 1)]):
        with pytest.raises(ValueError, match="pictures"):
            ProofLink.make(alice, spec(), pictures=pictures)


def test_pictures_keep_their_order_and_leave_out_what_may_not_be_shown(alice: User, bob: User) -> None:
    shown = [made(bob), made(alice, is_private=True), made(alice)]
    private, thrown = made(bob), made(alice)
    link = link_to(alice, shown[2], private, shown[0], thrown, shown[1])
    Picture.objects.filter(pk=private.pk).update(is_private=True)
    Picture.objects.filter(pk=thrown.pk).update(trashed_at=timezone.now())
    assert again(link).pictures() == [shown[2], shown[0], shown[1]]
    assert [place.number for place in again(link).places] == [1, 2, 3]


def test_a_board_shows_what_lies_on_it_now_and_nothing_private(alice: User) -> None:
    board = Board.objects.create(person=alice, name="Harbour")
    first, second, private = made(alice), made(alice), made(alice, is_private=True)
    for place, picture in enumerate((second, private, first)):
        BoardPicture.objects.create(board=board, picture=picture, place=place, added_by=alice)
    link, _ = ProofLink.make(alice, spec(), board=board)
    assert link.pictures() == [second, first]
    Board.objects.filter(pk=board.pk).update(order=Board.Order.NEWEST)
    assert again(link).pictures() == [first, second]
    BoardPicture.objects.filter(picture=first).delete()
    assert again(link).pictures() == [second]


def test_a_picture_of_two_links_and_boards_is_there_once_at_the_place_of_each(alice: User) -> None:
    first, second = made(alice), made(alice)
    one, other = link_to(alice, first, second), link_to(alice, second, first)
    assert (one.pictures(), other.pictures()) == ([first, second], [second, first])
    boards = [Board.objects.create(person=alice, name=name) for name in ("Harbour", "Dunes")]
    for board, order in zip(boards, ((first, second), (second, first)), strict=True):
        for place, picture in enumerate(order):
            BoardPicture.objects.create(board=board, picture=picture, place=place, added_by=alice)
    assert [ProofLink.make(alice, spec(), board=board)[0].pictures() for board in boards] == [
        [first, second],
        [second, first],
    ]


def test_more_pictures_cost_no_more_queries(alice: User, django_assert_num_queries: Any) -> None:
    link = link_to(alice, *(made(alice) for _ in range(6)))
    with django_assert_num_queries(1):
        assert len(link.places) == 6
    with django_assert_num_queries(2):
        assert len(link.load(link.places)) == 6


def test_an_original_is_never_handed_out_under_a_watermark(alice: User) -> None:
    picture = made(alice)
    assert link_to(alice, picture, watermark="Proof", downloads="original").downloads_now == "web"
    assert link_to(alice, picture, downloads="original").downloads_now == "original"
    assert link_to(alice, picture, watermark="Proof", downloads="off").downloads_now == "off"


def test_looking_is_counted_once_a_visit(alice: User) -> None:
    link, now = link_to(alice, made(alice)), timezone.now()
    link.see(now, opened=True)
    link.see(now + timedelta(seconds=10), opened=False)
    assert (again(link).opens, again(link).last_seen_at) == (1, now)
    link.see(now + timedelta(minutes=2), opened=False)
    assert (again(link).opens, again(link).last_seen_at) == (1, now + timedelta(minutes=2))


# ---- Answers


def client_of(link: ProofLink, name: str = "Ingrid Holm") -> ProofClient:
    return proof_answers.name_client(link, name)


def test_a_decision_lands_on_the_picture_and_can_be_taken_back(alice: User) -> None:
    picture = made(alice)
    client = client_of(link_to(alice, picture))
    for verdict in ("approved", "approved", "rejected", ""):
        proof_answers.decide(client, picture, verdict)
        picture.refresh_from_db()
        assert picture.decision == verdict
    assert list(Decision.objects.values_list("verdict", "client__name")) == [
        ("approved", "Ingrid Holm"),
        ("rejected", "Ingrid Holm"),
        ("", "Ingrid Holm"),
    ]
    assert proof_answers.verdicts(client.link, [picture.pk]) == {}


def test_the_teams_later_word_outlives_what_a_client_takes_back(alice: User, bob: User) -> None:
    picture = made(alice)
    client = client_of(link_to(alice, picture))
    proof_answers.decide(client, picture, "approved")
    said = Decision.make(picture, "rejected", by=bob)
    proof_answers.decide(client, picture, "")
    picture.refresh_from_db()
    newest = Decision.newest(picture)
    assert picture.decision == "rejected"
    assert newest
    assert said
    assert (newest.verdict, newest.who, newest.at) == ("rejected", "Bob Stranger", said.at)
    assert proof_answers.verdicts(client.link, [picture.pk]) == {}
    assert not Notification.objects.filter(person=bob).exists()


def test_the_newest_word_of_any_client_of_the_link_counts(alice: User) -> None:
    picture, other = made(alice), made(alice)
    link = link_to(alice, picture, other)
    proof_answers.decide(client_of(link), picture, "approved")
    proof_answers.decide(client_of(link, "Jon"), picture, "rejected")
    proof_answers.decide(client_of(link_to(alice, other), "Kim"), other, "approved")
    found = proof_answers.verdicts(link, [picture.pk, other.pk])
    assert {key: (one.verdict, one.client and one.client.name) for key, one in found.items()} == {
        picture.pk: ("rejected", "Jon")
    }
    assert proof_answers.counts(link) == (0, 1)


def test_maker_and_owner_are_told_once_for_a_link_and_a_kind(alice: User, bob: User) -> None:
    pictures = [made(bob), made(bob)]
    client = client_of(link_to(alice, *pictures))
    for picture in pictures:
        proof_answers.decide(client, picture, "approved")
        proof_answers.say(client, picture, "Warmer")
    proof_answers.finish(client)
    told = Notification.objects.exclude(kind="done").order_by("pk")
    decided, said = "approved a picture in “Round 2”", "commented in “Round 2”"
    assert list(told.filter(person=alice).values_list("text", "number", "kind")) == [
        (decided, 2, "proof"),
        (said, 2, "proof"),
        ("is done with “Round 2”: 2 approved, 0 to change", 1, "proof"),
    ]
    # The owner is told what was said of each picture.
    assert list(told.filter(person=bob).values_list("number", "kind")) == [(2, "proof"), (1, "proof"), (1, "proof")]


def test_a_client_reads_their_own_words_and_answers_to_them_and_nothing_of_the_team(alice: User) -> None:
    picture = made(alice)
    link, other = link_to(alice, picture), link_to(alice, picture)
    mine = proof_answers.say(client_of(link), picture, "Lower", 33.3, 44.4)
    Comment.objects.create(picture=picture, person=alice, text="The client is difficult")
    Comment.objects.create(picture=picture, person=alice, text="Will do", thread=mine)
    proof_answers.say(client_of(other), picture, "Another client")
    gone = proof_answers.say(client_of(link), picture, "Gone")
    Comment.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    assert [one.text for one in proof_answers.comments(link, picture)] == ["Lower", "Will do"]
    assert proof_answers.comment_counts(link, [picture.pk]) == {picture.pk: 2}


def test_a_flood_is_stopped_for_an_hour(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_answers, "MOST_AN_HOUR", 2)
    monkeypatch.setattr(proof_answers, "MOST_NAMES", 2)
    picture = made(alice)
    link = link_to(alice, picture)
    client = client_of(link)
    proof_answers.say(client, picture, "One")
    proof_answers.say(client_of(link, "Jon"), picture, "Two")
    proof_answers.decide(client, picture, "approved")
    proof_answers.decide(client, picture, "rejected")
    for more in (
        lambda: proof_answers.say(client, picture, "Three"),
        lambda: proof_answers.decide(client, picture, ""),
        lambda: client_of(link, "Kim"),
    ):
        with pytest.raises(proof_answers.Flooded):
            more()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert proof_answers.say(client, picture, "Three")


def test_a_link_to_a_board_ends_with_its_makers_access_to_the_board(alice: User, bob: User) -> None:
    now = timezone.now()
    board = Board.make(alice, name="Harbour", now=now)
    BoardPicture.add(board, [made(alice).pk], by=alice, now=now)
    ProofLink.make(bob, spec(), board=board)
    assert ProofLink.objects.get().is_open(now)
    Board.objects.update(visibility="listed")
    assert not ProofLink.objects.get().is_open(now)
    board.settle(now=now, members=[(bob, "look")], visibility="listed")
    assert ProofLink.objects.get().is_open(now)


def test_a_password_is_known_however_its_accents_are_typed(alice: User) -> None:
    typed = ("caf\u00e9-lantern", "cafe\u0301-lantern")
    for given, said in (typed, typed[::-1]):
        link = link_to(alice, made(alice), password=given)
        assert link.knows(said)
        assert not link.knows("cafe-lantern")
