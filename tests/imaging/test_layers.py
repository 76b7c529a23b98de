"""Files of layers, read back by others: psd-tools, and OpenRaster by its specification."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from studio import imaging
from tests.embedding.files import COMPOSITE, TRAINED, exiftool

SIZE = (120, 80)
LONG = "日本語のとても長い名前 " * 30
# Front first: name, place, opacity, hidden. Overlapping, beyond each edge, wholly outside, and the background.
STACK = (
    ("Küste 🎈", (10, 20), (60, 40), 100, False),
    ("Left & above <b>", (-20, -15), (50, 40), 60, False),
    ("Right and below", (100, 60), (60, 50), 33, False),
    ("Hidden", (30, 10), (40, 60), 80, True),
    ("Outside", (500, -300), (20, 20), 100, False),
    (LONG, (0, 0), SIZE, 100, False),
)
Plan = dict[str, Any]


def painted(number: int, size: tuple[int, int], *, opaque: bool) -> Image.Image:
    """Pixels of every colour and alpha, other ones for each layer."""
    pixels = np.random.default_rng(number).integers(0, 256, (size[1], size[0], 4), np.uint8)
    if opaque:
        pixels[..., 3] = 255
    return Image.fromarray(pixels, "RGBA")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    layers = []
    for number, (name, place, size, opacity, hidden) in enumerate(STACK):
        file = tmp_path / f"{number}.png"
        painted(number, size, opaque=number == len(STACK) - 1).save(file)
        spot = {"x": place[0], "y": place[1], "width": size[0], "height": size[1]}
        layers.append({"file": str(file), "name": name, "opacity": opacity, "hidden": hidden, **spot})
    return {"width": SIZE[0], "height": SIZE[1], "layers": layers, "source": ""}


def written(plan: Plan, kind: str, folder: Path) -> Path:
    (folder / "plan.json").write_text(json.dumps(plan | {"kind": kind}))
    path, size = imaging.export_layers(folder / "plan.json", folder)
    assert path.stat().st_size == size
    return path


def opened(file: Path | io.BytesIO | str) -> Image.Image:
    """The picture in a file, read wholly, so that the file is closed."""
    with Image.open(file) as picture:
        picture.load()
        return picture


def drawn(layers: list[tuple[Image.Image, int, int, float]], size: tuple[int, int] = SIZE) -> np.ndarray:
    """Draw layers, back to front, by the formula of the compositing standard; premultiplied, 0 to 1."""
    canvas = np.zeros((size[1], size[0], 4))
    for picture, x, y, opacity in layers:
        whole = Image.new("RGBA", size)
        whole.paste(picture, (x, y))
        over = np.asarray(whole, float) / 255
        alpha = over[..., 3:] * opacity
        canvas = np.concatenate((over[..., :3] * alpha, alpha), axis=2) + canvas * (1 - alpha)
    return canvas


def expected(plan: Plan) -> np.ndarray:
    """What the page shows of a plan."""
    return drawn(
        [
            (opened(layer["file"]), layer["x"], layer["y"], layer["opacity"] / 100)
            for layer in reversed(plan["layers"])
            if not layer["hidden"]
        ]
    )


def apart(picture: Image.Image, canvas: np.ndarray) -> float:
    """The greatest distance, of 255, on an opaque canvas."""
    assert np.allclose(canvas[..., 3], 1)
    return float(np.abs(np.asarray(picture.convert("RGB"), float) - canvas[..., :3] * 255).max())


def test_a_psd_has_every_layer_in_its_place(plan: Plan, tmp_path: Path) -> None:
    document = PSDImage.open(written(plan, "psd", tmp_path))
    assert document.size == SIZE
    front_first = list(document)[::-1]
    for layer, (name, (x, y), (width, height), opacity, hidden), number in zip(
        front_first, STACK, range(len(STACK)), strict=True
    ):
        assert layer.name == name[:255]
        assert layer.bbox == (x, y, x + width, y + height)
        assert layer.opacity == round(opacity * 2.55)
        assert layer.visible is not hidden
        assert not layer.has_mask()
        image = layer.topil()
        assert image
        assert np.array_equal(np.asarray(image.convert("RGBA")), np.asarray(opened(plan["layers"][number]["file"])))


def test_a_psd_recomposes_to_what_the_page_shows(plan: Plan, tmp_path: Path) -> None:
    document = PSDImage.open(written(plan, "psd", tmp_path))
    merged = document.topil()
    assert merged
    assert apart(merged, expected(plan)) <= 1
    # PSD keeps an opacity in steps of 1/255, so its own layers draw another 0.5 % of one.
    assert apart(document.composite(force=True), expected(plan)) <= 1.6


def test_an_ora_is_as_its_specification_says(plan: Plan, tmp_path: Path) -> None:
    path = written(plan, "ora", tmp_path)
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        # A reader looks for the type at this place of the file.
        assert path.read_bytes()[38:54] == b"image/openraster"
        assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(archive.namelist())
        image = ElementTree.fromstring(archive.read("stack.xml"))  # noqa: S314 - our own
        assert (image.get("w"), image.get("h")) == ("120", "80")
        layers = []
        for element, (name, place, _, opacity, hidden) in zip(image.findall("stack/layer"), STACK, strict=True):
            facts = element.attrib
            assert facts["name"] == name
            assert (int(facts["x"]), int(facts["y"])) == place
            assert float(facts["opacity"]) == pytest.approx(opacity / 100)
            assert facts["visibility"] == ("hidden" if hidden else "visible")
            if not hidden:
                picture = opened(io.BytesIO(archive.read(facts["src"])))
                layers.append((picture, *place, float(facts["opacity"])))
        merged = opened(io.BytesIO(archive.read("mergedimage.png")))
        thumbnail = opened(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
    assert merged.size == SIZE
    assert max(thumbnail.size) <= 256
    assert apart(merged, expected(plan)) <= 1
    assert np.abs(drawn(layers[::-1]) - expected(plan)).max() * 255 <= 1


def test_a_zip_says_in_json_what_belongs_where(plan: Plan, tmp_path: Path) -> None:
    with zipfile.ZipFile(written(plan, "zip", tmp_path)) as archive:
        told = json.loads(archive.read("layers.json"))
        assert (told["width"], told["height"]) == SIZE
        for layer, (name, (x, y), (width, height), opacity, hidden) in zip(told["layers"], STACK, strict=True):
            assert opened(io.BytesIO(archive.read(layer["file"]))).size == (width, height)
            assert layer["name"] == name
            assert (layer["x"], layer["y"], layer["width"], layer["height"]) == (x, y, width, height)
            assert layer["opacity"] == pytest.approx(opacity / 100)
            assert layer["visible"] is not hidden
            assert "/" not in layer["file"]


@pytest.mark.parametrize("kind", ["psd", "ora", "zip"])
def test_forty_layers_are_written(tmp_path: Path, kind: str) -> None:
    painted(1, (40, 30), opaque=False).save(tmp_path / "one.png")
    layer = {"file": str(tmp_path / "one.png"), "opacity": 90, "hidden": False, "width": 40, "height": 30}
    layers = [layer | {"name": f"Layer {number}", "x": number, "y": -number} for number in range(40)]
    path = written({"width": 60, "height": 30, "layers": layers}, kind, tmp_path)
    if kind == "psd":
        assert [one.name for one in PSDImage.open(path)][::-1] == [one["name"] for one in layers]
    else:
        with zipfile.ZipFile(path) as archive:
            assert sum(name.endswith(".png") for name in archive.namelist()) == (42 if kind == "ora" else 40)


def test_a_layer_in_another_size_than_its_place_is_fitted(tmp_path: Path) -> None:
    painted(1, (40, 30), opaque=True).save(tmp_path / "one.png")
    layer = {"file": str(tmp_path / "one.png"), "name": "One", "opacity": 100, "hidden": False}
    plan = {"width": 80, "height": 60, "layers": [layer | {"x": 0, "y": 0, "width": 80, "height": 60}]}
    [made] = PSDImage.open(written(plan, "psd", tmp_path))
    assert made.size == (80, 60)


def test_a_cut_out_is_trimmed_or_in_place(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (40, 30))
    picture.paste((200, 10, 10, 128), (5, 6, 25, 26))
    picture.save(tmp_path / "one.png")
    layer = {"file": str(tmp_path / "one.png"), "name": "One", "opacity": 40, "hidden": True}
    plan = {"width": 80, "height": 60, "layers": [layer | {"x": 50, "y": -4, "width": 40, "height": 30}]}
    trimmed = opened(written(plan, "trimmed", tmp_path))
    assert trimmed.size == (20, 20)
    assert trimmed.getpixel((0, 0)) == (200, 10, 10, 128)
    placed = opened(written(plan, "placed", tmp_path))
    assert placed.size == (80, 60)
    assert placed.getbbox() == (55, 2, 75, 22)


def test_layers_are_compared_with_their_source(plan: Plan, tmp_path: Path) -> None:
    # All of them at 100 %, whatever people hid or faded.
    whole = plan | {"layers": [layer | {"opacity": 100, "hidden": False} for layer in plan["layers"]]}
    exact = Image.fromarray((expected(whole)[..., :3] * 255 + 0.5).astype(np.uint8), "RGB")
    exact.save(tmp_path / "source.png")
    (tmp_path / "plan.json").write_text(json.dumps(plan | {"source": str(tmp_path / "source.png")}))
    same = imaging.compare_layers(tmp_path / "plan.json", tmp_path)
    assert same.average < 0.1
    assert same.greatest <= 1
    assert opened(same.together).size == SIZE
    exact.point(lambda value: min(255, value + 7)).save(tmp_path / "source.png")
    other = imaging.compare_layers(tmp_path / "plan.json", tmp_path)
    assert 5 < other.average <= 8
    strong = np.asarray(opened(other.difference).convert("L"))
    assert 60 < strong.mean() < 130


def test_a_layer_that_is_no_picture_is_named_as_unusable(plan: Plan, tmp_path: Path) -> None:
    Path(plan["layers"][0]["file"]).write_bytes(b"these are words")
    with pytest.raises(imaging.Unusable):
        written(plan, "psd", tmp_path)


@pytest.mark.parametrize("source_type", ["trained", "composite"])
def test_every_kind_of_file_says_that_ai_made_it(plan: Plan, tmp_path: Path, source_type: str) -> None:
    said = {"trained": TRAINED, "composite": COMPOSITE}[source_type]
    plan |= {"marked_as": source_type}
    one = plan | {"layers": plan["layers"][:1]}
    files = {
        kind: written(one if kind == "trimmed" else plan, kind, tmp_path) for kind in ("psd", "ora", "zip", "trimmed")
    }
    found = exiftool(tmp_path, whole_psd=files["psd"].read_bytes(), cut_png=files["trimmed"].read_bytes())
    assert [one["XMP-iptcExt:DigitalSourceType"] for one in found.values()] == [said, said]
    for kind in ("ora", "zip"):
        with zipfile.ZipFile(files[kind]) as archive:
            pictures = [archive.read(name) for name in archive.namelist() if name.endswith(".png")]
        assert len(pictures) >= len(STACK)
        assert all(said.encode() in data for data in pictures)
        assert all(opened(io.BytesIO(data)).size for data in pictures)


def test_a_file_of_an_upload_that_ai_had_no_part_in_says_nothing(plan: Plan, tmp_path: Path) -> None:
    assert b"DigitalSourceType" not in written(plan, "psd", tmp_path).read_bytes()
