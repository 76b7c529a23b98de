"""An unknown outcome is settled once: whoever comes second is told who decided what, and so is everybody's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Job, User
from studio.views.jobs.card_builder import CardBuilder
from tests import people

READERS = {
    "alice": "Send it again or ask an admin.",
    "ada": "Settle it in Review.",
    "bob": "Its owner or an admin decides.",
}


def ask(client: Client, name: str, job: Job, seen: int = 1) -> Any:
    return client.post(f"{reverse(f'studio:{name}', args=[job.code])}?seen={seen}", {"sure": "yes"}, follow=True)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("reader", READERS)
def test_the_sentence_is_true_for_who_reads_it(reader: str, request: pytest.FixtureRequest, alice: User) -> None:
    person = request.getfixturevalue(reader)
    job = people.make_job(alice, state="unknown")
    why = CardBuilder(person, timezone.now()).card(job).why
    assert why == f"Luma's answer got lost, so this may have been charged. {READERS[reader]}"
    assert "checking" not in why


def test_who_writes_off_second_to_a_second_send_is_told(alice: User, as_alice: Client, as_ada: Client) -> None:
    job = people.make_job(alice, state="unknown")
    ask(as_alice, "send_job_again", job)
    said = text(ask(as_ada, "write_off_job", job))
    assert "Alice Moreau sent it again, " in said
    job.refresh_from_db()
    assert (job.state, job.settled_by) == (Job.State.WAITING, None)


def test_who_sends_again_second_to_a_write_off_is_told(alice: User, as_alice: Client, as_ada: Client) -> None:
    job = people.make_job(alice, state="unknown")
    ask(as_ada, "write_off_job", job)
    assert "Ada Admin wrote it off, " in text(ask(as_alice, "send_job_again", job))
    assert "Ada Admin wrote it off, " in text(
        as_alice.get(reverse("studio:send_job_again", args=[job.code]), follow=True)
    )
    job.refresh_from_db()
    assert job.state == Job.State.UNKNOWN


@pytest.mark.parametrize("how", ["written off", "resolved"])
def test_who_retries_second_to_a_write_off_is_told_and_nothing_is_paid(
    alice: User, as_alice: Client, as_ada: Client, ada: User, how: str
) -> None:
    job = people.make_job(alice, state="failed", failure=people.LUMA_FAILED)
    stale, stale_in_a_batch = f"{reverse('studio:retry_job', args=[job.code])}?seen=1", Job.objects.get()
    assert f"{stale}" in text(as_alice.get(f"{reverse('studio:create')}?show=failed"))
    if how == "written off":
        ask(as_ada, "write_off_job", job)
    else:
        assert Job.objects.get().set_case_status("resolved", by=ada, now=timezone.now())
    assert not stale_in_a_batch.retry(by=alice, now=timezone.now())
    assert "Ada Admin " in text(as_alice.post(stale, {"next": "/"}, follow=True))
    assert Job.objects.get().state == Job.State.FAILED
    # Who has read that may try it all the same, and so may who settled it.
    assert f"{stale}w" in text(as_alice.get(f"{reverse('studio:create')}?show=failed"))
    as_alice.post(f"{stale}w", {"next": "/"})
    assert Job.objects.get().state == Job.State.WAITING


def test_a_decision_about_an_attempt_that_the_page_has_not_seen_is_none(
    alice: User, ada: User, as_alice: Client, as_ada: Client
) -> None:
    job = people.make_job(alice, state="unknown")
    assert job.send_again(by=ada, now=timezone.now())
    people.make_job(alice, state="unknown", submission=job.submission)
    said = text(ask(as_alice, "write_off_job", job))
    assert "Ada Admin sent it again, " in said
    job.refresh_from_db()
    assert (job.state, job.attempts, job.settled_at) == (Job.State.UNKNOWN, 2, None)


def test_the_other_side_reads_the_decision_on_card_job_page_and_review(
    alice: User, as_alice: Client, as_ada: Client
) -> None:
    job = people.make_job(alice, state="unknown")
    ask(as_ada, "write_off_job", job)
    own = f"{reverse('studio:create')}?show=failed"
    for address in (own, reverse("studio:job", args=[job.code])):
        assert "Ada Admin wrote it off, " in text(as_alice.get(address))
    assert "Ada, " in text(as_ada.get(f"{reverse('studio:review')}?show=settled"))
    again = people.make_job(alice, state="unknown")
    ask(as_alice, "send_job_again", again)
    assert "Alice Moreau sent it again, " in text(as_ada.get(reverse("studio:job", args=[again.code])))
    assert "Alice Moreau sent it again, " in text(as_ada.get(f"{reverse('studio:create')}?whose=team"))
    people.make_job(alice, state="unknown", submission=again.submission)
    assert "Alice Moreau sent it again, " in text(as_ada.get(reverse("studio:review")))
