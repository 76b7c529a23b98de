"""What the rest of the studio calls, each in a waiting and an awaiting form."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from studio.imaging.believing import read_accepted, read_measured, read_renditions, read_wire
from studio.imaging.errand import Errand
from studio.imaging.ladder import SIZES, UPLOAD_SIZES
from studio.imaging.results import Accepted, MadeRendition, Measured, Wire
from studio.imaging.running import run, run_async
from studio.imaging.unusable import Unusable


def accept(source: Path, into: Path, *, name: str = "") -> Accepted:
    """Judge an upload by its content and write what we keep, with the renditions 256 and 512, to new files in `into`.

    `name` only begins the sentence of a refusal. Raises `Unusable`, or OSError for trouble of the machine.
    """
    with _naming(name):
        return run(_accept(source, into))


async def accept_async(source: Path, into: Path, *, name: str = "") -> Accepted:
    """Do what `accept` does; cancelling kills the child."""
    with _naming(name):
        return await run_async(_accept(source, into))


def measure(source: Path, into: Path) -> Measured:
    """Decode a downloaded JPEG, PNG, WebP or GIF wholly and make its first rendition; the file itself stays as it is.

    Raises `Unusable`, or OSError for trouble of the machine.
    """
    return run(_measure(source, into))


async def measure_async(source: Path, into: Path) -> Measured:
    """Do what `measure` does; cancelling kills the child."""
    return await run_async(_measure(source, into))


def renditions(source: Path, into: Path, sizes: Sequence[int]) -> list[MadeRendition]:
    """Make WebP copies of a stored picture, smallest first; sizes that `sizes_for` does not name are left out.

    Raises `Unusable`, ValueError for a size that is not in SIZES, or OSError for trouble of the machine.
    """
    return run(_renditions(source, into, sizes))


async def renditions_async(source: Path, into: Path, sizes: Sequence[int]) -> list[MadeRendition]:
    """Do what `renditions` does; cancelling kills the child."""
    return await run_async(_renditions(source, into, sizes))


def for_sending(source: Path, into: Path) -> Wire:
    """Bring a stored picture below 4 MB for the API; a JPEG, PNG or still WebP that is small enough is sent as it is.

    Raises `Unusable`, or OSError for trouble of the machine.
    """
    return run(_for_sending(source, into))


async def for_sending_async(source: Path, into: Path) -> Wire:
    """Do what `for_sending` does; cancelling kills the child."""
    return await run_async(_for_sending(source, into))


def _accept(source: Path, into: Path) -> Errand[Accepted]:
    return Errand("accept", source, into, read_accepted, sizes=UPLOAD_SIZES)


def _measure(source: Path, into: Path) -> Errand[Measured]:
    return Errand("measure", source, into, read_measured)


def _renditions(source: Path, into: Path, sizes: Sequence[int]) -> Errand[list[MadeRendition]]:
    if unknown := set(sizes) - set(SIZES):
        raise ValueError(f"no such rendition: {sorted(unknown)}")
    return Errand("renditions", source, into, read_renditions, sizes=sizes)


def _for_sending(source: Path, into: Path) -> Errand[Wire]:
    return Errand("for_sending", source, into, read_wire)


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except Unusable as refusal:
        raise refusal.about(name) from refusal.__cause__
