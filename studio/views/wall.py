"""The wall beside the door: paintings of the simulator that ship with the studio.

Whoever has no account sees nothing of the team's own pictures.
"""

from __future__ import annotations

from typing import NamedTuple


class Picture(NamedTuple):
    """A file under `static/`, the class of its ratio, and its size in pixels."""

    file: str
    ratio_class: str
    width: int
    height: int


WALL = (
    Picture("door/ridges.webp", "r-16x9", 714, 386),
    Picture("door/poster.webp", "r-2x3", 435, 632),
    Picture("door/still-life.webp", "r-1x1", 525, 525),
    Picture("door/courtyard.webp", "r-3x2", 632, 435),
    Picture("door/flow.webp", "r-2x3", 435, 632),
    Picture("door/sea.webp", "r-2x1", 746, 369),
    Picture("door/dahlia.webp", "r-1x1", 525, 525),
    Picture("door/market.webp", "r-2x3", 435, 632),
    Picture("door/podium.webp", "r-16x9", 714, 386),
    Picture("door/moon.webp", "r-2x3", 435, 632),
    Picture("door/city.webp", "r-16x9", 714, 386),
    Picture("door/silk.webp", "r-1x1", 525, 525),
    Picture("door/dunes.webp", "r-3x2", 632, 435),
    Picture("door/greenhouse.webp", "r-2x3", 435, 632),
    Picture("door/farmland.webp", "r-16x9", 714, 386),
    Picture("door/stairs.webp", "r-1x1", 525, 525),
)
