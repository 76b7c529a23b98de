"""Room for the frames of a request: no call at any depth has the system map memory anew."""

from __future__ import annotations

import resource
import threading
import traceback
from typing import Any

import pytest

from studio.launcher import frame_room, server

DEEP, CALLS = 400, 50


def leaf(number: int) -> int:
    """With a frame that is larger than one of `at`: at some depth only it lies in the next piece."""
    return sum((number, number, number, number, number, number, number, number, number, number, number, number))


def at(depth: int) -> int:
    """Page faults of calls from so deep down."""
    if depth:
        return at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for number in range(CALLS):
        leaf(number)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def test_no_depth_is_an_unlucky_one() -> None:
    frame_room.with_room(lambda: at(DEEP))  # touched once
    assert frame_room.with_room(lambda: max(at(depth) for depth in range(DEEP))) < CALLS


def test_what_is_called_returns_and_raises_as_it_does() -> None:
    assert frame_room.with_room(lambda: 7) == 7
    with pytest.raises(KeyError, match="gone"):
        frame_room.with_room(lambda: {}["gone"])


def test_the_threads_of_the_server_have_it() -> None:
    seen: list[str] = []
    done = threading.Event()

    class Task:
        def service(self) -> None:
            seen.extend(frame.name for frame in traceback.extract_stack())
            done.set()

        def cancel(self) -> Any: ...

    threads = server.Threads()
    threads.set_thread_count(1)
    threads.add_task(Task())
    assert done.wait(10)
    threads.shutdown()
    assert frame_room._call.__name__ in seen
