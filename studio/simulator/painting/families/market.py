"""A market street at blue hour: houses in perspective, strings of lanterns, wet cobbles."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import blend, lighter, rgb
from studio.simulator.painting.fields import Random, as_image, blurred, clouds, working_size
from studio.simulator.painting.sheet import Sheet, spline
from studio.simulator.painting.sky import paint_sky
from studio.simulator.painting.words import Scene

from .street import EYE, House, Lantern, Street, draw_house, draw_lantern, draw_person

COBBLE_PIXELS = 480_000
_FACADES = ("#3d4a72", "#51435f", "#2f4a66", "#5d4a55", "#39506b", "#46406b")
_LANTERNS = ("#ff9a3d", "#ff7a3a", "#ffc05a", "#ffe0a0", "#f25a3a")


def paint_market(scene: Scene, rng: Random) -> Image.Image:
    """Paint the street twice, once upside down for the wet ground."""
    sheet = Sheet(*scene.size, scene.palette.sky[0])
    horizon = sheet.bottom * float(rng.uniform(0.53, 0.6))
    centred = scene.flag("symmetrical")
    middle = sheet.right * (0.5 if centred else float(rng.uniform(0.4, 0.6)))
    street = Street(middle, horizon, max(0.62, 0.5 * sheet.bottom) * max(1.0, sheet.right * 0.55))
    paint_sky(sheet, scene, rng, horizon, None, cloudy=0.8)
    houses, lanterns = _houses(scene, rng), _lanterns(scene, rng)
    masts = int(rng.integers(0, 2**31)) if scene.has("harbour", "harbor", "quay", "port") else None
    _draw_distance(sheet, scene, rng, street, masts)
    backdrop = sheet.image.copy()
    _draw_all(sheet, scene, street, houses, lanterns, -1)
    _wet_ground(sheet, scene, rng, street)
    ground = sheet.image
    sheet.image = backdrop
    _draw_all(sheet, scene, street, houses, lanterns, 1)
    _join(sheet, street, ground)
    _draw_people(sheet, scene, rng, street)
    _glow(sheet, street, lanterns, houses)
    sheet.vignette(0.22)
    return sheet.image


def _houses(scene: Scene, rng: Random) -> list[House]:
    houses = []
    for side in (-1.0, 1.0):
        away = 0.3
        while away < 6.5:
            length = away * float(rng.uniform(0.24, 0.42))
            base = rgb(_FACADES[int(rng.integers(len(_FACADES)))])
            haze = min(1.0, max(0.0, away - 0.5) / 6.5) ** 0.8
            colour = blend(blend(base, scene.palette.near, 0.3), scene.palette.sky[-2], haze * 0.62)
            houses.append(
                House(
                    side,
                    away,
                    away + length,
                    float(rng.uniform(0.62, 1.05)),
                    colour,
                    int(rng.integers(1 << 30)),
                    bool(rng.random() < 0.55),
                )
            )
            away += length * 1.005
    return sorted(houses, key=lambda house: -house.near)


def _lanterns(scene: Scene, rng: Random) -> list[Lantern]:
    found = []
    reds = [rgb(code) for code in _LANTERNS]
    if scene.accent:
        reds = [scene.accent, lighter(scene.accent, 0.1), rgb("#ffd58a")]
    for away in (5.2, 3.9, 2.9, 2.2, 1.65, 1.24, 0.95):
        left, right = float(rng.uniform(0.46, 0.66)), float(rng.uniform(0.46, 0.66))
        sag = float(rng.uniform(0.09, 0.16))
        count = int(rng.integers(8, 11))
        for index in range(count):
            t = (index + 0.5) / count
            height = left * (1 - t) + right * t - sag * 4 * t * (1 - t) + 0.12
            found.append(
                Lantern(
                    (t * 2 - 1) * 0.52,
                    height,
                    away,
                    float(rng.uniform(0.03, 0.042)),
                    reds[int(rng.integers(len(reds)))],
                    float(rng.choice([0.85, 1.0, 1.35])),
                )
            )
    return found


def _draw_distance(sheet: Sheet, scene: Scene, rng: Random, street: Street, masts: int | None) -> None:
    palette = scene.palette
    hill = blend(palette.far, palette.sky[-1], 0.35)
    across = np.linspace(-0.1, sheet.right + 0.1, 60)
    with sheet.pen() as pen:
        crest = [
            (float(x), street.horizon - 0.045 - 0.02 * math.sin(float(x) * 4 + 1) - 0.012 * math.sin(float(x) * 11))
            for x in across
        ]
        pen.polygon([*crest, (sheet.right + 0.1, street.horizon + 0.02), (-0.1, street.horizon + 0.02)], hill)
        for _ in range(46):
            x = street.centre + float(rng.normal(0, 0.2))
            y = street.horizon - float(rng.uniform(0.006, 0.045))
            pen.circle(x, y, float(rng.uniform(0.0009, 0.002)), rgb("#ffd08a"))
        if masts is not None:
            dark = blend(palette.near, palette.far, 0.4)
            for index in range(7):
                x = street.centre + (index - 3) * 0.032 + float(rng.normal(0, 0.008))
                top = street.horizon - float(rng.uniform(0.09, 0.19))
                pen.line([(x, street.horizon), (x, top)], dark, 0.0026)
                pen.line([(x, top + 0.006), (x - 0.03, street.horizon - 0.012)], dark, 0.0011)
                pen.line([(x, top + 0.006), (x + 0.026, street.horizon - 0.012)], dark, 0.0011)
                pen.polygon(
                    [
                        (x - 0.026, street.horizon - 0.014),
                        (x + 0.028, street.horizon - 0.016),
                        (x + 0.018, street.horizon + 0.004),
                        (x - 0.019, street.horizon + 0.004),
                    ],
                    dark,
                )


def _draw_all(
    sheet: Sheet, scene: Scene, street: Street, houses: list[House], lanterns: list[Lantern], way: int
) -> None:
    with sheet.pen() as pen:
        for house in houses:
            draw_house(pen, scene, street, house, way)
        ordered = sorted(lanterns, key=lambda lantern: -lantern.away)
        for away in sorted({lantern.away for lantern in ordered}, reverse=True):
            row = [lantern for lantern in ordered if lantern.away == away]
            row.sort(key=lambda lantern: lantern.across)
            cord = [street.at(one.across, way * (one.height + one.size * 1.2), away) for one in row]
            ends = [
                street.at(-0.62, way * (row[0].height + 0.1), away),
                *cord,
                street.at(0.62, way * (row[-1].height + 0.1), away),
            ]
            pen.line(
                spline(ends, closed=False, steps=6),
                blend(scene.palette.near, (10, 10, 16), 0.4),
                0.0022 / away + 0.0006,
            )
            for lantern in row:
                draw_lantern(pen, street, lantern, way)


def _wet_ground(sheet: Sheet, scene: Scene, rng: Random, street: Street) -> None:
    """Turn the mirrored street into light on wet cobbles."""
    line = round(street.horizon * sheet.unit)
    mirror = sheet.image.crop((0, line, sheet.width, sheet.height))
    width, height = working_size(mirror.width, mirror.height, COBBLE_PIXELS)
    scale = mirror.width / width
    small = mirror.resize((width, height), Image.Resampling.BOX)
    unit = sheet.unit / scale
    soft = np.asarray(blurred(small, unit * 0.006), np.float32)
    streak = np.asarray(
        small.resize((width, max(2, height // 14))).resize((width, height), Image.Resampling.BICUBIC), np.float32
    )
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / unit - np.float32(street.centre)
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / unit
    away = np.float32(EYE * street.size) / y
    across = x * away / np.float32(street.size)
    rows = away * 22
    band = np.floor(rows)
    columns = across * 25 + (band % 2) * 0.5 + np.sin(band * 12.99) * 0.2
    u, v = (columns % 1) - 0.5, (rows % 1) - 0.5
    chance = np.sin(np.floor(columns) * 127.1 + band * 311.7) * 43758.5
    chance = chance - np.floor(chance)
    dome = np.clip(1 - (np.abs(u) * 2.05) ** 3.2 - (np.abs(v) * 2.05) ** 3.2, 0, 1)
    near = np.clip(1.3 - away * 0.42, 0, 1)
    shift = (v * 0.02 + (chance - 0.5) * 0.014) * near * unit
    take = np.clip(np.arange(height)[:, None] + shift, 0, height - 1).astype(np.intp)
    side = np.clip(np.arange(width)[None, :] + u * near * unit * 0.012, 0, width - 1).astype(np.intp)
    seen = soft[take, side] * 0.55 + streak[take, side] * 0.5
    wet = 0.62 + 0.42 * np.clip(clouds((width, height), (unit * 0.3, unit * 0.08), rng, octaves=3) * 0.6, -1, 1)
    stone = np.array(blend(scene.palette.near, scene.palette.far, 0.34), np.float32) * (0.62 + 0.5 * chance)[..., None]
    light = (0.26 + 0.74 * dome) * near + 0.85 * (1 - near)
    sheen = np.clip(-v * 1.6, 0, 1) * dome * near
    picture = stone * (0.4 * light)[..., None] + seen * (light * wet * 0.82 + sheen * 0.42)[..., None]
    ground = as_image(picture).resize(mirror.size, Image.Resampling.BICUBIC)
    sheet.image.paste(ground, (0, line))


def _join(sheet: Sheet, street: Street, ground: Image.Image) -> None:
    """Lay the street's ground between the house fronts, where it belongs."""
    with sheet.stencil(ground) as pen:
        foot = [street.at(side * 0.62, 0.0, away) for side, away in ((-1, 7.0), (1, 7.0), (1, 0.02), (-1, 0.02))]
        pen.polygon(foot, 255)


def _draw_people(sheet: Sheet, scene: Scene, rng: Random, street: Street) -> None:
    dark = blend(scene.palette.near, (8, 8, 14), 0.3)
    spots = [(float(rng.uniform(-0.4, 0.4)), float(rng.uniform(1.15, 4.2))) for _ in range(int(rng.integers(5, 10)))]
    for across, away in sorted(spots, key=lambda spot: -spot[1]):
        tone = blend(dark, scene.palette.sky[-2], 0.12 * away / 2)
        bend = float(rng.uniform(-0.3, 0.3))
        for way, opacity in ((-1, 0.5), (1, 1.0)):
            size = 0.19 / away * street.size
            x, y = street.at(across, 0.0, away)
            with sheet.stencil(
                tone,
                opacity=opacity,
                soften=0.0 if way > 0 else 0.004,
                box=(x - size, y - size * 1.1, x + size, y + size * 1.1),
            ) as pen:
                draw_person(pen, x, y, size, way, bend)


def _glow(sheet: Sheet, street: Street, lanterns: list[Lantern], houses: list[House]) -> None:
    lights = []
    for lantern in lanterns:
        x, y = street.at(lantern.across, lantern.height, lantern.away)
        reach = lantern.size / lantern.away * street.size
        lights.append((x, y, reach * 2.6, lantern.colour, 0.34))
        floor = street.at(lantern.across, -lantern.height * 0.72, lantern.away)
        lights.append((*floor, reach * 2.6, lantern.colour, 0.12))
    for house in houses:
        if house.near > 0.7:
            x, y = street.at(house.side * 0.55, 0.16, (house.near + house.far) / 2)
            lights.append((x, y, 0.16 / house.near * street.size, rgb("#ff9f4a"), 0.28))
    sheet.glow(lights)
