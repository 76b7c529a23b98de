"""Which row of the catalogue fits what was seen: an answer of Luma's, a download, our own disk (studio.failures)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from studio import failures, imaging
from studio.failures import Ending
from studio.luma import Generation, download, errors, pace
from studio.luma.types import KNOWN_STATES
from studio.models import Input, Job
from studio.models.jobs import remedy
from studio.models.jobs.failure import Failure

LONGEST_REASON = 170  # characters on a card
# Which picture an answer names (luma-api.md section 6.2): the list counts from 0, people's @ from 1.
_WHICH = re.compile(r"\b(source|image_ref\[(\d{1,2})\])")
_LARGE = ("exceed", "too large", "too big", "larger than", "size limit", "dimension", "pixels", "resolution")
_UNREADABLE = (
    *("base64", "content-type", "not an image", "format", "corrupt", "decode", "unreadable", "invalid image"),
    *("could not read", "cannot read", "mime", "damaged", "truncated"),
)
_CODE_FAULTS: dict[str, remedy.Fault] = {
    "image_too_large": "size",
    "unsupported_format": "format",
    "corrupt_input": "format",
}
# What was found of a file that is not the designer's to export again.
_GONE = "its file is missing in Studio's storage"
_FOUND: dict[str, str] = {
    "not_a_picture": "it is not a picture",
    "empty": "it is empty",
    "too_many_bytes": "its file is too large",
    "too_many_pixels": "it has too many pixels",
    "too_long_side": "one side is too long",
    "too_complex": "it is too complex to open safely",
    "broken": "it is damaged or incomplete",
    "took_too_long": "opening it takes too long",
}


class NoLink(Exception):
    """Luma says that it is completed and gives no link to fetch."""


class NotMade(Exception):
    """What was completed a while ago is said to be on its way again."""


class AnothersLink(Exception):
    """The link that Luma gives names another job of ours: its picture is another one, and may be private."""


# What the other side does to us; anything else is a mistake of Studio's and is logged with its trace.
EXPECTED = (imaging.Unusable, errors.Error, NoLink, NotMade, AnothersLink, OSError)


def refused(job: Job, error: errors.Error) -> Failure:
    """An answer that says no, now and later: 400, 404, 413, 422 and the like. Reads the job's pictures."""
    status = error.status or 400
    if fault := _picture_fault(status, error.detail) if job.submission.used else None:
        return _bad_picture(job, failures.REFUSED_PICTURES[fault], fault, error.detail, f"http_{status}", error.status)
    reason = quoted(error.detail)
    spoken, silent = (
        (failures.ILLEGAL, failures.ILLEGAL_SILENTLY)
        if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
        else (failures.REJECTED, failures.REJECTED_SILENTLY)
    )
    return _answered(spoken if reason else silent, error, error.detail, reason=reason, http=error.status or "no status")


def _picture_fault(status: int, detail: str) -> remedy.Fault | None:
    """What is wrong with a picture that was sent; None where the answer is about something else."""
    said = detail.lower()
    is_named = _WHICH.search(said) is not None or "image" in said or "picture" in said
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "size"
    if status not in {400, 415, 422} or (said and not is_named):
        return None
    if any(word in said for word in _LARGE):
        return "size"
    if any(word in said for word in _UNREADABLE):
        return "format"
    return None if status == HTTPStatus.BAD_REQUEST or said else "format"


def _bad_picture(
    job: Job, ending: Ending, fault: remedy.Fault, detail: str, code: str, status: int | None = None
) -> Failure:
    """A picture that Luma did not take: which, and what one more try would send instead."""
    used = job.submission.used
    match = _WHICH.search(detail.lower())
    position = (0 if match[1] == "source" else int(match[2]) + 1) if match else -1
    meant = [entry for entry in used if entry.position == position] or used
    found = remedy.find(fault, meant, job.fit)
    which = _name(meant)
    step = failures.NOTHING_LEFT
    if found:
        word = "Convert" if remedy.is_conversion(found) else "Shrink"
        step = failures.RESEND.format(Word=word, how=remedy.words(found).removeprefix("Send "))
    return Failure.of(
        ending,
        code=code,
        status=status,
        detail=detail,
        remedy={**found},
        which=which,
        Which=which[0].upper() + which[1:],
        step=step,
    )


def _name(entries: Sequence[Input]) -> str:
    if len(entries) != 1:
        return "a picture"
    return f"reference @{entries[0].position}" if entries[0].position else "the source"


def quoted(detail: str) -> str:
    """Luma's own reason as one short line without invisible characters; it is escaped where it is shown."""
    line = " ".join("".join(c for c in detail if unicodedata.category(c)[0] != "C" or c.isspace()).split())
    short = line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1].rstrip() + "…"
    return short if not short or short[-1] in ".!?…" else f"{short}."


def unsendable(entry: Input, problem: Exception) -> Failure:
    """A stored picture that cannot be read any more: nothing was sent."""
    which = _name([entry])
    why = _FOUND.get(problem.reason, "Studio can't open it") if isinstance(problem, imaging.Unusable) else _GONE
    return Failure.of(failures.BAD_SOURCE, Which=which[0].upper() + which[1:], why=why)


def refused_file(entry: Input, reason: str) -> Failure:
    """Luma took the bytes of a picture and will not use it: nothing was sent."""
    which = _name([entry])
    why = f"Luma refused it ({quoted(reason).rstrip('.')})" if quoted(reason) else "Luma refused it"
    return Failure.of(failures.BAD_SOURCE, Which=which[0].upper() + which[1:], why=why)


def never_accepted(reason: str, error: errors.Error, times: int) -> Failure:
    """Every POST certainly missed, and Studio has sent it often enough by itself."""
    return _answered(failures.MISSES[reason], error, error.detail or error.sentence, times=times)


def _answered(ending: Ending, error: errors.Error, detail: str, **named: Any) -> Failure:
    code = f"http_{error.status}" if error.status else ""
    return Failure.of(ending, code=code, status=error.status, detail=detail, **named)


def ambiguous(error: errors.Error) -> Failure:
    """It may have been accepted and paid for, and nobody can tell."""
    detail = error.detail
    if error.status is None:
        detail = f"The connection ended before the answer came ({error.detail or 'no reason given'})."
    match error:
        case errors.Disputed():
            ending = failures.DISPUTED if error.possible_ids else failures.REFUSED_WITH_PICTURE
        case errors.Doubtful():
            ending = failures.DOUBTFUL
        case errors.Unreadable():
            ending = failures.UNREADABLE
        case _:
            ending = failures.UNCLEAR if error.status else failures.ANSWER_LOST
    return Failure.of(ending, status=error.status, detail=detail, http=error.status)


def failed(job: Job, generation: Generation) -> Failure:
    """Luma tried and says why it did not work. Reads the job's pictures."""
    code, detail = generation.failure_code or "", generation.failure_reason or ""
    used = job.submission.used
    if not used and code in failures.WITHOUT_PICTURES:
        return Failure.of(failures.WITHOUT_PICTURES[code], code=code, detail=detail)
    if not job.submission.prompt and code in failures.WITHOUT_PROMPT:
        return Failure.of(failures.WITHOUT_PROMPT[code], code=code, detail=detail)
    if fault := _CODE_FAULTS.get(code):
        return _bad_picture(job, failures.CODES[code], fault, detail, code)
    return Failure.of(failures.CODES.get(code, failures.UNFAMILIAR), code=code, detail=detail)


def is_linked(job: Job, generation: Generation) -> bool:
    """Whether Luma says that it failed and links to a picture all the same: what decodes is made. Fetching it is free.

    Not what was refused for its content, which Luma means to keep, and not a split: some layers are no picture.
    """
    is_kept = generation.failure_code == "content_moderated" or job.submission.type == "layering"
    return generation.is_failed and not is_kept and any(output.url for output in generation.outputs)


def fail(job: Job, generation: Generation, *, now: datetime) -> bool:
    """End a job for the reason that Luma gives."""
    return job.fail(failed(job, generation), now=now)


def running(problem: errors.Error) -> str:
    """Say why a look at a running job brought nothing."""
    if isinstance(problem, errors.NotFound):
        return failures.NOT_FOUND
    return failures.NO_KEY if isinstance(problem, errors.Unauthorized) else failures.NO_ANSWER


def is_strange(generation: Generation) -> bool:
    """Whether Luma reports a state that no document names."""
    return generation.state not in KNOWN_STATES


def unheard(problem: errors.Error, after: timedelta) -> Failure:
    """End a job about which Luma has said nothing for as long as it keeps pictures."""
    hours = after // timedelta(hours=1)
    return Failure.of(failures.NO_USABLE_ANSWER, status=problem.status, detail=problem.detail, hours=hours)


# ---- A made picture that could not be saved


def unsaved(problem: Exception, ending: Ending = failures.NOT_SAVED_YET, *, tries: int = 0) -> Failure:
    """Say why a made picture could not be saved: this time, or at the last of so many tries."""
    status = problem.status if isinstance(problem, errors.Error) else None
    return Failure.of(ending, status=status, detail=_detail(problem), why=_clause(problem), tries=tries)


def is_hopeless(problem: Exception) -> bool:
    """Whether the very same bytes or link would come again: a few tries tell as much as many."""
    return isinstance(problem, imaging.Unusable | errors.TooBig | errors.Blocked | AnothersLink)


def _clause(problem: Exception) -> str:
    match problem:
        case imaging.Unusable(kind=kind) if kind:
            return f"Luma sent {kind}, which Studio can't read"
        case imaging.Unusable():
            return "what was downloaded is not a picture that Studio can open"
        case NoLink():
            return "Luma gave no link to it"
        case NotMade():
            return "Luma no longer says so"
        case AnothersLink():
            return "Luma gave the link of another picture"
        case errors.Empty():
            return "its download was empty"
        case errors.Truncated():
            return "its download was cut short"
        case download.Redirected():
            return "its link leads somewhere else"
        case download.Packed():
            return "its download came packed in a way that Studio can't open"
        case download.TooSlow():
            return "its download was too slow"
        case errors.LinkExpired():
            return f"Luma's storage refused its link (HTTP {problem.status})"
        case errors.TooBig():
            return f"its file is larger than the {pace.MAX_PICTURE_BYTES // 2**20} MB that Studio stores"
        case errors.Blocked():
            return "its link leads to a place that Studio must not visit"
        case errors.BadDownload(status=None):
            return "Luma's storage could not be reached"
        case errors.DownloadFailed():
            return f"Luma's storage did not send it (HTTP {problem.status})"
        case errors.NotFound():
            return "Luma doesn't find it just now"
        case errors.Unauthorized():
            return "Luma refuses Studio's key"
        case errors.Error():
            return "Luma gives no usable answer just now"
        case OSError():
            return "Studio's disk did not take it"
        case _:
            return "something went wrong on our side"


def _detail(problem: Exception) -> str:
    match problem:
        case imaging.Unusable(kind=kind) if kind:
            return f"What was downloaded is {kind}."
        case imaging.Unusable():
            found = _FOUND.get(problem.reason, "Studio can't open it")
            return f"What was downloaded: {found}."
        case errors.Error():
            return problem.detail
        case OSError():
            return problem.strerror or type(problem).__name__
        case NoLink():
            return "The answer says completed and has no link."
        case AnothersLink():
            return f"The link names {problem}, which is another job."
        case NotMade():
            return f'The state is "{problem}" again.'
        case _:
            return type(problem).__name__
