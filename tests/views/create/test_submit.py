from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from studio.models import Job, Submission, User
from tests.people import HTMX, make_picture, make_submission


def asked(**fields: object) -> dict[str, object]:
    spec: dict[str, object] = {
        "token": str(uuid.uuid4()),
        "type": "image",
        "prompt": "A paper boat",
        "model": "uni-1",
        "aspect_ratio": "3:2",
        "style": "auto",
        "count": "1",
    }
    return spec | fields


def test_a_submit_rings_for_a_conductor_and_answers_the_card_alone(as_alice: Client) -> None:
    answer = as_alice.post("/submissions/", asked(), headers=HTMX)
    job = Job.objects.get()
    body = answer.content.decode()
    assert answer.status_code == 200
    assert '<div data-top="now"><article' in body
    assert f'id="job-{job.code}"' in body
    assert "<html" not in body
    assert OrmQ.objects.filter(key="io").count() == 1


def test_a_group_arrives_as_one_tile(as_alice: Client) -> None:
    body = as_alice.post("/submissions/", asked(count="4"), headers=HTMX).content.decode()
    assert f'id="submission-{Submission.objects.get().code}"' in body
    assert body.count('data-state="waiting"') == 4


def test_the_same_token_twice_is_one_submission_and_says_so(as_alice: Client) -> None:
    spec = asked()
    as_alice.post("/submissions/", spec, headers=HTMX)
    again = as_alice.post("/submissions/", spec, headers=HTMX)
    assert Job.objects.count() == 1
    # The card comes along: the first answer may never have arrived, and a page that has it keeps its own.
    assert "Already submitted." in again.content.decode()
    assert f'id="job-{Job.objects.get().code}"' in again.content.decode()


@pytest.mark.parametrize("change", [{"prompt": "another"}, {"count": "3"}, {"reference": True}])
def test_what_was_changed_since_the_first_request_arrived_is_not_taken_for_sent(
    as_alice: Client, alice: User, change: dict[str, object]
) -> None:
    spec = asked()
    as_alice.post("/submissions/", spec, headers=HTMX)
    if "reference" in change:
        change = {"reference": str(make_picture(alice).code)}
    again = as_alice.post("/submissions/", spec | change, headers=HTMX)
    assert Submission.objects.get().prompt == "A paper boat"
    assert Job.objects.count() == 1
    assert "What you changed since isn&#x27;t in it" in again.content.decode()
    assert "What you changed since" in as_alice.post("/submissions/", spec | change, follow=True).content.decode()


def test_an_old_complaint_is_taken_away(as_alice: Client) -> None:
    body = as_alice.post("/submissions/", asked(), headers=HTMX).content.decode()
    assert re.search(r'<ul[^>]*id="dock-problems"[^>]*hx-swap-oob="true"[^>]*>\s*</ul>', body)


def test_a_spec_that_cannot_be_met_is_told_why_and_nothing_is_made(as_alice: Client) -> None:
    answer = as_alice.post("/submissions/", asked(prompt=""), headers=HTMX)
    assert answer.status_code == 422
    assert "Write what you want to see." in answer.content.decode()
    assert (Submission.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_without_script_a_submit_leads_back_to_its_card(as_alice: Client) -> None:
    answer = as_alice.post("/submissions/", asked())
    assert answer.headers["Location"] == f"/#job-{Job.objects.get().code}"
    many = as_alice.post("/submissions/", asked(count="2"))
    newest = Submission.objects.order_by("-pk")[0]
    assert many.headers["Location"] == f"/#submission-{newest.code}"


def test_without_script_nothing_typed_is_lost_by_a_mistake(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    answer = as_alice.post("/submissions/", asked(prompt="Keep me", count="99", reference=str(picture.code)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose 1 to 20 pictures." in page
    assert re.search(r'name="prompt"[^>]*>\s*Keep me', page)
    assert f'data-picture="{picture.code}"' in page


FULL = "You have 8 pictures waiting. With these 3 it would be more than 10: wait until some are made, or cancel some."


def test_a_full_line_is_told_with_its_numbers_and_nothing_is_made(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    settings.WAITING_PER_PERSON = 10
    make_submission(alice, count=8)
    answer = as_alice.post("/submissions/", asked(count="3"), headers=HTMX)
    assert answer.status_code == 422
    assert f"<li>{FULL}</li>" in answer.content.decode()
    assert (Submission.objects.count(), OrmQ.objects.count()) == (1, 0)


def test_a_line_that_just_takes_one_more_says_this_one(as_alice: Client, alice: User, settings: Settings) -> None:
    settings.WAITING_PER_PERSON = 1
    make_submission(alice)
    body = as_alice.post("/submissions/", asked(), headers=HTMX).content.decode()
    assert "You have 1 picture waiting. With this one it would be more than 1:" in body


def test_without_script_a_full_line_keeps_the_form_and_its_token(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    settings.WAITING_PER_PERSON = 10
    waiting = make_submission(alice, count=8)
    picture = make_picture(alice)
    spec = asked(prompt="Keep me", count="3", style="manga", aspect_ratio="2:3", reference=str(picture.code))
    answer = as_alice.post("/submissions/", spec)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert FULL in page
    assert re.search(r'name="prompt"[^>]*>\s*Keep me', page)
    assert f'data-picture="{picture.code}"' in page
    assert all(f'value="{kept}" checked' in page for kept in ("2:3", "image"))
    assert 'value="manga" selected' in page
    assert f'name="token" value="{spec["token"]}"' in page
    for job in waiting.jobs.all()[:1]:
        job.cancel(now=timezone.now())
    assert as_alice.post("/submissions/", spec).status_code == 302
    assert Submission.objects.get(token=spec["token"]).count == 3


def test_a_repeated_submit_is_found_again_in_a_line_that_is_full_by_now(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    settings.WAITING_PER_PERSON = 10
    spec = asked(count="8")
    as_alice.post("/submissions/", spec, headers=HTMX)
    make_submission(alice, count=2)
    again = as_alice.post("/submissions/", spec, headers=HTMX)
    assert again.status_code == 200
    assert "Already submitted." in again.content.decode()
    assert as_alice.post("/submissions/", spec).status_code == 302


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_a_post_submits(as_alice: Client, method: str) -> None:
    assert getattr(as_alice, method)("/submissions/").status_code == 405


def test_a_stranger_cannot_submit(db: None) -> None:
    assert Client().post("/submissions/", asked()).status_code == 401
    assert not Submission.objects.exists()
