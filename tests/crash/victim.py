"""Processes to be killed: a small server that has loaded Studio once and forks for each task.

`python -m tests.crash.victim` works in STUDIO_DATA. It reads tasks from its standard input, one JSON object a line,
and answers with two lines: the pid of the fork, and how the fork ended together with what it returned.
"""

from __future__ import annotations

import inspect
import json
import logging
import os
import signal
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from importlib import import_module
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import storages  # noqa: E402
from django.db import DatabaseError, OperationalError, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from studio import storage, tasks  # noqa: E402
from studio.engine import capacity, collect, conductor, files, integrity, job_steps, pacing, poll, submit  # noqa: E402
from studio.engine.pictures import renditions  # noqa: E402
from studio.launcher import services, startup  # noqa: E402
from studio.luma import ApiKey, Luma, answers  # noqa: E402
from studio.models import Job, Picture, SendingPause, Submission, User  # noqa: E402
from studio.models.requests.request_spec import RequestSpec  # noqa: E402
from tests import people  # noqa: E402
from tests.crash.points import BEFORE, POINTS, Point  # noqa: E402
from tests.faults import referee  # noqa: E402

# The same behaviour in less time: which waits there are is tested elsewhere, here only what follows them.
SHORT: dict[Any, dict[str, Any]] = {
    answers: {"MIN_WAIT": 0.02},
    capacity: {"FIRST_WAIT": timedelta(seconds=0.02)},
    collect: {"RETRY": 0.02},
    files: {"PUT_OFF": timedelta(seconds=0.1), "NEXT_TRY": timedelta(seconds=0.05), "FIRST_PAUSE": 0.02},
    conductor: {"TICK": 0.01, "SWEEP": 0.05, "RETRY_STEP": 0.02},
    job_steps: {"PAUSED_POLL": 0.05, "RETRY_STEP": 0.02},
    pacing: {"NO_HISTORY": 0.03, "BRISK": 0.03, "FIRST_LOOKS": (0.03,)},
    poll: {"RETRY_READ": 0.02, "SOONEST_RETRY": 0.02},
    submit: {"FIRST_BACKOFF": 0.02, "LONGEST_BACKOFF": 0.05},
}
LIFE = 120  # seconds; a fork that hangs is ended by the kernel, one on a busy machine is not
TOKEN = uuid.UUID(int=7)
SMALL = (48, 32)
# Nothing listens on this port of the loopback: it is reserved (RFC 6335) and refuses at once.
REFUSING = "http://127.0.0.1:1/v1"


class Chosen(Luma):
    """The client; told to, it meets a closed port the first time."""

    refuse_first = False

    async def create_prepared(self, body: bytes, *, request_id: str) -> Any:
        if not self.refuse_first:
            return await super().create_prepared(body, request_id=request_id)
        open_address, self._base_url, self.refuse_first = self._base_url, REFUSING, False
        try:
            return await super().create_prepared(body, request_id=request_id)
        finally:
            self._base_url = open_address


# ---- What a fork can do


def settle(**_: Any) -> None:
    """Make the tables, a person and one order, and leave them in one file."""
    startup.tables()
    User.objects.create_user("Alice")
    if connections["default"].vendor == "sqlite":
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def place(*, order: str = "image", **_: Any) -> None:
    """Ask for one picture, or for an edit of one that was uploaded, and ring, as the page does."""
    person = User.objects.get()
    source = None
    if order == "image_edit":
        uploaded = Picture.objects.filter(origin=Picture.Origin.UPLOAD)
        source = uploaded.first() or people.complete_sizes(people.make_picture(person, size=SMALL))
    spec = RequestSpec(type=order, prompt="a lake", model="uni-1", source=source)
    Submission.place(person, TOKEN, spec, now=timezone.now())
    tasks.wake_conductor()


def conduct(*, address: str, seconds: float = 8.0, linger: float = 0.06, **_: Any) -> None:
    """Conduct until nothing is left to do."""
    conductor.conduct(
        lambda: Chosen(ApiKey("luma-api-victim"), address, connect_timeout=1.0, create_wall=3.0),
        slice=seconds,
        linger=linger,
    )


def make_sizes(**_: Any) -> None:
    """Make the sizes that pictures lack, as the other queue does."""
    for pk in Picture.objects.exclude(renditions_due_at=None).values_list("pk", flat=True):
        renditions.make(pk)


def heal(*, address: str, placed: bool, order: str = "image", **_: Any) -> None:
    """Do all that was left undone, with nobody killing. A person whose order got no answer sends the form again."""
    if placed:
        place(order=order)
    conduct(address=address)
    if Job.objects.in_progress().exists():
        conduct(address=address, linger=1.0)
    make_sizes()


def judge(*, book: list[dict[str, str]], digests: dict[str, str], **_: Any) -> dict[str, Any]:
    """Compare the API's book with ours and say where each job stands."""
    witness = Witness(book, digests)
    found = integrity.check(timezone.now(), deep=True)
    job = Job.objects.get()
    return {
        "state": job.state,
        "sentence": job.sentence,
        "accepted": len(book),
        "complaints": [
            *referee.complaints(witness),  # type: ignore[arg-type]
            *(f"{one.invariant}: {one.sentence}" for one in found),
            *(["a lease was left"] if Job.objects.exclude(lease_owner="", lease_until=None).exists() else []),
            *(["the lease is acquired"] if conductor.ConductorLease.is_live(now=timezone.now()) else []),
            *(["a size is due"] if Picture.objects.exclude(renditions_due_at=None).exists() else []),
        ],
    }


class Witness:
    """What the referee needs of the API: its book, and what it sent."""

    def __init__(self, book: list[dict[str, str]], digests: dict[str, str]) -> None:
        self.book, self.pictures = book, digests

    def accepted(self) -> list[Any]:
        return [referee.Accepted(**line) for line in self.book]

    def digest(self, remote_id: str) -> str:
        return self.pictures[remote_id]


ACTS: dict[str, Callable[..., Any]] = {
    "settle": settle,
    "place": place,
    "conduct": conduct,
    "renditions": make_sizes,
    "heal": heal,
    "judge": judge,
}


# ---- How it dies


def set_trap(point: Point) -> None:
    """Wrap the function of `point` so that this process kills itself there."""
    module, _, path = point.where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    inner = getattr(owner, name)
    calls = 0

    def arrives(when: str) -> None:
        nonlocal calls
        if when == point.when:
            calls += 1
            if calls == point.nth:
                os.kill(os.getpid(), signal.SIGKILL)

    @wraps(inner)
    def trapped(*args: Any, **kwargs: Any) -> Any:
        arrives(BEFORE)
        result = inner(*args, **kwargs)
        arrives("after")
        return result

    @wraps(inner)
    async def trapped_later(*args: Any, **kwargs: Any) -> Any:
        arrives(BEFORE)
        result = await inner(*args, **kwargs)
        arrives("after")
        return result

    setattr(owner, name, trapped_later if inspect.iscoroutinefunction(inner) else trapped)


def break_function(name: str) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    setattr(Job, name, broken)


# ---- The server


def serve() -> None:
    logging.disable(logging.CRITICAL)
    for module, constants in SHORT.items():
        for name, value in constants.items():
            setattr(module, name, value)
    SendingPause.PROBE_AFTER = dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(seconds=0.05))
    # As the launcher does before it forks.
    services.load()
    if storage.is_remote():
        # What the library for S3 reads of its own files is no step of ours.
        assert storages["default"].connection  # type: ignore[attr-defined]
    for line in sys.stdin:
        task = json.loads(line)
        reading, writing = os.pipe()
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _live(task, writing)
        os.close(writing)
        _say({"pid": pid})
        with os.fdopen(reading) as returned:
            told = returned.read()
        _, status = os.waitpid(pid, 0)
        _say({"code": os.waitstatus_to_exitcode(status), "told": json.loads(told) if told else None})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _live(task: dict[str, Any], writing: int) -> None:
    """Do one task in this fork and end it, whatever happens."""
    code = 1
    try:
        signal.alarm(LIFE)
        settings.LUMA_BASE_URL = task.get("address", "")
        Chosen.refuse_first = bool(task.get("refuse_first"))
        if task.get("held"):
            # Whoever watches the system calls attaches now.
            os.kill(os.getpid(), signal.SIGSTOP)
        point = POINTS.get(task.get("point", ""))
        for name in point.broken if point else ():
            break_function(name)
        if point:
            set_trap(point)
        returned = ACTS[task["act"]](**task)
        os.write(writing, json.dumps(returned).encode())
        code = 0
    except DatabaseError:
        if not task.get("held"):
            raise
    finally:
        connections.close_all()
        os._exit(code)


if __name__ == "__main__":
    serve()
