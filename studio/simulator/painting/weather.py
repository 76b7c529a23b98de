"""Weather and lights laid over a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .colour import Colour, blend, rgb
from .fields import Random, as_mask, clouds, grid, smoothstep, working_size
from .sheet import Sheet, spline

LOOK = 48


def _luminance_map(sheet: Sheet, columns: int = LOOK) -> np.ndarray:
    rows = max(4, round(columns * sheet.height / sheet.width))
    small = sheet.image.resize((columns, rows), Image.Resampling.BOX).convert("L")
    return np.asarray(small, np.float32) / 255


def bright_spots(sheet: Sheet, count: int, rng: Random) -> list[tuple[float, float]]:
    """Find places, in units, where a lamp would hang: bright for their surroundings, not in the top band, apart."""
    light = _luminance_map(sheet)
    rows, columns = light.shape
    padded = np.pad(light, 3, mode="edge")
    local = sum(padded[y : y + rows, x : x + columns] for y in range(7) for x in range(7)) / 49
    score = light - local + rng.random(light.shape, dtype=np.float32) * 0.05
    score[: rows // 4] -= 1
    score[-max(1, rows // 10) :] -= 1
    score[:, :2] -= 1
    score[:, -2:] -= 1
    found = []
    for _ in range(count):
        row, column = np.unravel_index(int(np.argmax(score)), score.shape)
        found.append(((column + 0.5) / columns * sheet.right, (row + 0.5) / rows * sheet.bottom))
        y, x = np.ogrid[:rows, :columns]
        score[(y - row) ** 2 + (x - column) ** 2 < (columns / 7) ** 2] -= 2
    return found


def calm_place(sheet: Sheet) -> tuple[float, float]:
    """Find the emptiest place in the upper half, in units: where a sun or moon would stand."""
    light = _luminance_map(sheet, 24)
    rows, columns = light.shape
    best, place = np.inf, (0.5, 0.25)
    for row in range(2, max(3, rows // 2 - 1)):
        for column in range(3, columns - 3):
            part = light[row - 2 : row + 3, column - 2 : column + 3]
            unrest = float(part.std()) + 0.0025 * abs(column - columns * 0.66) + 0.003 * abs(row - rows * 0.22)
            if unrest < best:
                best, place = unrest, ((column + 0.5) / columns, (row + 0.5) / rows)
    return place[0] * sheet.right, place[1] * sheet.bottom


def hang_lamps(sheet: Sheet, rng: Random, count: int = 6) -> None:
    """Light warm lamps where the picture was brightest."""
    warm, core = rgb("#ffab54"), rgb("#fff3d6")
    lights = []
    for x, y in bright_spots(sheet, count, rng):
        reach = float(rng.uniform(0.07, 0.12))
        lights += [(x, y, reach, warm, 0.62), (x, y, reach * 0.36, warm, 0.5), (x, y, 0.007, core, 2.2)]
    sheet.glow(lights)


def add_disc(sheet: Sheet, colour: Colour, *, moon: bool) -> None:
    """Put a sun or moon into the calmest part of the sky."""
    x, y = calm_place(sheet)
    radius = 0.055 if moon else 0.07
    sheet.glow([(x, y, radius * 4.5, colour, 0.42 if moon else 0.6), (x, y, radius * 1.7, colour, 0.35)])
    with sheet.stencil(blend(colour, (255, 255, 255), 0.35), soften=0.0015) as pen:
        pen.circle(x, y, radius, 255)
    if moon:
        with sheet.stencil(blend(colour, (150, 150, 165), 0.5), opacity=0.35, soften=0.004) as pen:
            for dx, dy, size in ((-0.3, -0.2, 0.24), (0.25, 0.15, 0.3), (-0.1, 0.4, 0.18), (0.35, -0.35, 0.14)):
                pen.circle(x + dx * radius, y + dy * radius, size * radius, 255)


def add_stars(sheet: Sheet, rng: Random) -> None:
    """Scatter stars over what is smooth in the upper part."""
    light = _luminance_map(sheet, 64)
    down, across = np.gradient(light)
    calm = np.hypot(down, across) < 0.035
    rows, columns = light.shape
    with sheet.stencil((255, 250, 235)) as pen:
        for _ in range(int(260 * sheet.right * sheet.bottom)):
            u, v, shine = float(rng.random()), float(rng.random()) ** 1.4 * 0.55, float(rng.random()) ** 4
            if calm[min(rows - 1, int(v * rows)), min(columns - 1, int(u * columns))]:
                pen.circle(u * sheet.right, v * sheet.bottom, 0.0008 + 0.0017 * shine, int(70 + 185 * shine))


def let_snow(sheet: Sheet, rng: Random) -> None:
    """Settle snow on what faces up and let flakes fall."""
    width, height = working_size(*sheet.size, 420_000)
    small = sheet.image.resize((width, height), Image.Resampling.BOX).convert("L")
    light = np.asarray(small, np.float32) / 255
    edge = np.maximum(0, np.roll(light, -2, axis=0) * -1 + np.roll(light, 2, axis=0))
    down = np.gradient(light, axis=0)
    top = smoothstep(0.012, 0.09, np.abs(down) + edge * 0.3)
    _, y = grid(width, height)
    low = smoothstep(0.42, 1.0, y / float(y.max()))
    patch = clouds((width, height), min(width, height) * 0.16, rng, octaves=5)
    cover = np.clip(low * smoothstep(-1.1, 0.9, patch) * 0.72 + top * smoothstep(-0.6, 0.6, patch) * 0.75, 0, 0.9)
    cover = cover * (0.45 + 0.55 * smoothstep(0.0, 0.5, light))
    sheet.lay((240, 244, 250), as_mask(cover))
    fall_flakes(sheet, rng)


def fall_flakes(sheet: Sheet, rng: Random) -> None:
    """Draw flakes of three distances."""
    for reach, count, opacity, soften in (
        (0.0018, 520, 0.85, 0.0),
        (0.0038, 150, 0.7, 0.0012),
        (0.009, 26, 0.4, 0.004),
    ):
        with sheet.stencil((255, 255, 255), opacity=opacity, soften=soften) as pen:
            for x, y, size in rng.random((int(count * sheet.right * sheet.bottom), 3)):
                pen.circle(float(x) * sheet.right, float(y) * sheet.bottom, reach * (0.5 + float(size)), 255)


def let_rain(sheet: Sheet, rng: Random) -> None:
    """Draw slanted rain in two distances and a little spray below."""
    lean = float(rng.choice([-0.16, 0.16]))
    for count, long, thick, opacity in ((900, 0.045, 0.0009, 0.34), (260, 0.1, 0.0016, 0.42)):
        with sheet.stencil((222, 232, 240), opacity=opacity, soften=0.0006) as pen:
            for x, y, size in rng.random((int(count * sheet.right * sheet.bottom), 3)):
                left, top = (float(x) * 1.3 - 0.15) * sheet.right, (float(y) * 1.1 - 0.1) * sheet.bottom
                reach = long * (0.6 + 0.8 * float(size))
                pen.line([(left, top), (left + lean * reach, top + reach)], int(110 + 145 * float(size)), thick)
    roll_fog(sheet, rng, 0.34)


def roll_fog(sheet: Sheet, rng: Random, strength: float = 0.86, colour: Colour = (222, 227, 228)) -> None:
    """Let fog stand thick in the distance (the middle heights) and drift below."""
    width, height = working_size(*sheet.size, 160_000)
    unit = min(width, height)
    drift = clouds((width, height), (unit * 0.6, unit * 0.2), rng, octaves=5)
    _, y = grid(width, height)
    fall = y / float(y.max())
    depth = 0.45 + 0.5 * np.exp(-(((fall - 0.48) / 0.3) ** 2)) - 0.28 * smoothstep(0.6, 1.0, fall)
    sheet.lay(colour, as_mask(np.clip(depth + drift * 0.11, 0.05, 0.97) * strength))


def let_birds(sheet: Sheet, rng: Random) -> None:
    """Draw a few birds in the calm of the sky."""
    x, y = calm_place(sheet)
    with sheet.pen() as pen:
        for _ in range(7):
            bx, by, wing = (
                x + float(rng.normal(0, 0.09)),
                y + float(rng.normal(0, 0.04)),
                float(rng.uniform(0.011, 0.022)),
            )
            shape = [
                (bx - wing, by),
                (bx - wing * 0.5, by - wing * 0.45),
                (bx, by),
                (bx + wing * 0.5, by - wing * 0.45),
                (bx + wing, by),
            ]
            pen.line(spline(shape, closed=False), (24, 26, 32), 0.0026)


def fall_leaves(sheet: Sheet, rng: Random) -> None:
    """Scatter falling leaves."""
    colours = [rgb(code) for code in ("#d9772b", "#b8452a", "#e2a93a", "#8f4a24")]
    with sheet.pen() as pen:
        for _ in range(int(46 * sheet.right * sheet.bottom)):
            x, y = float(rng.random()) * sheet.right, float(rng.random()) ** 0.7 * sheet.bottom
            size, turn = float(rng.uniform(0.005, 0.014)), float(rng.uniform(0, 6.28))
            cosine, sine = float(np.cos(turn)), float(np.sin(turn))
            leaf = [(-1.0, 0.0), (-0.3, 0.45), (0.5, 0.35), (1.0, 0.0), (0.5, -0.35), (-0.3, -0.45)]
            points = [(x + (a * cosine - b * sine) * size, y + (a * sine + b * cosine) * size) for a, b in leaf]
            pen.polygon(spline(points, steps=4), colours[int(rng.integers(4))])
