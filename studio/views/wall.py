"""The wall beside the door: paintings of the simulator that ship with the studio.

Whoever has no account sees nothing of the team's own pictures.
"""

from __future__ import annotations

from typing import NamedTuple


class Painting(NamedTuple):
    """A file under `static/`, the class of its ratio, and its size in pixels."""

    file: str
    ratio_class: str
    width: int
    height: int


WALL = (
    Painting("door/ridges.webp", "r-16x9", 714, 386),
    Painting("door/poster.webp", "r-2x3", 435, 632),
    Painting("door/still-life.webp", "r-1x1", 525, 525),
    Painting("door/courtyard.webp", "r-3x2", 632, 435),
    Painting("door/flow.webp", "r-2x3", 435, 632),
    Painting("door/sea.webp", "r-2x1", 746, 369),
    Painting("door/dahlia.webp", "r-1x1", 525, 525),
    Painting("door/market.webp", "r-2x3", 435, 632),
    Painting("door/podium.webp", "r-16x9", 714, 386),
    Painting("door/moon.webp", "r-2x3", 435, 632),
    Painting("door/city.webp", "r-16x9", 714, 386),
    Painting("door/silk.webp", "r-1x1", 525, 525),
    Painting("door/dunes.webp", "r-3x2", 632, 435),
    Painting("door/greenhouse.webp", "r-2x3", 435, 632),
    Painting("door/farmland.webp", "r-16x9", 714, 386),
    Painting("door/stairs.webp", "r-1x1", 525, 525),
)
