"""Why a picture is not here yet or did not come, in the words of a card: what happened, and what happens next."""

from __future__ import annotations

from datetime import timedelta

from studio import imaging
from studio.luma import Generation, download, errors
from studio.luma.types import KNOWN_STATES
from studio.models import Job
from studio.models.failure import Failure

# The answer to a look; nothing of it costs anything or ends the job.
STRANGE = "Luma reports a state that Studio doesn't know. Studio keeps asking."
NOT_FOUND = "Luma doesn't find this picture just now. Studio keeps asking."
NO_ANSWER = "Luma doesn't answer Studio's question about this picture. Studio asks again."
NO_KEY = "Luma refuses Studio's key, so Studio can't ask about this picture. An admin has to look at it."
LATE = "Luma takes much longer than usual. Studio keeps asking for a day; you can stop waiting."


def unsaved(problem: Exception) -> Failure:
    """Say why a made picture could not be saved this time; it is tried again, and costs nothing more."""
    return _kept(problem, f"The picture is made, but {_clause(problem)}. Studio fetches it again for free.")


def stopped(problem: Exception, tries: int) -> Failure:
    """Say why Studio stopped trying to save a made picture."""
    told = f"The picture is made and paid for, but {_clause(problem)}. "
    return _kept(problem, f"{told}Studio tried {tries} times and stopped. Fetching it again is free.")


def worn_out(job: Job) -> Failure:
    """Say that every try to save a picture ended with the process that made it."""
    told = "The picture is made and paid for, but Studio could not save it. Fetching it again is free."
    return Failure(cause="unsaved", sentence=told, detail=job.detail, charge=Job.Charge.CHARGED)


def is_hopeless(problem: Exception) -> bool:
    """Whether the very same bytes or link would come again: a few tries tell as much as many."""
    return isinstance(problem, imaging.Unusable | errors.TooBig | errors.Blocked)


def running(problem: errors.Error) -> str:
    """Say why a look at a running job brought nothing."""
    if isinstance(problem, errors.NotFound):
        return NOT_FOUND
    return NO_KEY if isinstance(problem, errors.Unauthorized) else NO_ANSWER


def is_strange(generation: Generation) -> bool:
    """Whether Luma reports a state that no document names."""
    return generation.state not in KNOWN_STATES


def unheard(problem: errors.Error, after: timedelta) -> Failure:
    """End a job about which Luma has said nothing for as long as it keeps pictures."""
    return Failure(
        cause="lost",
        sentence=f"Luma gave no usable answer about this picture for {_hours(after)}. Asking again is free.",
        status=problem.status,
        detail=_detail(problem),
        charge=Job.Charge.MAYBE,
    )


def _hours(time: timedelta) -> str:
    return f"{time // timedelta(hours=1)} hours"


def _kept(problem: Exception, sentence: str) -> Failure:
    status = problem.status if isinstance(problem, errors.Error) else None
    return Failure(
        cause="unsaved", sentence=sentence, status=status, detail=_detail(problem), charge=Job.Charge.CHARGED
    )


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


class NoLink(Exception):
    """Luma says that it is completed and gives no link to fetch."""


class NotMade(Exception):
    """What was completed a while ago is said to be on its way again."""


# What the other side does to us; anything else is a mistake of Studio's and is logged with its trace.
EXPECTED = (imaging.Unusable, errors.Error, NoLink, NotMade, OSError)
