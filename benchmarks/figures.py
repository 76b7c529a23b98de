"""A figure, its target, and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `target` is the most it may be (the least with `is_least`), None where it has none."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.is_least else self.value <= self.target


def share(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(part * len(ordered) + 0.5) - 1))]


def show(figures: Sequence[Figure]) -> None:
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        target = "" if figure.target is None else f"  target {figure.target:g}"
        verdict = "" if figure.target is None else ("  ok" if figure.is_met else "  MISSED")
        note = f"  ({figure.note})" if figure.note else ""
        print(f"{figure.name:<{width}}  {figure.value:8.2f} {figure.unit:<8}{target}{verdict}{note}")
