"""The mark that every simulated picture carries."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont, ImageStat

MARK = "simulated"
# Small enough not to disturb, large enough to be read on a picture seen at a third of its size.
SHARE = 0.017
SMALLEST = 8
GROUND_OPACITY, TEXT_OPACITY = 58, 165


def mark_box(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the pixels the mark covers in a picture of that size, bottom right."""
    width, height = size
    type_size = max(SMALLEST, min(width, height) * SHARE)
    length = ImageFont.load_default(type_size).getlength(MARK)
    pill_width, pill_height = round(length + type_size * 1.1), round(type_size * 1.6)
    inset = round(type_size * 0.8)
    right, bottom = width - inset, height - inset
    return max(0, right - pill_width), max(0, bottom - pill_height), max(1, right), max(1, bottom)


def marked(image: Image.Image) -> Image.Image:
    """Print the mark in place: a faint pill and the word, light on dark or dark on light."""
    left, top, right, bottom = mark_box(image.size)
    if right - left < 8 or bottom - top < 6:
        return image
    part = image.crop((left, top, right, bottom))
    bright = ImageStat.Stat(part.convert("L")).mean[0] > 150
    ground, ink = ((255, 255, 255), (20, 20, 22)) if bright else ((0, 0, 0), (255, 255, 255))
    large = 3
    size = ((right - left) * large, (bottom - top) * large)
    pill, word = Image.new("L", size, 0), Image.new("L", size, 0)
    ImageDraw.Draw(pill).rounded_rectangle([0, 0, size[0] - 1, size[1] - 1], size[1] // 2, fill=GROUND_OPACITY)
    type_size = max(SMALLEST, min(image.size) * SHARE) * large
    font = ImageFont.load_default(type_size)
    ImageDraw.Draw(word).text((size[0] / 2, size[1] / 2), MARK, TEXT_OPACITY, font, anchor="mm")
    part.paste(ground, (0, 0), pill.reduce(large))
    part.paste(ink, (0, 0), word.reduce(large))
    image.paste(part, (left, top))
    return image
