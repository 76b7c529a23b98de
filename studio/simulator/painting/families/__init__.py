"""Families of pictures: each paints one kind of subject from a scene and a stream of chance."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from studio.simulator.painting.fields import Random
from studio.simulator.painting.words import Scene

from .abstracts import paint_ink, paint_papercut, paint_signal, paint_silk, paint_threads
from .animals import paint_animal
from .bloom import paint_bloom
from .city import paint_city
from .courtyard import paint_courtyard
from .desert import paint_dunes
from .display import paint_display
from .farmland import paint_farmland
from .flats import paint_flats
from .greenhouse import paint_greenhouse
from .heights import paint_aurora, paint_terrain
from .logos import paint_logo
from .manga import paint_manga
from .market import paint_market
from .mountains import paint_pines, paint_ridges
from .people import paint_portrait
from .posters import paint_poster
from .sea import paint_sea
from .stairwell import paint_stairwell
from .stilllife import paint_still

Painter = Callable[[Scene, Random], Image.Image]

PAINTERS: dict[str, Painter] = {
    "animal": paint_animal,
    "aurora": paint_aurora,
    "bloom": paint_bloom,
    "city": paint_city,
    "courtyard": paint_courtyard,
    "display": paint_display,
    "dunes": paint_dunes,
    "farmland": paint_farmland,
    "flats": paint_flats,
    "greenhouse": paint_greenhouse,
    "ink": paint_ink,
    "logo": paint_logo,
    "manga": paint_manga,
    "market": paint_market,
    "papercut": paint_papercut,
    "pines": paint_pines,
    "portrait": paint_portrait,
    "poster": paint_poster,
    "ridges": paint_ridges,
    "sea": paint_sea,
    "signal": paint_signal,
    "silk": paint_silk,
    "stairwell": paint_stairwell,
    "still": paint_still,
    "terrain": paint_terrain,
    "threads": paint_threads,
}
# Standard deviation of the grain in levels: prints and ink pages want next to none, photographs a little.
GRAIN: dict[str, float] = {"manga": 0.0, "logo": 0.6, "poster": 1.2, "papercut": 1.4, "signal": 1.2, "threads": 1.2}
USUAL_GRAIN = 2.0
