"""The rows of Review: one failed or unknown job each, with all that its row shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from studio.models import Attempt, CaseNote, Job, Picture, User
from studio.models.jobs.queries import introduce, tries_of
from studio.models.picture import load_sizes
from studio.models.requests.input import load_inputs
from studio.models.review.case import load_notes
from studio.text.names import isolated
from studio.views.privacy import conceal


@dataclass(frozen=True, slots=True)
class Dot:
    """One point on a job's line: what happened, when, how it is to be seen, and who asked for it."""

    word: str
    at: datetime
    mark: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One job in Review."""

    job: Job
    inputs: list[Picture]
    line: list[Dot]
    notes: list[CaseNote] = field(default_factory=list)
    # What is known about whether it ran, in a sentence.
    evidence: str = ""

    @property
    def is_free(self) -> bool:
        """Whether Luma took it and may still give the picture, so that trying again only asks for it."""
        return self.job.is_free_to_get

    @property
    def is_held(self) -> bool:
        """Whether it is made, not saved, and still tried."""
        return self.job.state == Job.State.SAVING and not self.job.asked_cause

    @property
    def free_word(self) -> str:
        """How asking for it once more is called."""
        return "Fetch again" if self.job.made_at or self.job.cause == "unsaved" else "Ask again"


def cases(jobs: list[Job], person: User) -> list[Case]:
    """Load what the rows of these jobs show, as this person may see it."""
    people: dict[int, User] = {}
    introduce(jobs, people)
    tries = tries_of(jobs, people)
    load_notes(jobs, people)
    load_sizes(load_inputs((job.submission for job in jobs), titled=True))
    for job in jobs:
        conceal(job, person).submission.leave_out_hidden(person)
    return [Case(job, _inputs(job), line(tries[job.pk]), job.case_notes) for job in jobs]


def line(attempts: Iterable[Attempt]) -> list[Dot]:
    """Draw the attempts as dots: each sending, and how it ended."""
    dots: list[Dot] = []
    word, who = "Sent", ""
    for attempt in attempts:
        dots.append(Dot(word, attempt.sent_at, who=who))
        if attempt.ended_at:
            word, mark = ENDINGS.get(attempt.outcome, (OUTCOMES[attempt.outcome], ""))
            dots.append(Dot(f"{word} {attempt.status or ''}".strip(), attempt.ended_at, mark))
        word, who = "Again", isolated(attempt.asked_by.name) if attempt.asked_by else ""
    return dots


OUTCOMES = dict(Attempt.Outcome.choices)
# Short, because four of them stand side by side; and how the dot is to be seen.
ENDINGS: dict[str, tuple[str, str]] = {
    Attempt.Outcome.HELD: ("Not accepted", ""),
    Attempt.Outcome.REFUSED: ("Refused", "bad"),
    Attempt.Outcome.FAILED: ("Failed", "bad"),
    Attempt.Outcome.UNKNOWN: ("Unknown", "unk"),
}


def _inputs(job: Job) -> list[Picture]:
    return [entry.picture for entry in job.submission.used]
