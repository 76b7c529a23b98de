from __future__ import annotations

import re

from studio.models.jobs.timing import Usual
from studio.views import markup
from studio.views.jobs import time_ruler

USUAL = Usual(fast=30, low=35, high=62)


def test_the_axis_ends_a_quarter_past_p95() -> None:
    drawn = time_ruler.draw("time", 41, USUAL)
    assert (drawn.band, drawn.band_width, drawn.now, drawn.seconds_left) == (452, 348, 529, "36.5s")
    assert (drawn.legend, drawn.at) == ("usually 35–62 s", "at-45")
    assert drawn.label == "41 seconds so far, usually 35 to 62"


def test_the_stroke_stops_at_the_end_of_the_axis() -> None:
    drawn = time_ruler.draw("time", 500, USUAL)
    assert (drawn.now, drawn.seconds_left) == (1000, "0.0s")


def test_without_a_history_nothing_usual_is_claimed() -> None:
    assert time_ruler.draw("time", 41, None).kind == "open"
    assert "usually" not in time_ruler.draw("late", 400, None).label


def test_the_stroke_moves_in_steps_too_for_whoever_wants_less_motion() -> None:
    drawn = markup.ruler(time_ruler.draw("time", 41, USUAL))
    smooth, steps = re.findall(r'<rect class="ruler__now ruler__now--(?:moves|steps)".*?</rect>', drawn)
    assert "calcMode" not in smooth
    [values] = re.findall(r'values="([\d;]+)" calcMode="discrete"', steps)
    found = [int(one) for one in values.split(";")]
    assert (found[0], found[-1], found) == (529, 1000, sorted(found))


def test_a_full_ruler_says_no_usual_time_below_it() -> None:
    assert time_ruler.draw("full", 58, USUAL).legend == ""
