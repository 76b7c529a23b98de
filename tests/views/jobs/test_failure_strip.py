"""What failed stands in one strip: reachable, named, undone, and in nobody's way."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Job, Revision, SendingPause, Submission, User
from studio.views.jobs.failure_strip import MOST_ROWS
from tests import people

CREATE = reverse("studio:create")
DISMISS = reverse("studio:dismiss_failures")
IN_STRIP = {**people.HTMX, "HX-Target": "failures"}


def html(client: Client, address: str = CREATE, **query: Any) -> str:
    return client.get(address, query).content.decode()


def pulse(client: Client, since: int, **query: Any) -> str:
    born = Submission.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return html(client, reverse("studio:pulse"), page="create", since=since, born=born, **query)


def fail(person: User, count: int) -> list[Job]:
    return [people.make_job(person, state="failed", prompt=f"Portrait number {n}") for n in range(count)]


def rows(page: str) -> list[str]:
    return re.findall(r'<li class="fail" id="fail-([0-9a-f-]+)"', page)


def cards(page: str) -> list[str]:
    return re.findall(r'<article class="tile job[^>]* id="job-([0-9a-f-]+)"', page)


def test_one_failed_card_stays_a_card_and_two_are_a_strip(alice: User, as_alice: Client) -> None:
    first = fail(alice, 1)[0]
    page = html(as_alice)
    assert (cards(page), rows(page)) == ([str(first.code)], [])
    second = fail(alice, 1)[0]
    page = html(as_alice)
    assert (cards(page), set(rows(page))) == ([], {str(first.code), str(second.code)})
    assert "2 failed" in page
    assert "2 refused" in page
    shown = html(as_alice, show="failed")
    assert set(cards(shown)) == {str(first.code), str(second.code)}


def test_it_never_stands_before_somebody_elses_pictures_and_names_its_person(
    alice: User, bob: User, as_bob: Client
) -> None:
    job = fail(alice, 1)[0]
    picture = people.make_job(bob, state="done")
    page = html(as_bob, whose="team")
    assert cards(page) == []
    assert rows(page) == [str(job.code)]
    assert str(picture.code) in page
    row = page[page.index(f'id="fail-{job.code}"') :]
    assert "Alice" in row[: row.index("</li>")]
    assert "dismiss" not in page.split('id="failures"')[1].split("</section>")[0]


def test_a_finished_picture_of_a_partly_failed_group_comes_to_rest(alice: User, as_alice: Client) -> None:
    fail(alice, 2)
    group = people.make_submission(alice, count=2)
    done = people.make_job(alice, state="done", submission=group)
    people.make_job(alice, state="failed", submission=group)
    page = html(as_alice)
    assert "1 of 2" in page
    assert page.index('id="failures"') < page.index(f'id="submission-{group.code}"')
    assert str(done.code) in page
    assert len(rows(page)) == 3


def test_the_strip_is_live_both_ways(alice: User, as_alice: Client) -> None:
    first = fail(alice, 1)[0]
    seen = Revision.current()
    second = people.make_job(alice, state="making")
    known = Revision.current()
    second.fail(people.REFUSED, now=timezone.now())
    told = pulse(as_alice, known)
    assert f'<span id="job-{first.code}"' in told, "the card that was alone goes into the strip"
    assert f'<span id="job-{second.code}"' in told
    assert len(rows(told)) == 2
    assert seen < known
    known = Revision.current()
    second.dismiss(now=timezone.now())
    told = pulse(as_alice, known)
    assert cards(told) == [str(first.code)]
    assert re.search(r'id="failures" hidden', told)


def test_colleagues_changes_do_not_send_ones_own_strip_again(alice: User, bob: User, as_alice: Client) -> None:
    """It is most of an answer, and in a busy team something of somebody's changes every second."""
    fail(alice, 2)
    theirs = people.make_job(bob, state="making")
    known = Revision.current()
    theirs.fail(people.REFUSED, now=timezone.now())
    assert 'id="failures"' not in pulse(as_alice, known, pauses="")
    assert 'id="failures"' in pulse(as_alice, known, pauses="", whose="team")
    assert 'id="failures"' in pulse(as_alice, known, pauses="", prices="of another day")
    known = Revision.current()
    SendingPause.pause(SendingPause.Reason.ADMIN, now=timezone.now(), detail="by Ada")
    assert 'id="failures"' in pulse(as_alice, known, pauses="")


def test_a_job_tried_again_from_the_strip_is_a_card_again(alice: User, as_alice: Client) -> None:
    jobs = [people.make_job(alice, state="failed", failure=people.LUMA_FAILED) for _ in range(3)]
    for _ in range(25):
        people.make_submission(alice)
    known = Revision.current()
    answer = as_alice.post(reverse("studio:retry_job", args=[jobs[0].code]), headers=IN_STRIP)
    assert (answer.status_code, answer.content) == (200, b"")
    told = pulse(as_alice, known)
    assert str(jobs[0].code) in cards(told)
    assert len(rows(told)) == 2


def test_all_are_dismissed_and_undone_and_only_what_was_seen(
    alice: User, bob: User, as_alice: Client, as_bob: Client
) -> None:
    jobs, theirs = fail(alice, 3), fail(bob, 2)
    upto = re.search(r'name="upto" value="(\d+)"', html(as_alice))
    assert upto
    later = fail(alice, 1)[0]
    said = as_alice.post(DISMISS, {"upto": upto[1]}, headers=IN_STRIP).content.decode()
    assert "3 dismissed." in said
    left = Job.objects.failures().on_feed()
    assert set(left) == {later, *theirs}
    undo = re.search(r'hx-post="([^"]+)"', said)
    assert undo
    address = undo[1].replace("&amp;", "&")
    as_bob.post(address, {"state": "off"}, headers=IN_STRIP)
    assert left.count() == 3
    as_alice.post(address, {"state": "off"}, headers=IN_STRIP)
    assert set(left.all()) == {later, *theirs, *jobs}


def test_without_script_undo_is_on_the_next_page(alice: User, as_alice: Client) -> None:
    fail(alice, 3)
    gone = as_alice.post(DISMISS, {"upto": Revision.current()})
    page = html(as_alice, gone.url)
    assert Job.objects.failures().on_feed().count() == 0
    undo = re.search(rf'action="({re.escape(DISMISS)}\?[^"]+)"', page)
    assert undo
    as_alice.post(undo[1].replace("&amp;", "&"), {"state": "off"})
    assert Job.objects.failures().on_feed().count() == 3


def test_a_long_strip_is_bounded_and_costs_no_query_for_each_row(
    alice: User, as_alice: Client, django_assert_max_num_queries: Any
) -> None:
    fail(alice, MOST_ROWS + 4)
    with django_assert_max_num_queries(22) as few:
        page = html(as_alice)
    assert len(rows(page)) == MOST_ROWS
    assert "4 more failed" in page
    Job.objects.failures().order_by("pk")[0].dismiss(now=timezone.now())
    fail(alice, 20)
    with django_assert_max_num_queries(len(few)):
        html(as_alice)
