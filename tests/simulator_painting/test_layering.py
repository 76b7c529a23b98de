"""What `layers` promises: real RGBA layers, front to back, that give the source again."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio.simulator.painting import PaintedLayer, layers, paint


def stacked(found: list[PaintedLayer]) -> Image.Image:
    """Draw from last to first, as a viewer would."""
    canvas = Image.new("RGBA", (found[0].canvas_width, found[0].canvas_height))
    for layer in reversed(found):
        over = Image.new("RGBA", canvas.size)
        over.paste(layer.image, (layer.x, layer.y))
        canvas = Image.alpha_composite(canvas, over)
    return canvas.convert("RGB")


def gap(first: Image.Image, second: Image.Image) -> float:
    return float(np.abs(np.asarray(first, np.float32) - np.asarray(second, np.float32)).mean())


@pytest.mark.parametrize("prompt", ["a cat", "podium", "mountain lake", "Concert poster, red rings", "marbled ink"])
def test_layers_recompose_their_source(prompt: str) -> None:
    source = paint(prompt, width=330, height=240)
    found = layers(source)
    assert 3 <= len(found) <= 6
    assert gap(stacked(found), source) < 1


def test_noise_recomposes_too() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    source = Image.fromarray(noise)
    assert gap(stacked(layers(source)), source) < 1


def test_the_last_layer_is_opaque_and_covers_the_canvas() -> None:
    found = layers(paint("a cat", width=330, height=240))
    background = found[-1]
    assert background.image.getchannel("A").getextrema() == (255, 255)
    assert background.image.size == (330, 240)
    assert (background.x, background.y, background.alpha_hint) == (0, 0, "none")


def test_layers_are_cropped_to_what_shows_and_lie_within_the_canvas() -> None:
    for layer in layers(paint("podium", width=330, height=240), count=5)[:-1]:
        assert layer.image.mode == "RGBA"
        assert layer.image.getchannel("A").getbbox() == (0, 0, *layer.image.size)
        assert layer.x + layer.image.width <= layer.canvas_width
        assert layer.y + layer.image.height <= layer.canvas_height
        assert layer.alpha_hint in {"soft", "hard"}
        assert layer.label
        assert layer.description


def test_the_background_is_filled_in_behind_the_layers() -> None:
    source = Image.new("RGB", (200, 200), (40, 90, 160))
    source.paste((230, 60, 40), (70, 70, 130, 130))
    background = np.asarray(layers(source, count=2)[-1].image.convert("RGB"), np.float32)
    middle = background[90:110, 90:110].mean((0, 1))
    assert np.abs(middle - (40, 90, 160)).max() < 40


@pytest.mark.parametrize("count", [1, 2, 4, 10])
def test_as_many_layers_as_asked_for_at_most(count: int) -> None:
    source = paint("market street with lanterns", width=300, height=200)
    found = layers(source, count=count)
    assert 1 <= len(found) <= count
    assert gap(stacked(found), source) < 1


def test_a_plain_picture_is_one_background() -> None:
    source = Image.new("RGB", (64, 48), (10, 20, 30))
    assert gap(stacked(layers(source)), source) == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 90), (90, 2)])
def test_tiny_pictures_are_layered(size: tuple[int, int]) -> None:
    source = Image.linear_gradient("L").resize(size).convert("RGB")
    assert gap(stacked(layers(source)), source) < 1


def test_layering_is_repeatable() -> None:
    source = paint("a cat", width=200, height=150)
    first, second = (layers(source, "the cat", salt="s") for _ in range(2))
    assert [one.image.tobytes() for one in first] == [one.image.tobytes() for one in second]
    assert all(one.label == other.label for one, other in zip(first, second, strict=True))
