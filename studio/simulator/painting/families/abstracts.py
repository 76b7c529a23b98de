"""Marbled ink, silk, flow lines, sound lines and layered paper."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, blend, contrasting, lighter, luminance, ramp
from studio.simulator.painting.fields import (
    Perlin,
    Random,
    as_image,
    as_mask,
    clouds,
    coloured,
    grid,
    outline,
    resized,
    smoothstep,
    working_size,
)
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.words import Scene

INK_PIXELS = 300_000
SILK_PIXELS = 420_000


def _five(scene: Scene, rng: Random) -> list[Colour]:
    """Give five colours from dark to light that carry the palette."""
    palette = scene.palette
    inks = list(palette.inks)
    if scene.accent:
        inks[0] = scene.accent
    by_light = sorted(inks[:3], key=luminance)
    return [
        lighter(blend(by_light[0], (8, 8, 16), 0.55), 0.0),
        by_light[0],
        by_light[1],
        by_light[2],
        blend(inks[3], (255, 250, 236), 0.6),
    ]


def paint_ink(scene: Scene, rng: Random) -> Image.Image:
    """Paint marbled ink: noise warped by noise warped by noise."""
    width, height = working_size(*scene.size, INK_PIXELS)
    x, y = grid(width, height)
    noise = Perlin(rng)
    scale = 1.05 if scene.flag("close") else 1.5
    x, y = (np.ascontiguousarray(np.broadcast_to(axis * np.float32(scale), (height, width))) for axis in (x, y))
    amount = np.float32(rng.uniform(1.2, 1.7))
    first, second = noise.fbm(x, y, octaves=3), noise.fbm(x + 5.2, y + 1.3, octaves=3)
    third = noise.fbm(x + amount * first + 1.7, y + amount * second + 9.2, octaves=3, gain=0.45)
    fourth = noise.fbm(x + amount * first + 8.3, y + amount * second + 2.8, octaves=3, gain=0.45)
    value = noise.fbm(x + amount * third, y + amount * fourth, octaves=4, gain=0.45)
    value, third, first = (resized(field, *working_size(*scene.size, 1_100_000)) for field in (value, third, first))
    height, width = value.shape
    table = ramp(_five(scene, rng), at=(0, 0.27, 0.5, 0.72, 1))
    picture = coloured(np.clip(0.5 + value * 0.95 + 0.24 * third, 0, 1), table).astype(np.float32)
    picture *= (1 + 0.3 * np.clip(first, -0.5, 0.5))[..., None]
    vein = np.abs(((value * 9 + third * 2) % 1) - 0.5)
    down, across = np.gradient(value)
    relief = np.clip((across + down) * min(width, height) * 0.1, -0.28, 0.28)
    picture += relief[..., None] * 150
    picture += (smoothstep(0.045, 0.0, vein) * 26)[..., None]
    sheet = Sheet(*scene.size, scene.palette.ink)
    sheet.fill(as_image(picture).resize(sheet.size, Image.Resampling.BICUBIC))
    sheet.vignette(0.14)
    return sheet.image


def paint_silk(scene: Scene, rng: Random) -> Image.Image:
    """Paint silk: long folds, lit from above left, with a soft gleam."""
    width, height = working_size(*scene.size, SILK_PIXELS)
    x, y = grid(width, height)
    noise = Perlin(rng)
    x, y = (np.ascontiguousarray(np.broadcast_to(axis, (height, width))) for axis in (x, y))
    first, second = (
        noise.fbm(x * 0.9, y * 0.9, octaves=2, gain=0.4),
        noise.fbm(x * 1.0 + 4, y * 1.0, octaves=2, gain=0.4),
    )
    turn = float(rng.uniform(0.35, 1.2))
    phase = (x * math.cos(turn) + y * math.sin(turn)) * np.float32(6.0) + first * 9 + second * 4
    folds = np.sin(phase) * 0.5 + np.sin(phase * 1.9 + second * 7) * 0.2 + np.cos(phase * 0.5 + second * 6) * 0.4
    fine = np.sin(phase * 4.1 + first * 5) * 0.035
    down, across = np.gradient(folds + fine)
    strength = np.float32(min(width, height) * 0.05)
    length = 1 / np.sqrt((across * strength) ** 2 + (down * strength) ** 2 + 1)
    diffuse = np.clip((-across * strength * 0.55 - down * strength * 0.6 + 0.58) * length, 0, 1)
    gleam = np.clip((-across * strength * 0.36 - down * strength * 0.46 + 0.81) * length, 0, 1) ** 22
    table = ramp(_five(scene, rng), at=(0, 0.25, 0.5, 0.75, 1))
    tone = np.clip(0.42 + 0.3 * first + 0.18 * folds + 0.1 * second, 0, 1)
    picture = coloured(tone, table).astype(np.float32) * (0.22 + 0.98 * diffuse)[..., None] + (gleam * 92)[..., None]
    sheet = Sheet(*scene.size, scene.palette.ink)
    sheet.fill(as_image(picture).resize(sheet.size, Image.Resampling.BICUBIC))
    sheet.vignette(0.18)
    return sheet.image


def paint_threads(scene: Scene, rng: Random) -> Image.Image:
    """Draw lines that follow a field, in a few inks."""
    palette = scene.palette
    sheet = Sheet(*scene.size, scene.ground or palette.paper)
    noise = Perlin(rng)
    area = sheet.right * sheet.bottom
    count, steps = int(420 * area), 110
    px = (rng.random(count, dtype=np.float32) * 1.2 - 0.1) * np.float32(sheet.right)
    py = (rng.random(count, dtype=np.float32) * 1.2 - 0.1) * np.float32(sheet.bottom)
    start_x, start_y = px, py
    path = [(px, py)]
    scale, turn = np.float32(rng.uniform(0.9, 1.4)), float(rng.uniform(0, math.tau))
    for _ in range(steps):
        angle = noise.fbm(px * scale + 40, py * scale + 40, octaves=2, gain=0.35) * np.float32(
            math.pi * 2.2
        ) + np.float32(turn)
        px, py = px + np.cos(angle) * np.float32(0.0056), py + np.sin(angle) * np.float32(0.0056)
        path.append((px, py))
    xs, ys = np.stack([x for x, _ in path], 1), np.stack([y for _, y in path], 1)
    inks = [*palette.inks[:3], scene.accent or palette.inks[3], palette.ink]
    region = noise.fbm(start_x * 1.1 + 9, start_y * 1.1 + 3, octaves=2)
    with sheet.pen() as pen:
        for index in rng.permutation(count):
            pick = int(np.clip((region[index] + 0.5) * len(inks) + rng.normal(0, 0.45), 0, len(inks) - 1))
            long = int(steps * float(rng.uniform(0.35, 1.0)))
            line = list(zip(xs[index, :long].tolist(), ys[index, :long].tolist(), strict=True))
            pen.line(line, inks[pick], 0.0038 * float(rng.uniform(0.35, 2.0)), round_ends=True)
    return sheet.image


def paint_signal(scene: Scene, rng: Random) -> Image.Image:
    """Draw a stack of sound lines, each hiding those behind it."""
    palette = scene.palette
    dark = palette.dark or bool(rng.random() < 0.6)
    ground = scene.ground or ((14, 14, 16) if dark else palette.paper)
    ink = scene.accent or contrasting(ground, (242, 239, 232), (24, 23, 22))
    sheet = Sheet(*scene.size, ground)
    lines = 64
    inset = 0.16 * min(1.2, sheet.right)
    across = np.linspace(inset, sheet.right - inset, 320, dtype=np.float32)
    place = np.linspace(0, 1, 320, dtype=np.float32)
    previous = outline(place * 12, rng, octaves=4, gain=0.55)
    with sheet.pen() as pen:
        for index in range(lines):
            t = index / (lines - 1)
            base = sheet.bottom * (0.2 + 0.62 * t)
            middle = 0.5 + 0.06 * math.sin(index * 0.35)
            swell = np.exp(-(((place - middle) / (0.13 + 0.03 * math.sin(index * 1.7))) ** 2))
            fresh = outline(place * 12, rng, octaves=4, gain=0.55)
            previous = previous * 0.45 + fresh * 0.6
            crest = base - np.abs(previous) * swell * 0.11 * sheet.bottom - np.abs(fresh) * 0.0025
            points = list(zip(across.tolist(), crest.tolist(), strict=True))
            pen.polygon([*points, (float(across[-1]), base + 0.03), (float(across[0]), base + 0.03)], ground)
            pen.line(points, ink, 0.0024)
    return sheet.image


def paint_papercut(scene: Scene, rng: Random) -> Image.Image:
    """Stack sheets of paper with holes that grow smaller, each throwing a shadow."""
    palette = scene.palette
    count = 5 if scene.flag("minimal") else 7
    steps = _five(scene, rng)
    if scene.accent:
        steps = [lighter(scene.accent, step) for step in (-0.36, -0.2, 0.0, 0.14, 0.28)]
    if rng.random() < 0.5:
        steps.reverse()
    sheets = ramp(steps, count + 1)
    sheet = Sheet(*scene.size, tuple(sheets[0].tolist()))
    width, height = working_size(*scene.size, 500_000)
    x, y = grid(width, height)
    unit = min(width, height)
    centre_x, centre_y = (float(rng.uniform(0.38, 0.62)) for _ in range(2))
    land = clouds((width, height), unit * float(rng.uniform(0.42, 0.6)), rng, octaves=3, gain=0.33)
    away = np.hypot((x / x.max() - centre_x) * 1.9, (y / y.max() - centre_y) * 1.9)
    form = land * 0.28 - away + 0.75
    for index in range(count):
        level = -0.14 + index * 0.82 / count
        edge = 1.1 / unit * 2.2
        mask = as_mask(smoothstep(level - edge, level + edge, form)).resize(sheet.size, Image.Resampling.BICUBIC)
        colour: Colour = tuple(sheets[index + 1].tolist())
        sheet.shadow(mask, (0.006, 0.012), 0.013, 0.42, blend(colour, (10, 8, 20), 0.85))
        sheet.lay(colour, mask)
        light = mask.point([round(value * 0.16) for value in range(256)])
        rim = Image.new("L", sheet.size, 0)
        rim.paste(light, (0, 0))
        rim.paste(
            0,
            (0, max(1, round(0.0026 * sheet.unit))),
            mask.crop((0, 0, sheet.width, sheet.height - max(1, round(0.0026 * sheet.unit)))),
        )
        sheet.image.paste((255, 255, 255), mask=rim)
    if scene.has("sun", "moon", "star"):
        mask_sheet = Sheet(*scene.size, (0, 0, 0))
        with mask_sheet.stencil((255, 255, 255)) as pen:
            pen.circle(sheet.right * centre_x, sheet.bottom * centre_y, 0.07, 255)
        disc = mask_sheet.image.getchannel(0)
        sheet.shadow(disc, (0.006, 0.012), 0.012, 0.4)
        sheet.lay(palette.light, disc)
    sheet.vignette(0.1)
    return sheet.image
