"""A group: its page, the candidate that is the picture, a redo that joins, and cancelling what is not sent."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from studio.models import Batch, Job, JobCount, Picture, Revision, Submission, User
from studio.models.pictures.candidates import MOST_CANDIDATES
from studio.models.requests.request_spec import RequestSpec
from tests.people import HTMX, make_job, make_picture, make_submission

EDIT = Submission.Type.EDIT


def make_batch(person: User, count: int, *, done: int = 0, kind: str = Batch.Kind.EDIT) -> Batch:
    """One edit over so many pictures, the first of them done."""
    specs = [
        RequestSpec(type=EDIT, prompt="Make it night", model="uni-1", source=make_picture(person)) for _ in range(count)
    ]
    batch, _ = Batch.place(person, uuid.uuid4(), specs, kind=kind, title="Make it night", now=timezone.now())
    for submission in batch.submissions.order_by("batch_number")[:done]:
        make_job(person, submission=submission, state="done")
    return batch


def choose(client: Client, submission: Submission, job: Job, **more: str) -> int:
    return client.post(f"/submissions/{submission.code}/choice/", {"job": str(job.code), **more}).status_code


def test_a_batch_shows_before_and_after_of_each_and_its_cost(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 3, done=2)
    page = as_alice.get(f"/groups/{batch.code}/").content.decode()
    assert list(JobCount.wrong()) == []
    assert page.count('alt="Before:') == 3
    assert "<b>2 of 3</b>" in page
    assert 'aria-label="2 of 3 made, 1 making"' in page
    assert re.search(r"<b>\$0.09</b>\s*<span class=\"muted\">of \$0.13", page)
    assert page.count('data-act="keep"') == 2


def test_the_page_of_a_hundred_asks_as_often_as_that_of_one(
    as_alice: Client, alice: User, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.WAITING_PER_PERSON = 300
    few, many = make_batch(alice, 1), make_batch(alice, 100)
    as_alice.get(f"/groups/{few.code}/")
    with django_assert_max_num_queries(26) as asked:
        as_alice.get(f"/groups/{few.code}/")
    with django_assert_max_num_queries(len(asked.captured_queries)):
        as_alice.get(f"/groups/{many.code}/")


def test_one_submit_of_several_is_a_group_of_candidates(as_alice: Client, alice: User) -> None:
    made = make_submission(alice, count=20)
    make_job(alice, submission=made, state="done")
    page = as_alice.get(f"/groups/{made.code}/").content.decode()
    assert "20 candidates" in page
    assert page.count('data-act="keep"') == 1
    assert "Cancel 19 not sent" in page


def test_the_chosen_candidate_is_shown_and_the_others_fold(as_alice: Client, alice: User) -> None:
    made = make_submission(alice, count=3)
    first, second = (make_job(alice, submission=made, state="done") for _ in range(2))
    before = Revision.current()
    assert choose(as_alice, made, first) == 302
    made.refresh_from_db()
    assert made.chosen == first
    page = as_alice.get(f"/groups/{made.code}/").content.decode()
    folded = page[page.index("2 other candidates") :]
    assert f"job-{first.code}" not in folded
    assert f"job-{second.code}" in folded
    assert Job.objects.changed_since(before).count() == 3  # every open page shows it
    assert choose(as_alice, made, first, state="off") == 302
    made.refresh_from_db()
    assert made.chosen is None


def test_only_a_finished_candidate_of_the_same_picture_can_be_chosen(as_alice: Client, alice: User) -> None:
    made, other = make_submission(alice, count=2), make_job(alice, state="done")
    for job in (made.jobs.get(number=1), other):
        choose(as_alice, made, job)
    as_alice.post(f"/submissions/{made.code}/choice/", {"job": "nonsense"})
    made.refresh_from_db()
    assert made.chosen is None


def test_a_redo_joins_its_submission_and_keeps_the_first_result(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 1, done=1)
    submission = batch.submissions.get()
    OrmQ.objects.all().delete()
    page = as_alice.get(f"/groups/{batch.code}/").content.decode()
    assert "· $0.04" in page
    for _ in range(2):  # a double click
        answer = as_alice.post(f"/submissions/{submission.code}/redo/", {"seen": "1"})
        assert answer.headers["Location"] == f"/groups/{batch.code}/"
    jobs = list(submission.jobs.order_by("number"))
    assert [(job.state, str(job.price)) for job in jobs] == [("done", "0.0434"), ("waiting", "0.0434")]
    assert OrmQ.objects.filter(key="io").count() == 1
    assert list(JobCount.wrong()) == []
    assert not Submission.objects.missorted().exists()
    page = as_alice.get(f"/groups/{batch.code}/").content.decode()
    shown, folded = page.split("1 other", 1)
    assert f"job-{jobs[0].code}" in shown
    assert f"job-{jobs[1].code}" in folded


def test_a_redo_that_would_fill_the_line_is_told_and_stores_nothing(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    made = make_submission(alice, count=2)
    settings.WAITING_PER_PERSON = 2
    answer = as_alice.post(f"/submissions/{made.code}/redo/", {"seen": "2"}, headers=HTMX)
    assert "You have 2 pictures waiting. With this one it would be more than 2" in answer.content.decode()
    made.refresh_from_db()
    assert (made.count, made.jobs.count()) == (2, 2)


def test_keep_all_takes_what_is_made_and_not_decided(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 3, done=2)
    body = as_alice.post(f"/groups/{batch.code}/kept/", headers=HTMX).content.decode()
    assert batch.submissions.filter(chosen__isnull=False).count() == 2
    assert "2 kept" in body
    assert body.count('class="pair ') == 2  # what did not change is not sent


def test_what_is_not_sent_is_cancelled_at_once_and_the_rest_goes_on(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 3)
    sent = make_job(alice, submission=batch.submissions.order_by("batch_number")[0], state="making")
    body = as_alice.post(f"/groups/{batch.code}/cancellation/", headers=HTMX).content.decode()
    assert "2 pictures cancelled." in body
    assert sorted(Job.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "running"]
    sent.refresh_from_db()
    again = as_alice.post(f"/groups/{batch.code}/cancellation/", headers=HTMX).content.decode()
    assert "Nothing waits to be sent" in again


def test_a_failed_member_shows_its_reason_and_its_action(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 2)
    make_job(alice, submission=batch.submissions.order_by("batch_number")[0], state="failed")
    page = as_alice.get(f"/groups/{batch.code}/").content.decode()
    assert "1 failed" in page
    assert "change the prompt." in page
    assert "Edit prompt" in page


@pytest.mark.parametrize("action", ["choice", "redo"])
def test_another_designer_looks_and_does_not_decide(as_bob: Client, alice: User, action: str) -> None:
    batch = make_batch(alice, 1, done=1)
    submission = batch.submissions.get()
    page = as_bob.get(f"/groups/{batch.code}/").content.decode()
    assert 'data-act="keep"' not in page
    assert 'data-act="redo"' not in page
    form = {"job": str(submission.jobs.get().code), "seen": "1"}
    assert as_bob.post(f"/submissions/{submission.code}/{action}/", form).status_code == 403
    submission.refresh_from_db()
    assert (submission.chosen, submission.jobs.count()) == (None, 1)


def test_an_open_page_learns_of_what_changed_and_of_nothing_else(as_alice: Client, alice: User) -> None:
    batch = make_batch(alice, 3)
    since = Revision.current()
    first = batch.submissions.order_by("batch_number")[0]
    make_job(alice, submission=first, state="done")
    answer = as_alice.get(f"/pulse/?page=group&code={batch.code}&since={since}", headers=HTMX)
    body = answer.content.decode()
    assert f'id="pair-{first.code}"' in body
    assert body.count('class="pair ') == 1
    assert "<b>1 of 3</b>" in body
    assert f"code={batch.code}" in body  # it goes on asking
    assert as_alice.get("/pulse/?page=group&code=x&since=0", headers=HTMX).status_code == 200


def test_a_code_of_nothing_is_not_found(as_alice: Client) -> None:
    assert as_alice.get(f"/groups/{uuid.uuid4()}/").status_code == 404


def test_a_card_leads_to_its_group(as_alice: Client, alice: User) -> None:
    batch, made = make_batch(alice, 1), make_submission(alice, count=2)
    page = as_alice.get("/").content.decode()
    assert f'href="/groups/{batch.code}/"' in page
    assert f'href="/groups/{made.code}/"' in page
    assert Picture.objects.count() == 1


def test_a_redo_waits_for_the_last_one_and_is_no_setting(as_alice: Client, alice: User) -> None:
    made = make_submission(alice)
    make_job(alice, submission=made, state="done")
    for seen in ("1", "2"):
        as_alice.post(f"/submissions/{made.code}/redo/", {"seen": seen}, headers=HTMX)
    made.refresh_from_db()
    assert (made.count, made.jobs.count(), made.redone) == (2, 2, 1)
    assert 'name="count" value="1"' in as_alice.get("/", {"reuse": str(made.code)}).content.decode()


def test_a_group_takes_no_more_candidates_than_anybody_compares(alice: User) -> None:
    job = make_job(alice, state="done")
    type(job.submission).objects.update(count=MOST_CANDIDATES)
    assert job.submission.redo(seen=MOST_CANDIDATES, now=timezone.now()) is None
    assert Job.objects.count() == 1
