"""Podiums with simple solids, as a studio would light them."""

from __future__ import annotations

from PIL import Image

from studio.simulator.painting.colour import Colour, as_lch, blend, lighter, ramp, rgb, tinted
from studio.simulator.painting.fields import Random, working_size
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.solids import ArchWall, Ball, Box, Camera, Drum, Light, Thing, Torus, render
from studio.simulator.painting.solids.render import developed
from studio.simulator.painting.words import Scene

TRACED_PIXELS = 900_000
# Ground, wall panel, podium, three accents.
_SETS = (
    "#f3cfc6 #e79a8d #fbe9e2 #d9452f #f2b84b #2f4f8f",
    "#bcd8cc #7fb0a0 #e9f2ec #e85f3a #f2c14e #204a44",
    "#d9d3ea #a79bd0 #f3f0fa #5b3fb0 #f28f7a #f4d06f",
    "#ecdcc2 #cfa67a #f7efe2 #a4492c #2f5d62 #e0a63a",
    "#c7dcea #7fa9c9 #eef5f9 #1d3f8f #f2b84b #e2562f",
    "#e9c9a8 #d0784e #f8e8d6 #233a4d #c7432b #f0d9a0",
)
_DARK_SETS = (
    "#232a4a #38427a #3c4570 #f0784a #f2c14e #6fd0e0",
    "#1d2f33 #2f5a5c #34545a #ef8a4b #f3dfa0 #d9528a",
)


def paint_display(scene: Scene, rng: Random) -> Image.Image:
    """Paint a podium with solids before a round-headed panel."""
    sets = _DARK_SETS if scene.palette.dark else _SETS
    ground, panel, podium, first, second, third = (rgb(code) for code in sets[int(rng.integers(len(sets)))].split())
    wish = scene.ground or (scene.accent if not scene.has("sphere", "cube", "torus", "cylinder") else None)
    if wish:
        hue = as_lch(wish)[2]
        ground, panel, podium = (tinted(colour, hue, 0.85, 0.07) for colour in (ground, panel, podium))
    accents = [scene.accent or first, second, third]
    things = _arrange(scene, rng, panel, podium, accents)
    size = working_size(*scene.size, TRACED_PIXELS)
    camera = Camera((0.25, 1.5, 6.4), 0.02, 0.25 if scene.ratio >= 1 else 0.29, -0.09 if scene.ratio >= 1 else -0.12)
    side = float(rng.choice([-1.0, 1.0]))
    strength = 1.3 if scene.palette.dark else 2.1
    light = Light(
        (side * 0.7, 0.95, 0.85),
        rgb("#fff1e0"),
        strength,
        blend(ground, (255, 255, 255), 0.25),
        blend(ground, panel, 0.55),
        0.05,
    )
    wall = Thing(Box((-30, -1, -2.6), (30, 20, -2.3)), ground)
    picture, _ = render([wall, *things], camera, light, ramp((ground, ground), 8), size, floor=(0.0, ground))
    sheet = Sheet(*scene.size, ground)
    sheet.fill(developed(picture, 0.88).resize(sheet.size, Image.Resampling.LANCZOS))
    sheet.vignette(0.1)
    return sheet.image


def _arrange(scene: Scene, rng: Random, panel: Colour, podium: Colour, accents: list[Colour]) -> list[Thing]:
    flip = float(rng.choice([-1.0, 1.0]))
    high = float(rng.uniform(1.7, 2.1))
    kind = int(rng.integers(3))
    things: list[Thing] = []
    if kind == 0:
        half = float(rng.uniform(0.75, 0.95))
        wall = ArchWall((-1.75, 0.0, -1.75), (1.75, high + half + 0.35, -1.45), ((0.2 * flip, half, high - 0.35),))
        things.append(Thing(wall, panel))
    elif kind == 1:
        things.append(Thing(Ball((0.25 * flip, high - 0.35, -1.7), (1.15, 1.15, 0.06)), panel))
    else:
        for index in range(3):
            x = flip * (-1.3 + 0.95 * index)
            things.append(
                Thing(
                    Box(
                        (x - 0.42, 0.0, -1.9 + 0.12 * index), (x + 0.42, high + 0.5 - 0.45 * index, -1.7 + 0.12 * index)
                    ),
                    panel,
                )
            )
    base = 0.9
    things += [
        Thing(Drum(-0.1 * flip, -0.25, base, 0.0, 0.26), podium),
        Thing(Drum(0.32 * flip, -0.45, 0.52, 0.26, 0.66), lighter(podium, -0.03)),
    ]
    hero = Ball.round(0.32 * flip, 0.66 + 0.4, -0.45, 0.4)
    if scene.has("bottle", "perfume", "cosmetic"):
        x = 0.32 * flip
        things += [
            Thing(Drum(x, -0.45, 0.24, 0.66, 1.32), accents[0]),
            Thing(Drum(x, -0.45, 0.1, 1.32, 1.42), lighter(accents[0], -0.1)),
            Thing(Drum(x, -0.45, 0.125, 1.42, 1.66), podium),
        ]
    elif scene.has("cube"):
        things.append(Thing(Box((0.32 * flip - 0.3, 0.66, -0.75), (0.32 * flip + 0.3, 1.26, -0.15)), accents[0]))
    else:
        things.append(Thing(hero, accents[0]))
    things += [
        Thing(Torus((-0.56 * flip, 0.26 + 0.34, 0.02), 0.25, 0.088), accents[1]),
        Thing(Box((1.12 * flip - 0.24, 0.0, -0.3), (1.12 * flip + 0.24, 0.48, 0.18)), accents[2]),
        Thing(Ball.round(-1.22 * flip, 0.19, 0.35, 0.19), lighter(podium, 0.02)),
        Thing(Drum(-1.3 * flip, -0.85, 0.16, 0.0, float(rng.uniform(1.0, 1.6))), lighter(podium, -0.02)),
    ]
    if rng.random() < 0.5:
        things.append(Thing(Ball.round(0.72 * flip, 0.1, 0.72, 0.1), accents[1]))
    return things
