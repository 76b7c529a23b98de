"""Everything that can go wrong at the API, one class for each thing the caller does differently.

Error
├── NotSent            nothing left this machine: send it again later
│   └── TurnedAway     401 or 403 of something on the way, and not of Luma: the same
├── RateLimited        429: wait `retry_after`, then send
│   └── AtCapacity     429: wait until one of our own jobs ends, then send
├── OutOfFunds         402: stop sending for everybody until there is money
├── Unauthorized       401: stop everything until the key is mended
│   └── Suspended      403: the same, but the account is meant, not the key
├── Rejected           400, 422 and their kin: never accepted, never will be
│   └── TooLarge       413: shrink the picture
├── Ambiguous          it may have been accepted: never send it again by yourself
│   ├── Unreadable     it was accepted, but the id could not be read
│   │   └── Doubtful   it was accepted, and the answer names several ids: only a free GET tells them apart
│   └── Disputed       it was refused, and the answer names an id all the same, which only a free GET tells of, or
│                      brings a picture
├── NotFound           GET: Luma does not know this id
├── Unreachable        a read failed: nothing is lost, ask again
└── DownloadFailed     the picture did not come home; it is still at Luma
    ├── LinkExpired    ask for the generation again, it brings a fresh link
    ├── BadDownload    refused: try again
    │   ├── Truncated  cut short: try again (Empty: whole, and without a byte)
    │   └── ...        download.Redirected, Packed and TooSlow say which
    ├── TooBig         more bytes than allowed
    └── Blocked        the link leads to an address that is not public
"""

from __future__ import annotations

from typing import ClassVar

from studio.luma.text import clean


class Error(Exception):
    """Carry what the engine decides by; never a key, a link or a header.

    `sentence` says what it means, for a log and an admin. `detail` is Luma's own text, cleaned. `retry_after` is in
    seconds, None when Luma named no time.
    """

    sentence: ClassVar[str] = "Something went wrong at Luma."

    def __init__(
        self,
        *,
        status: int | None = None,
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.detail = clean(detail)
        self.request_id = clean(request_id, limit=200)
        self.retry_after = retry_after
        super().__init__()

    def __str__(self) -> str:
        facts = " | ".join(filter(None, (str(self.status or ""), self.detail, self.request_id)))
        return f"{self.sentence} [{facts}]" if facts else self.sentence


class NotSent(Error):
    """Nothing was sent: no address, no connection, no TLS. Certainly not accepted."""

    sentence = "Luma could not be reached. Nothing was sent; it is tried again."


class TurnedAway(NotSent):
    """401 or 403 without a word of Luma's: a proxy or a firewall let nothing through. It says nothing about the key."""

    sentence = "Something on the way to Luma refused the request, so it did not get there. It is tried again."


class RateLimited(Error):
    """429: too many requests this minute, or the ceiling over all calls (section 8)."""

    sentence = "Waiting: Luma takes only so many requests a minute."

    def __init__(
        self,
        *,
        status: int | None = 429,
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        per_minute: int | None = None,
    ) -> None:
        super().__init__(status=status, detail=detail, request_id=request_id, retry_after=retry_after)
        self.per_minute = per_minute


class AtCapacity(RateLimited):
    """429: all slots are taken. The weights are None unless Luma named them (section 8.4)."""

    sentence = "Waiting for a slot at Luma."

    def __init__(
        self,
        *,
        status: int | None = 429,
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        per_minute: int | None = None,
        limit_weight: int | None = None,
        needs_weight: int | None = None,
    ) -> None:
        super().__init__(
            status=status, detail=detail, request_id=request_id, retry_after=retry_after, per_minute=per_minute
        )
        self.limit_weight = limit_weight
        self.needs_weight = needs_weight


class OutOfFunds(Error):
    """402: not queued, nothing charged. May be sent again once the pause ends."""

    sentence = "Studio is out of budget. Nothing is lost. It starts when an admin adds funds."


class Unauthorized(Error):
    """401: the key is missing, wrong, revoked or expired. May be sent again once the pause ends."""

    sentence = "Luma does not accept Studio's key. Nothing is lost; an admin has to look at it."


class Suspended(Unauthorized):
    """403: the account is suspended or deactivated."""

    sentence = "Luma has suspended Studio's account. Nothing is lost; an admin has to look at it."


class Rejected(Error):
    """Answered and certainly not accepted; the same request would be rejected again."""

    sentence = "Luma rejected the request."


class TooLarge(Rejected):
    """413: a picture, or the whole request, is too large."""


class Ambiguous(Error):
    """The request may have been accepted and charged (section 9).

    `possible_ids`: what looks like a generation's id in the answer. A free GET tells whether Luma knows one of them.
    """

    sentence = "Luma's answer got lost, so this may have been charged."

    def __init__(
        self,
        *,
        status: int | None = None,
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        possible_ids: tuple[str, ...] = (),
    ) -> None:
        super().__init__(status=status, detail=detail, request_id=request_id, retry_after=retry_after)
        self.possible_ids = possible_ids


class Unreadable(Ambiguous):
    """2xx, so certainly accepted, but without an id to follow it by. `detail` holds the start of the answer."""

    sentence = "Luma accepted this, but its answer could not be read, so it may have been charged."


class Doubtful(Unreadable):
    """2xx with an id, and with others beside it: `possible_ids` begins with the one in its usual place."""

    sentence = "Luma accepted this, but its answer names several pictures, so it may have been charged."


class Disputed(Ambiguous):
    """A no that names what may be a generation, or brings a picture.

    `refusal` is what it means when Luma knows none of `possible_ids`; None where a picture, or more ids than those, say
    otherwise.
    """

    sentence = "Luma refused this, but its answer names a picture, so it may have been charged."

    refusal: Error | None = None

    @classmethod
    def of(cls, refusal: Error, possible_ids: tuple[str, ...], *, is_open: bool = False) -> Disputed:
        disputed = cls(
            status=refusal.status, detail=refusal.detail, request_id=refusal.request_id, possible_ids=possible_ids
        )
        disputed.refusal = None if is_open else refusal
        return disputed


class NotFound(Error):
    """404 to a read: unknown id, or another account's; the API does not tell which."""

    sentence = "Luma no longer knows this request, so there is no picture to fetch."


class Unreachable(Error):
    """A read brought nothing usable. The job goes on at Luma; ask again later."""

    sentence = "Luma does not answer just now. Nothing is lost; Studio asks again."


class DownloadFailed(Error):
    """The finished picture could not be fetched. It is still at Luma and costs nothing more."""

    sentence = "The picture is made, but could not be fetched yet."


class LinkExpired(DownloadFailed):
    """403 or 404 from the storage: links live one hour (section 10.3)."""

    sentence = "The storage refuses the link to the picture. Studio asks Luma for a new one."


class BadDownload(DownloadFailed):
    """Slow, refused, redirected, compressed or of the wrong status."""


class Truncated(BadDownload):
    """Fewer bytes came than were announced, or none."""


class Empty(Truncated):
    """Whole, and without a byte."""


class TooBig(DownloadFailed):
    """More bytes than the caller allows."""

    sentence = "The picture is larger than Studio stores."


class Blocked(DownloadFailed):
    """The link leads to an address that Studio does not visit."""

    sentence = "The link to the picture does not lead to a public address, so Studio did not follow it."
