"""An edit beside its source: where they differ, and the source with parts of the edit laid in."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageCms

from studio.imaging.child import alignment, regions
from studio.imaging.child.colours import expand, own_profile, to_srgb
from studio.imaging.child.decode import Opened, decoding, open_picture
from studio.imaging.child.deep import expand_depth
from studio.imaging.child.encode import average_colour, placeholder, webp
from studio.imaging.child.facts import Facts
from studio.imaging.child.resize import TURNS, normalize, shrink
from studio.imaging.child.tasks import OutputFolder
from studio.imaging.limits import MAX_SIDE, MOST_MASK_SIDE
from studio.imaging.sizes import first_size
from studio.imaging.unusable import Unusable, bad_mask, nothing_kept, other_shape

# Sides whose ratios differ by more are of another shape.
_SAME_SHAPE = 0.01
# A photograph of 2K is packed in a third of a second; the usual level 6 takes four times that and saves a tenth.
_PNG_LEVEL = 1
_PREVIEW_SIDE = 1024
# An edit has an outline of its own where one in a hundred of its pixels is more away than there.
_CUT_AWAY, _OUTLINE_SHARE = 128, 100


class Exact(NamedTuple):
    """A source's own pixels, and its colour profile where they are kept in one."""

    picture: Image.Image
    profile: bytes | None


def compare(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Say how an edit lies on its source and list the regions where they differ."""
    before, after = _upright(source), _upright(Path(options["edit"]))
    if not _same_shape(before.size, after.size):
        return {"verdict": "other_shape", "dx": 0, "dy": 0, "lining": 0, "unlisted": 0, "regions": [], "files": []}
    scaled = before.size != after.size
    after = after.resize(before.size, Image.Resampling.LANCZOS) if scaled else after
    found = alignment.align(before.convert("L"), after.convert("L"))
    after = _laid(after, before, found.dx, found.dy)
    apart = regions.difference(shrink(before, regions.MAP_SIDE), shrink(after, regions.MAP_SIDE))
    listed = regions.find(apart)
    zoom = max(before.size) / max(apart.size)
    return {
        "verdict": "everywhere" if listed.everywhere else "found" if listed.boxes else "same",
        "dx": found.dx,
        "dy": found.dy,
        "lining": round(found.share * 100),
        "unlisted": min(listed.unlisted, 10_000),
        "regions": [
            _region(box, share, zoom, before.size) for box, share in zip(listed.boxes, listed.shares, strict=True)
        ],
        "files": [
            output.write("difference.png", _png(regions.shown(apart)), apart),
            output.write("regions.png", _png(listed.labels), listed.labels),
        ],
    }


def compose(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Lay the masked part of the edit into its source; every other pixel keeps the source's exact values."""
    exact, mask = _kept(source, options)
    data = _png(exact.picture, exact.profile)
    plain = to_srgb(exact.picture, Facts(profile=exact.profile))[0]
    return _reply(output, "kept.png", data, plain) | {"areas": min(regions.count_areas(mask), 10_000)}


def put_back(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Give a layer the colours of an edit of it: its size and its outline stay, unless the edit has one of its own."""
    layer, edit = _upright(source), _upright(Path(options["edit"]))
    if not _same_shape(layer.size, edit.size):
        raise other_shape()
    edit = edit if edit.size == layer.size else edit.resize(layer.size, Image.Resampling.LANCZOS)
    if not _has_outline(edit):
        edit = edit.convert("RGB")
        if layer.mode == "RGBA":
            edit.putalpha(layer.getchannel("A"))
    return _reply(output, "layer.png", _png(edit), edit) | {"areas": 1}


def _upright(path: Path) -> Image.Image:
    with open_picture(path) as opened:
        return normalize(opened, MAX_SIDE).picture


def _reply(output: OutputFolder, name: str, data: bytes, picture: Image.Image) -> dict[str, Any]:
    """Write a PNG and its first smaller copy, and say what they are."""
    size = first_size(*picture.size)
    small = shrink(picture, size)
    return {
        **output.write(name, data, picture),
        "sha256": hashlib.sha256(data).hexdigest(),
        "has_alpha": picture.mode == "RGBA",
        "placeholder": placeholder(small),
        "colour": average_colour(small),
        "renditions": [{"size": size, **output.write(f"{size}.webp", webp(small), small)}],
    }


def _has_outline(picture: Image.Image) -> bool:
    """Whether a noticeable part of it is cut away: soft noise in an opaque picture's alpha is no outline."""
    if picture.mode != "RGBA":
        return False
    seen = picture.getchannel("A").histogram()
    return sum(seen[:_CUT_AWAY]) * _OUTLINE_SHARE >= picture.width * picture.height


def preview(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Do what `compose` does, at the size of a screen."""
    exact, _ = _kept(source, options)
    small = shrink(to_srgb(exact.picture, Facts(profile=exact.profile))[0], _PREVIEW_SIDE)
    return {"renditions": [{"size": _PREVIEW_SIDE, **output.write("preview.webp", webp(small), small)}]}


TASKS: dict[str, Callable[[Path, OutputFolder, dict[str, Any]], dict[str, Any]]] = {
    "compare_edit": compare,
    "compose": compose,
    "preview": preview,
    "put_back": put_back,
}


def _kept(source: Path, options: dict[str, Any]) -> tuple[Exact, Image.Image]:
    """Return the source with the kept part of the edit in it, and the mask. Raises `Unusable`."""
    with open_picture(source) as opened:
        before = _exact(opened)
    size, dx, dy = before.picture.size, options["dx"], options["dy"]
    mask = _mask(options, size)
    covered = Image.new("L", size)
    box = alignment.overlap(*size, dx, dy)
    covered.paste(mask.crop(box), box)
    if covered.getbbox() is None:
        raise nothing_kept()
    with open_picture(Path(options["edit"])) as opened:
        after = _in_colours_of(before, opened)
    if not _same_shape(size, after.size):
        raise bad_mask()
    after = after if after.size == size else after.resize(size, Image.Resampling.LANCZOS)
    mode = "RGBA" if "RGBA" in (before.picture.mode, after.mode) else "RGB"
    whole = before.picture if before.picture.mode == mode else before.picture.convert(mode)
    _blend(whole, _laid(after.convert(mode), whole, dx, dy), covered)
    return Exact(whole, before.profile), covered


def _mask(options: dict[str, Any], size: tuple[int, int]) -> Image.Image:
    """Read the painted mask, or take numbered regions of the map, at the size of the source."""
    path = Path(options["mask"])
    try:
        with open_picture(path, frozenset({"PNG"})) as opened:
            if max(opened.width, opened.height) > MOST_MASK_SIDE or not _same_shape(
                size, (opened.width, opened.height)
            ):
                raise bad_mask()
            opened.check_first_frame()
            with decoding():
                opened.picture.load()
                picture = opened.picture.copy()
    except Unusable as refusal:
        raise bad_mask() from refusal
    if options["take"]:
        taken = set(options["take"])
        number, cover, _ = picture.convert("RGB").split()
        mask = ImageChops.multiply(number.point([255 if value in taken else 0 for value in range(256)]), cover)
    elif picture.has_transparency_data:
        mask = picture.convert("RGBA").getchannel("A")
    else:
        mask = picture.convert("L")
    return mask if mask.size == size else mask.resize(size, Image.Resampling.BILINEAR)


def _exact(opened: Opened) -> Exact:
    """Decode a source without touching a value: colours are only converted where PNG cannot hold them."""
    with decoding():
        opened.picture.load()
        picture = expand(expand_depth(opened), opened.facts)
        turn = TURNS.get(opened.orientation)
        picture = picture if turn is None else picture.transpose(turn)
        # The values of an alpha picture are described by the profile of its colours.
        if picture.mode in ("RGB", "RGBA") and own_profile(opened.facts):
            return Exact(picture.copy(), opened.facts.profile)
        plain, change = to_srgb(picture, opened.facts)
        is_exact = picture.mode in ("RGB", "RGBA") and not change
        return Exact(picture.copy() if is_exact else plain, None)


def _in_colours_of(source: Exact, opened: Opened) -> Image.Image:
    """Decode an edit into the colour space of its source."""
    if opened.facts.profile == source.profile and not opened.facts.signal and opened.picture.mode in ("RGB", "RGBA"):
        return _exact(opened).picture
    plain = normalize(opened, MAX_SIDE).picture
    target = own_profile(Facts(profile=source.profile))
    if target is None:
        return plain
    colours = ImageCms.profileToProfile(plain.convert("RGB"), ImageCms.createProfile("sRGB"), target)
    if colours is None:
        raise AssertionError("not in place")
    if plain.mode == "RGBA":
        colours.putalpha(plain.getchannel("A"))
    return colours


def _laid(edit: Image.Image, source: Image.Image, dx: int, dy: int) -> Image.Image:
    """Move an edit by whole pixels; what it does not cover is the source's."""
    if (dx, dy) == (0, 0):
        return edit
    moved = source.convert(edit.mode)
    moved.paste(edit, (dx, dy))
    return moved


def _blend(whole: Image.Image, edit: Image.Image, mask: Image.Image) -> None:
    """Mix `edit` into `whole`, in place, by the mask: 0 leaves the bytes, 255 takes the edit's."""
    box = mask.getbbox()
    if box is None:
        raise AssertionError("an empty mask was refused")
    if whole.mode == "RGB":
        whole.paste(edit, mask=mask)  # in C, and rounded so that 0 and 255 are exact
        return
    before, after = (np.asarray(one.crop(box)).astype(np.uint32) for one in (whole, edit))
    share = np.asarray(mask.crop(box)).astype(np.uint32)[..., None]
    mixed = (before * (255 - share) + after * share + 127) // 255
    if whole.mode == "RGBA":
        alphas = mixed[..., 3:]
        # By what each shows: a transparent pixel's hidden colour must not bleed in.
        seen = before[..., :3] * before[..., 3:] * (255 - share) + after[..., :3] * after[..., 3:] * share
        weight = np.maximum(1, before[..., 3:] * (255 - share) + after[..., 3:] * share)
        colours = (seen + weight // 2) // weight
        clear = (share > 0) & (share < 255) & (alphas > 0)
        mixed[..., :3] = np.where(clear, colours, mixed[..., :3])
    whole.paste(Image.fromarray(mixed.astype(np.uint8)), box)


def _region(box: tuple[int, int, int, int], share: float, zoom: float, size: tuple[int, int]) -> dict[str, int]:
    left, top = int(box[0] * zoom), int(box[1] * zoom)
    right, bottom = min(size[0], round(box[2] * zoom)), min(size[1], round(box[3] * zoom))
    return {
        "x": left,
        "y": top,
        "width": max(1, right - left),
        "height": max(1, bottom - top),
        "ppm": round(share * 1_000_000),
    }


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    # Two pixels more or less are rounding, whatever the size.
    apart = abs(one[0] * other[1] - one[1] * other[0])
    return apart <= max(_SAME_SHAPE * one[0] * other[1], 2 * max(*one, *other))


def _png(picture: Image.Image, profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=_PNG_LEVEL, compress_type=zlib.Z_RLE, icc_profile=profile)
    return file.getvalue()
