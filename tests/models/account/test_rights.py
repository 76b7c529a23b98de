"""What a person may ask for and how much of it, also when many requests come at the same moment."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from studio.engine import capacity
from studio.models import Attempt, Batch, Job, Submission, User
from studio.models.account.rights import Asked, NeedsApproval, NotAllowed, TooManyWaiting, person_now, refusals
from studio.models.not_placed import NotPlaced
from studio.models.requests.request_spec import RequestSpec
from tests.models.test_submission import together
from tests.people import LUMA_FAILED, make_job, make_person, make_picture, make_submission, send, signed_in


def may(person: User, **rights: Any) -> User:
    User.objects.filter(pk=person.pk).update(**rights)
    person.refresh_from_db()
    return person


def spec(**fields: Any) -> RequestSpec:
    return RequestSpec(**{"type": "image", "prompt": "A paper boat", "model": "uni-1", **fields})


def place(person: User, **fields: Any) -> Submission:
    return Submission.place(person, uuid.uuid4(), spec(**fields), now=timezone.now())[0]


# ---- What may be used


@pytest.mark.parametrize(
    ("rights", "fields", "sentence"),
    [
        (
            {"models_allowed": ["uni-1"]},
            {"model": "uni-1-max"},
            "You can't use uni-1-max. Choose uni-1, or ask an admin.",
        ),
        ({"may_search_web": False}, {"web_search": True}, "Ask an admin for web search, or make it without."),
        ({"role": "viewer"}, {}, "You can look and comment, and an admin can let you make pictures."),
    ],
)
def test_what_a_person_may_not_use_is_refused_in_a_sentence(
    alice: User, rights: dict[str, Any], fields: dict[str, Any], sentence: str
) -> None:
    may(alice, **rights)
    with pytest.raises(NotAllowed) as refused:
        place(alice, **fields)
    assert refused.value.sentence == sentence
    assert not Submission.objects.exists()


def test_layers_are_a_right_of_their_own(alice: User) -> None:
    source = make_picture(alice)
    may(alice, models_allowed=["uni-1-max"])
    place(alice, type="layering", prompt="", source=source)
    may(alice, may_split=False)
    with pytest.raises(NotAllowed, match="split pictures into layers"):
        place(alice, type="layering", prompt="", source=source)


def test_rights_that_changed_a_moment_ago_hold(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(models_allowed=["uni-1-max"])
    with pytest.raises(NotAllowed):
        place(alice)  # the person in memory may still do it


def test_whoever_has_no_limits_is_refused_nothing(alice: User) -> None:
    every = [spec(model="uni-1-max", web_search=True), spec(type="layering", prompt="")]
    assert refusals(alice, [Asked.by(one) for one in every]) == []


# ---- How much


def test_pictures_an_hour_are_counted_and_the_rest_is_named(alice: User) -> None:
    may(alice, cap_per_hour=20)
    make_submission(alice, count=18, now=timezone.now() - timedelta(minutes=50))
    with pytest.raises(NotAllowed) as refused:
        place(alice, count=3)
    assert refused.value.sentence == "You can make 20 pictures an hour; 18 are made, so at most 2 now."
    place(alice, count=2)
    with pytest.raises(NotAllowed) as refused:
        place(alice)
    assert refused.value.sentence == "You can make 20 pictures an hour, and 20 are made. Try again in 10 min."


def test_after_an_hour_and_after_a_cancel_there_is_room_again(alice: User) -> None:
    may(alice, cap_per_hour=1)
    make_submission(alice, now=timezone.now() - timedelta(minutes=61))
    job = make_job(alice)
    assert job.cancel(now=timezone.now())
    place(alice)


def test_an_old_picture_that_is_paid_for_again_counts_in_this_hour(alice: User) -> None:
    may(alice, cap_per_hour=1)
    before = timezone.now() - timedelta(hours=2)
    job = make_job(alice, state="failed", failure=LUMA_FAILED, now=before)
    assert job.retry(by=alice, now=timezone.now())
    send(job, now=timezone.now())
    assert Attempt.objects.filter(job=job).count() == 2
    with pytest.raises(NotAllowed):
        place(alice)


def test_nothing_an_hour_is_said_without_a_promise(alice: User) -> None:
    may(alice, cap_per_hour=0)
    with pytest.raises(NotAllowed, match=r"You can make 0 pictures an hour, and 0 are made. Ask an admin for more."):
        place(alice)


def test_a_line_of_ones_own_length(alice: User, bob: User) -> None:
    may(alice, cap_waiting=2)
    place(alice, count=2)
    with pytest.raises(TooManyWaiting) as refused:
        place(alice)
    assert refused.value.most == 2
    place(bob, count=3)


@pytest.mark.parametrize("cap", ["cap_waiting", "cap_per_hour"])
@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_moment_do_not_pass_a_cap(cap: str) -> None:
    alice = may(make_person(), **{cap: 5})
    ends = together(*[partial(place, alice) for _ in range(20)])
    assert Job.objects.of(alice).count() == 5
    assert sum(isinstance(end, NotPlaced) for end in ends) == 15


@pytest.mark.django_db(transaction=True)
def test_lists_and_single_pictures_at_the_same_moment_share_a_cap() -> None:
    alice = may(make_person(), cap_per_hour=4)

    def place_list() -> None:
        kind = Batch.Kind.COMBINATIONS
        Batch.place(alice, uuid.uuid4(), [spec(), spec()], kind=kind, title="", now=timezone.now())

    together(*[place_list] * 4, *[partial(place, alice)] * 4)
    assert Job.objects.of(alice).count() == 4


# ---- One more of what is there


def test_trying_again_and_redoing_are_asked_the_same(alice: User, ada: User) -> None:
    failed = make_job(alice, state="failed", failure=LUMA_FAILED)
    done = make_job(alice, state="done")
    may(alice, models_allowed=["uni-1-max"])
    with pytest.raises(NotAllowed):
        failed.retry(by=alice, now=timezone.now())
    failed.refresh_from_db()
    assert failed.state == Job.State.FAILED
    with pytest.raises(NotAllowed):
        done.submission.redo(seen=1, now=timezone.now())
    assert done.submission.jobs.count() == 1
    # An admin decides for others.
    assert failed.retry(by=ada, now=timezone.now())


def test_one_more_that_would_need_an_approval_is_refused(alice: User) -> None:
    done = make_job(alice, state="done")
    may(alice, asks_above=Decimal("0.01"))
    with pytest.raises(NotAllowed, match=r"This costs \$0.04, and above \$0.01 an admin has to approve it"):
        done.submission.redo(seen=1, now=timezone.now())


# ---- What needs an approval


def test_above_the_limit_nothing_is_stored(alice: User) -> None:
    may(alice, asks_above=Decimal("0.08"))
    place(alice)
    with pytest.raises(NeedsApproval) as needed:
        place(alice, count=2)
    assert (needed.value.total, needed.value.above) == (Decimal("0.0808"), Decimal("0.0800"))
    assert Submission.objects.count() == 1


def test_what_is_approved_passes_rights_and_caps(alice: User) -> None:
    may(alice, asks_above=Decimal(0), cap_per_hour=1, cap_waiting=1, models_allowed=["uni-1-max"])
    placed, _ = Submission.place(alice, uuid.uuid4(), spec(count=3), now=timezone.now(), is_approved=True)
    assert placed.jobs.count() == 3


# ---- Running at once


def test_whoever_has_enough_running_is_passed_over(alice: User, bob: User) -> None:
    now = timezone.now()
    make_job(alice, state="running")
    make_job(alice)
    make_job(bob)
    may(alice, cap_running=1)
    assert {job.person_id for job in capacity.admit("me", now=now)} == {bob.pk}
    may(alice, cap_running=2)
    assert {job.person_id for job in capacity.admit("me", now=now)} == {alice.pk}


def test_a_card_says_that_it_waits_for_ones_own_cap(alice: User) -> None:
    make_job(alice, state="running")
    make_job(alice)
    may(alice, cap_running=1)
    html = signed_in(alice).get("/").content.decode()
    assert "Goes on when one of yours is done: an admin lets you run 1 at once." in html
    may(alice, cap_running=2)
    assert "Goes on when" not in signed_in(alice).get("/").content.decode()


def test_a_person_is_read_as_the_tables_have_them_now(alice: User) -> None:
    may(alice, cap_running=7)
    assert person_now(alice.pk).cap_running == 7
    with pytest.raises(User.DoesNotExist):
        person_now(alice.pk + 1)


def test_a_line_is_admitted_no_further_than_the_cap(alice: User) -> None:
    make_submission(alice, count=5, now=timezone.now() - timedelta(seconds=1))
    may(alice, cap_running=1)
    assert len(capacity.admit("me", now=timezone.now())) == 1
    assert not capacity.admit("me", now=timezone.now())
