from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from studio.models import Job, User
from studio.models.jobs.failure import Failure
from tests.people import HTMX, LUMA_FAILED, make_job, make_picture, send


def post(client: Client, job: Job, verb: str, **data: object) -> object:
    """As the card's own button does it."""
    return client.post(f"/jobs/{job.code}/{verb}/", data, headers=HTMX | {"HX-Target": f"job-{job.code}"})


def body(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


# ---- The page


def test_everybody_of_the_team_can_read_a_jobs_story(as_bob: Client, alice: User) -> None:
    failure = Failure(
        cause="refused",
        sentence="The prompt or a picture was refused.",
        code="content_moderated",
        detail="policy 7",
        charge="refunded",
    )
    source = make_picture(alice)
    job = make_job(alice, state="failed", failure=failure, type="image_edit", source=source, prompt="The mayor")
    page = as_bob.get(f"/jobs/{job.code}/").content.decode()
    for words in ("Refused", "The prompt or a picture was refused.", "content_moderated", "policy 7", "The mayor"):
        assert words in page
    assert str(Job.objects.get().request_id) in page
    assert re.search(r"\$0.04\s*<span[^>]*>refunded", page)
    assert "Requested" in page
    assert str(source.code) in page
    assert "/dismissal/" not in page


@pytest.mark.parametrize("now_is", ["waiting", "sending", "queued", "making", "saving", "done", "unknown", "cancelled"])
def test_a_job_in_any_state_has_a_page(as_alice: Client, alice: User, now_is: str) -> None:
    assert as_alice.get(f"/jobs/{make_job(alice, state=now_is).code}/").status_code == 200


def test_the_page_of_an_unknown_job_lets_its_owner_decide(as_alice: Client, as_bob: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    page = as_alice.get(f"/jobs/{job.code}/").content.decode()
    assert re.search(r"Send again\s*<span[^>]*>· \$0.04", page)
    assert "Write off" in page
    assert "Send again" not in as_bob.get(f"/jobs/{job.code}/").content.decode()


def test_a_job_that_is_not_there_is_not_found(as_alice: Client) -> None:
    assert as_alice.get(f"/jobs/{uuid.uuid4()}/").status_code == 404


def job_in(person: User, now_is: str) -> Job:
    if now_is == "late":
        return make_job(person, state="making", took=timedelta(minutes=6))
    return make_job(person, state=now_is)


# ---- Decisions


def test_cancelling_answers_the_card(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    answer = body(post(as_alice, job, "cancellation"))
    assert state(job) == "cancelled"
    assert re.search(rf'<article[^>]*id="job-{job.code}" data-state="cancelled"', answer)
    assert "hx-swap-oob" not in answer


def test_cancelling_what_was_sent_changes_nothing_and_says_so(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    send(job, now=timezone.now())
    answer = body(post(as_alice, job, "cancellation"))
    assert state(job) == "sending"
    assert 'data-state="sending"' in answer
    assert "It was already sent and cannot be stopped." in answer


def test_without_script_a_decision_leads_back(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    answer = as_alice.post(f"/jobs/{job.code}/cancellation/")
    assert answer.headers["Location"] == f"/#job-{job.code}"
    again = as_alice.post(f"/jobs/{job.code}/cancellation/", {"next": f"/jobs/{job.code}/"})
    assert again.headers["Location"] == f"/jobs/{job.code}/"
    assert [str(m) for m in get_messages(again.wsgi_request)] == ["It was already sent and cannot be stopped."]


def test_a_decision_never_leads_to_another_site(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    answer = as_alice.post(f"/jobs/{job.code}/cancellation/", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == f"/#job-{job.code}"


def test_trying_again_rings_for_a_conductor(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    answer = body(post(as_alice, job, "retry"))
    assert state(job) == "waiting"
    assert 'data-state="waiting"' in answer
    assert OrmQ.objects.filter(key="io").count() == 1


def test_trying_again_twice_is_one_try(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    post(as_alice, job, "retry")
    OrmQ.objects.all().delete()
    assert "It was already tried again." in body(post(as_alice, job, "retry"))
    assert OrmQ.objects.count() == 0


def test_sending_again_asks_first_and_says_that_it_may_cost_twice(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    page = as_alice.get(f"/jobs/{job.code}/second-send/").content.decode()
    assert "it may cost twice" in page
    assert re.search(r"Send again\s*<span[^>]*>· \$0.04", page)
    assert state(job) == "unknown"
    part = as_alice.get(f"/jobs/{job.code}/second-send/", headers=HTMX).content.decode()
    assert "<html" not in part
    assert "it may cost twice" in part


def test_sending_again_sends_once(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    assert as_alice.post(f"/jobs/{job.code}/second-send/").status_code == 302
    assert (state(job), OrmQ.objects.filter(key="io").count()) == ("waiting", 1)
    OrmQ.objects.all().delete()
    as_alice.post(f"/jobs/{job.code}/second-send/")
    assert OrmQ.objects.count() == 0


def test_what_is_settled_is_not_asked_about(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="done")
    answer = as_alice.get(f"/jobs/{job.code}/second-send/")
    assert answer.headers["Location"] == f"/jobs/{job.code}/"


def test_an_unknown_job_is_never_retried_by_the_plain_button(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    post(as_alice, job, "retry")
    assert (state(job), OrmQ.objects.count()) == ("unknown", 0)


def test_a_late_job_is_let_go_once_and_its_page_says_what_follows(as_alice: Client, alice: User) -> None:
    job = job_in(alice, "late")
    page = as_alice.get(f"/jobs/{job.code}/").content.decode()
    assert f'action="/jobs/{job.code}/stop-waiting/"' in page
    answer = body(post(as_alice, job, "stop-waiting"))
    assert "Not waited for" in answer
    assert "Ask again" in answer
    assert OrmQ.objects.filter(key="io").count() == 1
    assert "Something happened to it meanwhile." in body(post(as_alice, job, "stop-waiting"))
    page = as_alice.get(f"/jobs/{job.code}/").content.decode()
    assert "if the picture comes, it appears here" in page
    assert "Pay again" not in page


def test_what_is_in_time_is_waited_for(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="making")
    post(as_alice, job, "stop-waiting")
    assert state(job) == "running"


def test_a_second_payment_is_asked_about_and_says_so(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=Failure(cause="lost", sentence="x", charge="maybe"))
    page = as_alice.get(f"/jobs/{job.code}/second-send/").content.decode()
    assert "you may pay $0.04 twice" in page
    assert state(job) == "failed"
    as_alice.post(f"/jobs/{job.code}/second-send/")
    assert state(job) == "waiting"


@pytest.mark.parametrize("cause", ["unsaved", "stopped", "lost"])
def test_what_luma_took_is_never_sent_again_by_the_plain_button(as_alice: Client, alice: User, cause: str) -> None:
    job = make_job(alice, state="failed", failure=Failure(cause=cause, sentence="x", charge="maybe"))
    post(as_alice, job, "retry")
    job.refresh_from_db()
    assert (job.state, job.attempts, bool(job.remote_id)) == ("running", 1, True)


@pytest.mark.parametrize("cause", ["unsaved", "stopped"])
def test_nothing_is_paid_again_while_a_free_way_is_left(as_alice: Client, alice: User, cause: str) -> None:
    job = make_job(alice, state="failed", failure=Failure(cause=cause, sentence="x", charge="maybe"))
    assert as_alice.get(f"/jobs/{job.code}/second-send/").status_code == 302
    as_alice.post(f"/jobs/{job.code}/second-send/")
    assert state(job) == "failed"


def test_writing_off_settles(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    as_alice.post(f"/jobs/{job.code}/write-off/")
    settled = Job.objects.get()
    assert (settled.state, settled.settled_by) == ("unknown", alice)


def test_dismissing_leaves_an_empty_place_and_a_way_back(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed")
    answer = body(post(as_alice, job, "dismissal"))
    assert re.match(rf'\s*<span id="job-{job.code}" data-rev="\d+" hidden></span>', answer)
    assert "Undo" in answer
    assert f'hx-target="#job-{job.code}"' in answer
    back = body(post(as_alice, job, "dismissal", state="off"))
    assert 'data-state="failed"' in back
    assert Job.objects.get().dismissed_at is None


def test_what_is_under_way_cannot_be_dismissed(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    assert "still running, so it can" in body(post(as_alice, job, "dismissal"))
    assert Job.objects.get().dismissed_at is None


def test_only_an_admin_lets_a_job_go_first(as_alice: Client, as_ada: Client, alice: User) -> None:
    job = make_job(alice)
    assert as_alice.post(f"/jobs/{job.code}/lift/").status_code == 403
    assert not Job.objects.get().prioritized
    assert 'data-state="waiting"' in body(post(as_ada, job, "lift"))
    assert Job.objects.get().prioritized


def test_letting_go_first_what_is_not_in_line_is_told(as_ada: Client, alice: User) -> None:
    assert "It is not in line any more." in body(post(as_ada, make_job(alice, state="making"), "lift"))


def test_a_page_of_another_kind_is_led_on_instead(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    answer = as_alice.post(f"/jobs/{job.code}/cancellation/", {"next": "/review/"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/review/"
