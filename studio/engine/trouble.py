"""What an answer of Luma means for a job, in the words that people read."""

from __future__ import annotations

from studio.luma import errors
from studio.luma.failures import for_code, for_status
from studio.luma.types import Generation
from studio.models import Job
from studio.models.failure import Failure

UNKNOWN_SENTENCE = "Luma's answer got lost, so this may have been charged. Send it again or ask an admin."
# Why a request never got through, by the reason of the last miss: cause, and what the designer reads.
NEVER_ACCEPTED = {
    Job.HoldReason.CAPACITY: ("busy", "Luma had no free place {times}. Nothing was charged. Try again later."),
    Job.HoldReason.RATE: ("busy", "Luma was asked too often, {times}. Nothing was charged. Try again later."),
    Job.HoldReason.FUNDS: (
        "budget",
        "Luma's account is out of funds; this was refused {times}. Nothing was charged. Try again once an admin has "
        "added funds.",
    ),
    Job.HoldReason.KEY: (
        "key",
        "Luma refused Studio's key {times}. Nothing was charged. Try again once an admin has mended it.",
    ),
    Job.HoldReason.UNREACHABLE: (
        "unreachable",
        "Luma could not be reached {times}. Nothing was sent and nothing was charged. Try again.",
    ),
}

PUT_BACK_SENTENCE = (
    "This studio's tables were put back to an earlier state. This picture may have been made and charged since: "
    "send it again or write it off."
)


def refused(error: errors.Error) -> Failure:
    """An answer that says no, now and later: 400, 413, 422."""
    return Failure(
        cause=for_status(error.status or 400).cause,
        sentence=error.sentence,
        code=f"http_{error.status}" if error.status else "",
        status=error.status,
        detail=error.detail or "",
        charge=Job.Charge.NONE,
    )


def never_accepted(reason: str, error: errors.Error, times: int) -> Failure:
    """Every POST certainly missed, and Studio has sent it often enough by itself."""
    cause, sentence = NEVER_ACCEPTED[Job.HoldReason(reason)]
    return Failure(
        cause=cause,
        sentence=sentence.format(times=f"{times} times"),
        code=f"http_{error.status}" if error.status else "",
        status=error.status,
        detail=error.detail or error.sentence,
        charge=Job.Charge.NONE,
    )


def not_prepared(problem: OSError) -> Failure:
    """Our own disk or decoder keeps failing; nothing was sent."""
    return Failure(
        cause="unreachable",
        sentence="Something went wrong on our side before this was sent. Nothing was charged. Tell an admin, then try again.",
        detail=problem.strerror or type(problem).__name__,
        charge=Job.Charge.NONE,
    )


def ambiguous(error: errors.Error | None, detail: str = "") -> Failure:
    """It may have been accepted and paid for, and nobody can tell."""
    return Failure(
        cause="unknown",
        sentence=UNKNOWN_SENTENCE,
        status=error.status if error else None,
        detail=_unanswered(error) if error else detail,
        charge=Job.Charge.MAYBE,
    )


def put_back() -> Failure:
    """The tables are older than what happened: it may have been made and paid for after their state."""
    return Failure(cause="unknown", sentence=PUT_BACK_SENTENCE, charge=Job.Charge.MAYBE)


def _unanswered(error: errors.Error) -> str:
    """What Luma said, or how the connection ended when it said nothing."""
    if error.status is not None:
        return error.detail or error.sentence
    return f"The connection ended before the answer came ({error.detail or 'no reason given'})."


def failed(generation: Generation) -> Failure:
    """Luma tried and says why it did not work."""
    known = for_code(generation.failure_code or "")
    charge = Job.Charge.REFUNDED if known.charge == "refunded" else Job.Charge.MAYBE
    return Failure(
        cause=known.cause,
        sentence=known.sentence,
        code=generation.failure_code or "",
        detail=generation.failure_reason or "",
        charge=charge,
    )


def lost(detail: str) -> Failure:
    return Failure(
        cause="lost",
        sentence="Luma no longer knows this job. Ask its support with the request id.",
        detail=detail,
        charge=Job.Charge.MAYBE,
    )


def no_answer() -> Failure:
    return Failure(
        cause="lost",
        sentence="Luma gave no result in 24 hours. Ask its support with the request id.",
        charge=Job.Charge.MAYBE,
    )


def bad_source(sentence: str) -> Failure:
    return Failure(cause="bad_input", sentence=sentence, charge=Job.Charge.NONE)
