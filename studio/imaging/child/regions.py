"""Where an edit differs from its source: a map of how much, and the connected regions of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

Flags = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int32]

MOST_REGIONS = 16
# Pixels of the long side at which regions are looked for; a cell of the grid is CELL of them.
MAP_SIDE = 1024
CELL = 4

# Of 255. Grain and compression stay below the least; a picture whose middle pixel differs by more was changed all over.
_LEAST, _OVER_NOISE, _EVERYWHERE = 14, 3, 24
# Fewer changed map pixels than this are a speck.
_SPECK = 24
# What is next to a change and differs by this share of the limit belongs to it: the glow of a lamp.
_FRINGE, _LEAST_FRINGE = 0.6, 9
# How far a region reaches over its edge, in map pixels (an odd size of Pillow's filter), and how softly it ends.
_MARGIN, _SOFT = 15, 2
# The number of a region is known this far around it, in cells, so that its soft edge has one.
_NAMED = 9
_SHOWN_GAIN = 4


class Found(NamedTuple):
    """The regions, the largest first, as boxes of map pixels with the share of the map that changed in each."""

    boxes: list[tuple[int, int, int, int]]
    shares: list[float]
    # Red is the number of the region, from 1, or 0; green how much of the pixel it takes: its edges are soft.
    labels: Image.Image
    everywhere: bool
    # Changed parts that are too small, or too many, to be listed.
    unlisted: int


def difference(source: Image.Image, edit: Image.Image) -> Image.Image:
    """Return how much each pixel differs, 0 to 255, in its most different channel.

    Grain and compression are averaged away before the pictures are taken apart, where they cancel out.
    """
    apart = ImageChops.difference(*(_flat(one).filter(ImageFilter.BoxBlur(1.5)) for one in (source, edit)))
    first, *others = apart.split()
    for channel in others:
        first = ImageChops.lighter(first, channel)
    if source.mode == "RGBA" or edit.mode == "RGBA":
        alphas = [one.convert("RGBA").getchannel("A") for one in (source, edit)]
        first = ImageChops.lighter(first, ImageChops.difference(*alphas))
    return first


def shown(apart: Image.Image) -> Image.Image:
    """Make a difference visible: four times as strong."""
    return apart.point([min(255, value * _SHOWN_GAIN) for value in range(256)])


def find(apart: Image.Image) -> Found:
    """Find the connected regions of a difference map."""
    middle = _median(apart)
    width, height = apart.size
    if middle > _EVERYWHERE:
        return Found(
            [(0, 0, width, height)], [1.0], Image.new("RGB", apart.size, (1, 255, 0)), everywhere=True, unlisted=0
        )
    limit = max(_LEAST, middle * _OVER_NOISE + 6)
    changed, fringed = (np.asarray(apart) > least for least in (limit, max(_LEAST_FRINGE, limit * _FRINGE)))
    numbers = connected(_spread(_cells(fringed)))
    of_pixels = _pixels(numbers, width, height)
    sizes = np.bincount(of_pixels[changed].ravel(), minlength=int(numbers.max()) + 1)
    ranked = [int(number) for number in np.argsort(-sizes, kind="stable") if number and sizes[number]]
    listed = [number for number in ranked if sizes[number] >= _SPECK][:MOST_REGIONS]
    names = np.zeros(len(sizes), np.uint8)
    names[listed] = range(1, len(listed) + 1)
    own = names[of_pixels] * fringed
    boxes = [_box(own == place) for place in range(1, len(listed) + 1)]
    shares = [float(sizes[number]) / changed.size for number in listed]
    wide = Image.fromarray((own > 0).astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(_MARGIN))
    cover = wide.filter(ImageFilter.GaussianBlur(_SOFT))
    named = np.asarray(Image.fromarray(names[numbers]).filter(ImageFilter.MaxFilter(_NAMED)))
    labels = Image.merge("RGB", (Image.fromarray(_pixels(named, width, height)), cover, Image.new("L", apart.size)))
    return Found(boxes, shares, labels, everywhere=False, unlisted=len(ranked) - len(listed))


def _pixels(cells: npt.NDArray[Any], width: int, height: int) -> npt.NDArray[Any]:
    """Give each pixel the value of its cell."""
    return np.repeat(np.repeat(cells, CELL, axis=0), CELL, axis=1)[:height, :width]


def count_areas(mask: Image.Image) -> int:
    """Count the connected areas of a mask that are not 0."""
    scale = max(1, round(max(mask.size) * CELL / MAP_SIDE))
    return int(connected(_cells(np.asarray(mask) > 0, scale)).max())


def connected(flags: Flags) -> Labels:
    """Number the parts that touch, corners included, from 1: two passes over the runs of each row."""
    parents: list[int] = [0]
    labels = np.zeros(flags.shape, np.int32)
    above: list[tuple[int, int, int]] = []
    for y, row in enumerate(flags):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8))).tolist()
        runs = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            touching = [number for left, right, number in above if left <= end and right >= start]
            number = min((_root(parents, one) for one in touching), default=len(parents))
            if not touching:
                parents.append(number)
            for one in touching:
                parents[_root(parents, one)] = number
            labels[y, start:end] = number
            runs.append((start, end, number))
        above = runs
    roots = np.array([_root(parents, number) for number in range(len(parents))], np.int32)
    _, dense = np.unique(roots, return_inverse=True)
    numbered: Labels = dense.astype(np.int32)[labels]
    return numbered


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, (128, 128, 128, 255)), picture).convert("RGB")


def _median(apart: Image.Image) -> int:
    return int(np.searchsorted(np.cumsum(apart.histogram()), apart.width * apart.height / 2))


def _cells(flags: Flags, cell: int = CELL) -> Flags:
    """Whether anything is in each cell of the grid."""
    height, width = flags.shape
    full = np.zeros((-(-height // cell) * cell, -(-width // cell) * cell), bool)
    full[:height, :width] = flags
    found: Flags = np.asarray(full.reshape(full.shape[0] // cell, cell, full.shape[1] // cell, cell).max(axis=(1, 3)))
    return found


def _spread(grid: Flags) -> Flags:
    """Widen by one cell, so that what nearly touches is one region."""
    return np.asarray(Image.fromarray(grid.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(3))) > 0


def _box(flags: Flags) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
