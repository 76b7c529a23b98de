"""Manga pages: panels in black ink with screentone."""

from __future__ import annotations

from PIL import Image

from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Point, Sheet
from studio.simulator.painting.words import Scene

from .inkpanels import (
    BLACK,
    PAPER,
    Panel,
    paint_burst,
    paint_eyes,
    paint_face,
    paint_rush,
    paint_view,
    paint_walker,
)

MARGIN = 0.04
GUTTER = 0.02


def paint_manga(scene: Scene, rng: Random) -> Image.Image:
    """Paint a page of three to six slanted panels."""
    page = Sheet(*scene.size, PAPER)
    outlines = _layout(page, rng)
    panels = _casting(scene, rng, len(outlines))
    for outline, paint in zip(outlines, panels, strict=True):
        left, top = min(x for x, _ in outline), min(y for _, y in outline)
        right, bottom = max(x for x, _ in outline), max(y for _, y in outline)
        pixels = [round(edge * page.unit) for edge in (left, top, right, bottom)]
        wide, tall = max(4, pixels[2] - pixels[0]), max(4, pixels[3] - pixels[1])
        panel = Sheet(wide, tall, PAPER)
        paint(panel, scene, rng, page.unit / panel.unit)
        full = Image.new("RGB", page.size, PAPER)
        full.paste(panel.image, (pixels[0], pixels[1]))
        with page.stencil(full, box=(left, top, right, bottom)) as pen:
            pen.polygon(outline, 255)
    with page.pen() as pen:
        for outline in outlines:
            pen.line([*outline, outline[0], outline[1]], BLACK, 0.0062)
    return page.image.convert("L").convert("RGB")


def _layout(page: Sheet, rng: Random) -> list[list[Point]]:
    """Cut the page into rows and the rows into panels, a little aslant."""
    rows = max(2, min(5, round(page.bottom / 0.52)))
    counts = [1 if row == 0 else int(rng.choice([1, 2, 2, 2])) for row in range(rows)]
    if page.right > 1.3:
        counts = [count + 1 for count in counts]
    weights = [float(rng.uniform(0.8, 1.3)) for _ in range(rows)]
    room = page.bottom - 2 * MARGIN - GUTTER * (rows - 1)
    left, right = MARGIN, page.right - MARGIN
    edges, y = [(MARGIN, MARGIN)], MARGIN
    for weight in weights[:-1]:
        y += room * weight / sum(weights) + GUTTER / 2
        lean = float(rng.uniform(-0.035, 0.035))
        edges.append((y + lean, y - lean))
        y += GUTTER / 2
    edges.append((page.bottom - MARGIN, page.bottom - MARGIN))
    panels = []
    for row, count in enumerate(counts):
        upper, lower = edges[row], edges[row + 1]
        above, below = (GUTTER / 2 if row else 0.0), (GUTTER / 2 if row < rows - 1 else 0.0)
        cuts = [0.0, *[(index + 1) / count + float(rng.uniform(-0.1, 0.1)) for index in range(count - 1)], 1.0]
        leans = [0.0, *[float(rng.uniform(-0.03, 0.03)) for _ in range(count - 1)], 0.0]
        for index in range(count):
            panels.append(_panel(cuts, leans, index, count, (left, right), upper, lower, above, below))
    return panels


def _panel(
    cuts: list[float],
    leans: list[float],
    index: int,
    count: int,
    sides: tuple[float, float],
    upper: tuple[float, float],
    lower: tuple[float, float],
    above: float,
    below: float,
) -> list[Point]:
    left, right = sides

    def corner(cut: int, edge: tuple[float, float], lean: float, shift: float, push: float) -> Point:
        x = left + (right - left) * cuts[cut] + lean + push
        t = (x - left) / (right - left)
        return x, edge[0] + (edge[1] - edge[0]) * t + shift

    inner = GUTTER / 2 if index else 0.0
    outer = -GUTTER / 2 if index < count - 1 else 0.0
    return [
        corner(index, upper, leans[index], above, inner),
        corner(index + 1, upper, leans[index + 1], above, outer),
        corner(index + 1, lower, -leans[index + 1], -below, outer),
        corner(index, lower, -leans[index], -below, inner),
    ]


def _casting(scene: Scene, rng: Random, count: int) -> list[Panel]:
    """Open with a view, then people, speed and detail in turn."""
    rest: list[Panel] = [paint_face, paint_rush, paint_eyes, paint_walker, paint_burst]
    order = [rest[int(index)] for index in rng.permutation(len(rest))]
    if paint_face not in order[: max(1, count - 1)]:
        order[0] = paint_face
    return [paint_view, *(order * 3)[: count - 1]]
