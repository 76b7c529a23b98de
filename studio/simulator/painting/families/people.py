"""Portraits in flat shapes, as printed with a few inks."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import blend, rgb
from studio.simulator.painting.fields import Random, clouds, working_size
from studio.simulator.painting.sheet import Point, Sheet, spline
from studio.simulator.painting.words import Scene

from .faces import Face, Sitter

_SKINS = ("#f0c8a6", "#e3ac84", "#c98a62", "#a5683f", "#7c4a2c", "#5a3422")
_HAIRS = ("#1d1a1c", "#3a2418", "#6b3e22", "#a5622c", "#d9b26a", "#7a2f1e")
_CLOTHES = ("#1f3050", "#7a2f2a", "#2f5f54", "#c98a2b", "#3d3a4f", "#e7dcc6")
FEMALE = ("woman", "girl", "queen", "grandmother", "lady", "mother", "she", "heroine", "princess")
SEAFARING = ("sailor", "captain", "fisherman", "seaman", "skipper")


def paint_portrait(scene: Scene, rng: Random) -> Image.Image:
    """Paint head and shoulders before a quiet ground."""
    sitter = _imagine(scene, rng)
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    size = min(0.3, sheet.bottom * 0.28, sheet.right * 0.3) * (1.2 if scene.flag("close") else 1.0)
    x, y = sheet.right / 2, sheet.bottom * (0.47 if sheet.bottom > 1.1 else 0.5)
    _paint_ground(sheet, scene, rng, (x, y), size)
    face = Face(sheet, (x, y), size, sitter)
    face.paint(rng)
    _print_grain(sheet, rng)
    sheet.vignette(0.12)
    return sheet.image


def _imagine(scene: Scene, rng: Random) -> Sitter:
    female = scene.has(*FEMALE) or (
        not scene.has("man", "boy", "king", "grandfather", *SEAFARING) and rng.random() < 0.5
    )
    old = scene.has("old", "elderly", "grandmother", "grandfather", "aged", "wise", "wizard")
    skin = rgb(_SKINS[int(rng.integers(5))])
    hair = (
        rgb(("#e9e4da", "#cfcac2", "#b5b1ac")[int(rng.integers(3))])
        if old
        else rgb(_HAIRS[int(rng.integers(len(_HAIRS)))])
    )
    cloth = scene.accent or rgb(_CLOTHES[int(rng.integers(len(_CLOTHES)))])
    hat = ""
    if scene.has(*SEAFARING):
        hat = "cap" if scene.has("captain") or rng.random() < 0.5 else "watch"
        cloth = scene.accent or rgb(("#1c2a44", "#22364f", "#2b3140")[int(rng.integers(3))])
    elif scene.has("king", "queen", "princess", "prince"):
        hat = "crown"
    elif scene.has("hat", "farmer", "painter", "detective", "wizard"):
        hat = "brim"
    bearded = scene.has("beard", "bearded", "wizard") or (not female and (scene.has(*SEAFARING) or rng.random() < 0.4))
    glasses = scene.has("glasses", "spectacles", "professor") or (not scene.has(*SEAFARING) and rng.random() < 0.22)
    return Sitter(skin, hair, cloth, female, old, bearded and not female, glasses, hat, float(rng.choice([-1.0, 1.0])))


def _paint_ground(sheet: Sheet, scene: Scene, rng: Random, centre: Point, size: float) -> None:
    palette = scene.palette
    sheet.fill(scene.ground or blend(palette.sky[0], palette.sky[1], 0.5))
    if not scene.ground:
        sheet.fill(sheet.gradient((palette.sky[0], palette.sky[1], palette.sky[-1])))
    disc = blend(palette.light, palette.sky[-1], 0.3)
    with sheet.stencil(disc, opacity=0.9) as pen:
        pen.circle(centre[0] + float(rng.choice([-0.5, 0.5, 0.0])) * size, centre[1] - 0.25 * size, size * 1.75, 255)
    if scene.has(*SEAFARING, "sea", "coast"):
        level = centre[1] + size * 0.55
        deep = blend(palette.near, palette.sky[0], 0.5)
        with sheet.pen() as pen:
            pen.rectangle(-0.1, level, sheet.right + 0.1, sheet.bottom + 0.1, deep)
            for row in range(12):
                y = level + 0.012 + 0.03 * row**1.15
                x = float(rng.uniform(-0.2, 0.1))
                while x < sheet.right:
                    long = float(rng.uniform(0.03, 0.16))
                    pen.line([(x, y), (x + long, y)], blend(deep, palette.sky[-1], 0.34), 0.0018 + 0.0006 * row)
                    x += long + float(rng.uniform(0.05, 0.3))
            for _ in range(3):
                x, y = float(rng.uniform(0.06, 0.94)) * sheet.right, centre[1] - size * float(rng.uniform(0.9, 1.7))
                wing = size * 0.12
                bird = spline(
                    [
                        (x - wing, y),
                        (x - wing * 0.5, y - wing * 0.42),
                        (x, y),
                        (x + wing * 0.5, y - wing * 0.42),
                        (x + wing, y),
                    ],
                    closed=False,
                )
                pen.line(bird, blend(palette.near, (255, 255, 255), 0.1), 0.0045)


def _print_grain(sheet: Sheet, rng: Random) -> None:
    width, height = working_size(*sheet.size, 900_000)
    speck = clouds((width, height), 2.0, rng, octaves=2)
    sheet.multiply(Image.fromarray(np.clip(250 + speck * 4, 0, 255).astype(np.uint8)))
