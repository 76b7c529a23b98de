"""Arches, steps and a sphere by still water, traced."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, Floats, blend, lighter, ramp, rgb
from studio.simulator.painting.fields import Random, clouds, working_size
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.solids import ArchWall, Ball, Box, Camera, Drum, Light, Thing, render
from studio.simulator.painting.solids.render import developed, linear, soft_edges
from studio.simulator.painting.words import Scene

TRACED_PIXELS = 850_000
WATER_LEVEL = -0.62
NUMBERS = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5}
# Wall, second wall, floor, door or dome.
_PLASTERS = (
    "#e9d9c3 #e2b48f #dcc8ae #d98d63",
    "#e8b7a5 #d98a7c #ead2c0 #b5524a",
    "#e3c08a #c98d4f #e6d3ae #a4492c",
    "#c9d6d2 #8fb0ad #dfe2d8 #2f6d73",
    "#b9543c #8e3a33 #d9b49a #e0a24e",
)
_WHITEWASH = "#f0ece4 #e9e2d6 #d8cab2 #2f6fb0"


@dataclass(frozen=True)
class _Plan:
    things: list[Thing]
    lamps: list[tuple[float, float, float]]


def paint_courtyard(scene: Scene, rng: Random) -> Image.Image:
    """Paint the courtyard and its reflection."""
    white = scene.has("whitewashed", "white", "greek", "santorini", "cycladic")
    codes = _WHITEWASH if white else _PLASTERS[int(rng.integers(len(_PLASTERS)))]
    wall, second, floor, dome = (rgb(code) for code in codes.split())
    plan = _build(scene, rng, (wall, second, floor, dome))
    size = working_size(*scene.size, TRACED_PIXELS)
    side = float(rng.choice([-1.0, 1.0]))
    centred = scene.flag("symmetrical")
    turn = 0.0 if centred else side * float(rng.uniform(0.08, 0.2))
    tall = max(1.0, 1 / scene.ratio)
    away = 8.6 if scene.flag("wide") else float(rng.uniform(7.4, 8.2)) * (1 + 0.1 * (tall - 1))
    camera = Camera(
        (-math.tan(turn) * away, float(rng.uniform(1.25, 1.6)), away),
        turn,
        0.4 if scene.ratio > 1 else 0.5,
        -0.2 if scene.ratio > 1 else -0.1,
    )
    light = _light(scene, side, plan)
    sky = ramp(tuple(reversed(scene.palette.sky)), 256)
    picture, distance = render(plan.things, camera, light, sky, size)
    picture = _with_water(scene, rng, plan, camera, light, sky, picture, distance)
    exposure = 1.25 if scene.palette.dark else 1.0
    sheet = Sheet(*scene.size, scene.palette.sky[0])
    sheet.fill(developed(picture, exposure).resize(sheet.size, Image.Resampling.LANCZOS))
    _hang_lamps(sheet, plan, camera, light)
    sheet.vignette(0.12)
    return sheet.image


def _build(scene: Scene, rng: Random, colours: tuple[Colour, Colour, Colour, Colour]) -> _Plan:
    wall, second, floor, dome = colours
    asked = [NUMBERS[word] for word in scene.order if word in NUMBERS and scene.has("arch", "arches")]
    count = asked[0] if asked else int(rng.choice([2, 3, 3, 4]))
    pitch = 1.86 if count < 4 else 1.6
    half = pitch * float(rng.uniform(0.31, 0.35))
    spring = float(rng.uniform(1.3, 1.6))
    reach = pitch * count / 2 + 0.35
    height = spring + half + float(rng.uniform(0.45, 0.8))
    openings = tuple((pitch * (index - (count - 1) / 2), half, spring) for index in range(count))
    front = 2.1
    flip = float(rng.choice([-1.0, 1.0]))

    def box(x0: float, x1: float, y0: float, y1: float, z0: float, z1: float) -> Box:
        low, high = sorted((x0 * flip, x1 * flip))
        return Box((low, y0, z0), (high, y1, z1))

    things = [
        Thing(ArchWall((-reach, 0.0, -0.32), (reach, height, 0.32), openings), wall),
        Thing(Box((-reach - 0.5, -1.2, -1.6), (reach + 0.5, 0.0, front)), floor),
        Thing(box(-reach - 0.42, -reach, 0.0, height * 0.68, -0.32, 1.35), wall),
        Thing(box(-reach - 2.0, -reach - 0.5, -1.2, height + float(rng.uniform(0.5, 1.2)), -2.6, -1.1), second),
        Thing(Box((-reach - 0.06, height, -0.38), (reach + 0.06, height + 0.13, 0.4)), lighter(wall, 0.02)),
    ]
    steps = reach - 0.9
    for index in range(4):
        low = -0.14 * (index + 1)
        things.append(
            Thing(
                box(steps - 0.85, steps + 0.85, -1.2, low, front + 0.24 * index, front + 0.24 * (index + 1)),
                lighter(floor, 0.01),
            )
        )
    if rng.random() < 0.65:
        x = flip * (reach - 0.7)
        things.append(Thing(box(reach - 1.6, reach + 0.2, 0.0, height * 0.86, -3.0, -1.62), second))
        things.append(Thing(Ball((x, height * 0.86, -2.3), (0.82, 0.82, 0.82), above=height * 0.86), dome))
    else:
        for index in range(2):
            x = flip * (reach + 0.55 + 0.5 * index)
            things.append(Thing(Ball((x, 1.3, -1.9 - 0.5 * index), (0.26, 1.6 - 0.3 * index, 0.26)), rgb("#3a5140")))
    things += _furnish(scene, rng, openings, front, flip)
    lamps = [(x, spring + half * 0.35, -0.05) for x, _, _ in openings]
    return _Plan(things, lamps)


def _furnish(
    scene: Scene, rng: Random, openings: tuple[tuple[float, float, float], ...], front: float, flip: float
) -> list[Thing]:
    accent = scene.accent or rgb(("#c7432b", "#e0a63a", "#2f5d8a", "#c7432b")[int(rng.integers(4))])
    radius = float(rng.uniform(0.36, 0.46))
    between = (openings[0][0] + openings[1][0]) / 2 if len(openings) > 1 else 0.9
    x = -flip * abs(between) + float(rng.uniform(-0.12, 0.12))
    things = [Thing(Ball.round(x, radius, float(rng.uniform(0.95, 1.25)), radius), accent)]
    if scene.flag("minimal") and not scene.has("three", "two"):
        return things
    jar = flip * float(rng.uniform(0.25, 0.5))
    if rng.random() < 0.6:
        pot = rgb("#b9694a")
        things += [
            Thing(Ball((jar, 0.26, 0.85), (0.23, 0.27, 0.23)), pot),
            Thing(Drum(jar, 0.85, 0.105, 0.4, 0.6), lighter(pot, -0.04)),
        ]
    else:
        things += [
            Thing(Box((jar - 0.2, 0.0, 0.62), (jar + 0.2, 0.34, 1.02)), rgb("#efe6d8")),
            Thing(Ball.round(jar, 0.48, 0.82, 0.14), rgb("#2f5d62")),
        ]
    return things


def _light(scene: Scene, side: float, plan: _Plan) -> Light:
    palette = scene.palette
    if palette.dark:
        lamps = tuple((place, rgb("#ffb05e"), 1.5) for place in plan.lamps)
        return Light(
            (side * 0.5, 0.8, 0.5),
            rgb("#6f86c0"),
            0.5,
            blend(palette.sky[1], palette.sky[2], 0.4),
            palette.sky[0],
            0.05,
            lamps,
        )
    if scene.hour in ("dusk", "dawn", "gold"):
        sun = blend(palette.light, palette.sky[-1], 0.65)
        return Light(
            (-side * 0.75, 0.48, 0.6),
            sun,
            2.4,
            blend(palette.sky[0], palette.sky[1], 0.4),
            blend(palette.sky[-1], palette.far, 0.6),
            0.04,
        )
    if scene.hour in ("fog", "snow", "storm"):
        return Light((-side * 0.4, 0.9, 0.6), palette.light, 1.0, lighter(palette.sky[1], 0.05), palette.far, 0.2)
    return Light(
        (-side * 0.62, 0.95, 0.6),
        rgb("#fff3dc"),
        2.35,
        blend(palette.sky[0], palette.sky[1], 0.75),
        blend(palette.sky[-1], rgb("#c9a583"), 0.6),
        0.03,
    )


def _with_water(
    scene: Scene,
    rng: Random,
    plan: _Plan,
    camera: Camera,
    light: Light,
    sky: np.ndarray,
    picture: Floats,
    distance: Floats,
) -> Floats:
    height, width = distance.shape
    rays = camera.rays(width, height)
    reach = (WATER_LEVEL - camera.place[1]) / np.where(rays.y < -1e-4, rays.y, -1e-4)
    water = (rays.y < -1e-4) & (reach < distance)
    first = int(np.argmax(water.any(axis=1))) if water.any() else height
    if first >= height:
        return picture
    under = [thing for thing in plan.things if thing.shape.bounds()[1][1] > WATER_LEVEL]
    mirrored, _ = render(under, camera.mirrored(WATER_LEVEL), light, sky, (width, height), downward=True)
    rows = np.arange(first, height)
    fall = ((rows - first) / max(1, height - first))[:, None].astype(np.float32)
    unit = min(width, height)
    calm = 0.4 if scene.flag("calm") else 1.0
    ripple = clouds((width, len(rows)), (unit * 0.22, unit * 0.014), rng, octaves=3, gain=0.5)
    shift = ripple * unit * 0.0035 * calm * (0.3 + fall)
    take = np.clip(rows[:, None] + shift, 0, height - 1).astype(np.intp)
    seen = mirrored[take, np.arange(width)[None, :]]
    grazing = np.clip(-rays.y[first:], 0, 1)
    fresnel = (0.3 + 0.7 * (1 - grazing) ** 4)[..., None]
    tint = rgb("#1f6f78") if scene.hour == "noon" else blend(scene.palette.near, scene.palette.sky[0], 0.35)
    body = linear(tint) * (1 + 0.1 * ripple[..., None])
    fade = np.exp(-np.minimum(reach[first:], 60) * 0.012)[..., None]
    surface = seen * fresnel + body * (1 - fresnel) * fade + seen * (1 - fresnel) * (1 - fade)
    part = water[first:]
    picture[first:][part] = surface[part]
    return soft_edges(picture, water)


def _hang_lamps(sheet: Sheet, plan: _Plan, camera: Camera, light: Light) -> None:
    if not light.lamps:
        return
    sine, cosine = math.sin(camera.turn), math.cos(camera.turn)
    glows = []
    for place, colour, _ in light.lamps:
        x, y, z = (p - c for p, c in zip(place, camera.place, strict=True))
        ahead = x * sine - z * cosine
        across, up = (x * cosine + z * sine) / ahead, y / ahead
        left = sheet.right / 2 + across / camera.spread / 2
        top = sheet.bottom / 2 - (up - camera.shift) / camera.spread / 2
        glows += [(left, top, 0.11, colour, 0.55), (left, top, 0.014, rgb("#fff2d0"), 1.6)]
    sheet.glow(glows)
