"""The time ruler: an axis of seconds with the usual time on it, never a percentage."""

from __future__ import annotations

from dataclasses import dataclass

from studio.models.jobs.timing import Usual
from studio.ratios import share_class
from studio.views.formatting import counted

# The axis ends a quarter past p95, so that a job in its usual time never touches the end.
AXIS = 1.25
UNITS = 1000
# Of the stroke, for whoever wants less motion.
STEPS = 12


@dataclass(frozen=True, slots=True)
class TimeRuler:
    """What the SVG of one ruler needs; positions are thousandths of the axis. `kind`: open, time, full or late."""

    kind: str
    label: str = "In progress, no estimate yet"
    legend: str = ""
    at: str = ""
    band: int = 0
    band_width: int = 0
    now: int = 0
    seconds_left: str = ""


OPEN = TimeRuler("open")


def draw(kind: str, elapsed: float, usual: Usual | None) -> TimeRuler:
    """Draw `elapsed` seconds against the usual time; without a history only `late` and `full` say more than "open"."""
    if usual is None:
        return (
            TimeRuler(kind, label=f"{counted(round(elapsed), 'second')} so far") if kind in {"full", "late"} else OPEN
        )
    axis = usual.high * AXIS
    start = round(usual.low / axis * UNITS)
    low, high = round(usual.low), round(usual.high)
    return TimeRuler(
        kind,
        label=f"{counted(round(elapsed), 'second')} so far, usually {low} to {high}",
        legend=f"usually {low}–{high} s" if kind == "time" else "",
        at=share_class(start / UNITS),
        band=start,
        band_width=round(usual.high / axis * UNITS) - start,
        now=min(UNITS, round(elapsed / axis * UNITS)),
        seconds_left=f"{max(0.0, axis - elapsed):.1f}s",
    )
