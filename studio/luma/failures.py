"""What a failure means: who acts, what to say, what it cost (luma-api.md sections 6, 7 and 14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

Charge = Literal["refunded", "unknown", "partial"]
Cause = Literal[
    "refused", "stumbled", "bad_input", "budget", "busy", "key", "unreachable", "mistake", "lost", "unknown"
]
Action = Literal["edit_prompt", "try_again", "shrink", "wait", "reuse", "ask_admin"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One row of the table. `retryable`: a person may usefully send the very same request again."""

    retryable: bool
    charge: Charge
    cause: Cause
    sentence: str
    action: Action


FAILURES = MappingProxyType(
    {
        "content_moderated": Failure(
            False,
            "refunded",
            "refused",
            "The prompt or a picture was refused. Trying again won't help; change the prompt.",
            "edit_prompt",
        ),
        "generation_failed": Failure(True, "refunded", "stumbled", "Luma couldn't finish this one.", "try_again"),
        "output_not_found": Failure(
            True, "refunded", "stumbled", "Luma couldn't find the picture it made.", "try_again"
        ),
        "budget_exhausted": Failure(
            False,
            "partial",
            "budget",
            "The budget at Luma ran out while this was being made. An admin can add funds.",
            "ask_admin",
        ),
        "image_too_large": Failure(
            False, "unknown", "bad_input", "Picture not accepted: it is larger than the 50 MB Luma takes.", "shrink"
        ),
        "unsupported_format": Failure(
            False,
            "unknown",
            "bad_input",
            "Picture not accepted: Luma reads JPEG, PNG, WebP and still GIF, and this is none of them.",
            "shrink",
        ),
        "corrupt_input": Failure(
            False, "unknown", "bad_input", "Picture not accepted: Luma could not read it. It may be damaged.", "shrink"
        ),
        "invalid_request": Failure(
            False,
            "unknown",
            "mistake",
            "Luma rejected the request. This is probably a bug in Studio: tell an admin.",
            "reuse",
        ),
        "rate_limited": Failure(True, "unknown", "busy", "Luma was too busy to make this.", "wait"),
    }
)

# A code of tomorrow: nothing is known, so nothing happens by itself and a person may try again.
UNKNOWN_CODE = Failure(
    True,
    "unknown",
    "stumbled",
    "Luma failed for an unfamiliar reason. Try again, or see Details.",
    "try_again",
)
LOST = Failure(False, "unknown", "lost", "Luma no longer knows this request, so there is no picture to fetch.", "reuse")
OUTCOME_UNKNOWN = Failure(
    False,
    "unknown",
    "unknown",
    "Luma's answer got lost, so this may have been charged.",
    "ask_admin",
)
# Errors that Luma answered at once, before a job existed: they are free (section 14).
_BY_STATUS = MappingProxyType(
    {
        402: Failure(
            True,
            "refunded",
            "budget",
            "Studio is out of budget. Nothing is lost. It starts when an admin adds funds.",
            "ask_admin",
        ),
        413: replace(FAILURES["image_too_large"], charge="refunded"),
        422: Failure(
            False, "refunded", "bad_input", "Picture not accepted: Luma could not read or fetch it.", "shrink"
        ),
        429: Failure(True, "refunded", "busy", "Waiting for a slot at Luma.", "wait"),
        502: FAILURES["generation_failed"],
        503: FAILURES["generation_failed"],
    }
)
_MISTAKE = replace(FAILURES["invalid_request"], charge="refunded")
# Answered, yet they do not say that nothing was made (section 6.2); 499 is a proxy that gave up on us.
UNCLEAR_STATUSES = frozenset({408, 409, 499})


def for_code(code: str) -> Failure:
    """Return what a `failure_code` of a failed generation means; unknown codes get a safe default."""
    return FAILURES.get(code, UNKNOWN_CODE)


def for_status(status: int) -> Failure:
    """Return what an answered error to a POST means; a status that proves nothing is an unknown outcome."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500 and status not in UNCLEAR_STATUSES:
        return _MISTAKE
    return OUTCOME_UNKNOWN
