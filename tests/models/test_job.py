"""The state machine: each arrow once, each fence once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from studio.logs import Line
from studio.models import Attempt, Job, Revision, User
from studio.models.job import GIVE_UP
from studio.models.jobs.failure import Failure
from tests import people

NOW = timezone.now()
UNREADABLE = Failure(cause="unsaved", sentence="It could not be read.", charge="charged")


def claimed(job: Job, owner: str = "one") -> Job:
    return Job.objects.claim(owner, [job.pk], until=NOW + timedelta(minutes=3), now=NOW)[0]


def begin(job: Job) -> Attempt | None:
    return job.begin_sending(provider="here", weight=1, until=NOW + timedelta(minutes=3), now=NOW)


def test_a_job_is_claimed_once(alice: User) -> None:
    job = people.make_job(alice)
    assert Job.objects.claim("one", [job.pk], until=NOW + timedelta(minutes=1), now=NOW)
    assert Job.objects.claim("two", [job.pk], until=NOW + timedelta(minutes=2), now=NOW) == []


def test_a_lease_that_ran_out_is_taken_over_and_fences_the_first_holder(alice: User) -> None:
    first = claimed(people.make_job(alice))
    later = NOW + timedelta(minutes=4)
    second = Job.objects.claim("two", [first.pk], until=later + timedelta(minutes=1), now=later)[0]
    assert begin(first) is None
    assert begin(second) is not None


def test_sending_is_committed_with_its_attempt(alice: User) -> None:
    job = claimed(people.make_job(alice))
    attempt = begin(job)
    assert attempt
    job.refresh_from_db()
    alice.refresh_from_db()
    assert (job.state, job.attempts, job.request_id) == (Job.State.SENDING, 1, attempt.request_id)
    assert job.charge == Job.Charge.HELD
    assert alice.served_at == NOW


def test_a_job_cannot_be_sent_twice(alice: User) -> None:
    job = claimed(people.make_job(alice))
    assert begin(job)
    assert begin(job) is None


def test_every_post_is_a_row_of_its_own(alice: User) -> None:
    job = claimed(people.make_job(alice))
    first = begin(job)
    assert first
    assert job.requeue(until=NOW, detail="busy", status=429, now=NOW)
    job = claimed(job)
    second = begin(job)
    assert second
    assert second.request_id != first.request_id
    told = [(one.number, one.outcome, one.status, one.charge) for one in job.attempts_made.all()]
    assert told == [(1, "held", 429, "none"), (2, "open", None, "held")]
    assert (job.attempts, job.resends) == (2, 1)


def test_an_accepted_job_keeps_its_id_and_a_deadline(alice: User) -> None:
    job = people.send(people.make_job(alice), now=NOW)
    assert job.accept("an-id", now=NOW)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (Job.State.RUNNING, "an-id")
    assert not job.is_late(NOW + timedelta(seconds=299))
    assert job.is_late(NOW + timedelta(seconds=301))
    assert not job.is_lost(NOW + GIVE_UP - timedelta(minutes=1))
    assert job.is_lost(NOW + GIVE_UP + timedelta(minutes=1))


def test_two_jobs_never_share_an_id(alice: User) -> None:
    one, two = (people.send(people.make_job(alice), now=NOW) for _ in range(2))
    assert one.accept("same", now=NOW)
    with pytest.raises(IntegrityError):
        two.accept("same", now=NOW)


def test_a_spooled_id_is_adopted_even_by_an_unknown_job(alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    assert job.request_id
    assert Job.adopt(job.request_id, "late-id", now=NOW)
    job.refresh_from_db()
    assert (job.state, job.remote_id, job.cause) == (Job.State.RUNNING, "late-id", "")
    assert Job.adopt(job.request_id, "another", now=NOW) is False


def test_every_change_raises_the_revision(alice: User) -> None:
    job = people.make_job(alice)
    before = Revision.current()
    assert job.cancel(now=NOW)
    assert job.rev == Revision.current() > before


def test_a_quiet_verb_changes_nothing(alice: User) -> None:
    job = people.make_job(alice, state="done")
    before = Revision.current()
    assert not job.cancel(now=NOW)
    assert not job.retry(by=alice, now=NOW)
    assert not job.send_again(by=alice, now=NOW)
    assert not job.write_off(by=alice, now=NOW)
    assert Revision.current() == before


def test_a_doubted_job_asks_a_person_and_is_nobodys_any_more(alice: User) -> None:
    job = people.make_job(alice)
    held = claimed(job)
    before = Revision.current()
    assert job.mark_unknown_after_restore(people.LOST, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.charge, job.lease_owner, job.due_at) == (Job.State.UNKNOWN, Job.Charge.MAYBE, "", None)
    assert job.rev > before
    assert begin(held) is None
    assert job.send_again(by=alice, now=NOW)
    assert begin(held) is None


def test_the_request_id_of_an_earlier_try_is_not_told_of_a_doubted_job(alice: User) -> None:
    job = people.send(people.make_job(alice), now=NOW)
    assert job.requeue(until=NOW, detail="busy", status=429, now=NOW)
    assert job.mark_unknown_after_restore(people.LOST, now=NOW)
    job.refresh_from_db()
    assert job.request_id is None


@pytest.mark.parametrize("state", ["sending", "queued", "saving", "done", "failed", "unknown", "cancelled"])
def test_only_what_waits_can_be_doubted(alice: User, state: str) -> None:
    assert not people.make_job(alice, state=state).mark_unknown_after_restore(people.LOST, now=NOW)


def test_only_a_waiting_job_can_be_cancelled(alice: User) -> None:
    assert not people.make_job(alice, state="sending").cancel(now=NOW)
    assert people.make_job(alice).cancel(now=NOW)


def test_retry_sends_the_same_card_with_a_second_attempt(alice: User, ada: User) -> None:
    job = people.make_job(alice, state="failed")
    assert job.retry(by=ada, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.cause, job.sentence, job.remote_id) == (Job.State.WAITING, "", "", None)
    assert begin(claimed(job))
    assert list(job.attempts_made.values_list("number", "asked_by")) == [(1, ada.pk), (2, None)]


def test_what_is_made_and_paid_for_is_only_fetched_again(alice: User) -> None:
    job = people.make_job(alice, state="saving")
    assert job.fail(UNREADABLE, now=NOW)
    assert job.retry(by=alice, now=NOW)
    job.refresh_from_db()
    assert job.state == Job.State.SAVING
    assert job.remote_id
    assert job.attempts == 1


def test_only_a_person_sends_an_unknown_job_again(alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    assert not job.retry(by=alice, now=NOW)
    assert job.send_again(by=alice, now=NOW)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


def test_an_unknown_job_holds_its_place_for_as_long_as_its_kind_takes(alice: User) -> None:
    """For an hour, as a job that is known may, ten lost answers would stop a studio of ten slots."""
    people.make_job(alice, state="unknown", now=NOW)
    assert Job.objects.occupying(NOW + timedelta(seconds=59)).weight() == 1
    assert Job.objects.occupying(NOW + timedelta(seconds=61)).weight() == 0


def test_a_job_that_failed_before_any_post_has_no_attempt(alice: User) -> None:
    job = claimed(people.make_job(alice))
    assert job.fail(UNREADABLE, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.attempts_made.count()) == (Job.State.FAILED, 0, 0)


def test_what_a_lost_answer_may_have_cost_stays_on_its_attempt(alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    assert job.send_again(by=alice, now=NOW)
    job = people.send(job, now=NOW)
    assert job.accept("an-id", now=NOW)
    assert job.start_saving(now=NOW)
    assert job.finish(now=NOW)
    charges = list(job.attempts_made.values_list("number", "charge", "price"))
    assert charges == [(1, "maybe", job.price), (2, "charged", job.price)]


def test_an_id_that_an_admin_knows_is_looked_up_even_where_no_request_is_known(alice: User, ada: User) -> None:
    job = people.make_job(alice)
    assert job.mark_unknown_after_restore(people.LOST, now=NOW)
    assert job.look_up("an-id", by=ada, now=NOW)
    attempt = job.attempts_made.get()
    assert (attempt.possible_ids, attempt.look_at, attempt.outcome) == (["an-id"], NOW, Attempt.Outcome.UNKNOWN)
    assert job.follow("an-id", now=NOW)
    assert not job.look_up("another", by=ada, now=NOW)


def test_a_written_off_job_frees_its_slot_and_leaves_review(alice: User, ada: User) -> None:
    job = people.make_job(alice, state="unknown", now=NOW)
    assert Job.objects.occupying(NOW).weight() == 1
    assert job.write_off(by=ada, now=NOW)
    assert Job.objects.occupying(NOW).weight() == 0
    assert not Job.objects.open_cases().exists()
    assert Job.objects.on_feed().exists(), "its owner reads there who settled it"
    own = people.make_job(alice, state="unknown", now=NOW)
    assert own.write_off(by=alice, now=NOW)
    assert own.dismissed_at == NOW


def test_a_dismissed_card_stays_in_review_and_can_come_back(alice: User) -> None:
    job = people.make_job(alice, state="failed")
    assert job.dismiss(now=NOW)
    assert Job.objects.open_cases().count() == 1
    assert not Job.objects.on_feed().exists()
    assert job.recall()
    assert Job.objects.on_feed().exists()


def test_the_price_of_the_day_stays_on_the_job(alice: User) -> None:
    source = people.make_picture(alice)
    job = people.make_job(alice, type="image_edit", source=source, references=[source])
    assert job.price == Decimal("0.0464")


@pytest.mark.parametrize("state", ["waiting", "sending", "queued", "making", "saving"])
def test_active_and_finished_are_opposites(alice: User, state: str) -> None:
    job = people.make_job(alice, state=state)
    assert job.is_active
    assert not job.is_finished


@pytest.mark.django_db(transaction=True)
def test_every_move_is_logged_with_its_ids_and_without_a_word_of_the_prompt(caplog: pytest.LogCaptureFixture) -> None:
    job = people.make_job(people.make_person("Alice Moreau"), prompt="a secret harbour")
    with caplog.at_level("INFO", "studio"):
        job.cancel(now=timezone.now())
    lines = [Line().format(record) for record in caplog.records]
    assert len(lines) == 1
    assert f'A job moved {{"job": "{job.label}", "from": "waiting", "state": "cancelled"}}' in lines[0]
    assert "harbour" not in lines[0]


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("sending", lambda job: job.fail_after_misses(people.REFUSED, now=NOW)),
        ("sending", lambda job: job.mark_unknown(people.LOST, now=NOW)),
        ("saving", lambda job: job.finish(now=NOW)),
        ("unknown", lambda job: job.follow("3f2b8c1e", now=NOW)),
        ("unknown", lambda job: job.ask_again(by=job.person, now=NOW)),
        ("done", lambda job: job.give_up(by=job.person, now=NOW)),
    ],
)
def test_a_verb_that_comes_second_writes_no_attempt(alice: User, state: str, verb: Callable[[Job], bool]) -> None:
    job = people.make_job(alice, state=state)
    stale = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(state="cancelled")
    before = list(Attempt.objects.values())
    assert not verb(stale)
    assert list(Attempt.objects.values()) == before
