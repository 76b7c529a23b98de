"""Processes that conduct or place an order on the tests' database, and are killed or stopped at a named point.

They are forked from a small server that has loaded everything once: a real process, a real SIGKILL, in a moment.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
import uuid
from collections.abc import Callable
from functools import wraps
from multiprocessing.process import BaseProcess
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from studio import durable, storage  # noqa: E402
from studio.engine import capacity, collect, conductor, fetch, lookup, pacing, spool, submit  # noqa: E402
from studio.engine.conductor import conduct  # noqa: E402
from studio.luma import ApiKey, Luma  # noqa: E402
from studio.models import Job, Submission, User, lease  # noqa: E402
from studio.models.requests.request_spec import RequestSpec  # noqa: E402

# Where a conductor may die: the function, and whether before or after it.
POINTS: dict[str, tuple[Any, str, str]] = {
    "claimed": (Job, "begin_sending", "before"),
    "sending is committed": (Job, "begin_sending", "after"),
    "the answer is read": (Job, "accept", "before"),
    "the id is stored": (Job, "accept", "after"),
    "the id is spooled": (spool, "keep", "after"),
    "made": (Job, "start_saving", "before"),
    "made is stored": (Job, "start_saving", "after"),
    "downloaded": (fetch.imaging, "measure_async", "before"),
    # On a disk the moment its name is there to stay, and before the function returns; a bucket has only the whole.
    "the rendition stands": (storage, "store", "after") if storage.is_remote() else (durable, "sync_folder", "after"),
    "the files stand": (collect, "store", "before"),
    "within the last transaction": (collect, "_picture", "after"),
    "all is stored": (collect, "store", "after"),
}
# Where it may die on the way of an answer that names several ids.
SEVERAL_IDS: dict[str, tuple[Any, str, str]] = {"the ids are told apart": (lookup, "_ask", "before")}


def conduct_at(database: str, address: str, trap: str, how: int, constants: dict[str, Any]) -> None:
    """Conduct until nothing is left, with a signal to ourselves at the point `trap`."""
    _settle_in(database, address)
    for name, value in constants.items():
        module = {"submit": submit, "capacity": capacity, "conductor": conductor, "lease": lease}[name.split(".")[0]]
        setattr(module, name.split(".")[1], value)
    if trap == "the id is spooled":
        _break(Job, "accept")
    if trap:
        _set_trap(*(POINTS | SEVERAL_IDS)[trap], how)
    conduct(lambda: Luma(ApiKey("luma-api-mortal"), address, create_wall=5.0), slice=20.0, linger=0.1)


def place(database: str, person: int, token: uuid.UUID, trap: str) -> None:
    """Ask for three pictures, as a page does, and die before or after the commit."""
    _settle_in(database, "")
    owner = (Job.objects, "bulk_create") if trap == "before the commit" else (Submission, "place")
    _set_trap(*owner, "after", signal.SIGKILL)
    spec = RequestSpec(type="image", prompt="three lakes", model="uni-1", count=3)
    Submission.place(User.objects.get(pk=person), token, spec, now=timezone.now())


def start(target: Callable[..., None], *args: Any) -> BaseProcess:
    """Start one of the above in a process of its own."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    process = server.Process(target=target, args=args)
    process.start()
    return process


def _settle_in(database: str, address: str) -> None:
    connections["default"].settings_dict["NAME"] = database
    settings.LUMA_BASE_URL = address
    logging.disable(logging.CRITICAL)
    pacing.NO_HISTORY = 0.1
    conductor.TICK = 0.05


def _set_trap(owner: Any, name: str, when: str, how: int) -> None:
    inner = getattr(owner, name)

    @wraps(inner)
    def trapped(*args: Any, **kwargs: Any) -> Any:
        setattr(owner, name, inner)
        if when == "before":
            _strike(how)
        result = inner(*args, **kwargs)
        if when == "after":
            _strike(how)
        return result

    setattr(owner, name, trapped)


def _strike(how: int) -> None:
    os.kill(os.getpid(), how)
    # A stop may reach another thread first; this one must not go on meanwhile, perhaps into a transaction.
    time.sleep(0.3)


def _break(owner: Any, name: str) -> None:
    from django.db import OperationalError

    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    setattr(owner, name, broken)
