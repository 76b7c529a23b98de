"""Palettes by hour and by colour word."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .colour import Colour, as_lch, lch, lighter, rgb, tinted, turned
from .fields import Random


@dataclass(frozen=True)
class Palette:
    """Colours of a picture: sky from zenith to horizon, land from far to near, and a print's inks."""

    sky: tuple[Colour, ...]
    far: Colour
    near: Colour
    light: Colour
    accent: Colour
    paper: Colour
    ink: Colour
    inks: tuple[Colour, Colour, Colour, Colour]
    dark: bool


def _codes(text: str) -> tuple[Colour, ...]:
    return tuple(rgb(code) for code in text.split())


# Hour -> variants of: sky | far near light accent
_AIRS: dict[str, tuple[str, ...]] = {
    "night": (
        "#050919 #0e1738 #2a3c70 | #33477c #050813 #f3efdf #ffb65c",
        "#070b16 #10263a #2b566b | #2f5568 #050a10 #f6f0da #ffcf7a",
        "#0b0720 #1d1646 #4a3a7c | #41397a #070514 #f2e9f2 #ff9d6b",
    ),
    "blue": (
        "#0e1c44 #27427f #6f7fb8 #d99f8f | #4a5c92 #0b1228 #fff0d2 #ffae57",
        "#0b2036 #1f4a6b #5f8ea3 #e6b48c | #3f6c84 #08141f #fff0d0 #ffb056",
        "#191a48 #3b3b80 #8676ae #eab0a0 | #57548f #0e0d28 #fff0dc #ffa85c",
    ),
    "dusk": (
        "#2b3a67 #a0618c #f58f6f #ffd596 | #b9747f #1b1433 #fff0cf #ffce7a",
        "#3a2f63 #8e4f7f #e5766a #fbc686 | #a3627c #1d1230 #ffe9c4 #ffd27d",
        "#31456f #7d7d9a #e8a583 #ffe0a8 | #9a8490 #21243d #fff2d4 #f0703e",
    ),
    "dawn": (
        "#6d93b3 #bcc4d2 #f3d0b9 #ffecc9 | #a7a9bb #2a3850 #fff6df #ef8a5a",
        "#7f8fc0 #c6bad6 #f6c9c0 #fff0d0 | #ada6c4 #37365c #fff6e6 #f08a6a",
        "#5f9aa6 #b3d1cc #f0dfc2 #fff3d6 | #9dbab6 #1f4248 #fffae8 #e8834f",
    ),
    "noon": (
        "#3b82b8 #86bdd8 #dfeee8 | #94b7bd #1e4b3c #fffdf0 #e2562f",
        "#2f79a8 #7fb7cf #f0ecd6 | #9dbda6 #2f4a26 #fffbe8 #d9482b",
        "#4a90c2 #a5cfe2 #fbf1de | #a8bfc4 #254e57 #fffdf2 #ef7a3a",
    ),
    "fog": (
        "#aebcc1 #d0d8d7 #ece9df | #b2bfc1 #16292d #fbf8ee #d86b43",
        "#b8b9bd #d6d5d3 #efe8dc | #b9b8ba #2b2a30 #fff9ee #cf6248",
        "#a3b8b2 #cbd8cf #eceada | #adc0b6 #14302a #fbf9ea #d9793f",
    ),
    "snow": (
        "#7f99b5 #bccbd9 #f1ece6 | #a9bacb #2d4258 #fffaf0 #e0633f",
        "#8c93b8 #c9c6db #f6e6df | #b3b3cd #343a5c #fff8f0 #e8714a",
    ),
    "storm": (
        "#1c2731 #46545f #98a5a6 | #667680 #0c1318 #f2ecd8 #e8a04a",
        "#232838 #4f5669 #a9a3a5 | #6c7080 #10121c #f4ead8 #ea8f4d",
    ),
    "neon": (
        "#0a0524 #3a0f6b #d0287d #ff9a4d | #6a1f8a #0b0420 #ffe6b0 #25f0e0",
        "#04102a #0b3a6b #1fa3c0 #f25fb0 | #16538a #030a1c #d8fff6 #ff3fa0",
    ),
    "pastel": (
        "#b3c3ea #e2cfe6 #ffe6d6 | #c6bbdc #6d6a9c #fffaf0 #f2937f",
        "#a9d6d6 #dbe8da #fdeed3 | #b5d3cc #4f7f85 #fffcf0 #f09a8a",
    ),
    "gold": (
        "#8a7a68 #d9a765 #ffdf9e | #c99b62 #3a2316 #fff5d8 #d5512a",
        "#6f8798 #d8b98a #ffe2a4 | #bfa06c #34291a #fff6da #cf4a26",
    ),
    "mono": (
        "#26282b #7b7f83 #dcdcda | #8d9093 #101113 #f6f5f2 #f6f5f2",
        "#8a8d90 #c2c4c5 #f0efec | #a9acae #1a1b1d #fbfaf7 #1a1b1d",
    ),
}

# Paper, ink, then four inks that sit well together.
_PRINTS = (
    "#efe7d8 #1d1b1a #d5422a #e9a23b #2b4c8c #2f6f62",
    "#e4ece4 #16241f #0e5c4a #f3a6b6 #e8432e #f2c14e",
    "#eef0ec #101a33 #1d3fbf #f05a3c #f2c230 #7fb0e6",
    "#f7e6df #2a1226 #8a1c5b #f06a7a #ffb48a #3c3f78",
    "#ece8da #17211a #2f5d3a #d9822b #c23b22 #8fa65a",
    "#ecdfd0 #33211b #b5522f #d99a6c #6b7f6a #f0c987",
    "#e6efec #06242a #0d5c63 #ee6c4d #44a1a0 #f2d9a6",
    "#efe9f7 #1b1440 #5b2bd1 #ff7fb3 #ffc46b #b04ad6",
)
_DARK_PRINTS = (
    "#0e1020 #f4efe4 #3f7fd1 #f0784a #f6e3a8 #7a4fd0",
    "#10191a #f1ecdf #1f8f86 #f2a541 #e4572e #f3dfc1",
    "#1b1024 #f8ecdf #c23b78 #ff8f5a #ffd27a #5a4fd0",
    "#0d0f16 #efe9da #264a8f #6fd0e0 #f0784a #f6e3a8",
)
_DEFAULT_HOURS: dict[str, tuple[str, ...]] = {
    "ridges": ("dusk", "dawn", "fog", "noon", "blue"),
    "pines": ("fog", "dawn", "snow", "dusk"),
    "dunes": ("noon", "dusk", "gold", "dawn"),
    "sea": ("dusk", "dawn", "noon", "blue"),
    "flats": ("dawn", "pastel", "dusk"),
    "city": ("night", "blue", "dusk"),
    "market": ("blue", "night"),
    "aurora": ("night",),
    "greenhouse": ("blue", "dusk"),
    "courtyard": ("dawn", "noon", "dusk"),
    "farmland": ("noon",),
    "animal": ("dusk", "blue", "gold", "dawn"),
    "portrait": ("noon", "dusk", "dawn", "gold"),
}
# Which prints a mood leans to; others take any.
_NIGHTLY = frozenset({"night", "blue", "neon"})
HUE_JITTER = 7.0


def palette_for(hour: str, hues: tuple[float, ...], family: str, rng: Random) -> Palette:
    """Choose and tint a palette; chance varies it within the words' wishes."""
    defaults = _DEFAULT_HOURS.get(family, ("noon", "dusk", "dawn", "fog"))
    hour = hour or defaults[int(rng.integers(len(defaults)))]
    variants = _AIRS[hour]
    air, rest = variants[int(rng.integers(len(variants)))].split(" | ")
    shift = float(rng.uniform(-HUE_JITTER, HUE_JITTER)) * (hour != "mono")
    sky = tuple(turned(colour, shift) for colour in _codes(air))
    far, near, light, accent = (turned(colour, shift) for colour in _codes(rest))
    prints = _DARK_PRINTS if hour in _NIGHTLY else _PRINTS
    paper, ink, first, second, third, fourth = _codes(prints[int(rng.integers(len(prints)))])
    palette = Palette(sky, far, near, light, accent, paper, ink, (first, second, third, fourth), hour in _NIGHTLY)
    if hues and hour != "mono":
        palette = _steeped(palette, hues, rng)
    return _greyed(palette) if hour == "mono" else palette


def _steeped(palette: Palette, hues: tuple[float, ...], rng: Random) -> Palette:
    """Pull every colour towards the hues that were asked for."""
    main, other = hues[0], hues[1 % len(hues)]
    inks = _family_of(main, other, rng)
    return replace(
        palette,
        sky=tuple(tinted(colour, main if index else other, 0.62, 0.08) for index, colour in enumerate(palette.sky)),
        far=tinted(palette.far, main, 0.7, 0.09),
        near=tinted(palette.near, other, 0.7, 0.08),
        light=tinted(palette.light, main, 0.15),
        inks=inks,
        paper=tinted(palette.paper, main, 0.3, 0.02),
        ink=tinted(palette.ink, other, 0.4, 0.03),
    )


def _family_of(main: float, other: float, rng: Random) -> tuple[Colour, Colour, Colour, Colour]:
    lift = float(rng.uniform(-0.04, 0.04))
    return (
        lch(0.56 + lift, 0.19, main),
        lch(0.76, 0.13, other if other != main else main + 28),
        lch(0.36, 0.11, main - 12),
        lch(0.88, 0.07, main + 45),
    )


def _greyed(palette: Palette) -> Palette:
    def grey(colour: Colour) -> Colour:
        return lch(as_lch(colour)[0], 0.0, 0.0)

    first, second, third, fourth = (grey(colour) for colour in palette.inks)
    return replace(palette, paper=rgb("#efeeea"), ink=rgb("#161616"), inks=(first, lighter(second, 0.1), third, fourth))
