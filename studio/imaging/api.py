"""What the rest of the studio calls. Code in a running event loop awaits an `_async` function; cancelling it is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from studio.imaging.limits import LAYER_LIMITS
from studio.imaging.reply import (
    Reply,
    read_accepted,
    read_compared_edit,
    read_compared_layers,
    read_composed,
    read_measured,
    read_rendition,
    read_renditions,
    read_wire,
)
from studio.imaging.results import (
    Accepted,
    ComparedEdit,
    ComparedLayers,
    Composed,
    MadeRendition,
    Measured,
    Wire,
)
from studio.imaging.runner import ChildTask, run, run_async
from studio.imaging.sizes import SIZES, UPLOAD_SIZES


def accept(source: Path, into: Path) -> Accepted:
    """Check an upload by its content and write what we keep, with the renditions 256 and 512, to new files in `into`.

    Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("accept", source, into, read_accepted, UPLOAD_SIZES))


def measure(source: Path, into: Path) -> Measured:
    """Decode a downloaded picture of any kind that uploads may have wholly and make its first rendition; the file itself is not changed.

    Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("measure", source, into, read_measured))


async def measure_async(source: Path, into: Path) -> Measured:
    """Do what `measure` does; cancelling kills the child."""
    return await run_async(ChildTask("measure", source, into, read_measured))


def renditions(source: Path, into: Path, sizes: Sequence[int]) -> list[MadeRendition]:
    """Make WebP copies of a stored picture, smallest first; sizes that `sizes_for` does not name are left out.

    Raises `Unusable`, ValueError for a size that is not in SIZES, or OSError when the machine fails.
    """
    if unknown := set(sizes) - set(SIZES):
        raise ValueError(f"no such rendition: {sorted(unknown)}")
    return run(ChildTask("renditions", source, into, read_renditions, sizes))


def mark(source: Path, into: Path, marks: Sequence[Mapping[str, Any]]) -> Accepted:
    """Draw numbered marks on a copy of a stored picture, with its renditions 256 and 512, to new files in `into`.

    Each mark has a `kind` (arrow, box, free, number) and `points`, x and y in turn, in pixels of the picture. The copy's
    long side has 1,024 to 2,048 pixels. Raises `Unusable`, or OSError when the machine fails.
    """
    drawn = [{"kind": one["kind"], "points": list(one["points"])} for one in marks]
    return run(ChildTask("mark", source, into, read_accepted, options={"marks": drawn}))


def compare_edit(source: Path, edit: Path, into: Path) -> ComparedEdit:
    """Find where an edit differs from its source, and by how many pixels it moved; write two maps of it to `into`.

    Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("compare_edit", source, into, read_compared_edit, options={"edit": str(edit.absolute())}))


def compose(
    source: Path, edit: Path, mask: Path, into: Path, *, shift: tuple[int, int], take: Sequence[int] = ()
) -> Composed:
    """Lay the masked part of an edit, moved by `shift` pixels, into its source, and write that as a PNG to `into`.

    `mask` is a PNG of the source's shape: its alpha or its grey is the share of the edit. With `take` it is the map of
    regions that `compare` wrote, and those of these numbers are taken. Where the share is 0, the decoded pixels are
    the source's. Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("compose", source, into, read_composed, options=_kept(edit, mask, shift, take)))


def preview(
    source: Path, edit: Path, mask: Path, into: Path, *, shift: tuple[int, int], take: Sequence[int] = ()
) -> MadeRendition:
    """Do what `compose` does, as a WebP for the screen."""
    return run(ChildTask("preview", source, into, read_rendition, options=_kept(edit, mask, shift, take)))


def put_back(layer: Path, edit: Path, into: Path) -> Composed:
    """Write an edit of a layer as a PNG in the layer's size and outline; one that has alpha keeps its own.

    Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("put_back", layer, into, read_composed, options={"edit": str(edit.absolute())}))


def _kept(edit: Path, mask: Path, shift: tuple[int, int], take: Sequence[int]) -> dict[str, Any]:
    return {
        "edit": str(edit.absolute()),
        "mask": str(mask.absolute()),
        "dx": shift[0],
        "dy": shift[1],
        "take": list(take),
    }


def copy(
    source: Path, into: Path, *, format: str, side: int = 0, box: Sequence[int] = (), words: str = ""
) -> tuple[Path, int]:
    """Write a copy of a stored picture as `jpeg`, `png` or `webp` to a new file in `into`; return it and its bytes.

    It is cut to `box` (left, top, width, height in pixels), made smaller to a long side of `side` pixels where that is
    not 0, and gets `words` in its corner. Raises `Unusable`, or OSError when the machine fails.
    """
    options = {"format": format, "side": side, "box": list(box), "words": words}
    return run(ChildTask("copy", source, into, Reply.file, options=options))


def watermark(source: Path, into: Path, sizes: Sequence[int], *, words: str) -> list[MadeRendition]:
    """Make WebP copies of a stored picture with `words` burnt in all over, smallest first.

    Raises `Unusable`, ValueError for a size that is not in SIZES, or OSError when the machine fails.
    """
    if unknown := set(sizes) - set(SIZES):
        raise ValueError(f"no such rendition: {sorted(unknown)}")
    options = {"words": words, "sizes": list(sizes)}
    return run(ChildTask("watermark", source, into, read_renditions, options=options))


async def for_sending_async(source: Path, into: Path) -> Wire:
    """Bring a stored picture below 4 MB for the API; a JPEG, PNG or still WebP that is small enough is sent as it is.

    Raises `Unusable`, or OSError when the machine fails. Cancelling kills the child.
    """
    return await run_async(ChildTask("for_sending", source, into, partial(read_wire, source=source)))


async def refit_async(source: Path, into: Path, *, side: int, most_bytes: int, is_plain: bool) -> Wire:
    """Encode a stored picture anew for the API: at most `side` pixels and below `most_bytes`.

    `is_plain`: as JPEG, transparency on white. Raises as `for_sending_async` does.
    """
    read = partial(read_wire, source=source)
    return await run_async(ChildTask("refit", source, into, read, (side, most_bytes, int(is_plain))))


def crop(source: Path, into: Path, quarters: int, box: tuple[int, int, int, int]) -> Accepted:
    """Turn a stored picture by quarters to the right, cut it, and write it as an upload would be kept.

    `box`: left, top, width and height in pixels of the turned picture. Raises `Unusable`, or OSError when the machine fails.
    """
    return run(ChildTask("crop", source, into, read_accepted, (quarters, *box)))


def compare_layers(plan: Path, into: Path) -> ComparedLayers:
    """Draw the layers that the JSON file `plan` names together and compare them with its source (child/layers.py).

    Raises `Unusable` when a layer cannot be read, or OSError when the machine fails.
    """
    return run(ChildTask("compare_layers", plan, into, read_compared_layers, limits=LAYER_LIMITS))


def export_layers(plan: Path, into: Path) -> tuple[Path, int]:
    """Write the layers of a plan as its kind of file: psd, ora, zip, or one layer cut out; return it and its bytes.

    Raises `Unusable` when a layer cannot be read, or OSError when the machine fails.
    """
    return run(ChildTask("export_layers", plan, into, Reply.file, limits=LAYER_LIMITS))
