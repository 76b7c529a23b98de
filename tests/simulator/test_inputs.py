"""Pictures that go in: four kinds of reference, edits, layers, and inputs that cannot be used."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import luma_agents
import pytest
from luma_agents import Luma
from luma_agents.types import Generation
from PIL import Image, ImageChops

from studio.simulator.image_size import image_size
from tests.simulator.conftest import caller, ended, inline, opened, picture, send_file, until
from tests.simulator.inputs import PICTURE, edit, host

__all__ = ["host"]


def upload(luma: Luma, content: bytes = PICTURE) -> str:
    file_id: str = send_file(luma, content)["id"]
    until(lambda: luma.files.get(file_id).state == "ready")
    return file_id


def test_a_picture_is_edited_from_inline_data(luma: Luma) -> None:
    generation = edit(luma, inline(PICTURE))
    assert (generation.type, generation.state) == ("image_edit", "completed")
    assert opened(generation.output[0].url).size == (120, 80)


def test_a_picture_is_edited_from_a_url(luma: Luma, host: str) -> None:
    named = host.replace("127.0.0.1", "localhost")
    assert opened(edit(luma, {"url": f"{named}/hop"}).output[0].url).size == (120, 80)


def test_a_picture_is_edited_from_an_earlier_generation(luma: Luma) -> None:
    first = edit(luma, inline(picture((200, 100))))
    assert opened(edit(luma, {"generation_id": first.id}).output[0].url).size == (200, 100)


def test_a_picture_is_edited_from_an_uploaded_file(luma: Luma) -> None:
    assert opened(edit(luma, {"file_id": upload(luma)}).output[0].url).size == (120, 80)


def test_references_of_every_kind_are_taken_together(luma: Luma, host: str) -> None:
    first = edit(luma, inline(PICTURE))
    refs: Any = [
        {"url": f"{host}/picture.png"},
        {"generation_id": first.id},
        {"file_id": upload(luma)},
        *[inline(PICTURE)] * 6,
    ]
    assert ended(luma, luma.generations.create(prompt="A", image_ref=refs)).state == "completed"


@pytest.mark.parametrize("size", [(6000, 4000), (8000, 16), (1, 1)])
def test_an_edit_keeps_the_size_of_its_source_and_ignores_the_ratio(luma: Luma, size: tuple[int, int]) -> None:
    generation = edit(luma, inline(picture(size, "JPEG"), "image/jpeg"), aspect_ratio="1:3")
    assert opened(generation.output[0].url).size == size


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "LOSSLESS", "ALPHA"])
@pytest.mark.parametrize("size", [(8001, 8), (8, 8001)])
def test_a_side_of_more_than_8000_pixels_is_a_413(luma: Luma, image_format: str, size: tuple[int, int]) -> None:
    saved: dict[str, Any] = {"LOSSLESS": {"lossless": True}, "ALPHA": {"mode": "RGBA"}}.get(image_format, {})
    content = picture(size, "WEBP" if saved else image_format, **saved)
    with pytest.raises(luma_agents.APIStatusError) as caught:
        edit(luma, inline(PICTURE), image_ref=[inline(content)])
    assert (caught.value.status_code, caught.value.body) == (
        413,
        {"detail": "image_ref[0]: image exceeds 8000 px limit"},
    )


def test_a_jpeg_with_its_size_behind_metadata_and_fill_bytes_is_measured(tmp_path: Path) -> None:
    plain = picture((8001, 8), "JPEG")
    padded = plain[:2] + b"\xff\xe1\x27\x10" + bytes(9998) + b"\xff\xff" + plain[2:]
    for content, size in (
        (padded, (8001, 8)),
        (plain[:20], None),
        (b"\xff\xd8\xff", None),
        (b"", None),
        (b"\xff\xd8\xff\xe1\0\0", None),
    ):
        (tmp_path / "a").write_bytes(content)
        assert image_size(tmp_path / "a") == size


@pytest.mark.parametrize(
    "content",
    [
        picture((80, 80), "JPEG"),
        picture((80, 80), "WEBP"),
        picture((80, 80), "GIF"),
        picture((80, 80), mode="RGBA"),
        picture((80, 80), "JPEG", mode="CMYK"),
        picture((80, 80), mode="I;16"),
    ],
)
def test_every_format_the_service_reads_is_read(luma: Luma, content: bytes) -> None:
    image = opened(edit(luma, inline(content)).output[0].url)
    assert (image.size, image.mode) == ((80, 80), "RGB")


def animation() -> bytes:
    buffer = BytesIO()
    frames = [Image.new("RGB", (70, 70), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"these bytes are no picture", "unsupported_format"),
        (picture(image_format="BMP"), "unsupported_format"),
        (animation(), "unsupported_format"),
        (picture((300, 300), "JPEG", quality=100)[:400], "corrupt_input"),
        (picture((300, 300))[:60], "corrupt_input"),
        (picture((7_200, 7_000), mode="1"), "image_too_large"),
    ],
    ids=["text", "bmp", "animation", "cut jpeg", "cut png", "50 megapixels"],
)
def test_an_input_that_cannot_be_used_fails_the_job(luma: Luma, content: bytes, code: str) -> None:
    generation = edit(luma, inline(PICTURE), image_ref=[inline(content)])
    assert (generation.state, generation.failure_code, generation.output) == ("failed", code, [])
    assert generation.failure_reason


def test_only_a_completed_picture_of_the_same_client_can_be_a_source(address: str, luma: Luma) -> None:
    running = luma.generations.create(prompt="A [stuck]").id
    failed = luma.generations.create(prompt="A [moderated]").id
    layered = ended(luma, luma.generations.create(prompt="", type="layering", source=inline(PICTURE))).id
    theirs = edit(caller(address), inline(PICTURE)).id
    details = []
    for generation_id in (running, failed, layered, theirs):
        with pytest.raises(luma_agents.BadRequestError) as caught:
            edit(luma, {"generation_id": generation_id})
        details.append(caught.value.body["detail"])
    assert details == [
        "source: generation is not completed",
        "source: generation is not completed",
        "source: generation output is not a single image",
        "source: generation not found",
    ]


def test_a_picture_is_split_into_layers_that_lie_on_one_canvas(luma: Luma) -> None:
    generation = ended(luma, luma.generations.create(prompt="the dog", type="layering", source=inline(PICTURE)))
    layers: Any = [output.layer for output in generation.output]
    assert [layer.index for layer in layers] == [0, 1]
    assert [layer.alpha_hint for layer in layers] == ["hard", "none"]
    canvas = Image.new("RGBA", (1024, 683))
    for output in reversed(generation.output):
        bounds: Any = output.layer.bounds
        layer = opened(output.url)
        assert (layer.format, layer.mode) == ("PNG", "RGBA")
        assert layer.size == (bounds["width"], bounds["height"])
        assert (bounds["canvas_width"], bounds["canvas_height"]) == canvas.size
        canvas.alpha_composite(layer, (bounds["x"], bounds["y"]))
    expected = Image.open(BytesIO(PICTURE)).convert("RGB").resize(canvas.size)
    assert ImageChops.difference(canvas.convert("RGB"), expected).getbbox() is None


def test_two_k_layers_are_larger_and_words_can_take_the_bounds_away(luma: Luma) -> None:
    created = luma.generations.create(
        prompt="the dog [no-bounds]", type="layering", source=inline(PICTURE), layering={"resolution": "2k"}
    )
    generation = ended(luma, created)
    assert [opened(output.url).size for output in generation.output] == [(2048, 1365)] * 2
    assert all("bounds" not in output.layer.to_dict() for output in generation.output)


def test_layering_needs_no_prompt(luma: Luma) -> None:
    body = {"type": "layering", "source": inline(PICTURE)}
    created = luma.post("/generations", body=body, cast_to=Generation)
    assert ended(luma, created).state == "completed"


def test_no_input_bytes_are_left_behind(luma: Luma, tmp_path_factory: pytest.TempPathFactory) -> None:
    edit(luma, inline(PICTURE))
    with pytest.raises(luma_agents.BadRequestError):
        edit(luma, inline(PICTURE), image_ref=[inline(PICTURE), {"file_id": "none"}])
    folders = list(tmp_path_factory.getbasetemp().glob("simulator*/inputs"))
    assert folders
    until(lambda: not any(any(folder.iterdir()) for folder in folders))
