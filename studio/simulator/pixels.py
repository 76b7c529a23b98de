"""Sizes of pictures in pixels (luma-api.md section 10.1)."""

from __future__ import annotations

import re

# Every size is about 4.19 megapixels and a multiple of 32: "2K", as the pricing page calls it.
SIZES = {
    "3:1": (3360, 1248),
    "2:1": (2912, 1440),
    "16:9": (2784, 1504),
    "3:2": (2464, 1696),
    "1:1": (2048, 2048),
    "2:3": (1696, 2464),
    "9:16": (1504, 2784),
    "1:2": (1440, 2912),
    "1:3": (1248, 3360),
}
# The service says nothing about tiny sources.
SMALLEST_SIDE = 64
LAYERING_SIDES = {"1k": 1024, "2k": 2048}

# Without a ratio the model chooses one from the prompt; a few words are enough to make that visible.
RATIO_WORDS = (
    ("1:1", "logo|icon|avatar|sticker|square|album"),
    ("2:3", "portrait|poster|book cover|person|woman|man|tower"),
    ("9:16", "phone|story|wallpaper for mobile"),
    ("2:1", "panorama|panoramic|skyline|banner"),
    ("3:2", "photo|photograph|still life"),
)
USUAL_RATIO = "16:9"


def choose_ratio(prompt: str, style: str) -> str:
    """Choose a ratio for a prompt that came without one; a manga page is portrait."""
    if style == "manga":
        return "2:3"
    for ratio, words in RATIO_WORDS:
        if re.search(rf"\b(?:{words})\b", prompt, re.IGNORECASE):
            return ratio
    return USUAL_RATIO


def layering_size(width: int, height: int, resolution: str) -> tuple[int, int]:
    """Return the canvas of a split picture: its longer side is 1024 or 2048 pixels."""
    scale = LAYERING_SIDES[resolution] / max(width, height)
    return max(round(width * scale), SMALLEST_SIDE), max(round(height * scale), SMALLEST_SIDE)
