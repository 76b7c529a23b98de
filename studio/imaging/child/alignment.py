"""By how many whole pixels an edit moved its source, and whether the two line up at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Plane = npt.NDArray[np.float32]

_COARSE = 512  # pixels of the long side where the shift is looked for first
_TILE = 256  # full-size pixels of a square where it is found exactly
_TILES = 6
# A larger move is another picture.
_MOST_SHARE = 0.2
# How much better a shift has to fit than none, so that what repeats (tiles, stripes) is not "moved back".
_BETTER = 0.85
# Differences beyond this are what was edited, not what moved.
_TRIM = 24.0
_BLOCK = 32
# Below this spread a block is flat, and lines up with anything.
_FLAT = 3.0
_LIKE = 0.5


class Alignment(NamedTuple):
    """Move the edit by (dx, dy) pixels to lay it on its source; `share` of the blocks with detail then line up."""

    dx: int
    dy: int
    share: float


def align(source: Image.Image, edit: Image.Image) -> Alignment:
    """Compare two grey pictures of one size."""
    fine_source, fine_edit = _detail(source), _detail(edit)
    scale = max(1.0, max(source.size) / _COARSE)
    small = (max(1, round(source.width / scale)), max(1, round(source.height / scale)))
    small_source, small_edit = (one.resize(small, Image.Resampling.BOX) for one in (source, edit))
    dx, dy = (round(moved * scale) for moved in _peak(_detail(small_source), _detail(small_edit)))
    if max(abs(dx) / source.width, abs(dy) / source.height) > _MOST_SHARE:
        dx = dy = 0
    dx, dy = _refined(fine_source, fine_edit, dx, dy)
    if (dx, dy) != (0, 0) and _misfit(fine_source, fine_edit, dx, dy) > _BETTER * _misfit(fine_source, fine_edit, 0, 0):
        dx = dy = 0
    return Alignment(dx, dy, _share(small_source, small_edit, round(dx / scale), round(dy / scale)))


def overlap(width: int, height: int, dx: int, dy: int) -> tuple[int, int, int, int]:
    """Return the box of the source that an edit moved by (dx, dy) covers: left, top, right, bottom."""
    return max(0, dx), max(0, dy), min(width, width + dx), min(height, height + dy)


def _detail(picture: Image.Image) -> Plane:
    """What is left of a grey picture without its light: edges and texture, around 0."""
    plain = np.asarray(picture, np.float32)
    return plain - np.asarray(picture.filter(ImageFilter.BoxBlur(4)), np.float32)


def _peak(source: Plane, edit: Plane) -> tuple[int, int]:
    """Return the shift of `edit` that phase correlation finds: of detail, so that a change of light does not count."""
    window = np.outer(np.hanning(source.shape[0]), np.hanning(source.shape[1])).astype(np.float32)
    cross = np.fft.rfft2(source * window) * np.conj(np.fft.rfft2(edit * window))
    found = np.fft.irfft2(cross / (np.abs(cross) + 1e-3), source.shape)
    down, across = np.unravel_index(int(found.argmax()), found.shape)
    height, width = source.shape
    return _signed(int(across), width), _signed(int(down), height)


def _signed(place: int, length: int) -> int:
    return place - length if place > length // 2 else place


def _refined(source: Plane, edit: Plane, dx: int, dy: int) -> tuple[int, int]:
    """Correct a coarse shift by the tiles with most detail: the correction that most of them name."""
    votes: dict[tuple[int, int], float] = {}
    for top, left in _tiles(source, dx, dy):
        part = edit[top - dy : top - dy + _TILE, left - dx : left - dx + _TILE]
        moved = _peak(source[top : top + _TILE, left : left + _TILE], part)
        votes[moved] = votes.get(moved, 0) + 1
    (more_x, more_y), count = max(votes.items(), key=lambda vote: vote[1], default=((0, 0), 0))
    near = max(abs(more_x), abs(more_y)) <= _TILE // 8
    return (dx + more_x, dy + more_y) if count >= 2 and near else (dx, dy)


def _tiles(source: Plane, dx: int, dy: int) -> Iterator[tuple[int, int]]:
    height, width = source.shape
    left, top, right, bottom = overlap(width, height, dx, dy)
    corners = [
        (float(np.abs(source[y : y + _TILE : 4, x : x + _TILE : 4]).mean()), y, x)
        for y in range(top, bottom - _TILE + 1, _TILE)
        for x in range(left, right - _TILE + 1, _TILE)
    ]
    yield from ((y, x) for _, y, x in sorted(corners, reverse=True)[:_TILES])


def _misfit(source: Plane, edit: Plane, dx: int, dy: int) -> float:
    height, width = source.shape
    left, top, right, bottom = overlap(width, height, dx, dy)
    part = np.abs(source[top:bottom, left:right] - edit[top - dy : bottom - dy, left - dx : right - dx])
    return float(np.minimum(part, _TRIM).mean())


def _share(source: Image.Image, edit: Image.Image, dx: int, dy: int) -> float:
    """Return the share of the blocks with detail in which both show the same, whatever their light; 1 for flat ones."""
    width, height = source.size
    left, top, right, bottom = overlap(width, height, dx, dy)
    first = _blocks(_detail(source)[top:bottom, left:right])
    second = _blocks(_detail(edit)[top - dy : bottom - dy, left - dx : right - dx])
    spread = first.std(axis=1)
    textured = spread > _FLAT
    if textured.sum() < 4:
        return 1.0
    first, second = first[textured], second[textured]
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    likeness = (first * second).sum(axis=1) / (np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1)) + 1e-6)
    return float((likeness > _LIKE).mean())


def _blocks(plane: Plane) -> Plane:
    down, across = plane.shape[0] // _BLOCK, plane.shape[1] // _BLOCK
    cut = plane[: down * _BLOCK, : across * _BLOCK].reshape(down, _BLOCK, across, _BLOCK)
    return cut.transpose(0, 2, 1, 3).reshape(down * across, _BLOCK * _BLOCK)
