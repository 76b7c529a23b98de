"""Proportions as class names, because the content security policy forbids inline style.

`static/css/ratios.css` holds one class per proportion; `python -m studio.ratios` writes it again. Two families:

- `.r-3x2`, `.r-1000`: width by height of a picture, for the grid's tiles and the little shapes (`--r`).
- `.at-45`: a share of a length in per cent, for the ruler's words and the spend bar (`--at`).
"""

from __future__ import annotations

import math
from pathlib import Path

STYLESHEET = Path(__file__).resolve().parent.parent / "static" / "css" / "ratios.css"

# What the API makes, in pixels (luma-api.md section 10.1): 3:2 is really 1.453, so the names are not the ratios.
GENERATED: dict[tuple[int, int], str] = {
    (3360, 1248): "r-3x1",
    (2912, 1440): "r-2x1",
    (2784, 1504): "r-16x9",
    (2464, 1696): "r-3x2",
    (2048, 2048): "r-1x1",
    (1696, 2464): "r-2x3",
    (1504, 2784): "r-9x16",
    (1440, 2912): "r-1x2",
    (1248, 3360): "r-1x3",
}

# Uploads may have any size: a geometric ladder, so that the error is the same for tall and for wide pictures.
# Half a step of 1.8 % is 0.9 %: a tile is never off by more than a pixel in a hundred.
STEP = 1.018
LARGEST_NAMED_RATIO = 21  # 21:9 is a name, 308:211 is not
STEPS_EACH_WAY = 90  # 1.018 ** 90 = 4.98, so the ladder reaches from about 1:5 to 5:1


def ratio_class(width: int, height: int) -> str:
    """Name the class of a picture of this size in pixels; beyond 1:5 and 5:1 the last step.

    Raises ValueError for a side that is not positive.
    """
    if width <= 0 or height <= 0:
        raise ValueError(f"a picture of {width} by {height} pixels has no ratio")
    if exact := GENERATED.get((width, height)):
        return exact
    step = round(math.log(width / height, STEP))
    return _ladder_class(max(-STEPS_EACH_WAY, min(STEPS_EACH_WAY, step)))


def ratio_words(width: int, height: int) -> str:
    """Name a ratio as people do: 3:2 for what Luma calls so, 16:9 where it is exact, else 1.46:1."""
    known = ratio_class(width, height).removeprefix("r-")
    if "x" in known:
        return known.replace("x", ":")
    part = math.gcd(width, height)
    if max(width, height) // part <= LARGEST_NAMED_RATIO:
        return f"{width // part}:{height // part}"
    return f"{width / height:.2f}:1" if width >= height else f"1:{height / width:.2f}"


def share_class(share: float) -> str:
    """Name the class of a share between 0 and 1, to the nearest per cent; outside it the nearer end."""
    return f"at-{round(100 * max(0.0, min(1.0, share)))}"


def stylesheet() -> str:
    """Return the CSS with every class that `ratio_class` and `share_class` can name."""
    rules = [_rule(name, "--r", f"{width / height:.4f}") for (width, height), name in GENERATED.items()]
    for step in range(-STEPS_EACH_WAY, STEPS_EACH_WAY + 1):
        rules.append(_rule(_ladder_class(step), "--r", f"{STEP**step:.4f}"))
    rules += [_rule(f"at-{percent}", "--at", f"{percent}%") for percent in range(101)]
    head = "/* Written by studio/ratios.py; change it there and run python -m studio.ratios. */"
    lines = [" ".join(rules[start : start + 6]) for start in range(0, len(rules), 6)]
    return "\n".join([head, "@layer components {", *lines, "}", ""])


def _ladder_class(step: int) -> str:
    """Name a step of the ladder by its ratio in thousandths: 1000 is square."""
    return f"r-{round(1000 * STEP**step)}"


def _rule(name: str, variable: str, value: str) -> str:
    return f".{name}{{{variable}:{value}}}"


def write_stylesheet() -> None:
    """Write `static/css/ratios.css`."""
    STYLESHEET.write_text(stylesheet(), encoding="utf-8")


if __name__ == "__main__":
    write_stylesheet()
