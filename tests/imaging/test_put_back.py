"""An edit of a layer in the layer's place: its colours, the layer's size and outline."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from studio import imaging

File = Callable[[bytes, str], Path]


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def ball(colour: str) -> Image.Image:
    layer = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    ImageDraw.Draw(layer).ellipse((50, 10, 130, 90), fill=colour)
    return layer


def put(file: File, into: Path, layer: Image.Image, edit: bytes) -> tuple[imaging.Composed, Image.Image]:
    made = imaging.put_back(file(saved(layer), "layer.png"), file(edit, "edit"), into)
    with Image.open(made.path) as picture:
        return made, picture.copy()


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("size", "kind"), [((200, 100), "PNG"), ((400, 200), "JPEG"), ((400, 201), "PNG")])
def test_an_opaque_edit_takes_the_outline_of_its_layer(
    file: File, into: Path, size: tuple[int, int], kind: str
) -> None:
    layer = ball("red")
    made, picture = put(file, into, layer, saved(Image.new("RGB", size, "blue"), kind))
    assert (picture.size, picture.mode, made.has_alpha) == ((200, 100), "RGBA", True)
    assert picture.getchannel("A").tobytes() == layer.getchannel("A").tobytes()
    middle = picture.getpixel((90, 50))
    assert middle[2] > 245
    assert middle[0] < 10
    assert (made.width, made.height, made.rendition.size) == (200, 100, 256)


@pytest.mark.usefixtures("either_way")
def test_an_edit_with_an_outline_of_its_own_keeps_it(file: File, into: Path) -> None:
    edit = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    ImageDraw.Draw(edit).rectangle((0, 0, 20, 20), fill="green")
    _, picture = put(file, into, ball("red"), saved(edit))
    assert picture.getpixel((10, 10)) == (0, 128, 0, 255)
    assert picture.getpixel((90, 50))[3] == 0


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("mode", ["RGBA", "RGB"])
def test_noise_in_the_alpha_of_an_opaque_edit_is_no_outline(file: File, into: Path, mode: str) -> None:
    edit = Image.new("RGBA", (200, 100), (0, 0, 255, 252))
    edit.paste((0, 0, 255, 0), (0, 0, 10, 10))
    layer = ball("red").convert(mode)
    _, picture = put(file, into, layer, saved(edit))
    assert picture.mode == mode
    assert picture.getpixel((90, 50))[:3] == (0, 0, 255)
    if mode == "RGBA":
        assert picture.getchannel("A").tobytes() == layer.getchannel("A").tobytes()


@pytest.mark.usefixtures("either_way")
def test_a_layer_without_alpha_stays_without(file: File, into: Path) -> None:
    made, picture = put(file, into, Image.new("RGB", (200, 100), "red"), saved(Image.new("RGB", (100, 50), "blue")))
    assert (picture.mode, picture.size, made.has_alpha) == ("RGB", (200, 100), False)


@pytest.mark.usefixtures("either_way")
def test_another_shape_takes_no_place(file: File, into: Path) -> None:
    with pytest.raises(imaging.Unusable, match="another shape than the layer"):
        put(file, into, ball("red"), saved(Image.new("RGB", (100, 100))))
