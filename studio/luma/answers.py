"""Turn a raw answer into what it means: a value, or the error of the right class (luma-api.md sections 6 and 8)."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote
from uuid import UUID

from studio.luma import errors, evidence, parse
from studio.luma.types import KNOWN_STATES, Created

# A wait outside these bounds is a mistake of somebody's (seconds).
MIN_WAIT = 1.0
MAX_WAIT = 300.0
# A definite no, whoever says it: what Luma documents of a POST (section 6.2).
_DOCUMENTED = frozenset({400, 401, 402, 403, 413, 422})
# The others only in Luma's words, which are JSON: a page is of something on the way. Some do not say that nothing was made:
# what took too long or clashed (408, 409), and what a proxy says of its own line (407, 421, 425) or of something else that
# is locked or failed (423, 424). Neither do those that no standard knows: 460 and 499 are a proxy's that gave up on us.
_UNCLEAR = frozenset({407, 408, 409, 421, 423, 424, 425})
_REFUSED = frozenset(int(status) for status in HTTPStatus if 400 <= status < 500) - _UNCLEAR
# How much of an unreadable answer is kept for an admin, who may find the id in it.
_EXCERPT_BYTES = 300
_WEIGHTS = re.compile(r"limit=([0-9]{1,6}) weight units; this request needs ([0-9]{1,6})(?![0-9])")
# No account has more places; a number beyond is a mistake of somebody's.
_MOST_PLACES = 1000
# What a generation's id looks like (section 4.1), wherever in an answer it appears, also behind a word such as
# "generation-"; the second form is the same id as some libraries write it.
_IDS = tuple(
    re.compile(rf"(?:(?<![0-9A-Za-z-])|(?<=[g-z]-)){form}(?![0-9A-Za-z-])", re.IGNORECASE)
    for form in ("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f]{32}")
)
_ESCAPES = re.compile(r"\\[nrtbf]")
# A page of links may name thousands; each is asked about with a free GET.
_MOST_IDS = 5
_READ_FAILURES: dict[int, type[errors.Error]] = {
    401: errors.Unauthorized,
    403: errors.Suspended,
    404: errors.NotFound,
}
# About the key or the account when Luma says so; a firewall says 403 as well, and a sign-in page 401.
OF_THE_KEY = frozenset({401, 403})
_REFUSALS: dict[int, type[errors.Error]] = {
    401: errors.Unauthorized,
    402: errors.OutOfFunds,
    403: errors.Suspended,
    413: errors.TooLarge,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and body of one reply; the body may be cut (`is_whole`)."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_whole: bool = True

    @property
    def detail(self) -> str:
        return parse.detail(self.body) if self.is_whole else ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_a_generation(self) -> bool:
        """Whether it describes a generation, whatever its status says: the one that was asked for may have been made."""
        said = parse.generation(self.body)
        return said is not None and said.state in KNOWN_STATES

    @property
    def is_of_another(self) -> bool:
        """Whether it speaks of the key and is not Luma's, whose refusals are JSON objects (section 6.1)."""
        return self.status in OF_THE_KEY and self.is_whole and parse.read_object(self.body) is None


def created(answer: Answer, request_id: str, sent: bytes = b"") -> Created:
    """Read the answer to a paid POST whose body was `sent`; raise the error that says what may be done next."""
    echoed = answer.headers.get("x-request-id") or request_id
    if not answer.is_success:
        if answer.is_a_generation:
            ids = possible_ids(answer, echoed, request_id)
            raise errors.Ambiguous(status=answer.status, request_id=echoed, possible_ids=ids)
        said = refusal(answer, echoed, request_id)
        if not isinstance(said, errors.Ambiguous):
            ids = _unsent(_all_ids(answer, request_id), sent)
            has_picture = evidence.has_picture(answer.headers, answer.body, sent)
            if ids or has_picture:
                # Of more than are asked about, the others may be known.
                is_open = has_picture or len(ids) > _MOST_IDS
                raise errors.Disputed.of(said, ids[:_MOST_IDS], is_open=is_open)
        raise said
    generation = parse.generation(answer.body) if answer.is_whole else None
    excerpt = answer.body[:_EXCERPT_BYTES].decode("utf-8", "replace")
    if generation is None:
        ids = possible_ids(answer, request_id)
        raise errors.Unreadable(status=answer.status, detail=excerpt, request_id=echoed, possible_ids=ids)
    others = _other_ids(answer, sent, generation.id, request_id, echoed)
    # What we named the request ourselves says nothing of the picture.
    if others or generation.id == request_id.lower():
        ids = (generation.id, *others)[:_MOST_IDS]
        raise errors.Doubtful(status=answer.status, detail=excerpt, request_id=echoed, possible_ids=ids)
    return Created(generation, per_minute(answer.headers))


def _other_ids(answer: Answer, sent: bytes, *known: str) -> tuple[str, ...]:
    """Return what looks like an id in the body beside those that are `known`; what was `sent` names no new picture."""
    return _unsent(ids_in(body_texts(answer.body), *known), sent)


def _unsent(ids: tuple[str, ...], sent: bytes) -> tuple[str, ...]:
    ours = sent.lower() if ids else b""
    return tuple(one for one in ids if one.encode() not in ours)


def possible_ids(answer: Answer, *not_these: str) -> tuple[str, ...]:
    """Return what looks like a generation's id in the headers or the body of an unclear answer, each once.

    None of them is believed: a request id looks the same. Only a free GET tells which of them Luma knows.
    """
    return _all_ids(answer, *not_these)[:_MOST_IDS]


def _all_ids(answer: Answer, *not_these: str) -> tuple[str, ...]:
    texts = [value for name, value in answer.headers.items() if name.lower() not in {"x-request-id", "set-cookie"}]
    return ids_in([*body_texts(answer.body), *texts], *not_these)


def body_texts(body: bytes) -> list[str]:
    """Return a body as it came, without the zeros of UTF-16, and what its JSON says where letters are written as codes."""
    plain = body.decode("latin-1").replace("\0", "")
    return [plain, json.dumps(parse.read_object(body))] if "\\u" in plain else [plain]


def _unquoted(text: str) -> str:
    """Return a text in which no letter of an escape, such as \\n or %2F, stands before an id."""
    return unquote(_ESCAPES.sub(" ", text))


def ids_in(texts: Sequence[str], *not_these: str) -> tuple[str, ...]:
    """Return what looks like a generation's id, each once."""
    found = (str(UUID(one)) for form in _IDS for text in texts for one in form.findall(_unquoted(text)))
    known = {one.lower() for one in not_these} | parse.NO_IDS
    return tuple(dict.fromkeys(one for one in found if one not in known))


def refusal(answer: Answer, request_id: str, *sent_ids: str) -> errors.Error:
    """Say what an error answer to a paid POST means: a definite no, or nothing certain.

    Only a whole answer with a status of the kind of 400 is a no, and a rare one only from Luma; no text of a body proves
    anything. Everything else, every 5xx included, may hide a generation (section 6.3).
    """
    status, detail = answer.status, answer.detail
    if answer.is_whole and status == 429:
        return _too_many(answer, request_id)
    if answer.is_of_another:
        return errors.TurnedAway(status=status, detail=f"HTTP {status}, not from Luma", request_id=request_id)
    if answer.is_whole and (
        status in _DOCUMENTED or (status in _REFUSED and parse.read_object(answer.body) is not None)
    ):
        kind = _REFUSALS.get(status, errors.Rejected)
        return kind(status=status, detail=detail, request_id=request_id)
    ids = possible_ids(answer, request_id, *sent_ids)
    return errors.Ambiguous(status=status, detail=detail, request_id=request_id, possible_ids=ids)


def read_failure(answer: Answer) -> errors.Error:
    """Say what an error answer to a free call means. Only what Luma itself would say is final."""
    status, detail = answer.status, answer.detail
    request_id = answer.headers.get("x-request-id", "")
    kind = errors.Unreachable if answer.is_of_another else _READ_FAILURES.get(status, errors.Unreachable)
    return kind(status=status, detail=detail, request_id=request_id, retry_after=retry_after(answer.headers))


def file_failure(answer: Answer) -> errors.Error:
    """Like `read_failure`, but a file may also be rejected for good."""
    if answer.status in {400, 402, 413, 422}:
        return refusal(answer, answer.headers.get("x-request-id", ""))
    return read_failure(answer)


def per_minute(headers: Mapping[str, str]) -> int | None:
    """Return the X-RateLimit-Limit; None when there is none, as when the limiter fails open, or nonsense (section 8.1)."""
    number = _number(headers.get("x-ratelimit-limit"))
    return None if number is None or number < 0 else parse.integer(int(number))


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return how long to wait, in seconds from 1 to 300; None when no time is named or it is nonsense.

    `retry-after-ms` goes before `Retry-After`, which is seconds or an HTTP date; of several the longest counts. A date is
    measured against the server's own clock when the answer carries one, else against `now` (seconds since 1970).
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    named = [one for text in headers.get("retry-after", "").split(",") if (one := _number(text)) is not None]
    seconds = max(named, default=None) if milliseconds is None else milliseconds / 1000
    if seconds is None:
        until = _http_date(headers.get("retry-after"))
        clock = _http_date(headers.get("date"))
        if until is None:
            return None
        seconds = until - (clock if clock is not None else now if now is not None else time.time())
    return min(max(seconds, MIN_WAIT), MAX_WAIT)


def _too_many(answer: Answer, request_id: str) -> errors.RateLimited:
    detail, found, wait = answer.detail, per_minute(answer.headers), retry_after(answer.headers)
    weights = _WEIGHTS.search(detail)
    if weights is None and "concurrent" not in detail.lower():
        return errors.RateLimited(detail=detail, request_id=request_id, retry_after=wait, per_minute=found)
    limit, needs = (int(weights[1]), int(weights[2])) if weights else (0, 0)
    limit = limit if limit <= _MOST_PLACES else 0
    # A request that weighs more than the whole account would wait for a place that it can never have.
    is_sound = 1 <= needs <= limit
    return errors.AtCapacity(
        detail=detail,
        request_id=request_id,
        retry_after=wait,
        per_minute=found,
        limit_weight=limit or None,
        needs_weight=needs if is_sound else None,
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
