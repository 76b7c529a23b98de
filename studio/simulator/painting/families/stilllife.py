"""Pots, jugs and fruit on a table in soft side light."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, blend, lighter, rgb
from studio.simulator.painting.fields import Random, as_image, clouds, grid, smoothstep, working_size
from studio.simulator.painting.sheet import Pen, Point, Sheet, around, spline
from studio.simulator.painting.words import Scene

from .pots import TILT, Pot, paint_handle, paint_pot, paint_teapot

CLOTH_PIXELS = 500_000
_FRUITS = {"apple": "#b8402c", "pear": "#a9a544", "lemon": "#e6b93a", "orange": "#de8433"}
# Wall, table, cloth, then pots.
_ROOMS = (
    "#b9bdb8 #8f7a63 #e9e2d3 #b9694a #e7dfcf #4a5a66 #c9a46a",
    "#c9a892 #a9825f #efe6d6 #3d5a66 #f0e8da #b5522f #8d936f",
    "#8fa0a4 #6f5c4a #e3ddd0 #c9764f #dcd6c8 #283c4c #d9b25e",
    "#d9cdb8 #b89a72 #f3ece0 #6b7f6a #b5603f #efe4cf #40434a",
    "#5c5f58 #4a3a2e #d9d0bf #a85a3c #c9bfa8 #2f3a3c #b08a4a",
)


def paint_still(scene: Scene, rng: Random) -> Image.Image:
    """Paint a table with pots, on linen if the words ask for it."""
    wall, table, cloth, *tones = (rgb(code) for code in _ROOMS[int(rng.integers(len(_ROOMS)))].split())
    if scene.ground:
        wall = blend(scene.ground, wall, 0.25)
    if scene.palette.dark:
        wall, table = blend(wall, (14, 16, 24), 0.72), blend(table, (14, 14, 18), 0.55)
    sheet = Sheet(*scene.size, wall)
    edge = sheet.bottom * (0.62 if sheet.bottom < 1.2 else 0.66)
    side = -1.0 if rng.random() < 0.7 else 1.0
    _paint_room(sheet, rng, wall, table, edge, side)
    scale = min(1.0, sheet.right * 0.86, sheet.bottom * 0.8)
    floor = edge + (sheet.bottom - edge) * (0.3 if sheet.bottom < 1.2 else 0.36)
    if scene.has("linen", "cloth", "folded", "napkin", "tablecloth", "fabric") or rng.random() < 0.4:
        _paint_cloth(sheet, rng, cloth, floor, scale, side)
    pots = _arrange(scene, rng, sheet, tones, floor, scale)
    for pot in pots:
        _cast(sheet, pot, side)
    for pot in sorted(pots, key=lambda one: one.foot):
        _ground(sheet, pot)
        if pot.kind == "teapot":
            paint_teapot(sheet, pot, rng, side)
        else:
            if pot.kind in ("jug", "cup"):
                paint_handle(sheet, pot, side)
            paint_pot(sheet, pot, rng, side)
        if pot.kind in ("vase", "bottle") and scene.has("flower", "branch", "stem", "blossom", "rose", "tulip"):
            _paint_branch(sheet, scene, pot, rng)
        if pot.kind == "candle":
            sheet.glow(
                [
                    (pot.x, pot.foot - pot.height * 1.12, 0.16, rgb("#ffb45e"), 0.9),
                    (pot.x, pot.foot - pot.height * 1.1, 0.018, rgb("#fff0c8"), 2.0),
                ]
            )
    if scene.has("coffee", "tea", "steam", "hot"):
        _paint_steam(sheet, rng, pots)
    sheet.vignette(0.2)
    return sheet.image


def _paint_room(sheet: Sheet, rng: Random, wall: Colour, table: Colour, edge: float, side: float) -> None:
    width, height = working_size(*sheet.size, 120_000)
    x, y = grid(width, height)
    across = x / x.max() if side < 0 else 1 - x / x.max()
    light = (
        1.12
        - 0.42 * across
        - 0.14 * (1 - y / edge)
        + clouds((width, height), min(width, height) * 0.4, rng, octaves=4) * 0.018
    )
    room = np.array(wall, np.float32) * light[..., None]
    fall = np.clip((y - edge) / (sheet.bottom - edge), 0, 1)
    board = np.array(table, np.float32) * (1.12 - 0.3 * across + 0.1 * fall)[..., None]
    sheet.fill(as_image(room).resize(sheet.size, Image.Resampling.BICUBIC))
    grain = clouds((width, height), (min(width, height) * 0.5, min(width, height) * 0.012), rng, octaves=4)
    tabletop = as_image(board * (1 + 0.035 * grain[..., None])).resize(sheet.size, Image.Resampling.BICUBIC)
    with sheet.stencil(tabletop, soften=0.0008) as pen:
        pen.rectangle(-0.1, edge, sheet.right + 0.1, sheet.bottom + 0.1, 255)
    with sheet.stencil(blend(table, (20, 14, 10), 0.55), opacity=0.4, soften=0.012) as pen:
        pen.rectangle(-0.1, edge - 0.006, sheet.right + 0.1, edge + 0.004, 255)


def _paint_cloth(sheet: Sheet, rng: Random, cloth: Colour, floor: float, scale: float, side: float) -> None:
    """Lay a folded linen: three flat layers, each a little smaller, with creases and a soft fall of light."""
    width, height = working_size(*sheet.size, CLOTH_PIXELS)
    x, y = grid(width, height)
    centre = sheet.right / 2 + float(rng.uniform(-0.04, 0.04)) * scale
    lean = float(rng.uniform(0.1, 0.22)) * side
    weave = clouds((width, height), 2.2, rng, octaves=1) * 0.5
    slow = clouds((width, height), min(width, height) * 0.22, rng, octaves=3)
    spans = ((0.56, -0.13, 0.3), (0.5, -0.115, 0.2), (0.43, -0.1, 0.105))
    for index, (half, back, front) in enumerate(spans):
        top, bottom = floor + back * scale, floor + front * scale
        lift = -0.009 * index
        corners = [
            (centre - half * scale * 0.86 - lean * back * scale, top + lift + 0.004),
            (centre + half * scale * 0.84 - lean * back * scale, top + lift),
            (centre + half * scale * 1.02 - lean * front * scale, bottom + lift),
            (centre - half * scale * 1.0 - lean * front * scale, bottom + lift - 0.006),
        ]
        outline: list[Point] = []
        for corner, start in enumerate(corners):
            end = corners[(corner + 1) % 4]
            for step in range(10):
                t = step / 10
                wobble = 0.0022 * float(rng.standard_normal()) * (step > 0)
                outline.append((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t + wobble))
        box = around(outline, 0.03)
        with sheet.stencil((22, 16, 12), opacity=0.5, soften=0.013, box=box) as pen:
            pen.polygon([(px - side * 0.012, py + 0.011) for px, py in outline], 255)
        place = (x - centre) / scale
        crease = np.abs(((place * 2.35 + lean * y * 2 + 0.25 * index) % 1) - 0.5) * 2
        fold = (crease - 0.5) * 0.1 + np.exp(-(((crease - 0.96) / 0.05) ** 2)) * 0.07
        tone = 0.93 + 0.02 * index + fold + slow * 0.028 + weave * 0.03 + side * -0.1 * place
        tone = tone - 0.1 * smoothstep(bottom - 0.03, bottom + 0.01, np.broadcast_to(y, tone.shape))
        fabric = as_image(np.array(cloth, np.float32) * tone[..., None])
        with sheet.stencil(fabric, soften=0.0008, box=box) as pen:
            pen.polygon(spline(outline, steps=3), 255)
        hem = [(px, py - 0.006) for px, py in outline[20:30]]
        with sheet.stencil(lighter(cloth, -0.14), opacity=0.5, box=box) as pen:
            pen.line(hem, 255, 0.0016)


def _arrange(scene: Scene, rng: Random, sheet: Sheet, tones: list[Colour], floor: float, scale: float) -> list[Pot]:
    middle = sheet.right / 2
    flip = float(rng.choice([-1.0, 1.0]))
    clay = rgb("#b3623f") if scene.has("clay", "terracotta") else None
    hero_colour = clay or scene.accent or tones[0]
    wanted = [kind for kind in ("teapot", "vase", "jug", "bottle", "bowl", "candle", "cup") if scene.has(kind)]
    if scene.has("kettle", "pot"):
        wanted.append("teapot")
    if scene.has("pitcher"):
        wanted.append("jug")
    if scene.has("coffee", "tea", "breakfast") and not wanted:
        wanted = ["cup"]
    sizes = {"teapot": 0.36, "vase": 0.6, "jug": 0.46, "bottle": 0.62, "bowl": 0.15, "cup": 0.2, "candle": 0.4}
    hero = wanted[0] if wanted else ("vase", "jug", "bottle", "teapot")[int(rng.integers(4))]
    offset = 0.0 if hero == "teapot" else -0.16
    pots = [Pot(hero, middle + flip * offset * scale, floor + 0.07 * scale, sizes[hero] * scale, hero_colour, 0.3)]
    if hero == "teapot":
        if not scene.flag("minimal") or scene.has("cup"):
            pots.append(
                Pot(
                    "cup",
                    middle + flip * 0.43 * scale,
                    floor + 0.16 * scale,
                    0.13 * scale,
                    blend(hero_colour, tones[1], 0.35),
                )
            )
        if rng.random() < 0.55:
            pots.append(
                Pot("lemon", middle - flip * 0.42 * scale, floor + 0.19 * scale, 0.115 * scale, rgb("#e2b64a"), 0.15)
            )
        return pots
    others = [kind for kind in wanted[1:] if kind != hero] or [
        kind for kind in ("bottle", "jug", "vase", "bowl") if kind != hero
    ]
    rng.shuffle(others)
    pots.append(
        Pot(others[0], middle + flip * 0.2 * scale, floor + 0.0 * scale, sizes[others[0]] * scale * 0.8, tones[1], 0.15)
    )
    if others[0] != "bowl":
        pots.append(Pot("bowl", middle + flip * 0.16 * scale, floor + 0.17 * scale, 0.115 * scale, tones[2]))
        if len(others) > 1 and rng.random() < 0.7 and others[1] != "bowl":
            pots.append(
                Pot(
                    others[1],
                    middle - flip * 0.42 * scale,
                    floor + 0.02 * scale,
                    sizes[others[1]] * scale * 0.62,
                    tones[3],
                )
            )
    named = [fruit for fruit in _FRUITS if scene.has(fruit)] or list(_FRUITS)
    for index in range(int(rng.integers(1, 4))):
        fruit = named[int(rng.integers(len(named)))]
        kind = "apple" if fruit == "orange" else fruit
        x = middle + flip * (-0.34 + 0.13 * index + (0.5 if index == 2 else 0)) * scale
        pots.append(Pot(kind, x, floor + (0.2 + 0.045 * (index % 2)) * scale, 0.125 * scale, rgb(_FRUITS[fruit]), 0.18))
    return pots


def _cast(sheet: Sheet, pot: Pot, side: float) -> None:
    """Throw a soft shadow along the table, away from the light."""
    share = np.linspace(0, 1, 24, dtype=np.float32)
    radius = pot.radius(share)
    away = -side
    tip = pot.height * 0.8
    near = [
        (pot.x + away * tip * float(s) - float(r) * 0.9, pot.foot - TILT * 0.9 * tip * float(s) * 0.35)
        for s, r in zip(share, radius, strict=True)
    ]
    far = [
        (pot.x + away * tip * float(s) + float(r) * 0.9, pot.foot - TILT * 0.9 * tip * float(s) * 0.35 + 0.01)
        for s, r in zip(share, radius, strict=True)
    ]
    with sheet.stencil((18, 12, 12), opacity=0.36, soften=0.02, box=around([*near, *far], pot.height * 0.1)) as pen:
        pen.polygon([*near, *reversed(far)], 255)
        for s, r in zip(share, radius, strict=True):
            pen.ellipse(
                pot.x + away * tip * float(s), pot.foot - 0.03 * tip * float(s), float(r), float(r) * TILT * 1.1, 255
            )


def _ground(sheet: Sheet, pot: Pot) -> None:
    foot = float(pot.radius(np.array([0.0], np.float32))[0])
    wide = max(foot * 1.12, float(pot.radius(np.array([0.3], np.float32))[0]) * 0.8)
    box = (pot.x - wide, pot.foot - wide * 0.5, pot.x + wide, pot.foot + wide * 0.5)
    with sheet.stencil((14, 9, 8), opacity=0.62, soften=0.009, box=box) as pen:
        pen.ellipse(pot.x, pot.foot + 0.004, wide, wide * TILT * 1.2 + 0.004, 255)


def _paint_branch(sheet: Sheet, scene: Scene, pot: Pot, rng: Random) -> None:
    bloom = scene.accent or rgb("#d98a8f")
    top = pot.foot - pot.height
    with sheet.pen() as pen:
        for _ in range(5):
            sway = float(rng.uniform(-0.26, 0.26))
            tip = (pot.x + sway, max(0.06, top - float(rng.uniform(0.12, 0.3))))
            stem = spline([(pot.x, top + 0.02), (pot.x + sway * 0.3, top - 0.08), tip], closed=False)
            pen.line(stem, rgb("#4c5a3c"), 0.0045)
            _draw_flower(pen, tip, float(rng.uniform(0.024, 0.042)), bloom, rng)


def _draw_flower(pen: Pen, centre: Point, size: float, colour: Colour, rng: Random) -> None:
    for ring, (share, tone) in enumerate(((1.0, -0.1), (0.75, -0.02), (0.48, 0.06))):
        for petal in range(7):
            angle = petal * 2 * np.pi / 7 + ring * 0.45 + float(rng.uniform(-0.1, 0.1))
            x, y = centre[0] + np.cos(angle) * size * share * 0.62, centre[1] + np.sin(angle) * size * share * 0.55
            pen.circle(float(x), float(y), size * share * 0.42, lighter(colour, tone + 0.03 * float(np.sin(angle * 3))))


def _paint_steam(sheet: Sheet, rng: Random, pots: list[Pot]) -> None:
    source = next((pot for pot in pots if pot.kind in ("cup", "teapot")), None)
    if source is None:
        return
    with sheet.stencil((255, 252, 245), opacity=0.28, soften=0.012) as pen:
        for _ in range(3):
            x, y = source.x + float(rng.normal(0, 0.02)), source.foot - source.height
            path = [(x + 0.022 * float(np.sin(step * 1.7 + rng.random())), y - 0.055 * step) for step in range(6)]
            pen.line(spline(path, closed=False), 200, 0.011)
