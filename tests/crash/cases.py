"""One case: an order, a network fault, a death; then an unharmed conductor, then the referee."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import people
from tests.crash import strace
from tests.crash.environment import Fork, Room
from tests.crash.points import POINTS, Point
from tests.faults.answers import accept, accept_then, reply, reset
from tests.faults.call import Act, Call
from tests.faults.double import Double

BUSY = reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "0"})
# What the API does to the first POST. `refused` is met before any byte is sent, at a port where nobody listens.
FAULTS: dict[str, list[Act]] = {
    "none": [accept],
    "refused": [accept],
    "reset after accept": [accept_then(reset), accept],
    "500 after accept": [accept_then(reply(500, {"detail": "Internal server error"})), accept],
    "429 first": [BUSY, accept],
}
# Long enough for a second try; without one, waiting would only take time (seconds).
PATIENCE = {"refused": 0.3, "429 first": 0.3}
LONGER = 0.3  # for an upload
# Where its own tables fail, a conductor ends with an error: the next wake-up starts another.
BROKE = 1
# Large enough for three sizes.
PICTURE = people.image_bytes(1536, 1024, colour=(20, 90, 120))


class Api(Double):
    """The scripted API, with a picture of some size."""

    def write_down(self, call: Call, remote_id: str = "") -> str:
        remote_id = super().write_down(call, remote_id)
        self.pictures[remote_id] = PICTURE
        return remote_id


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a case ended: whether the process died there, and what became of the order."""

    point: str
    fault: str
    died: bool
    state: str
    sentence: str
    accepted: int
    complaints: tuple[str, ...]

    @property
    def is_explained(self) -> bool:
        """Whether the person who asked has a picture, or words that say why not."""
        return self.state == "done" or (self.state in {"unknown", "failed"} and bool(self.sentence))

    @property
    def is_lost(self) -> bool:
        return not self.is_explained or bool(self.complaints)

    @property
    def is_double(self) -> bool:
        return self.accepted > 1


def at_point(room: Room, point: Point, fault: str = "none") -> Verdict:
    """Die at a named step."""
    return _case(room, point.name, fault, _before(point), lambda task: room.fork(point.act, point=point.name, **task))


def at_call(room: Room, call: str, nth: int, fault: str = "none", *, error: str = "") -> Verdict:
    """Die at the nth system call of a kind; or let that call fail with `error` and live on."""
    options = strace.failing(call, nth, error) if error else strace.killing(call, nth)
    return _case(room, f"{call} {nth}", fault, "conduct", lambda task: _watched(room, options, task))


def at_path(room: Room, call: str, path: Path, fault: str = "none") -> Verdict:
    """Die at the first system call of a kind that touches this file, whichever thread makes it."""
    options = ["-P", str(path), *strace.killing(call, 1)]
    return _case(room, f"{call} {path.name}", fault, "conduct", lambda task: _watched(room, options, task))


def count_calls(room: Room, fault: str, file: Path) -> dict[str, int]:
    """Let nobody die, and return how often each system call is made on the way; the calls are left in `file`."""
    verdict = _case(room, "", fault, "conduct", lambda task: _watched(room, strace.writing_down(file), task))
    assert not verdict.died
    return strace.census(file)


def _watched(room: Room, options: list[str], task: dict[str, Any]) -> Fork:
    fork = room.fork("conduct", held=True, **task)
    with strace.attached(fork, *options):
        return fork


def _before(point: Point) -> str:
    """What must have been done for the point to be reached."""
    return point.prelude or {"place": "", "conduct": "conduct", "renditions": "renditions"}[point.act]


def _case(room: Room, name: str, fault: str, before: str, dying: Callable[[dict[str, Any]], Fork]) -> Verdict:
    room.tidy()
    with Api(room.book) as api:
        api.part("a lake", post=list(FAULTS[fault]))
        order = POINTS[name].order if name in POINTS else "image"
        linger = LONGER if order == "image_edit" else PATIENCE.get(fault, 0.06)
        task = {"address": api.url, "refuse_first": fault == "refused", "linger": linger, "order": order}
        if before:
            room.do("place", order=order)
        if before in POINTS:
            # Not every fault lets it come so far: then the order goes on from where it is.
            code, _ = room.fork("conduct", point=before, **task).end()
            assert code in {0, -signal.SIGKILL}, f"before {name} × {fault}: the process ended with {code}"
        elif before == "renditions":
            room.do("conduct", **task)
        code, _ = dying(task).end()
        assert code in {0, BROKE, -signal.SIGKILL}, f"{name} × {fault}: the process ended with {code}"
        room.do("heal", address=api.url, placed=not before, order=order)
        told = room.judge(api)
    complaints = tuple(told.pop("complaints"))
    return Verdict(point=name, fault=fault, died=code != 0, complaints=complaints, **told)
