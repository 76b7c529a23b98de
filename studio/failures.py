"""Everything that ends a job without a picture, in the words that people read: one catalogue.

The cards, Review, the engine and integrity read it. A cause says who acts and how; an ending says what happened to one
job and what it cost (luma-api.md sections 6, 7, 9 and 14). Why nothing is sent stands in studio.pauses.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Cause(NamedTuple):
    """What the jobs of one group have in common: Review shows it, and the card of each offers the one action."""

    title: str
    acts: Literal["designer", "admin", "nobody"]
    action: Literal["edit", "resend", "retry", "reuse", "ask", "fetch", "send_again"]
    icon: str
    for_admin: str
    tone: Literal["danger", "warning", "info"] = "danger"
    # How the card looks that has the title as its word; without, it just says Failed.
    card: Literal["", "failed", "unknown"] = ""

    @property
    def retry_helps(self) -> bool:
        """Whether the very same request may well succeed."""
        return self.action == "retry"


CAUSES = {
    "unknown": Cause(
        "Outcome unknown",
        "designer",
        "send_again",
        "circle-help",
        "We don't know whether Luma made these. Studio never resends them on its own.",
        "warning",
        "unknown",
    ),
    "refused": Cause(
        "Refused",
        "designer",
        "edit",
        "shield-alert",
        "The prompt or a picture was refused. Trying again won't help.",
        card="failed",
    ),
    "bad_input": Cause(
        "Picture not accepted",
        "designer",
        "resend",
        "file-warning",
        "Too large or unreadable for Luma.",
        card="failed",
    ),
    "luma_failed": Cause(
        "Failed at Luma", "designer", "retry", "cloud-alert", "Luma couldn't finish it. Trying again often helps."
    ),
    "busy": Cause("Too busy", "designer", "retry", "timer", "Luma took it and then had no room for it."),
    "budget": Cause(
        "Out of budget", "admin", "retry", "wallet", "The budget ran out while this was being made.", "info"
    ),
    "key": Cause("Key refused", "admin", "retry", "key-round", "Luma refused Studio's key. Nothing was charged."),
    "unreachable": Cause(
        "Could not be sent",
        "designer",
        "retry",
        "cloud-alert",
        "Luma could not be reached. Nothing was sent or charged.",
    ),
    "mistake": Cause(
        "Bad request", "admin", "reuse", "wrench", "Luma rejected the request; each says why. Often a bug in Studio."
    ),
    "lost": Cause(
        "Missing at Luma",
        "admin",
        "ask",
        "search",
        "Luma took it and gave nothing for a day: contact its support.",
        "warning",
        "failed",
    ),
    "unsaved": Cause(
        "Made, not saved",
        "designer",
        "fetch",
        "hard-drive-download",
        "Made and paid for, but not fetched yet, or stopped. Fetching again is free.",
        "warning",
        "unknown",
    ),
    "stopped": Cause(
        "Not waited for",
        "nobody",
        "ask",
        "timer",
        "Late at Luma, and somebody stopped waiting. A late picture still arrives for a day.",
        "warning",
        "unknown",
    ),
}
OTHER = Cause("Failed", "designer", "retry", "circle-alert", "Unknown reason.")


def cause(name: str) -> Cause:
    """Return the row of a cause; one that a later version wrote is like any other failure."""
    return CAUSES.get(name, OTHER)


class Ending(NamedTuple):
    """One way in which a job ends without a picture. Names in braces are filled in by whoever saw it."""

    cause: str
    charge: Literal["none", "refunded", "charged", "maybe"]
    sentence: str


_REJECTED = "Luma rejected the request. This is probably a bug in Studio: tell an admin."
# What is added where one more try would send the pictures otherwise, and where nothing is left to do.
RESEND, NOTHING_LEFT = "{Word} and retry: it sends {how}.", "Choose another picture."
# A failed generation, by Luma's failure code. Only the first three are known to be refunded.
CODES = {
    "content_moderated": Ending(
        "refused", "refunded", "The prompt or a picture was refused. Trying again won't help; change the prompt."
    ),
    "generation_failed": Ending("luma_failed", "refunded", "Luma couldn't finish this one. Try again."),
    "output_not_found": Ending("luma_failed", "refunded", "Luma lost its result. Try again."),
    "budget_exhausted": Ending(
        "budget", "maybe", "The budget at Luma ran out while this was being made. An admin can add funds."
    ),
    "image_too_large": Ending("bad_input", "maybe", "{Which} is too large for Luma. {step}"),
    "unsupported_format": Ending(
        "bad_input",
        "maybe",
        "Luma can't use the format of {which}. {step}",
    ),
    "corrupt_input": Ending("bad_input", "maybe", "Luma could not read {which}. {step}"),
    "invalid_request": Ending("mistake", "maybe", _REJECTED),
    "rate_limited": Ending("busy", "maybe", "Luma was too busy to make this. Try again later."),
}
UNFAMILIAR = Ending("luma_failed", "maybe", "Luma failed for an unfamiliar reason. Try again, or see Details.")

# The same codes where no picture was sent, or nothing was written: no sentence names what the job does not have.
WITHOUT_PICTURES = {
    "content_moderated": Ending(
        "refused", "refunded", "The prompt was refused. Trying again won't help; change the prompt."
    ),
    **dict.fromkeys(("image_too_large", "unsupported_format", "corrupt_input"), UNFAMILIAR),
}
WITHOUT_PROMPT = {
    "content_moderated": Ending(
        "refused", "refunded", "The picture was refused. Trying again won't help; choose another picture."
    )
}

# A request that Luma refused with an answer: free. What is at fault with a picture, and what stands for all the rest.
REFUSED_PICTURES = {
    "size": Ending("bad_input", "none", "{Which} is too large for Luma. {step}"),
    "format": Ending("bad_input", "none", "Luma could not read {which}. {step}"),
}
REJECTED = Ending("mistake", "none", "Luma rejected this: “{reason}” Change what it names, or tell an admin.")
REJECTED_SILENTLY = Ending(
    "mistake",
    "none",
    "Luma rejected the request without a reason (HTTP {http}). Probably a bug in Studio: tell an admin.",
)
ILLEGAL = Ending("refused", "none", "Luma refused this for legal reasons: “{reason}” Change the prompt.")
ILLEGAL_SILENTLY = Ending("refused", "none", "Luma refused this for legal reasons. Change the prompt.")

# A request that never got through, by the reason of the last miss.
MISSES = {
    "capacity": Ending("busy", "none", "Luma had no free place {times} times. Nothing was charged. Try again later."),
    "rate": Ending("busy", "none", "Luma was asked too often, {times} times. Nothing was charged. Try again later."),
    "funds": Ending(
        "budget",
        "none",
        "Luma's account is out of funds; this was refused {times} times. Nothing was charged. Try again once an admin "
        "has added funds.",
    ),
    "key": Ending(
        "key",
        "none",
        "Luma refused Studio's key {times} times. Nothing was charged. Try again once an admin has mended it.",
    ),
    "unreachable": Ending(
        "unreachable",
        "none",
        "Luma could not be reached {times} times. Nothing was sent and nothing was charged. Try again.",
    ),
}
NOT_PREPARED = Ending(
    "unreachable",
    "none",
    "Something went wrong on our side before this was sent. Nothing was charged. Tell an admin, then try again.",
)
BAD_SOURCE = Ending("bad_input", "none", "{Which} can't be sent: {why}. Choose another picture.")

# A request that may have been accepted.
_ASK_AN_ADMIN, _DECIDE = "Send it again or ask an admin.", "Send it again or write it off."
_SETTLE_IT, _NOT_YOURS = "Settle it in Review.", "Its owner or an admin decides."
ANSWER_LOST = Ending("unknown", "maybe", f"Luma's answer got lost, so this may have been charged. {_ASK_AN_ADMIN}")
# An answer came, and says two things: a no that names a picture, or a yes without an id that could be told apart.
DISPUTED = Ending(
    "unknown",
    "maybe",
    "Luma refused this, but its answer names a picture, so it may have been charged. Looking again is free. "
    f"{_ASK_AN_ADMIN}",
)
REFUSED_WITH_PICTURE = Ending(
    "unknown",
    "maybe",
    f"Luma refused this, but its answer holds a picture, so it may have been made and charged. {_ASK_AN_ADMIN}",
)
UNREADABLE = Ending(
    "unknown",
    "maybe",
    f"Luma took this, but its answer can't be read, so it may have been charged. {_ASK_AN_ADMIN}",
)
DOUBTFUL = Ending(
    "unknown",
    "maybe",
    "Luma took this, but its answer names several pictures, so it may have been charged. Looking again is free. "
    f"{_ASK_AN_ADMIN}",
)
UNCLEAR = Ending(
    "unknown",
    "maybe",
    f"Luma's answer (HTTP {{http}}) doesn't say whether it was made, so this may have been charged. {_ASK_AN_ADMIN}",
)
PUT_BACK = Ending(
    "unknown",
    "maybe",
    "This studio's tables were put back to an earlier state. This picture may have been made and charged since. "
    f"{_DECIDE}",
)

# A request that was accepted and whose picture did not come.
GONE = Ending("lost", "maybe", "Luma no longer knows this job. Ask its support with the request id.")
NO_RESULT = Ending("lost", "maybe", "Luma gave no result in {hours} hours. Ask its support with the request id.")
NO_USABLE_ANSWER = Ending(
    "lost", "maybe", "Luma gave no usable answer about this picture for {hours} hours. Asking again is free."
)
STOPPED = Ending(
    "stopped",
    "maybe",
    "{who} stopped waiting; it may have been charged. Studio still looks for a day: if the picture comes, it appears here.",
)

# A picture that is made and paid for.
NOT_SAVED_YET = Ending("unsaved", "charged", "The picture is made, but {why}. Studio fetches it again for free.")
LINKED = Ending(
    "unsaved", "charged", "Luma says this failed, but links to a picture, and {why}. Studio fetches it again for free."
)
NOT_SAVED = Ending(
    "unsaved",
    "charged",
    "The picture is made and paid for, but {why}. Studio tried {tries} times and stopped. Fetching it again is free.",
)
WORN_OUT = Ending(
    "unsaved",
    "charged",
    "The picture is made and paid for, but Studio could not save it. Fetching it again is free.",
)
GIVEN_UP = Ending(
    "unsaved",
    "charged",
    "Given up. The picture was made and charged, but could not be saved. Fetching it again is free.",
)


def as_an_admin_reads(sentence: str) -> str:
    """Nobody is sent to ask an admin who is one."""
    return sentence.replace(_ASK_AN_ADMIN, _SETTLE_IT)


def as_a_colleague_reads(sentence: str) -> str:
    """Who may not decide is told who does."""
    return sentence.replace(_ASK_AN_ADMIN, _NOT_YOURS).replace(_DECIDE, _NOT_YOURS)


def as_review_says(sentence: str) -> str:
    """Review is where it is settled: the step that leads there is left out."""
    return sentence.replace(_ASK_AN_ADMIN, "").rstrip()


# Why a running job has no picture yet. None of it costs anything or ends the job.
STRANGE = "Luma reports a state that Studio doesn't know. Studio keeps asking."
NOT_FOUND = "Luma doesn't find this picture just now. Studio keeps asking."
NO_ANSWER = "Luma gives no usable answer about this picture just now. Studio asks again."
NO_KEY = "Luma refuses Studio's key, so Studio can't ask about this picture. An admin has to look at it."
LATE = "Luma takes much longer than usual. Studio keeps asking for a day; you can stop waiting."
