"""An edit beside its source: what differs, by how much it moved, and the source with parts of the edit in it."""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFilter

from studio import imaging
from studio.imaging.reply import InvalidReply, Reply, read_compared_edit, read_composed, read_rendition

File = Callable[[bytes, str], Path]
SIZE = (640, 480)


def scene(size: tuple[int, int] = SIZE, seed: int = 1) -> Image.Image:
    """A picture with detail at every scale, the same each time."""
    random = np.random.default_rng(seed)
    rough = random.integers(0, 256, (size[1] // 8, size[0] // 8, 3), np.uint8)
    fine = random.integers(-12, 13, (size[1], size[0], 3))
    large = np.asarray(Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC)).astype(int)
    return Image.fromarray(np.clip(large + fine, 0, 255).astype(np.uint8))


def spotted(picture: Image.Image) -> Image.Image:
    edit = picture.copy()
    draw = ImageDraw.Draw(edit)
    draw.ellipse((100, 100, 180, 180), fill="#2040e0")
    draw.rectangle((400, 300, 460, 350), fill="#e04020")
    return edit


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(path: Path | None) -> Image.Image:
    assert path
    with Image.open(path) as picture:
        return picture.copy()


def alpha_mask(size: tuple[int, int], box: tuple[int, int, int, int], soft: int = 0) -> Image.Image:
    shape = Image.new("L", size)
    ImageDraw.Draw(shape).ellipse(box, fill=255)
    mask = Image.new("RGBA", size, "white")
    mask.putalpha(shape.filter(ImageFilter.GaussianBlur(soft)) if soft else shape)
    return mask


@pytest.fixture
def compare(either_way: None, file: File, into: Path) -> Callable[..., imaging.ComparedEdit]:
    def run(before: Image.Image, after: Image.Image) -> imaging.ComparedEdit:
        return imaging.compare_edit(file(saved(before), "before"), file(saved(after), "after"), into)

    return run


@pytest.fixture
def compose(either_way: None, file: File, into: Path) -> Callable[..., Image.Image]:
    def run(before: bytes, after: bytes, mask: Image.Image, **options: Any) -> Image.Image:
        paths = [file(data, name) for data, name in ((before, "b"), (after, "a"), (saved(mask), "m"))]
        made = imaging.compose(*paths, into, **{"shift": (0, 0), **options})
        with Image.open(made.path) as picture:
            picture.load()
            assert (picture.format, picture.size) == ("PNG", (made.width, made.height))
            return picture.copy()

    return run


def test_regions_are_found_the_largest_first(compare: Callable[..., imaging.ComparedEdit]) -> None:
    before = scene()
    found = compare(before, spotted(before))
    assert (found.verdict, found.dx, found.dy, found.unlisted) == ("found", 0, 0, 0)
    for region, (x, y, width, height) in zip(found.regions, [(100, 100, 81, 81), (400, 300, 61, 51)], strict=True):
        assert abs(region.x - x) < 8
        assert abs(region.y - y) < 8
        assert abs(region.width - width) < 16
        assert abs(region.height - height) < 16
    numbers = opened(found.numbers)
    assert [numbers.getpixel(place)[0] for place in ((140, 140), (430, 325), (300, 200))] == [1, 2, 0]
    difference = opened(found.difference)
    assert difference.getpixel((140, 140)) > 100
    assert difference.getpixel((300, 200)) == 0


@pytest.mark.parametrize(("dx", "dy"), [(3, 1), (-7, 12), (0, -1), (40, -25)])
def test_a_shift_by_whole_pixels_is_found(compare: Callable[..., imaging.ComparedEdit], dx: int, dy: int) -> None:
    before = scene()
    moved = scene(seed=9)
    moved.paste(spotted(before), (dx, dy))
    found = compare(before, moved)
    assert (found.dx, found.dy) == (-dx, -dy)
    assert found.lining > 90
    assert len([region for region in found.regions if region.width < 100 and region.height < 100]) >= 2


@pytest.mark.parametrize(
    ("change", "verdict", "lining"),
    [
        ("nothing", "same", (100, 100)),
        ("grain", "same", (90, 100)),
        ("jpeg", "same", (90, 100)),
        ("darker", "everywhere", (90, 100)),
        ("turned", "everywhere", (0, 14)),
        ("another", "everywhere", (0, 14)),
        ("zoomed", "everywhere", (0, 14)),
    ],
)
def test_what_did_not_move_is_told_from_what_did(
    compare: Callable[..., imaging.ComparedEdit], change: str, verdict: str, lining: tuple[int, int]
) -> None:
    before = scene().filter(ImageFilter.GaussianBlur(1))
    random = np.random.default_rng(5)
    grain = np.clip(np.asarray(before).astype(int) + random.integers(-3, 4, (*SIZE[::-1], 3)), 0, 255)
    edits = {
        "nothing": before,
        "grain": Image.fromarray(grain.astype(np.uint8)),
        "jpeg": Image.open(io.BytesIO(saved(before, "JPEG", quality=90))),
        "darker": before.point([value // 2 for value in range(256)] * 3),
        "turned": before.transpose(Image.Transpose.ROTATE_180),
        "another": scene(seed=3),
        "zoomed": before.resize((760, 570)).crop((60, 45, 700, 525)),
    }
    found = compare(before, edits[change])
    assert found.verdict == verdict
    assert lining[0] <= found.lining <= lining[1]


def test_another_shape_cannot_be_compared(compare: Callable[..., imaging.ComparedEdit], into: Path) -> None:
    found = compare(scene(), scene((480, 640)))
    assert (found.verdict, found.regions, found.difference, found.numbers) == ("other_shape", (), None, None)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_pixel_outside_the_mask_is_the_sources(compose: Callable[..., Image.Image], kind: str) -> None:
    before, after = saved(scene(), kind), saved(spotted(scene(seed=2)))
    mask = alpha_mask(SIZE, (200, 150, 400, 350), soft=8)
    result = np.asarray(compose(before, after, mask))
    share = np.asarray(mask.getchannel("A")).astype(float)[..., None] / 255
    source, edit = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in (before, after))
    outside, inside = share[..., 0] == 0, share[..., 0] == 1
    assert np.array_equal(result[outside], source[outside])
    assert np.array_equal(result[inside], edit[inside])
    # Between them the edge is as soft as it was painted.
    assert np.abs(result - (source * (1 - share) + edit * share)).max() <= 1


def test_regions_of_the_map_are_taken(either_way: None, file: File, into: Path) -> None:
    before = scene()
    source, edit = file(saved(before), "b"), file(saved(spotted(before)), "a")
    found = imaging.compare_edit(source, edit, into)
    made = imaging.compose(source, edit, found.numbers, into, shift=(0, 0), take=[2])
    result = opened(made.path)
    assert made.areas == 1
    assert result.crop((400, 300, 461, 351)).tobytes() == spotted(before).crop((400, 300, 461, 351)).tobytes()
    assert result.crop((0, 0, 380, 480)).tobytes() == before.crop((0, 0, 380, 480)).tobytes()
    shown = imaging.preview(source, edit, found.numbers, into, shift=(0, 0), take=[1])
    assert opened(shown.path).size == SIZE


def test_a_moved_edit_is_laid_back(compose: Callable[..., Image.Image]) -> None:
    before = scene()
    moved = ImageChops.offset(spotted(before), 10, -6)
    result = compose(saved(before), saved(moved), alpha_mask(SIZE, (90, 90, 190, 190)), shift=(-10, 6))
    assert result.crop((100, 100, 180, 180)).tobytes() == spotted(before).crop((100, 100, 180, 180)).tobytes()
    # What the moved edit does not cover stays the source's, whatever is painted there.
    result = compose(saved(before), saved(moved), Image.new("L", SIZE, 255), shift=(-10, 6))
    assert result.crop((630, 0, 640, 480)).tobytes() == before.crop((630, 0, 640, 480)).tobytes()


def test_a_profile_and_alpha_of_the_source_are_kept(compose: Callable[..., Image.Image]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    wide = (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB built-in", b"wide built-in")
    )
    mask = alpha_mask(SIZE, (200, 150, 400, 350))
    before = scene()
    result = compose(saved(before, icc_profile=wide), saved(scene(seed=2)), mask)
    assert result.crop((0, 0, 640, 140)).tobytes() == before.crop((0, 0, 640, 140)).tobytes()
    assert result.getpixel((300, 250)) == pytest.approx(scene(seed=2).getpixel((300, 250)), abs=2)
    # A profile that is not for these pixels is none.
    result = compose(saved(before, icc_profile=profile), saved(scene(seed=2)), mask)
    assert result.crop((0, 0, 640, 140)).tobytes() == before.crop((0, 0, 640, 140)).tobytes()
    assert "icc_profile" not in result.info
    clear = before.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(SIZE))
    result = compose(saved(clear), saved(scene(seed=2)), alpha_mask(SIZE, (200, 150, 400, 350), soft=4))
    assert result.mode == "RGBA"
    assert result.crop((0, 0, 640, 100)).tobytes() == clear.crop((0, 0, 640, 100)).tobytes()
    assert result.getpixel((300, 250)) == (*scene(seed=2).getpixel((300, 250)), 255)


def test_a_source_that_lies_on_its_side_is_laid_upright(compose: Callable[..., Image.Image]) -> None:
    before = scene()
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = saved(before.transpose(Image.Transpose.ROTATE_90), exif=exif)
    result = compose(lying, saved(scene(seed=2)), alpha_mask(SIZE, (200, 150, 400, 350)))
    assert result.crop((0, 0, 640, 140)).tobytes() == before.crop((0, 0, 640, 140)).tobytes()


def test_a_smaller_edit_and_a_smaller_mask_are_enlarged(compose: Callable[..., Image.Image]) -> None:
    before = scene()
    result = compose(
        saved(before), saved(scene(seed=2).resize((320, 240))), alpha_mask((320, 240), (100, 75, 200, 175))
    )
    assert result.size == SIZE
    assert result.crop((0, 0, 640, 140)).tobytes() == before.crop((0, 0, 640, 140)).tobytes()


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (Image.new("L", (480, 640), 255), "bad_mask"),
        (Image.new("L", SIZE, 0), "nothing_kept"),
        (Image.new("RGBA", SIZE, (255, 255, 255, 0)), "nothing_kept"),
    ],
    ids=["shape", "black", "clear"],
)
def test_a_mask_that_cannot_be_used_is_refused(
    compose: Callable[..., Image.Image], into: Path, mask: Image.Image, reason: str
) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        compose(saved(scene()), saved(scene(seed=2)), mask)
    assert caught.value.reason == reason
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("read", [read_compared_edit, read_composed, read_rendition])
def test_a_reply_in_another_form_is_not_believed(tmp_path: Path, read: Callable[[Reply], Any]) -> None:
    reply = {"verdict": "found", "files": [], "regions": [], "renditions": [], "file": "x.png", "bytes": 1}
    with pytest.raises(InvalidReply):
        read(Reply.parse(json.dumps(reply).encode(), tmp_path, "x"))


def test_a_2k_picture_is_saved_within_its_time(file: File, into: Path) -> None:
    """At most 1.5 s of processor time; the test leaves room for a machine that does other things."""
    before = scene((2464, 1696))
    source, edit = file(saved(before, compress_level=1), "b"), file(saved(spotted(before), compress_level=1), "a")
    mask = file(saved(alpha_mask((2464, 1696), (100, 100, 2300, 1600), soft=20)), "m")
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    imaging.compose(source, edit, mask, into, shift=(0, 0))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime < 3.0
