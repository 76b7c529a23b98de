"""Cards of what waits, is under way or is done: each row of the table of states."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from studio.models import User
from studio.models.jobs.timing import Usual, Wait
from studio.views.jobs import actions as job_actions
from studio.views.jobs.card_builder import FACE_ORDER
from studio.views.jobs.cards import FACES
from tests.people import make_job, make_picture
from tests.views.one_card import card_of, told, words

USUAL = Usual(fast=30, low=35, high=62)


def test_waiting_tells_the_place_and_may_be_cancelled(alice: User) -> None:
    card = card_of(make_job(alice), place=3)
    assert told(card) == ("waiting", "clock", "Waiting")
    assert (card.more, card.why, card.ruler) == ("3rd in line", "", None)
    assert words(card) == ["Cancel", "Edit"]


def test_waiting_tells_the_usual_wait_beside_the_place(alice: User) -> None:
    card = card_of(make_job(alice), place=3, wait=Wait(66, 130))
    assert (card.more, card.usual_wait) == ("3rd in line", "usually 1–2 min")
    assert card_of(make_job(alice), place=3).usual_wait == ""


def test_only_what_waits_for_its_turn_tells_a_wait(alice: User) -> None:
    wait = Wait(66, 130)
    assert card_of(make_job(alice), place=1, wait=wait, pauses={"funds"}).usual_wait == ""
    assert card_of(make_job(alice, state="sending"), wait=wait).usual_wait == ""


def test_waiting_behind_a_pause_says_which(alice: User) -> None:
    card = card_of(make_job(alice), pauses={"api"})
    assert card.face.state == "waiting"
    assert card.why == "Luma does not answer. Nothing is sent until it does."


def test_out_of_funds_waits_for_budget_and_hides_the_place(alice: User) -> None:
    card = card_of(make_job(alice), pauses={"funds"}, place=1)
    assert told(card) == ("budget", "wallet", "Waiting for budget")
    assert card.why == "Nothing is lost. It starts when an admin adds funds."
    assert (card.more, words(card)) == ("", [])
    assert [act.word for act in job_actions.menu(card)] == ["Cancel", "Details"]


def test_sending_has_an_open_ruler_and_no_way_back(alice: User) -> None:
    card = card_of(make_job(alice, state="sending"))
    assert told(card) == ("sending", "send", "Sending")
    assert card.ruler is not None
    assert (card.ruler.kind, words(card), card.menu_note) == ("open", [], "Cannot be stopped once sent")


def test_queued_counts_the_seconds_at_luma(alice: User) -> None:
    now = timezone.now()
    card = card_of(make_job(alice, state="queued", now=now, took=timedelta(seconds=9)), now=now)
    assert told(card) == ("queued", "list-ordered", "Queued at Luma")
    assert (card.more, card.ruler and card.ruler.kind, card.late_after) == ("9 s", "open", "")


def test_making_shows_the_usual_time(alice: User) -> None:
    now = timezone.now()
    card = card_of(make_job(alice, state="making", now=now, took=timedelta(seconds=41)), now=now, usual=USUAL)
    assert told(card) == ("making", "loader-circle", "Making")
    assert (card.face.turns, card.more, card.late_after) == (True, "41 s", "62")
    assert card.ruler is not None
    assert card.ruler.legend == "usually 35–62 s"
    assert words(card) == []


def test_making_without_a_history_claims_no_usual_time(alice: User) -> None:
    now = timezone.now()
    card = card_of(make_job(alice, state="making", now=now), now=now)
    assert (card.ruler and card.ruler.kind, card.late_after) == ("open", "300")


def test_past_p95_it_is_late(alice: User) -> None:
    now = timezone.now()
    card = card_of(make_job(alice, state="making", now=now, took=timedelta(seconds=94)), now=now, usual=USUAL)
    assert told(card) == ("late", "timer", "Making")
    assert (card.more, card.ruler and card.ruler.kind) == ("1 min 34 s", "late")


@pytest.mark.parametrize("state", ["queued", "making"])
def test_past_its_deadline_it_is_late_even_without_a_history(alice: User, state: str) -> None:
    now = timezone.now()
    card = card_of(make_job(alice, state=state, now=now, took=timedelta(seconds=301)), now=now)
    assert told(card) == ("late", "timer", "Making")


def test_saving_is_made_and_its_clock_stands(alice: User) -> None:
    now = timezone.now()
    job = make_job(alice, state="saving", now=now, took=timedelta(seconds=58))
    card = card_of(job, now=now + timedelta(minutes=5), usual=USUAL)
    assert told(card) == ("saving", "hard-drive-download", "Made")
    assert (card.more, card.ruler and card.ruler.kind, round(card.elapsed)) == ("saving…", "full", 58)


def test_done_is_the_picture(alice: User) -> None:
    job = make_job(alice, state="done", aspect_ratio="2:3")
    card = card_of(job)
    assert card.picture == job.pictures.get()
    assert (card.face.state, card.ratio_class, words(card)) == ("done", "r-2x3", [])


def test_of_layers_the_whole_stands_for_all(alice: User) -> None:
    source = make_picture(alice)
    job = make_job(alice, state="done", type="layering", source=source)
    make_picture(alice, job=job, position=1)
    card = card_of(job)
    assert card.picture is not None
    assert (card.picture.position, len(card.pictures)) == (0, 2)
    assert card.stack is not None
    assert [layer.picture.position for layer in card.stack.back_to_front] == [1, 0]
    assert card.ratio_class == card.stack.ratio_class


def test_a_picture_that_is_not_split_has_no_layers(alice: User) -> None:
    assert card_of(make_job(alice, state="done")).stack is None


@pytest.mark.parametrize("state", ["queued", "making"])
def test_past_its_deadline_its_owner_or_an_admin_may_stop_waiting(
    alice: User, bob: User, ada: User, state: str
) -> None:
    now = timezone.now()
    job = make_job(alice, state=state, now=now, took=timedelta(seconds=301))
    assert words(card_of(job, now=now - timedelta(seconds=5))) == []
    assert [words(card_of(job, now=now, viewer=who)) for who in (alice, ada)] == [["Stop waiting"]] * 2
    assert card_of(job, now=now).menu_note == ""
    assert words(card_of(job, now=now, viewer=bob)) == []


def test_a_running_job_says_why_nothing_moves(alice: User) -> None:
    job = make_job(alice, state="making")
    assert job.explain("Luma reports a state that Studio doesn't know. Studio keeps asking.")
    assert card_of(job).why == "Luma reports a state that Studio doesn't know. Studio keeps asking."


def test_facts_are_the_ratio_the_model_the_references_and_the_price(alice: User) -> None:
    job = make_job(alice, references=[make_picture(alice), make_picture(alice)])
    assert card_of(job).facts == ["3:2", "uni-1", "2 references", "$0.05"]
    assert job.price == Decimal("0.0464")


def test_an_edit_is_named_and_shows_its_source(alice: User) -> None:
    source = make_picture(alice, size=(1000, 500))
    card = card_of(make_job(alice, type="image_edit", source=source))
    assert (card.facts[0], card.source, card.ratio_class) == ("Edit", source, source.ratio_class)


def test_the_label_says_state_and_prompt(alice: User) -> None:
    assert card_of(make_job(alice, prompt="A cat")).label == "Waiting: A cat"


def test_a_group_can_tell_every_face() -> None:
    assert set(FACE_ORDER) == set(FACES)
