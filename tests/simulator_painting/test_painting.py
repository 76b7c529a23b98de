"""What `paint` promises: exact size, the same pixels again, variety, and pictures that follow the words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from studio.simulator.painting import paint
from studio.simulator.painting.families import PAINTERS
from studio.simulator.painting.lexicon import FALLBACKS, SUBJECTS
from studio.simulator.painting.mark import mark_box, marked
from studio.simulator.painting.words import choose_family, tokens, understand

RATIO_SIZES = [(3360, 1248), (2880, 1440), (2720, 1536), (2464, 1696), (2048, 2048)]
RATIO_SIZES += [(height, width) for width, height in RATIO_SIZES[:-1]]
PROMPTS = {
    "market": "Harbour market at blue hour, wet cobbles, strings of paper lanterns",
    "courtyard": "A whitewashed courtyard at noon, three arches, a red sphere on the terrace, still water in front",
    "poster": "Concert poster, concentric red rings on warm paper, strict Swiss grid, small black type",
    "bloom": "Dahlia seen from above, every petal folded from paper, dark green background",
    "flats": "Salt flats after rain, a single red umbrella far away, mirror sky, very still",
    "still": "Clay teapot on a folded linen cloth, north light",
    "greenhouse": "Glass greenhouse in snow, warm light inside",
    "stairwell": "Lighthouse stairwell from below",
    "farmland": "Aerial view of tulip fields, exact stripes, one yellow tractor",
    "dunes": "Rose desert after sunset, violet shadow",
    "animal": "a cat",
    "portrait": "portrait of an old sailor",
    "logo": "logo for a coffee shop",
}


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32)


def small(prompt: str, salt: str = "", style: str = "auto") -> Image.Image:
    return paint(prompt, width=180, height=140, salt=salt, style=style)


@pytest.mark.parametrize(("width", "height"), [(round(w / 16), round(h / 16)) for w, h in RATIO_SIZES])
def test_a_picture_has_exactly_the_pixels_asked_for(width: int, height: int) -> None:
    image = paint("mountain lake at dawn", width=width, height=height)
    assert image.size == (width, height)
    assert image.mode == "RGB"


def test_a_full_size_picture_has_exactly_the_pixels_asked_for() -> None:
    assert paint("sea and sun", width=3360, height=1248).size == (3360, 1248)


def test_the_same_words_and_salt_give_the_same_pixels() -> None:
    assert small("city at night", "a").tobytes() == small("city at night", "a").tobytes()


@pytest.mark.parametrize("family", sorted(PAINTERS))
def test_every_family_paints_variants_that_differ(family: str) -> None:
    style = "manga" if family == "manga" else "auto"
    prompt = max(SUBJECTS[family], key=SUBJECTS[family].__getitem__) if family in SUBJECTS else "a duel"
    assert understand(prompt, 100, 100, "", style=style).family == family
    first, second = (small(prompt, salt, style) for salt in ("one", "two"))
    assert np.abs(pixels(first) - pixels(second)).mean() > 4


@pytest.mark.parametrize("family", sorted(PAINTERS))
@pytest.mark.parametrize(("width", "height"), [(300, 100), (100, 300), (8, 200)])
def test_every_family_fits_wide_tall_and_thin_pictures(family: str, width: int, height: int) -> None:
    style = "manga" if family == "manga" else "auto"
    prompt = next(iter(SUBJECTS.get(family, {"duel": 1})))
    image = paint(prompt, width=width, height=height, style=style)
    assert image.size == (width, height)
    assert pixels(image).std() > 2


@pytest.mark.parametrize(("family", "prompt"), PROMPTS.items())
def test_the_subject_of_a_sentence_chooses_the_family(family: str, prompt: str) -> None:
    assert choose_family(tokens(prompt), prompt) == family


def test_words_without_a_subject_still_get_a_family_and_always_the_same() -> None:
    chosen = {choose_family(tokens(text), text) for text in ("qwxz", "lorem ipsum", "fjord-less 42", "…", "ok", "hm")}
    assert chosen <= set(FALLBACKS)
    assert len(chosen) > 1
    assert choose_family(tokens("qwxz"), "qwxz") == choose_family(tokens("qwxz"), "qwxz")


@pytest.mark.parametrize("subject", ["mountain valley", "sea", "desert dunes", "forest", "courtyard with arches"])
def test_night_is_darker_than_noon(subject: str) -> None:
    night = np.mean([pixels(small(f"{subject} at night", salt)).mean() for salt in "ab"])
    noon = np.mean([pixels(small(f"{subject} at noon", salt)).mean() for salt in "ab"])
    assert night < noon * 0.75


def test_a_colour_word_tints_the_picture() -> None:
    red, teal = (pixels(small(f"{colour} mountain ridges", "a")).mean((0, 1)) for colour in ("red", "teal"))
    assert red[0] - red[2] > teal[0] - teal[2] + 30


def test_a_coloured_thing_does_not_tint_the_whole() -> None:
    scene = understand("a red sphere in a white courtyard", 100, 100, "")
    assert scene.accent is not None
    assert scene.accent[0] > 2 * scene.accent[2]
    assert scene.palette.sky == understand("a red sphere in a white courtyard", 100, 100, "").palette.sky
    tinted = understand("red courtyard", 100, 100, "").palette.sky[0]
    assert tinted[0] > scene.palette.sky[0][0]


def test_manga_is_ink_on_paper() -> None:
    page = pixels(paint("samurai in the mountains", width=260, height=390, style="manga"))
    assert np.ptp(page, axis=2).max() == 0
    assert (page[..., 0] < 60).mean() > 0.1
    assert (page[..., 0] > 200).mean() > 0.3


def test_a_picture_carries_the_mark_in_its_corner() -> None:
    plain = Image.new("RGB", (640, 480), (90, 120, 150))
    stamped = marked(plain.copy())
    changed = ImageChops.difference(plain, stamped).getbbox()
    left, top, right, bottom = mark_box(plain.size)
    assert changed is not None
    assert left <= changed[0]
    assert top <= changed[1]
    assert changed[2] <= right
    assert changed[3] <= bottom
    assert left > 480
    assert top > 440


def test_the_mark_is_on_every_painted_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mark = small("podium", "a")
    monkeypatch.setattr("studio.simulator.painting.marked", lambda image: image)
    without = small("podium", "a")
    changed = ImageChops.difference(with_mark, without).getbbox()
    assert changed is not None
    box = mark_box(with_mark.size)
    assert changed[0] >= box[0]
    assert changed[1] >= box[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=st.text(max_size=80), style=st.sampled_from(["auto", "manga"]), salt=st.text(max_size=4))
def test_no_words_are_too_strange_to_paint(prompt: str, style: str, salt: str) -> None:
    assert paint(prompt, width=96, height=64, style=style, salt=salt).size == (96, 64)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "🐈‍⬛🌙",
        "\x00\ud800",
        "logo for 🦊",
        "poster „Größe“ 中文",
        "a" * 6000,
        "red night sea " * 430,
        "poster 'x'",
    ],
)
def test_empty_long_and_foreign_prompts_are_painted(prompt: str) -> None:
    assert paint(prompt, width=96, height=96).size == (96, 96)
