"""An API that exists only in memory, with the methods of the client and a book of what it accepted."""

from __future__ import annotations

import asyncio
import hashlib
import types
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from studio.luma import Created, Downloaded, File, Generation, Output, errors
from studio.models.jobs.queries import SLOT_LIFE
from tests import people
from tests.faults.double import Accepted

PICTURE = people.image_bytes(64, 48, colour=(200, 60, 20))
LINK = "https://storage.example/picture"


class Death(BaseException):
    """kill -9: nothing after it is run, and what was in memory is gone."""


# What the sender gets to hear when nothing was accepted.
REFUSALS: dict[str, Callable[[], errors.Error]] = {
    "rejected": lambda: errors.Rejected(status=422, detail="prompt is too purple"),
    "rate": lambda: errors.RateLimited(retry_after=7.0),
    "at capacity": lambda: errors.AtCapacity(),
    "no funds": lambda: errors.OutOfFunds(status=402),
    "no key": lambda: errors.Unauthorized(status=401),
    "not sent": lambda: errors.NotSent(),
    "outage": lambda: errors.Ambiguous(status=503, detail="Upstream service unavailable"),
    "proxy page": lambda: errors.Unreadable(status=200, detail="<html>"),
    "another's id": lambda: errors.Ambiguous(status=502, possible_ids=(str(uuid.UUID(int=7, version=4)),)),
}
# What the sender gets to hear although the job was accepted.
LOSSES: dict[str, Callable[[], BaseException]] = {
    "reset": lambda: errors.Ambiguous(detail="ReadError"),
    "server error": lambda: errors.Ambiguous(status=500),
    "unreadable": lambda: errors.Unreadable(status=201, detail="<html>"),
    "id in hand": lambda: errors.Ambiguous(status=500),
    "stopped": lambda: asyncio.CancelledError(),
    "killed": lambda: Death(),
}
ANSWERS = (*["accepted"] * 12, *REFUSALS, *LOSSES, "killed before")
LOOKS = (
    *["completed"] * 7,
    *("processing", "failed", "refunded", "no picture", "unreachable", "forgotten", "no key", "no key for this one"),
)
# What becomes of a picture that is brought to Luma: of its upload, or of the question about it.
FILES = (
    *["ready"] * 6,
    *("failed", "deleted", "over", "forgotten", "lost answer", "unreachable", "not taken", "no key", "killed"),
)
DOWNLOADS = (*["whole"] * 5, "broken off", "expired", "no picture", "disk full", "too big")


class Imagined:
    """Does to each call what `answer`, `look`, `download_as` and `file` say; each is one word of the lists above."""

    def __init__(self) -> None:
        self.book: list[Accepted] = []
        self.taken_at: dict[str, datetime] = {}
        self.ended: set[str] = set()
        # Accepted, and the answer did not arrive: how long it holds its place at Luma nobody can know.
        self.lost: set[str] = set()
        self.asked: set[str] = set()
        # The next POST is accepted and its answer is long on its way.
        self.is_slow = False
        self.answer, self.look, self.download_as, self.file = "accepted", "completed", "whole", "ready"
        self.files: set[str] = set()
        # The referee asks for what was sent.
        self.pictures: dict[str, bytes] = {}

    def accepted(self) -> list[Accepted]:
        return self.book

    def digest(self, remote_id: str) -> str:
        return hashlib.sha256(self.pictures[remote_id]).hexdigest()

    def in_flight(self, now: datetime) -> set[str]:
        """The jobs that take a slot by the API's own count, as far as Studio can know of them."""
        unknown = self.ended | (self.lost - self.asked)
        return {one for one, at in self.taken_at.items() if one not in unknown and at > now - SLOT_LIFE}

    @types.coroutine
    def _wire(self) -> Iterator[None]:
        """Whoever drives the step gets it back here, and goes on with it when the answer is to arrive."""
        yield

    # ---- The methods of the client

    async def create_prepared(self, body: bytes, *, request_id: str) -> Created:
        if self.answer == "killed before":
            raise Death
        if refusal := REFUSALS.get(self.answer):
            raise refusal()
        remote_id = str(uuid.uuid4())
        self.book.append(Accepted(request_id=request_id, remote_id=remote_id, prompt=""))
        self.taken_at[remote_id] = timezone.now()
        self.pictures[remote_id] = PICTURE
        answer = self.answer
        if self.is_slow:
            self.is_slow = False
            await self._wire()
        if loss := LOSSES.get(answer):
            self.lost.add(remote_id)
            raised = loss()
            if answer == "id in hand" and isinstance(raised, errors.Ambiguous):
                raised.possible_ids = (remote_id,)
            raise raised
        return Created(generation(remote_id, "queued"), None)

    async def upload_file(self, data: bytes, media_type: str, *, purpose: str, filename: str) -> File:
        if self.file == "not taken":
            raise errors.Rejected(status=404)
        self._trouble_with_files()
        name = f"file-{uuid.uuid4()}"
        self.files.add(name)
        if self.file == "lost answer":
            raise errors.Unreachable(detail="ReadError")
        return remote_file(name, "pending")

    async def create_file(self, **_: object) -> File:
        raise errors.Rejected(status=404)

    async def get_file(self, name: str) -> File:
        self._trouble_with_files()
        if self.file == "forgotten" or name not in self.files:
            self.files.discard(name)
            raise errors.NotFound(status=404)
        ends = timezone.now() - timedelta(seconds=1) if self.file == "over" else None
        return remote_file(name, self.file if self.file in {"failed", "deleted"} else "ready", ends)

    def _trouble_with_files(self) -> None:
        if self.file == "killed":
            raise Death
        if self.file == "unreachable":
            raise errors.Unreachable(status=503)
        if self.file == "no key":
            raise errors.Unauthorized(status=401)

    async def get(self, generation_id: str) -> Generation:
        if generation_id not in self.taken_at:
            raise errors.NotFound(status=404)
        if self.taken_at[generation_id] > timezone.now() - SLOT_LIFE:
            self.asked.add(generation_id)
        if self.look == "unreachable":
            raise errors.Unreachable(status=503)
        if self.look in {"no key", "no key for this one"}:
            raise errors.Unauthorized(status=401)
        if self.look == "forgotten":
            self.ended.add(generation_id)
            raise errors.NotFound(status=404)
        if self.look == "processing":
            return generation(generation_id, "processing")
        self.ended.add(generation_id)
        if self.look in {"failed", "refunded"}:
            code = {"failed": "solar_flare", "refunded": "content_moderated"}[self.look]
            return generation(generation_id, "failed", failure_code=code)
        links = () if self.look == "no picture" else (Output(type="image", url=LINK, layer=None),)
        return generation(generation_id, "completed", outputs=links)

    async def reach(self) -> None:
        if self.look == "no key":
            raise errors.Unauthorized(status=401)

    async def download(self, url: str, to: Path, **_: object) -> Downloaded:
        problems: dict[str, Callable[[], Exception]] = {
            "broken off": lambda: errors.Truncated(status=200),
            "expired": lambda: errors.LinkExpired(status=403),
            "disk full": lambda: OSError(28, "No space left on device"),
            "too big": lambda: errors.TooBig(status=200),
        }
        if problem := problems.get(self.download_as):
            raise problem()
        to.write_bytes(PICTURE)
        return Downloaded(len(PICTURE), hashlib.sha256(PICTURE).hexdigest())


def remote_file(name: str, state: str, expires_at: datetime | None = None) -> File:
    return File(
        id=name,
        state=state,
        purpose="input",
        mime_type="image/png",
        size_bytes=None,
        filename="",
        user_id="",
        created_at=None,
        expires_at=expires_at,
        deleted_at=None,
        failure_reason="too purple" if state == "failed" else "",
    )


def generation(remote_id: str, state: str, *, outputs: tuple[Output, ...] = (), failure_code: str = "") -> Generation:
    return Generation(
        id=remote_id,
        type="image",
        state=state,
        model="uni-1",
        created_at=None,
        outputs=outputs,
        failure_reason="",
        failure_code=failure_code,
    )
