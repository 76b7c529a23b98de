"""Posters: Swiss rings, cut paper letters, Bauhaus tiles, organic forms, bands."""

from __future__ import annotations

import math
import re

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, contrasting, luminance, rgb
from studio.simulator.painting.fields import Random, as_mask, clouds, grid, smoothstep, working_size
from studio.simulator.painting.sheet import Pen, Sheet
from studio.simulator.painting.words import Scene, title

from .cutposters import paint_cut

_SMALL = re.compile(r"[^A-Za-z0-9 ,.:&'\-]+")


def paint_poster(scene: Scene, rng: Random) -> Image.Image:
    """Choose a way of composing and set the words of the prompt."""
    if scene.has("ring", "rings", "concentric", "circle", "circles", "swiss", "concert", "target"):
        painter = _paint_rings
    elif scene.has("hand-cut", "hand", "cut", "sun", "paper", "lettering", "market", "festival", "letters"):
        painter = paint_cut
    elif scene.has("bauhaus", "geometric", "shapes", "form", "modernist"):
        painter = _paint_tiles
    elif scene.has("organic", "magazine", "garden", "plant", "nature", "cover"):
        painter = _paint_forms
    else:
        painter = (_paint_tiles, _paint_forms, _paint_rings, _paint_bands, paint_cut)[int(rng.integers(5))]
    sheet = painter(scene, rng)
    _paper_tooth(sheet, rng)
    return sheet.image


def _paper_tooth(sheet: Sheet, rng: Random) -> None:
    width, height = working_size(*sheet.size, 700_000)
    tooth = (
        249 + clouds((width, height), 3.0, rng, octaves=2) * 2.2 + clouds((width, height), 60.0, rng, octaves=3) * 1.6
    )
    sheet.multiply(Image.fromarray(np.clip(tooth, 0, 255).astype(np.uint8)))


def _small_lines(scene: Scene, rng: Random) -> list[str]:
    """Break the prompt into short printable lines."""
    words = _SMALL.sub(" ", scene.prompt[:160]).replace(",", " ").split()
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 18 and line:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()[:26]
    lines.append(line)
    day = int(rng.integers(2, 27))
    return [one.capitalize() for one in lines if one][:4] or [f"No. {day}"]


def _paint_rings(scene: Scene, rng: Random) -> Sheet:
    paper = (
        scene.ground
        if scene.ground and luminance(scene.ground) > 0.3
        else rgb(("#eee4d3", "#f0e6d6", "#e9e2d4")[int(rng.integers(3))])
    )
    ink = rgb("#1a1917")
    colour = scene.accent or scene.palette.inks[0]
    sheet = Sheet(*scene.size, paper)
    right, bottom = sheet.right, sheet.bottom
    margin = 0.06
    column = (right - 2 * margin) / 6
    rings = int(rng.integers(4, 8))
    reach = float(rng.uniform(0.42, 0.62)) * max(right, min(bottom, 1.25))
    spots = [(0.5, 0.45), (0.64, 0.42), (0.36, 0.55), (0.66, 0.6), (1.0, 0.4), (0.0, 0.62)]
    spot = spots[int(rng.integers(len(spots)))]
    x, y = right * spot[0], bottom * spot[1]
    share = float(rng.choice([0.5, 0.5, 0.36, 0.62]))
    second = ink if rng.random() < 0.3 else colour
    with sheet.pen() as pen:
        step = reach / rings
        for index in range(rings, 0, -1):
            outer = step * index
            pen.circle(x, y, outer, second if index == 1 and rings > 4 else colour)
            if index > 1:
                pen.circle(x, y, outer - step * share, paper)
        pen.rectangle(-0.1, -0.1, right + 0.1, 0.125, paper)
        pen.rectangle(-0.1, bottom - margin - 0.029 * 4 - 0.06, right + 0.1, bottom + 0.1, paper)
        if bottom > right:
            _swiss_type(pen, scene, rng, (right, bottom), margin, column, ink)
        else:
            _swiss_type(pen, scene, rng, (right, bottom), margin, min(column, 0.24), ink)
    return sheet


def _swiss_type(
    pen: Pen, scene: Scene, rng: Random, size: tuple[float, float], margin: float, column: float, ink: Colour
) -> None:
    right, bottom = size
    name = title(scene, "Concert").capitalize()
    lines = _small_lines(scene, rng)
    small, leading = 0.0215, 0.029
    day = int(rng.integers(2, 27))
    month = ("January", "March", "May", "June", "September", "October")[int(rng.integers(6))]
    foot = bottom - margin
    head = 0.046 if len(name) < 16 else 0.036
    pen.text(margin, margin - 0.008, name, head, ink, weight=0.022)
    pen.text(right - margin, margin - 0.002, f"{day:02d}", small * 1.15, ink, anchor="ra", weight=0.02)
    for index, line in enumerate(lines):
        pen.text(margin, foot - leading * (4 - index), line, small, ink, weight=0.008)
    facts = [f"{day} {month}", f"{18 + day % 4} h", "Hall " + str(1 + day % 5)]
    for index, line in enumerate(facts):
        pen.text(margin + column * 3, foot - leading * (4 - index), line, small, ink, weight=0.008)
    pen.rectangle(margin, foot - leading * 4 - 0.018, right - margin, foot - leading * 4 - 0.0158, ink)


def _paint_tiles(scene: Scene, rng: Random) -> Sheet:
    palette = scene.palette
    paper, ink = palette.paper, palette.ink
    inks = [palette.inks[0], palette.inks[1], palette.inks[2], palette.inks[3]]
    if scene.accent:
        inks[0] = scene.accent
    sheet = Sheet(*scene.size, paper)
    right, bottom = sheet.right, sheet.bottom
    columns = max(2, round(right / 0.34))
    cell = right / columns
    rows = max(1, math.floor((bottom - 0.2) / cell))
    with sheet.pen() as pen:
        last: Colour | None = None
        for row in range(rows):
            for column in range(columns):
                choices = [tone for tone in (*inks, paper, ink) if tone != last]
                ground = choices[int(rng.integers(len(choices)))]
                shape = [tone for tone in (*inks, paper, ink) if tone != ground][int(rng.integers(5))]
                last = ground
                _tile(pen, rng, column * cell, row * cell, cell, ground, shape)
        foot = rows * cell
        room = bottom - foot
        pen.rectangle(0, foot, right, bottom + 0.1, paper)
        name = title(scene, "Form").upper()
        size = min(room * 0.42, (right - 0.12) / max(1, len(name)) * 1.35)
        pen.text(0.06, foot + room * 0.16, name, size, ink, weight=0.045)
        pen.text(0.06, foot + room * 0.24 + size, _small_lines(scene, rng)[0], min(0.03, room * 0.13), ink, weight=0.01)
    return sheet


def _tile(pen: Pen, rng: Random, x: float, y: float, cell: float, ground: Colour, shape: Colour) -> None:
    pen.rectangle(x, y, x + cell, y + cell, ground)
    turn = int(rng.integers(4))
    corners = [(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)]
    kind = int(rng.integers(6))
    if kind == 0:
        pen.circle(x + cell / 2, y + cell / 2, cell * 0.36, shape)
    elif kind == 1:
        pen.pie(*corners[turn], cell, 90 * turn, 90 * turn + 90, shape)
    elif kind == 2:
        pen.polygon([corners[turn], corners[(turn + 1) % 4], corners[(turn + 2) % 4]], shape)
    elif kind == 3:
        edge = [(x + cell / 2, y), (x + cell, y + cell / 2), (x + cell / 2, y + cell), (x, y + cell / 2)][turn]
        pen.pie(*edge, cell / 2, 90 * turn, 90 * turn + 180, shape)
    elif kind == 4:
        for stripe in range(4):
            start = stripe * cell / 4
            if turn % 2:
                pen.rectangle(x + start, y, x + start + cell / 8, y + cell, shape)
            else:
                pen.rectangle(x, y + start, x + cell, y + start + cell / 8, shape)
    else:
        pen.pie(*corners[turn], cell, 90 * turn, 90 * turn + 90, shape)
        pen.pie(*corners[turn], cell * 0.6, 90 * turn, 90 * turn + 90, ground)


def _paint_forms(scene: Scene, rng: Random) -> Sheet:
    palette = scene.palette
    inks = [palette.inks[2], scene.accent or palette.inks[1], palette.inks[0]]
    paper = scene.ground or palette.paper
    sheet = Sheet(*scene.size, paper)
    width, height = working_size(*scene.size, 420_000)
    x, y = grid(width, height)
    unit = min(width, height)
    centre = (sheet.right * float(rng.uniform(0.35, 0.65)), sheet.bottom * float(rng.uniform(0.48, 0.58)))
    away = np.hypot(x - centre[0], (y - centre[1]) * 0.85)
    form = clouds((width, height), unit * 0.5, rng, octaves=2, gain=0.3) * 0.3 + 0.62 - away * 1.45
    form -= smoothstep(0.36, 0.2, y) * 1.2
    for ink, level in zip(inks, (0.0, 0.22, 0.46), strict=True):
        sheet.lay(ink, as_mask(smoothstep(level - 0.006, level + 0.006, form)))
    ink = contrasting(paper, rgb("#f4efe4"), rgb("#17171a"))
    name = title(scene, "Field").capitalize()
    size = min(0.19, (sheet.right - 0.12) / max(4, len(name)) * 1.7)
    with sheet.pen() as pen:
        pen.text(0.055, 0.04, name, size, ink, weight=0.022)
        lines = _small_lines(scene, rng)
        pen.text(0.06, sheet.bottom - 0.06, lines[0], 0.028, ink, anchor="ls", weight=0.008)
        pen.text(
            sheet.right - 0.06,
            sheet.bottom - 0.06,
            f"No. {int(rng.integers(2, 40))}",
            0.028,
            ink,
            anchor="rs",
            weight=0.008,
        )
    return sheet


def _paint_bands(scene: Scene, rng: Random) -> Sheet:
    palette = scene.palette
    paper = scene.ground or palette.paper
    ink = contrasting(paper, rgb("#f4efe4"), rgb("#17171a"))
    sheet = Sheet(*scene.size, paper)
    right, bottom = sheet.right, sheet.bottom
    inks = [scene.accent or palette.inks[0], palette.inks[1], palette.inks[2], palette.inks[3]]
    with sheet.pen() as pen:
        x, y = right * float(rng.uniform(0.4, 0.7)), bottom * 0.36
        pen.circle(x, y, 0.25, inks[0])
        phase, swing = float(rng.uniform(0, math.tau)), float(rng.uniform(0.05, 0.1))
        for band in range(9):
            base = bottom * 0.36 + band * 0.052 * bottom / 1.3
            across = np.linspace(-0.05, right + 0.05, 90)
            crest = [
                (float(a), base + swing * math.sin(float(a) * 4.2 / max(1.0, right) + phase + band * 0.22))
                for a in across
            ]
            low = [(a, c + 0.034) for a, c in crest]
            pen.polygon([*crest, *reversed(low)], inks[1 + band % 3])
        name = title(scene, "Tides").upper()
        size = min(0.13, (right - 0.12) / max(3, len(name)) * 1.4)
        pen.text(0.06, 0.05, name, size, ink, weight=0.04)
        for index, line in enumerate(_small_lines(scene, rng)):
            pen.text(0.06, bottom - 0.05 - 0.034 * index, line, 0.025, ink, anchor="ls", weight=0.01)
    return sheet
