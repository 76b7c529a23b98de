"""Room for the frames of whole requests in one piece of memory.

CPython 3.11 to 3.13 keeps the frames of a thread in pieces of 16 kB and gives a piece back with its last frame. A loop that
calls from just below the end of a piece has the system map, clear and take back one for each call (python/cpython#142183):
20 of the 37 ms of a page of sixty cards, which has nothing to do with how deep it is, only with where that is.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

T = TypeVar("T")

# Words of a frame. It is too large for a piece of 256 kB, so it comes with one of 512, and the rest is for what it calls.
WORDS = 33_000


def _call(work: Callable[[], T]) -> T:
    return work()


_wide_call = FunctionType(_call.__code__.replace(co_stacksize=WORDS), globals(), "_wide_call")


def with_room(work: Callable[[], T]) -> T:
    """Return what `work` returns; the frames of what it calls have 240 kB in one piece. It may raise anything."""
    found: T = _wide_call(work)
    return found
