"""Layers as one picture: where each lies on the canvas it was cut from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.models import Picture
from studio.ratios import ratio_class


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer and where it lies on its canvas, in pixels."""

    picture: Picture
    label: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers of one split, front first, and the canvas they lie on, in pixels."""

    width: int
    height: int
    layers: list[Placed]

    @property
    def ratio_class(self) -> str:
        return ratio_class(self.width, self.height)

    @property
    def back_to_front(self) -> list[Placed]:
        return self.layers[::-1]


def stack(layers: Iterable[Picture]) -> Stack:
    """Lay the layers of a job on their canvas, each where its bounds say, or over the whole of it without bounds."""
    pictures = list(layers)
    width = max((_bounds(p).get("canvas_width", p.width) for p in pictures), default=1)
    height = max((_bounds(p).get("canvas_height", p.height) for p in pictures), default=1)
    return Stack(width, height, [_placed(p, width, height) for p in pictures])


def _placed(layer: Picture, width: int, height: int) -> Placed:
    bounds = _bounds(layer)
    label = (layer.layer or {}).get("label") or f"Layer {layer.position + 1}"
    return Placed(
        layer,
        label,
        bounds.get("x", 0),
        bounds.get("y", 0),
        bounds.get("width", width),
        bounds.get("height", height),
    )


def _bounds(layer: Picture) -> dict[str, int]:
    """Read the whole numbers of a layer's bounds; bounds in another form are ignored."""
    bounds = (layer.layer or {}).get("bounds")
    if not isinstance(bounds, dict):
        return {}
    return {key: value for key, value in bounds.items() if isinstance(value, int)}
