"""Split a picture into RGBA layers that recompose it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .colour import Bytes, Colour, Floats, as_lch
from .fields import Random
from .lexicon import COLOURS
from .words import digest, tokens

SKETCH, SEGMENTED = 80, 560
# How much nearness counts beside colour, across and down: bands of a landscape reach from side to side.
PLACE_WEIGHTS = (0.14, 0.4)
# Two more regions than layers are sought; those farthest back make up the background together.
BACKGROUND_PARTS = 2
ROUNDS = 12
# A region smaller than this share of the picture is left to its neighbours.
SMALLEST_SHARE = 0.006
# Rows handled at once: keeps the float copies of a four-megapixel picture to some tens of megabytes.
BAND = 192
MOST_LAYERS = 10
_NAMED = (
    "red",
    "orange",
    "yellow",
    "green",
    "teal",
    "blue",
    "violet",
    "pink",
    "brown",
    "beige",
    "white",
    "grey",
    "black",
)


@dataclass(frozen=True)
class PaintedLayer:
    """One layer: RGBA pixels cropped to what shows, and where they lie on the canvas (pixels from the top left)."""

    image: Image.Image
    label: str
    description: str
    alpha_hint: str
    x: int
    y: int
    canvas_width: int
    canvas_height: int


def split(source: Image.Image, prompt: str, salt: str, count: int | None) -> list[PaintedLayer]:
    """Give layers front to back, the last one opaque; drawn from last to first they give the source again."""
    rng = np.random.default_rng(digest("layers", prompt, salt, str(source.size)))
    wanted = min(MOST_LAYERS, max(1, count)) if count else int(rng.integers(3, 6))
    shares = _shares(source, wanted, rng) if wanted > 1 else []
    pixels = np.asarray(source)
    alphas = [_alpha(share, source.size) for share in shares[:-1]]
    background = _filled(source, alphas)
    composed = background.copy()
    layers: list[PaintedLayer] = []
    for alpha in reversed(alphas):
        layer = _lift(pixels, composed, alpha)
        if layer is not None:
            layers.append(_described(*layer, source.size, prompt, len(layers)))
    layers.reverse()
    size = source.size
    back = Image.fromarray(background).convert("RGBA")
    layers.append(
        PaintedLayer(back, "background", "Everything behind, filled in where things stood", "none", 0, 0, *size)
    )
    return layers


def _features(image: Image.Image, longest: int) -> Floats:
    scale = min(1.0, longest / max(image.size))
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    lab = np.asarray(small.convert("LAB"), np.float32) / 255
    # Pillow stores a and b as signed bytes.
    lab[..., 1:] = (lab[..., 1:] + 0.5) % 1.0
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    place = np.stack([x / size[0], y / size[1]], -1) * np.array(PLACE_WEIGHTS, np.float32)
    return np.concatenate([lab[..., :1], lab[..., 1:] * np.float32(1.8), place], -1)


def _nearest(features: Floats, centres: Floats) -> NDArray[np.intp]:
    flat = features.reshape(-1, features.shape[-1])
    distance = (flat**2).sum(1)[:, None] - 2 * flat @ centres.T + (centres**2).sum(1)[None, :]
    nearest: NDArray[np.intp] = np.argmin(distance, 1)
    return nearest


def _shares(source: Image.Image, wanted: int, rng: Random) -> list[Floats]:
    """Cluster colours and places; give smooth shares that sum to one, front to back, the background last."""
    sketch = _features(source, SKETCH)
    flat = sketch.reshape(-1, sketch.shape[-1])
    centres = _seeds(flat, wanted + BACKGROUND_PARTS, rng)
    for _ in range(ROUNDS):
        near = _nearest(flat, centres)
        for index in range(len(centres)):
            mine = near == index
            if mine.any():
                centres[index] = flat[mine].mean(0)
    fine = _features(source, SEGMENTED)
    labels = _nearest(fine, centres).reshape(fine.shape[:2])
    parts = [index for index in range(len(centres)) if (labels == index).mean() > SMALLEST_SHARE]
    order = _front_to_back(labels, parts)
    # At least one region stays behind, however few were found.
    cut = min(wanted - 1, len(order) - 1)
    soft = [_smoothed(labels == index) for index in order[:cut]]
    soft.append(_smoothed(np.isin(labels, order[:cut], invert=True)))
    total = np.maximum(np.sum(soft, axis=0), 1e-6)
    return [share / total for share in soft]


def _seeds(flat: Floats, wanted: int, rng: Random) -> Floats:
    """Choose starting centres far apart."""
    chosen = [flat[int(rng.integers(len(flat)))]]
    for _ in range(wanted - 1):
        gap = np.min([((flat - one) ** 2).sum(1) for one in chosen], axis=0)
        total = float(gap.sum())
        if total < 1e-6:
            break
        chosen.append(
            flat[int(rng.choice(len(flat), p=(gap / total).astype(np.float64) / np.sum(gap / total, dtype=np.float64)))]
        )
    return np.array(chosen, np.float32)


def _front_to_back(labels: NDArray[np.intp], parts: list[int]) -> list[int]:
    """Order regions: what fills the rim lies behind, what is small and low stands in front."""
    rim = np.concatenate([labels[0], labels[0], labels[:, 0], labels[:, -1], labels[-1]])
    rows = np.arange(labels.shape[0], dtype=np.float32)[:, None] / labels.shape[0]

    def depth(index: int) -> float:
        mine = labels == index
        low = float((mine * rows).sum() / mine.sum())
        return 2.2 * float((rim == index).mean()) + 1.1 * float(mine.mean()) - 0.5 * low

    return sorted(parts, key=depth)


def _smoothed(mine: NDArray[np.bool_]) -> Floats:
    mask = Image.fromarray((mine * 255).astype(np.uint8))
    soft = mask.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(1.1))
    return (np.asarray(soft, np.float32) / 255) ** 2 + np.float32(1e-4)


def _alpha(share: Floats, size: tuple[int, int]) -> Bytes:
    """Enlarge a share to an alpha plane; what hardly shows is left out."""
    image = Image.fromarray(np.ascontiguousarray(share, np.float32)).resize(size, Image.Resampling.BILINEAR)
    values = np.asarray(image)
    sharp = np.clip((values - np.float32(0.25)) * np.float32(2.0), 0, 1)
    plane: Bytes = (sharp * 255).astype(np.uint8)
    return plane


def _filled(source: Image.Image, alphas: list[Bytes]) -> Bytes:
    """Paint the background on behind the layers, from coarse to fine."""
    pixels = np.asarray(source)
    if not alphas:
        return pixels.copy()
    covered = np.zeros(pixels.shape[:2], bool)
    for alpha in alphas:
        covered |= alpha > 0
    scale = min(1.0, 320 / max(source.size))
    size = (max(2, round(source.width * scale)), max(2, round(source.height * scale)))
    open_share = Image.fromarray((~covered * 255).astype(np.uint8)).resize(size, Image.Resampling.BOX)
    weight = (np.asarray(open_share, np.float32) / 255) ** 4
    colours = np.asarray(source.resize(size, Image.Resampling.BOX), np.float32)
    result = np.broadcast_to(_mean(colours, weight), colours.shape).astype(np.float32).copy()
    for radius in (60, 24, 9, 3.5, 1.5):
        near = _blur(weight, radius)
        spread = np.stack([_blur(colours[..., channel] * weight, radius) for channel in range(3)], -1)
        trust = np.clip(near * 6, 0, 1)[..., None]
        result += (spread / np.maximum(near, 1e-4)[..., None] - result) * trust
    fill = Image.fromarray(np.clip(result, 0, 255).astype(np.uint8)).resize(source.size, Image.Resampling.BICUBIC)
    filled: Bytes = np.where(covered[..., None], np.asarray(fill), pixels)
    return filled


def _mean(colours: Floats, weight: Floats) -> Floats:
    total = float(weight.sum())
    if total < 1e-3:
        plain: Floats = colours.reshape(-1, 3).mean(0)
        return plain
    mean: Floats = (colours * weight[..., None]).sum((0, 1)) / np.float32(total)
    return mean


def _blur(field: Floats, radius: float) -> Floats:
    """Blur a field about so many pixels wide, on a smaller copy."""
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    small_size = (max(1, round(image.width / max(1, radius / 2))), max(1, round(image.height / max(1, radius / 2))))
    small = np.asarray(image.resize(small_size, Image.Resampling.BOX), np.float32)
    padded = np.pad(small, 2, mode="edge")
    height, width = small.shape
    weights = (0.06, 0.24, 0.4, 0.24, 0.06)
    rows = np.sum([weight * padded[step : step + height] for step, weight in enumerate(weights)], axis=0)
    soft = np.sum([weight * rows[:, step : step + width] for step, weight in enumerate(weights)], axis=0)
    back = Image.fromarray(np.ascontiguousarray(soft, np.float32)).resize(image.size, Image.Resampling.BILINEAR)
    return np.maximum(np.asarray(back, np.float32), 0)


def _lift(pixels: Bytes, composed: Bytes, alpha: Bytes) -> tuple[Image.Image, int, int] | None:
    """Find the colours that, laid over what is composed so far, give the source; opaque enough that they exist."""
    rows, columns = np.nonzero(alpha.any(1))[0], np.nonzero(alpha.any(0))[0]
    if not len(rows):
        return None
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    layer = np.zeros((bottom - top, right - left, 4), np.uint8)
    for start in range(top, bottom, BAND):
        band = (slice(start, min(bottom, start + BAND)), slice(left, right))
        under, over = composed[band].astype(np.float32), pixels[band].astype(np.float32)
        change = over - under
        room = np.where(change > 0, 255 - under, under)
        least = (np.abs(change) / np.maximum(room, 1)).max(-1) * 255
        shown = alpha[band] > 0
        cover = np.where(shown, np.ceil(np.clip(np.maximum(alpha[band], least), 1, 255)), 0)
        colour = np.clip(np.rint(under + change * (255 / np.maximum(cover, 1))[..., None]), 0, 255)
        inside = (slice(start - top, start - top + under.shape[0]), slice(None))
        layer[inside][..., :3] = np.where(shown[..., None], colour, 0)
        layer[inside][..., 3] = cover
        part = (cover / 255)[..., None]
        composed[band] = np.where(shown[..., None], np.rint(colour * part + under * (1 - part)), under).astype(np.uint8)
    return Image.fromarray(layer, "RGBA"), left, top


def _described(image: Image.Image, x: int, y: int, canvas: tuple[int, int], prompt: str, place: int) -> PaintedLayer:
    planes = np.asarray(image)
    alpha = planes[..., 3]
    solid = alpha > 128
    mean = planes[..., :3][solid].mean(0) if solid.any() else planes[..., :3].reshape(-1, 3).mean(0)
    colour: Colour = (int(mean[0]), int(mean[1]), int(mean[2]))
    centre = ((x + image.width / 2) / canvas[0], (y + image.height / 2) / canvas[1])
    where = ("upper", "middle", "lower")[min(2, int(centre[1] * 3))]
    side = ("left", "centre", "right")[min(2, int(centre[0] * 3))]
    name = _colour_name(colour)
    partial = float(((alpha > 8) & (alpha < 247)).sum()) / max(1, int((alpha > 8).sum()))
    words = [word for word in tokens(prompt) if len(word) > 3][:1]
    label = f"{words[0]}, {name}" if words and place == 0 else f"{name} {where} {side}"
    text = f"A {name} part of the picture, {where} {side}"
    return PaintedLayer(image, label, text, "soft" if partial > 0.06 else "hard", x, y, *canvas)


def _colour_name(colour: Colour) -> str:
    lightness, chroma, hue = as_lch(colour)
    if chroma < 0.03:
        return "white" if lightness > 0.88 else "black" if lightness < 0.25 else "grey"

    def gap(name: str) -> float:
        other_lightness, other_chroma, other_hue = as_lch(COLOURS[name])
        turn = abs((hue - other_hue + 180) % 360 - 180) / 180
        return turn * 2.2 + abs(lightness - other_lightness) * 0.7 + abs(chroma - other_chroma) * 2

    return min(_NAMED[:10], key=gap)
