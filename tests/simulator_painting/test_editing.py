"""What `edit` promises: the same size, visibly from the source, visibly changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.simulator.painting import edit, paint

SOURCE = paint("mountain lake", width=300, height=200, salt="5")
CHANGES = (
    "make it night", "snow in winter", "at sunset", "heavy rain", "thick fog", "black and white", "autumn", "watercolor",
    "ink drawing", "flat poster", "", "something nicer", "teal", "add lanterns", "remove the colour", "dawn",
)  # fmt: skip


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32)


def likeness(first: Image.Image, second: Image.Image) -> float:
    """Give the correlation of two pictures' brightness, seen small."""
    one, other = (pixels(image.convert("L").resize((48, 32))).ravel() for image in (first, second))
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("prompt", CHANGES)
def test_an_edit_comes_from_its_source_and_differs_from_it(prompt: str) -> None:
    result = edit(SOURCE, prompt)
    assert result.size == SOURCE.size
    assert result.mode == "RGB"
    assert likeness(SOURCE, result) > 0.3
    assert np.abs(pixels(SOURCE) - pixels(result)).mean() > 4


def test_night_darkens_and_turns_blue() -> None:
    before, after = pixels(SOURCE).mean((0, 1)), pixels(edit(SOURCE, "make it night")).mean((0, 1))
    assert after.mean() < before.mean() * 0.6
    assert after[2] > after[0]


def test_sunset_warms() -> None:
    before, after = pixels(SOURCE).mean((0, 1)), pixels(edit(SOURCE, "golden sunset")).mean((0, 1))
    assert after[0] - after[2] > before[0] - before[2] + 20


def test_taking_the_colour_away_leaves_grey() -> None:
    assert np.ptp(pixels(edit(SOURCE, "remove the colour")), axis=2).max() == 0


def test_a_sun_is_added_where_asked() -> None:
    sunless = Image.new("RGB", (200, 140), (90, 100, 120))
    assert pixels(edit(sunless, "add a sun")).max() > 240


def test_the_source_is_left_as_it_was() -> None:
    before = SOURCE.tobytes()
    edit(SOURCE, "snow")
    assert SOURCE.tobytes() == before


def test_edits_are_repeatable_and_salted() -> None:
    assert edit(SOURCE, "snow", salt="a").tobytes() == edit(SOURCE, "snow", salt="a").tobytes()
    assert edit(SOURCE, "snow", salt="a").tobytes() != edit(SOURCE, "snow", salt="b").tobytes()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1"])
def test_sources_of_any_mode_are_edited(mode: str) -> None:
    assert edit(SOURCE.convert(mode), "night").mode == "RGB"


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (17, 17), (1, 3000)])
def test_tiny_and_thin_sources_keep_their_size(size: tuple[int, int]) -> None:
    for prompt in ("night", "watercolor", "poster", "snow", ""):
        assert edit(Image.new("RGB", size, (120, 90, 60)), prompt).size == size


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=st.text(max_size=60))
def test_no_words_are_too_strange_to_edit_by(prompt: str) -> None:
    source = Image.linear_gradient("L").resize((90, 60)).convert("RGB")
    assert edit(source, prompt).size == (90, 60)
