"""A made picture that cannot be saved: whatever is wrong with it, for ever, has a reason, an end and a button."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from studio.engine import collect, fetch
from studio.luma import Luma
from studio.models import Job, User
from studio.views.jobs import actions as job_actions
from studio.views.jobs.cards import Card
from tests import people
from tests.faults.answers import completed, hang, picture, reply
from tests.faults.answers import state as at_luma
from tests.faults.call import Act, Call
from tests.faults.conftest import Hasty, Run, Settle, job_for, states
from tests.faults.double import Double
from tests.faults.unsaved_answers import ANSWERS, DOWNLOADS, LATER

PRICE = re.compile(r"\$\d")


@pytest.fixture(autouse=True)
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try, and then nothing for a minute: what the card says meanwhile can be read."""
    monkeypatch.setattr(collect, "RETRY", 60.0)


def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few tries at once, and then the end."""
    monkeypatch.setattr(collect, "RETRY", 0.01)
    monkeypatch.setattr(collect, "BAD_GROWTH", 1.0)
    monkeypatch.setattr(collect, "FETCHES", 6)


def buttons(job: Job) -> list[str]:
    card = Card(job, now=timezone.now(), viewer=job.person)
    return [f"{act.word} · {act.price}" if act.price else act.word for act in job_actions.buttons(card)]


def why(job: Job) -> str:
    return Card(job, now=timezone.now(), viewer=job.person).why


def begin(double: Double, alice: User, kinds: dict[str, tuple[Act, str]]) -> dict[str, Job]:
    for name, (act, _) in kinds.items():
        if kinds is DOWNLOADS:
            double.part(name, file=[act])
        else:
            double.part(name, get=[completed([]), act] if kinds is LATER else [act])
    return {name: job_for(alice, name) for name in kinds}


@pytest.mark.parametrize("kinds", [DOWNLOADS, ANSWERS, LATER], ids=["downloads", "answers", "later answers"])
def test_what_goes_wrong_for_ever_has_a_reason_an_end_and_buttons(
    double: Double,
    run: Run,
    settle: Settle,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    kinds: dict[str, tuple[Act, str]],
) -> None:
    # What is short or gone is so at once, on a busy machine too.
    monkeypatch.setattr(Hasty, "WALL", 1.5)
    begin(double, alice, kinds)
    run(seconds=20)
    if kinds is LATER:
        Job.objects.update(due_at=timezone.now())
        run(seconds=20)
    admin = people.signed_in(people.make_person("Ada Admin", role="admin"))
    # While it is still tried: the reason and the time of the next try on the card, and in Review.
    jobs = list(Job.objects.for_cards())
    for job in jobs:
        name, clauses = job.submission.prompt, kinds[job.submission.prompt][1].split("|")
        assert (job.state, job.cause, job.charge) == ("saving", "unsaved", "charged"), name
        assert any(clause in why(job) for clause in clauses), (name, why(job))
        assert "Next try" in why(job)
        assert buttons(job) == ["Fetch again · free", "Give up"]
        assert not PRICE.search("".join(buttons(job)))
        assert job.lease_owner == ""
    desk = admin.get(reverse("studio:review")).content.decode()
    assert desk.count("Made, not saved") == 1
    assert desk.count('<li class="case"') == len(jobs)
    # After some more tries it stops and asks a person.
    short_waits(monkeypatch)
    Job.objects.update(due_at=timezone.now())
    settle()
    for job in Job.objects.for_cards():
        name, clauses = job.submission.prompt, kinds[job.submission.prompt][1].split("|")
        assert (job.state, job.cause, job.charge) == ("failed", "unsaved", "charged"), name
        assert any(clause in job.sentence for clause in clauses), (name, job.sentence)
        assert buttons(job) == ["Fetch again · free", "Give up"]
        assert job.due_at is None
    # Fetched again by a person it comes, and nothing was paid twice.
    for part in double.parts.values():
        part.get, part.file = [completed()], [picture]
    for job in Job.objects.all():
        assert job.retry(by=alice, now=timezone.now())
        assert job.state == Job.State.SAVING
    settle()
    assert set(Job.objects.values_list("state", "sentence", "cause")) == {("done", "", "")}
    assert len(double.posts) == len(kinds)
    assert list(settings.WORK_DIR.iterdir()) == []


def test_a_person_need_not_wait_for_the_next_try(double: Double, run: Run, settle: Settle, alice: User) -> None:
    double.part("late", file=[reply(500, b""), picture])
    job = job_for(alice, "late")
    run()
    job.refresh_from_db()
    assert job.is_unsaved
    assert job.retry(by=alice, now=timezone.now())
    run()
    assert states({"late": job}) == {"late": "done"}


def test_what_is_given_up_is_not_tried_any_more(double: Double, run: Run, alice: User) -> None:
    part = double.part("given up", file=[reply(500, b"")])
    job = job_for(alice, "given up")
    run()
    job.refresh_from_db()
    assert job.write_off(by=alice, now=timezone.now())
    run()
    assert part.files == 1
    job.refresh_from_db()
    assert (job.state, job.charge, job.settled_by) == (Job.State.FAILED, Job.Charge.CHARGED, alice)
    assert job.may_be_paid_again


def test_tries_are_counted_across_restarts(double: Double, run: Run, alice: User) -> None:
    """Each run is a conductor of its own, which remembers nothing."""
    part = double.part("no picture", file=[reply(200, b"<html>")])
    job = job_for(alice, "no picture")
    for _ in range(collect.BAD_FILES + 2):
        run(linger=0.3)
        Job.objects.in_progress().update(due_at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.cause, part.files) == (Job.State.FAILED, "unsaved", collect.BAD_FILES)
    assert f"Studio tried {collect.BAD_FILES} times" in job.sentence


def test_a_try_that_dies_with_its_process_is_counted(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What kills the conductor each time must not do so for ever."""

    class Killed(BaseException):
        pass

    async def kill(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(collect, "FETCHES", 3)
    double.part("deadly")
    job = job_for(alice, "deadly")
    monkeypatch.setattr(Luma, "download", kill)
    monkeypatch.setattr("tests.faults.conftest.Hasty.download", kill)
    until = time.monotonic() + 60
    while Job.objects.in_progress().exists():
        assert time.monotonic() < until
        run(seconds=0.6)
        Job.objects.in_progress().update(due_at=timezone.now(), lease_owner="", lease_until=None)
    job.refresh_from_db()
    assert (job.state, job.cause) == (Job.State.FAILED, "unsaved")
    assert len(double.posts) == 1


def test_a_mistake_of_ours_has_a_reason_and_an_end_too(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise KeyError("sizes")

    monkeypatch.setattr(fetch.storage, "store", stumble)
    double.part("odd")
    job = job_for(alice, "odd")
    run()
    job.refresh_from_db()
    assert (job.state, job.cause) == (Job.State.SAVING, "unsaved")
    assert "something went wrong on our side" in job.sentence
    short_waits(monkeypatch)
    Job.objects.update(due_at=timezone.now())
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_of_several_outputs_the_one_with_a_link_is_the_picture(double: Double, run: Run, alice: User) -> None:
    async def odd(call: Call) -> None:
        link = f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"
        await completed([{"type": "image"}, {"type": "image", "url": link}])(call)

    double.part("two", get=[odd])
    job = job_for(alice, "two")
    run()
    assert states({"two": job}) == {"two": "done"}


def test_of_several_outputs_the_next_has_its_turn_where_the_first_does_not_come(
    double: Double, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_waits(monkeypatch)

    async def first_dead(call: Call) -> None:
        links = [f"http://127.0.0.1:9/{call.remote_id}", f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"]
        await completed([{"type": "image", "url": link} for link in links])(call)

    double.part("two", get=[first_dead])
    job = job_for(alice, "two")
    settle()
    job.refresh_from_db()
    assert (job.state, job.fetches) == (Job.State.DONE, 3)


def test_what_luma_fails_after_all_is_told_as_luma_tells_it(double: Double, run: Run, alice: User) -> None:
    double.part("fell", get=[completed([]), at_luma("failed", failure_code="output_not_found")])
    job = job_for(alice, "fell")
    run()
    Job.objects.update(due_at=timezone.now())
    run()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "luma_failed", Job.Charge.REFUNDED)
    assert not job.is_only_unfetched


def test_fast_downloads_do_not_wait_for_slow_ones(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten pictures whose storage hangs are tried again in lanes of their own."""
    monkeypatch.setattr(collect, "RETRY", 0.01)
    for number in range(10):
        double.part(f"slow {number}", file=[hang])
        job_for(alice, f"slow {number}")
    until = time.monotonic() + 60
    while Job.objects.filter(cause="").exists():
        assert time.monotonic() < until
        run(seconds=3)
    double.part("fresh")
    fresh = job_for(alice, "fresh")
    run(seconds=4)
    assert states({"fresh": fresh}) == {"fresh": "done"}


def test_the_wait_between_tries_grows_and_a_day_is_the_end(alice: User) -> None:
    job = people.make_job(alice, state="saving")
    collect_waits = []
    for job.fetches in range(1, collect.FETCHES):
        collect_waits.append(collect._wait(job, collect.GROWTH) * (1.0 / collect.RETRY))
    assert max(collect_waits) * collect.RETRY <= timedelta(seconds=collect.LONGEST_RETRY)


def test_an_animated_picture_is_stored_or_refused_and_never_repeated_for_ever(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_waits(monkeypatch)
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        double.part(kind, file=[reply(200, out.getvalue())])
        job_for(alice, kind)
    run(seconds=15)
    for job in Job.objects.all():
        assert job.is_finished, job
        if job.state == Job.State.DONE:
            double.pictures.pop(job.remote_id or "", None)
        else:
            assert (job.cause, buttons(job)) == ("unsaved", ["Fetch again · free", "Give up"])
