"""Keywords in a prompt that make the simulator misbehave, so that every state can be seen by typing it.

A keyword stands in square brackets: `a lighthouse [moderated]`. `[402 once]` misbehaves the first time a client sends
a prompt and not the second time. Keywords are removed before the picture is painted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """An asynchronous end, shown by a poll with HTTP 200 (luma-api.md section 7), after this share of the usual time."""

    code: str
    reason: str
    at: float = 0.6


@dataclass(frozen=True)
class Refusal:
    """A synchronous answer: nothing is created."""

    status: int
    detail: str
    retry_after: int = 0


MODERATED = Failure("content_moderated", "Generation output was flagged by our content moderation system.", 0.35)
BROKEN = Failure("generation_failed", "Generation failed")

# The first four reasons are published, the others are invented.
FAILURES = {
    "moderated": MODERATED,
    "content_moderated": MODERATED,
    "generation_failed": BROKEN,
    "output_not_found": Failure("output_not_found", "Output artifacts not found", 1.0),
    "budget_exhausted": Failure("budget_exhausted", "Insufficient credits to complete this generation."),
    "image_too_large": Failure("image_too_large", "An input image is too large to process.", 0.1),
    "unsupported_format": Failure("unsupported_format", "An input image is in an unsupported format.", 0.1),
    "corrupt_input": Failure("corrupt_input", "An input image could not be read.", 0.1),
    "invalid_request": Failure("invalid_request", "The request could not be processed.", 0.1),
    "rate_limited": Failure("rate_limited", "The model is over capacity right now."),
    "unknown-code": Failure("solar_flare", "A failure code nobody has documented."),
}

REFUSALS = {
    "400": Refusal(400, "Prompt was refused on purpose"),
    "401": Refusal(401, "API key has been revoked"),
    "402": Refusal(402, "Insufficient balance. Please add funds to continue."),
    "403": Refusal(403, "API client is suspended"),
    "413": Refusal(413, "source: image exceeds 50 MB limit"),
    "422": Refusal(422, "source: failed to fetch URL (HTTP 404)"),
    "429": Refusal(429, "Rate limit exceeded", 5),
    "busy": Refusal(429, "Too many concurrent jobs", 60),
    "502": Refusal(502, "Upstream service unavailable"),
    "503": Refusal(503, "Media URL ingestion is unavailable"),
}

QUIRKS = {
    "slow": "takes five times as long",
    "stuck": "never finishes",
    "queued": "never leaves the queue",
    "no-output": "completes with an empty output list",
    "null-output": "completes with `output: null`",
    "no-bounds": "layers fill the whole canvas and carry no bounds, as older servers sent them",
    "accept-then-drop": "the job is accepted, then the connection closes without an answer",
    "accept-then-hang": "the job is accepted, then no answer comes for five minutes",
    "500-after-accept": "the job is accepted, then the answer is a 500",
    "expired-link": "the first links are expired when they are given out; asking again gives good ones",
    "truncated-download": "the first download breaks off half way; the next is whole",
    "jpeg-named-png": "the picture is a JPEG although its link ends in .png",
    "flaky-polls": "every other status request answers 503 with an HTML page",
    "unknown-state": "shows a state nobody has documented instead of `processing`",
    "no-layering": "a layering job is refused, as for an account without the grant",
    "no-limit-headers": "accepted without X-RateLimit headers, as when the limiter's store is down",
}

KEYWORDS: dict[str, str] = {
    **{word: f"fails with {failure.code}" for word, failure in FAILURES.items()},
    **{word: f"refused with {refusal.status} {refusal.detail}" for word, refusal in REFUSALS.items()},
    **QUIRKS,
}

# A few words that any image service refuses, so that moderation is met without knowing the brackets.
MODERATED_WORDS = ("gore", "nude", "nudity", "deepfake", "beheading", "self-harm", "porn")

_BRACKETS = re.compile(r"\[([a-z0-9_-]+)( once)?\]", re.IGNORECASE)
_FLAGGED = re.compile(rf"(?<![a-z])(?:{'|'.join(MODERATED_WORDS)})(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class Script:
    """What the words of one prompt ask for, and the prompt without them."""

    prompt: str
    words: frozenset[str]
    once: frozenset[str]
    failure: Failure | None

    @property
    def refusals(self) -> tuple[str, ...]:
        """The synchronous words, in the table's order."""
        return tuple(word for word in REFUSALS if word in self.words)


def read_script(prompt: str) -> Script:
    """Find the table's words in a prompt; brackets with other words are left alone."""
    found = [(match[1].lower(), match[2]) for match in _BRACKETS.finditer(prompt) if match[1].lower() in KEYWORDS]
    words, once = frozenset(word for word, _ in found), frozenset(word for word, once in found if once)
    plain = _BRACKETS.sub(lambda match: "" if match[1].lower() in KEYWORDS else match[0], prompt)
    failure = next((failure for word, failure in FAILURES.items() if word in words), None)
    if failure is None and is_flagged(plain):
        failure = MODERATED
    return Script(prompt=" ".join(plain.split()), words=words, once=once, failure=failure)


def is_flagged(text: str) -> bool:
    """Say whether a prompt contains a word that moderation refuses."""
    return _FLAGGED.search(text) is not None


def is_flagged_name(filename: str | None) -> bool:
    """Say whether an uploaded file's name stands for a picture that moderation refuses."""
    name = filename or ""
    return is_flagged(name) or "moderated" in name.lower()
