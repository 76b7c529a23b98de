"""The little shapes beside the names of ratios."""

from __future__ import annotations

from studio.luma import ratios
from studio.luma.capabilities import KINDS
from studio.luma.ratios import Ratio
from studio.ratios import ratio_class


def class_of(ratio: Ratio) -> str:
    """Name the class of a ratio; one that Luma makes since has that of the nearest shape."""
    return ratio_class(ratio.width, ratio.height)


def foot_of(ratio: Ratio) -> str:
    """Say how large its pictures are."""
    return f"{ratio.slug} makes {ratio.width} × {ratio.height} pixels"


def ratio_classes() -> dict[str, str]:
    """Return the class of each ratio that can be asked for today, the widest first."""
    return {ratio.slug: class_of(ratio) for ratio in ratios.ratios()}


def left_to_luma(type: str) -> str:
    """Name the choice of no ratio."""
    return "Auto" if KINDS[type].has_ratio else "As source"
