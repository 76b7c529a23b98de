"""What Luma does not take is sent smaller or converted, or not again at all; sentences fit what the job has."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import failures
from studio.engine import explain
from studio.luma import Generation, errors
from studio.models import Job, User
from studio.models.jobs.remedy import LEAST_SIDE
from tests import people

FACTS = {"id": "1", "state": "failed", "type": "image", "model": "uni-1", "created_at": None, "outputs": ()}
KINDS = ("prompt", "references", "edit", "layers")
# Speaks of a picture that was sent, and not of the one that was to be made.
ABOUT_INPUT = re.compile(r"\b(pictures?|image|source|@\d|shrink|convert)\b", re.IGNORECASE)
STATUSES = (400, 404, 405, 410, 413, 415, 418, 422, 451)


def job_of(person: User, kind: str) -> Job:
    source = people.make_picture(person)
    match kind:
        case "prompt":
            return people.make_job(person, state="sending")
        case "references":
            return people.make_job(person, state="sending", references=[source, people.make_picture(person)])
        case "edit":
            return people.make_job(person, state="sending", type="image_edit", source=source)
        case _:
            return people.make_job(person, state="sending", type="layering", prompt="", source=source)


def refused(job: Job, status: int, detail: str = "") -> str:
    return explain.refused(job, errors.Rejected(status=status, detail=detail)).sentence


def failed(job: Job, code: str, reason: str = "") -> str:
    return explain.failed(job, Generation(**FACTS, failure_code=code, failure_reason=reason)).sentence  # type: ignore[arg-type]


def test_no_sentence_speaks_of_what_the_job_does_not_have(alice: User) -> None:
    for kind in KINDS:
        job = job_of(alice, kind)
        said = {status: refused(job, status) for status in STATUSES}
        said |= {f"{status} told": refused(job, status, "no such thing: quota_x") for status in STATUSES}
        said |= {code: failed(job, code) for code in (*failures.CODES, "gpu_on_fire", "")}
        for name, sentence in said.items():
            assert 20 < len(sentence) <= 300, (kind, name)
            assert not set("{}<>") & set(sentence), (kind, name, sentence)
            if kind == "prompt":
                assert not ABOUT_INPUT.search(sentence), (name, sentence)
            if kind == "layers":
                assert "prompt" not in sentence or name in {451, "451 told"}, (name, sentence)
        assert ("picture" in said["content_moderated"]) == (kind != "prompt")


@pytest.mark.parametrize("status", [400, 404, 418, 451])
def test_lumas_own_reason_stands_on_the_card(alice: User, as_alice: Client, status: int) -> None:
    job = people.make_job(alice, state="sending")
    detail = "Invalid <b>aspect_ratio</b> '4:3'.\u202e\n Valid: 1:1 " + "x" * 900
    assert job.fail(explain.refused(job, errors.Rejected(status=status, detail=detail)), now=timezone.now())
    assert "Invalid <b>aspect_ratio</b> '4:3'. Valid: 1:1 xxx" in job.sentence
    assert len(job.sentence) < 300
    assert "\u202e" not in job.sentence
    page = as_alice.get(reverse("studio:create")).content.decode()
    assert "Invalid &lt;b&gt;aspect_ratio&lt;/b&gt;" in page
    assert f"(HTTP {status})" in refused(job, status) or status == 451


def test_a_named_picture_is_the_one_that_is_changed(alice: User) -> None:
    job = job_of(alice, "references")
    why = explain.refused(job, errors.TooLarge(status=413, detail="image_ref[1]: image exceeds 50 MB limit"))
    assert list(why.remedy) == ["2"]
    assert (
        why.sentence == "Reference @2 is too large for Luma. Shrink and retry: it sends @2 with at most 1024 px a side."
    )


@pytest.mark.parametrize(
    ("status", "detail", "fault"),
    [
        (413, "", "size"),
        (413, "source: image exceeds 50 MB limit", "size"),
        (422, "source: image dimensions 9000x9000 exceed 8000 pixels", "size"),
        (400, "source: image too large", "size"),
        (422, "", "format"),
        (422, "source: invalid base64 data", "format"),
        (415, "unsupported image format", "format"),
        (422, "video.resolution and duration do not go together", None),
        (400, "source: provide either 'url' or 'data', not both", None),
    ],
)
def test_the_fault_of_a_picture_is_read_from_the_answer(
    alice: User, status: int, detail: str, fault: str | None
) -> None:
    why = explain.refused(job_of(alice, "edit"), errors.Rejected(status=status, detail=detail))
    assert why.cause == ("bad_input" if fault else "mistake")
    assert [one["fault"] for one in why.remedy.values()] == ([fault] if fault else [])


def test_what_cannot_be_smaller_is_not_offered_again(alice: User, as_alice: Client) -> None:
    source = people.make_picture(alice, size=(LEAST_SIDE, 100))
    job = people.make_job(alice, state="sending", type="image_edit", source=source)
    assert job.fail(explain.refused(job, errors.TooLarge(status=413)), now=timezone.now())
    assert job.sentence == "The source is too large for Luma. Choose another picture."
    page = as_alice.get(reverse("studio:job", args=[job.code])).content.decode()
    assert "and retry" not in page
    as_alice.post(reverse("studio:retry_job", args=[job.code]))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_a_detail_about_lumas_file_does_not_ask_for_an_export() -> None:
    from studio.imaging import unusable

    for problem in (unusable.broken(), unusable.empty(), unusable.not_a_picture(), unusable.too_complex()):
        why = explain.unsaved(problem)
        assert not re.search(r"export|save it|use jpeg", f"{why.sentence} {why.detail}", re.IGNORECASE)
