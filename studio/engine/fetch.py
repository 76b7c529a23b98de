"""Fetch the pictures of a made job: by their links or from within the answer, decoded whole and stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio import embedding, imaging, storage
from studio.engine import explain
from studio.engine.turns import Lane
from studio.luma import Downloaded, Generation, Luma, Output, answers
from studio.luma.inline import Inline
from studio.models import Job
from studio.models.pictures.layers import LEFT_OUT

MOST_OUTPUTS = 50  # ten layers are documented; of more than this the rest is left out, and the layers say so


@dataclass(frozen=True, slots=True)
class Fetched:
    """One output that is stored whole, with its first rendition."""

    position: int
    layer: dict[str, Any] | None
    file: str
    sha256: str
    measured: imaging.Measured
    bytes: int
    rendition_file: str
    has_credentials: bool = False


async def outputs(
    job: Job, generation: Generation, inline: Inline, luma: Luma, lane: Lane
) -> tuple[Sequence[Output], int]:
    """What is to be fetched, and how many layers more there are: every layer, or the first picture that has a link.

    Raises NoLink or NotMade.

    Where the pictures come within the answer itself, Luma is asked once more and `inline` keeps them.
    """
    found, left_out = _meant(job, generation)
    if not any(output.is_inline for output in found):
        return found, left_out
    try:
        with lane.turns() as turn:
            again = await luma.get(job.remote_id or "", inline=inline, turn=turn)
    finally:
        await asyncio.to_thread(inline.close)
    return _meant(job, again)


def _meant(job: Job, generation: Generation) -> tuple[Sequence[Output], int]:
    is_split = job.submission.type == "layering"
    linked = [output for output in generation.outputs if output.url]
    if not linked or (is_split and not generation.has_pictures):
        raise explain.NoLink if generation.is_completed else explain.NotMade(generation.state)
    if is_split:
        # The last one is the background, without which the others hang in the air.
        kept = linked if len(linked) <= MOST_OUTPUTS else [*linked[: MOST_OUTPUTS - 1], linked[-1]]
        return kept, len(linked) - len(kept)
    # What calls itself something else, such as a thumbnail, is not the picture while another one is. Of several the first
    # is meant; where it did not come twice, the next one has its turn.
    pictures = [output for output in linked if output.type in {"", "image"}] or linked
    return [pictures[max(0, job.fetches - 2) % len(pictures)]], 0


def check_links(job: Job, links: Sequence[str]) -> None:
    """Raise AnothersLink for one that names another job of ours, whose picture this is not.

    A link that names its own id may name others, and so may that of an edit name what it was made from.
    """
    for link in links:
        ids = answers.ids_in([link])
        if not ids or job.remote_id in ids:
            continue
        others = Job.objects.filter(remote_id__in=ids).exclude(pk=job.pk)
        if other := others.exclude(pictures__in=job.submission.inputs.values("picture")).first():
            raise explain.AnothersLink(other.remote_id)


async def fetch_all(
    outputs: Sequence[Output], folder: Path, inline: Inline, luma: Luma, lane: Lane, stall: float, *, left_out: int = 0
) -> list[Fetched]:
    """Bring all of them into the folder and store them; `stall` is how long one may bring nothing (seconds).

    The front layer remembers how many are `left_out`.
    """
    tries = (_fetch(position, output, folder, inline, luma, lane, stall) for position, output in enumerate(outputs))
    # All of them are waited for: what still writes into the folder must not lose it.
    ended = await asyncio.gather(*tries, return_exceptions=True)
    fetched = [one for one in ended if isinstance(one, Fetched)]
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    if left_out:
        fetched[0] = replace(fetched[0], layer=(fetched[0].layer or {}) | {LEFT_OUT: left_out})
    return fetched


async def _fetch(
    position: int, output: Output, folder: Path, inline: Inline, luma: Luma, lane: Lane, stall: float
) -> Fetched:
    to = folder / f"{position}.part"
    if output.is_inline:
        got = inline.taken(output.url, to)
    else:
        with lane.turns() as turn:
            got = await luma.download(output.url, to, stall=stall, turn=turn)
    async with lane.decoding:
        return await _stored(position, output, got, folder)


async def _stored(position: int, output: Output, got: Downloaded, folder: Path) -> Fetched:
    own = folder / f"{position}"
    own.mkdir()
    measured = await imaging.measure_async(folder / f"{position}.part", own)
    has_credentials = await asyncio.to_thread(_has_credentials, folder / f"{position}.part", measured.format)
    # The rendition first: once the original is stored, a picture can be shown.
    rendition = await asyncio.to_thread(
        storage.store, measured.rendition.path, storage.rendition_name(got.sha256, measured.rendition.size)
    )
    file = await asyncio.to_thread(
        storage.store, folder / f"{position}.part", storage.original_name(got.sha256, measured.format)
    )
    return Fetched(
        position=position,
        layer=asdict(output.layer) if output.layer else None,
        file=file,
        sha256=got.sha256,
        measured=measured,
        bytes=got.bytes,
        rendition_file=rendition,
        has_credentials=has_credentials,
    )


def _has_credentials(path: Path, format: str) -> bool:
    with path.open("rb") as file:
        return embedding.has_credentials(file, format)
