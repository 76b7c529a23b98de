"""Which row of the catalogue fits what was seen: an answer of Luma's, a download, our own disk (studio.failures)."""

from __future__ import annotations

from datetime import timedelta

from studio import failures, imaging
from studio.failures import Ending
from studio.luma import Generation, download, errors
from studio.luma.types import KNOWN_STATES
from studio.models.failure import Failure


class NoLink(Exception):
    """Luma says that it is completed and gives no link to fetch."""


class NotMade(Exception):
    """What was completed a while ago is said to be on its way again."""


# What the other side does to us; anything else is a mistake of Studio's and is logged with its trace.
EXPECTED = (imaging.Unusable, errors.Error, NoLink, NotMade, OSError)


def refused(error: errors.Error) -> Failure:
    """An answer that says no, now and later: 400, 413, 422."""
    return _answered(failures.STATUSES.get(error.status or 400, failures.REJECTED), error, error.detail)


def never_accepted(reason: str, error: errors.Error, times: int) -> Failure:
    """Every POST certainly missed, and Studio has sent it often enough by itself."""
    return _answered(failures.MISSES[reason], error, error.detail or error.sentence, times=times)


def _answered(ending: Ending, error: errors.Error, detail: str, **named: object) -> Failure:
    code = f"http_{error.status}" if error.status else ""
    return Failure.of(ending, code=code, status=error.status, detail=detail, **named)


def ambiguous(error: errors.Error) -> Failure:
    """It may have been accepted and paid for, and nobody can tell."""
    detail = error.detail or error.sentence
    if error.status is None:
        detail = f"The connection ended before the answer came ({error.detail or 'no reason given'})."
    return Failure.of(failures.ANSWER_LOST, status=error.status, detail=detail)


def failed(generation: Generation) -> Failure:
    """Luma tried and says why it did not work."""
    code = generation.failure_code or ""
    return Failure.of(failures.CODES.get(code, failures.UNFAMILIAR), code=code, detail=generation.failure_reason or "")


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
    return isinstance(problem, imaging.Unusable | errors.TooBig | errors.Blocked)


def _clause(problem: Exception) -> str:
    match problem:
        case imaging.Unusable():
            return "what was downloaded is not a picture that Studio can open"
        case NoLink():
            return "Luma gave no link to it"
        case NotMade():
            return "Luma no longer says so"
        case download.Empty():
            return "its download was empty"
        case errors.Truncated():
            return "its download was cut short"
        case download.Redirected():
            return "its link leads somewhere else"
        case download.Packed():
            return "its download came packed, which Studio never opens"
        case download.TooSlow():
            return "its download was too slow"
        case errors.LinkExpired():
            return "its link had expired"
        case errors.TooBig():
            return f"its file is larger than the {download.MAX_PICTURE_BYTES // 2**20} MB that Studio stores"
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
            return "Luma doesn't answer just now"
        case OSError():
            return "Studio's disk did not take it"
        case _:
            return "something went wrong on our side"


def _detail(problem: Exception) -> str:
    match problem:
        case imaging.Unusable():
            return problem.sentence
        case errors.Error():
            return problem.detail
        case OSError():
            return problem.strerror or type(problem).__name__
        case NoLink():
            return "The answer says completed and has no link."
        case NotMade():
            return f'The state is "{problem}" again.'
        case _:
            return type(problem).__name__
