"""The work of somebody who leaves goes to somebody else in one step: nothing disappears, and history stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.engine import integrity
from studio.models import (
    Board,
    BoardPicture,
    Comment,
    Job,
    Look,
    Notification,
    Picture,
    ProofLink,
    Star,
    Submission,
    TrailEntry,
    User,
)
from studio.models.account import access, hand_over
from studio.models.account.hand_over import Work
from studio.models.people import AccessRefused
from studio.models.proof.link import ProofSpec
from tests.models.test_submission import together
from tests.people import HTMX, make_job, make_look, make_person, make_submission, signed_in


@pytest.fixture
def give(alice: User, bob: User, ada: User) -> Callable[..., Work]:
    """Hand Alice's work to Bob, by Ada."""

    def hand(also_private: bool = True) -> Work:
        work = hand_over.hand_over(alice.pk, to=bob.pk, by=ada, also_private=also_private, now=timezone.now())
        for person in (alice, bob):
            person.refresh_from_db()
        return work

    return hand


def made(person: User, **fields: Any) -> Picture:
    return make_job(person, state="done", **fields).pictures.get()


def shared(person: User, *pictures: Picture) -> ProofLink:
    spec = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=7))
    return ProofLink.make(person, spec, pictures=list(pictures))[0]


def test_everything_is_the_new_owners_and_history_says_who_made_it(
    give: Callable[..., Work], alice: User, bob: User, as_bob: Client
) -> None:
    picture, board = made(alice), Board.make(alice, name="Harbour", now=timezone.now(), visibility="private")
    look, waiting = make_look(alice), make_submission(alice, count=4)
    shared(alice, picture)
    assert not Board.objects.visible_to(bob).exists()
    work = give()
    assert work.sentence == "1 picture, 1 board, 1 look, 1 proof link and 4 waiting jobs"
    assert not alice.is_active
    assert list(Board.objects.visible_to(bob)) == [board]
    assert (board.may_settle(bob), look.may_change(bob), picture.may_trash(bob)) == (True, True, True)
    assert list(Look.objects.visible_to(bob)) == [look]
    assert ProofLink.objects.visible_to(bob).count() == 1
    job = waiting.jobs.earliest("pk")
    mine = as_bob.get("/").content.decode()
    assert f"job-{job.code}" in mine
    assert 'In progress <span class="num">4</span>' in " ".join(mine.split())
    assert as_bob.post(f"/jobs/{job.code}/cancellation/").status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"
    # Who made it stays who made it.
    picture.refresh_from_db()
    assert (picture.person, job.person, Submission.objects.earliest("pk").person) == (alice, alice, alice)
    page = as_bob.get(f"/pictures/{picture.code}/").content.decode()
    assert "Alice Moreau" in page
    assert not [finding.sentence for finding in integrity.check(timezone.now()) if "rendition" not in finding.invariant]


def test_private_work_stays_private_to_the_new_owner(
    give: Callable[..., Work], alice: User, ada: User, bob: User, as_bob: Client, as_ada: Client
) -> None:
    picture = made(alice, is_private=True, prompt="zephyrine lanterns")
    board = Board.make(alice, name="Quiet", now=timezone.now(), visibility="private")
    BoardPicture.add(board, [picture.pk], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert board.number_for(bob) == 0
    with pytest.raises(AccessRefused, match="has private work, which Bob Stranger will see"):
        give(also_private=False)
    alice.refresh_from_db()
    assert alice.is_active
    give()
    address = f"/pictures/{picture.code}/"
    assert as_bob.get(address).status_code == 200
    small = f"/pictures/{picture.code}/{picture.sha256[:12]}-256.webp"
    handed_out = as_bob.get(small)
    assert b"".join(handed_out.streaming_content)
    assert as_ada.get(small).status_code == 404
    assert as_ada.get(address).status_code == 404
    assert "zephyrine" in as_bob.get("/gallery/?q=zephyrine").content.decode()
    assert board.number_for(bob) == 1
    assert "zephyrine" not in as_ada.get("/gallery/").content.decode()
    # They may make it the team's.
    code = picture.job.submission.code if picture.job else ""
    as_bob.post(f"/submissions/{code}/privacy/", {"state": "off"})
    assert not [finding.sentence for finding in integrity.check(timezone.now()) if "rendition" not in finding.invariant]


def test_links_to_clients_and_to_what_was_made_with_it_still_work(
    give: Callable[..., Work], alice: User, bob: User, as_bob: Client, client: Client
) -> None:
    picture = made(alice)
    link, token = ProofLink.make(
        alice, ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=7)), pictures=[picture]
    )
    edit = make_job(bob, state="done", type="image_edit", source=picture).pictures.get()
    give()
    assert client.get(f"/proof/{token}/").status_code == 200
    assert link.pk in ProofLink.objects.visible_to(bob).values_list("pk", flat=True)
    assert str(edit.code) in as_bob.get(f"/pictures/{picture.code}/family/").content.decode()
    # What its client says reaches the new owner.
    Notification.tell(alice, Notification.Kind.PROOF, "is done", "/proofs/")
    assert Notification.objects.filter(person=bob, text="is done").exists()
    assert not Notification.objects.filter(person=alice, text="is done").exists()


def test_comments_stars_and_decisions_keep_their_author(
    give: Callable[..., Work], alice: User, bob: User, as_bob: Client
) -> None:
    picture = made(bob)
    said = Comment.objects.say(picture, "Warmer, please", by=alice)
    Star.put(picture, alice)
    give()
    said.refresh_from_db()
    assert said.person == alice
    assert not said.may_edit(bob)
    assert Star.objects.get().person == alice


def test_a_trail_entry_and_a_notification_tell_of_it(
    give: Callable[..., Work], ada: User, bob: User, alice: User
) -> None:
    made(alice)
    give()
    entry = TrailEntry.objects.filter(verb="handed-over").get()
    assert (entry.actor, entry.thing, entry.text) == (ada, "Alice Moreau", "1 picture to Bob Stranger")
    told = Notification.objects.get(person=bob)
    assert (told.actor, told.text) == (ada, "handed you the work of Alice Moreau: 1 picture.")


def test_access_given_back_brings_the_work_back(give: Callable[..., Work], ada: User, alice: User, bob: User) -> None:
    picture = made(alice)
    give()
    access.change_access(alice.pk, by=ada, is_active=True)
    for person in (alice, bob):
        person.refresh_from_db()
    assert (alice.handed_to, alice.handed, bob.inherited) == (None, {}, [])
    assert not picture.may_trash(bob)
    assert picture.may_trash(alice)


def test_work_goes_on_through_a_second_leaver(give: Callable[..., Work], ada: User, alice: User, bob: User) -> None:
    picture = made(alice)
    give()
    carol = make_person("Carol Third")
    hand_over.hand_over(bob.pk, to=carol.pk, by=ada, also_private=True, now=timezone.now())
    carol.refresh_from_db()
    assert sorted(carol.inherited) == sorted([alice.pk, bob.pk])
    assert picture.may_trash(carol)
    alice.refresh_from_db()
    assert alice.keeper == carol
    assert hand_over.wrong() == []
    access.change_access(bob.pk, by=ada, is_active=True)
    carol.refresh_from_db()
    bob.refresh_from_db()
    assert (carol.inherited, bob.inherited) == ([], [alice.pk])
    User.objects.filter(pk=bob.pk).update(inherited=[])
    assert hand_over.wrong() == ["Bob Stranger looks after other work than was handed over."]
    hand_over.settle()
    assert hand_over.wrong() == []


def test_who_cannot_look_after_it_is_refused(ada: User, alice: User, bob: User) -> None:
    now = timezone.now()
    User.objects.filter(pk=bob.pk).update(role=User.Role.VIEWER)
    for heir in (bob, alice):
        with pytest.raises(AccessRefused, match="can't look after pictures"):
            hand_over.hand_over(alice.pk, to=heir.pk, by=ada, also_private=True, now=now)
    with pytest.raises(AccessRefused, match="Another admin has to hand over your own work"):
        hand_over.hand_over(ada.pk, to=alice.pk, by=ada, also_private=True, now=now)
    alice.refresh_from_db()
    assert alice.is_active


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_at_once_the_second_reads_who_was_faster() -> None:
    alice, heirs = make_person(), [make_person(f"Heir {n}") for n in range(2)]
    admins = [make_person(f"Admin {n}", role=User.Role.ADMIN) for n in range(2)]
    ends = together(
        *[
            partial(hand_over.hand_over, alice.pk, to=heir.pk, by=admin, also_private=True, now=timezone.now())
            for heir, admin in zip(heirs, admins, strict=True)
        ]
    )
    [refused] = [end for end in ends if end]
    assert isinstance(refused, AccessRefused)
    assert "was faster: the work of Alice is with Heir" in str(refused)
    assert TrailEntry.objects.filter(verb="handed-over").count() == 1


def test_much_work_takes_no_more_statements(ada: User, alice: User, bob: User) -> None:
    def statements(person: User) -> int:
        with CaptureQueriesContext(connection) as captured:
            hand_over.hand_over(person.pk, to=bob.pk, by=ada, also_private=True, now=timezone.now())
        return len(captured)

    made(alice)
    carol = make_person("Carol Third")
    for _ in range(6):
        picture = made(carol)
        Board.make(carol, name="Harbour", now=timezone.now())
        shared(carol, picture)
    assert statements(alice) >= statements(carol) - 1


def test_the_new_owner_sees_private_jobs_of_the_team_view(
    give: Callable[..., Work], alice: User, as_bob: Client
) -> None:
    job = make_job(alice, is_private=True, prompt="zephyrine")
    give()
    html = as_bob.get("/?whose=team", headers=HTMX).content.decode()
    assert f"job-{job.code}" in html
    since = int(as_bob.get("/?whose=team").context["since"])
    job.cancel(now=timezone.now())
    assert f"job-{job.code}" in as_bob.get(f"/pulse/?page=create&whose=team&since={since}").content.decode()
    assert list(Job.objects.visible_to(User.objects.get(name="Bob Stranger"))) == [job]


def test_a_picture_of_nobody_present_is_still_told_of(
    give: Callable[..., Work], alice: User, bob: User, ada: User
) -> None:
    picture = made(alice)
    give()
    said = Comment.objects.say(picture, "Lovely", by=ada)
    Notification.tell_comment(said)
    assert Notification.objects.filter(person=bob, kind="comment").count() == 1
    assert signed_in(bob).get("/notifications/").status_code == 200
