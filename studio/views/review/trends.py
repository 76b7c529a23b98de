"""The trend of a cause: one bar an hour or a day, drawn as SVG, and the same in words below."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

from studio.models.review.failure_count import FailureCount

HEIGHT, STEP, BAR = 24, 4, 3  # of the drawing
LATEST = 2  # bars in ink


def words(bars: Sequence[int], span: str) -> str:
    """Say what the bars show: `5 today, 2 yesterday`, `5 in 24 h`."""
    total = sum(bars)
    if span == FailureCount.Span.DAY:
        today, yesterday = bars[-1], bars[-2]
        told = [f"{today} today" if today else "", f"{yesterday} yesterday" if yesterday else ""]
        before = total - today - yesterday
        told.append(f"{total} in 30 days" if before else "")
        return ", ".join(filter(None, told)) or "None in 30 days"
    return f"{total} in 24 h" if total else "None in 24 h"


def label(bars: Sequence[int], span: str) -> str:
    """Say it for those who do not see the bars."""
    if span == FailureCount.Span.DAY:
        return f"{sum(bars)} in the last 30 days, {sum(bars[-LATEST:])} of them today or yesterday"
    return f"{sum(bars)} in the last 24 hours, {sum(bars[-LATEST:])} of them in this hour or the last"


def draw(bars: Sequence[int], span: str) -> SafeString:
    """Return the drawing; its last two bars are in ink."""
    most = max([*bars, 1])
    drawn = []
    for place, number in enumerate(bars):
        high = max(1.0, round((HEIGHT - 2) * number / most, 1)) if number else 1.0
        is_last = ' class="last"' if place >= len(bars) - LATEST else ""
        drawn.append(f'<rect x="{place * STEP}" y="{HEIGHT - high:g}" width="{BAR}" height="{high:g}"{is_last}/>')
    wide = len(bars) * STEP - (STEP - BAR)
    return mark_safe(  # noqa: S308 - numbers, and words of our own
        f'<svg class="spark" viewBox="0 0 {wide} {HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{label(bars, span)}">{"".join(drawn)}</svg><small class="num">{words(bars, span)}</small>'
    )
