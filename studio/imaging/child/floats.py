"""Read TIFF files whose values are fractions, which Pillow knows only in grey, as 8-bit ones."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, TiffImagePlugin

from studio.imaging.child import icc
from studio.imaging.child.facts import Facts
from studio.imaging.limits import MAX_PIXELS, MAX_SIDE
from studio.imaging.unusable import broken, too_complex, too_long_side, too_many_pixels

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

# Numbers of tags (TIFF 6.0).
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _MAKE, _OFFSETS, _ORIENTATION = (
    256,
    257,
    258,
    259,
    262,
    271,
    273,
    274,
)
_SAMPLES, _ROWS, _COUNTS, _PLANAR, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_COUNTS = (
    *(277, 278, 279, 284, 317),
    *(322, 323, 324, 325),
)
_EXTRA, _FORMAT, _XMP, _EXIF, _ICC, _GPS = 338, 339, 700, 34665, 34675, 34853
_FRACTIONS = 3
_ASSOCIATED, _UNASSOCIATED = 1, 2
_DEFLATE = frozenset({8, 32946})
# Colours that are brighter than white are cut while they are a minority; else the numbers have another scale.
_MINORITY = 0.25


@dataclass
class _Layout:
    """How the values lie in the file. A block is a strip or a tile."""

    width: int
    height: int
    samples: int
    bits: int
    is_big_endian: bool
    compression: int
    predictor: int
    is_planar: bool
    block_width: int
    block_height: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]


def is_of_fractions(data: bytes) -> bool:
    """Whether the first page of a TIFF holds fractions."""
    tags = _tags(data)
    return tags is not None and set(_all(tags.get(_FORMAT))) == {_FRACTIONS}


def has_pages(data: bytes) -> bool:
    """Whether this TIFF has a sound first page, so that only its kind of values can be the trouble."""
    tags = _tags(data)
    offsets = _all(tags.get(_TILES) or tags.get(_OFFSETS)) if tags is not None else ()
    return bool(offsets) and max(offsets) < len(data)


def as_eight_bits(data: bytes, facts: Facts) -> io.BytesIO:
    """Write the first page as a plain TIFF of 8 bits, with the same profile and orientation. Raises `Unusable`."""
    # It would reserve address space for a thread per processor.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy as np

    tags = _tags(data)
    if tags is None:
        raise broken()
    layout = _layout(data, tags)
    colours = 3 if tags.get(_PHOTOMETRIC) == 2 else 1
    if tags.get(_PHOTOMETRIC) not in (0, 1, 2) or layout.samples < colours:
        raise too_complex()
    values = _values(data, layout)
    extra = _all(tags.get(_EXTRA))[:1]
    alpha = values[..., colours] if layout.samples > colours and extra and extra[0] in (1, 2) else None
    values = values[..., :colours]
    if alpha is not None:
        alpha = np.clip(np.nan_to_num(alpha), 0, 1)
        if extra[0] == _ASSOCIATED:
            values = values / np.maximum(alpha, 1e-6)[..., None]
    values = _from_zero_to_one(values, facts)
    if tags.get(_PHOTOMETRIC) == 0:
        values = 1 - values
    profile = tags.get(_ICC)
    curves = icc.curves(profile) if profile else None
    if curves and len(curves) == colours:
        for channel, curve in enumerate(curves):
            values[..., channel] = icc.to_srgb_code(np.clip(curve(values[..., channel]), 0, 1))
        profile = icc.with_srgb_curves(profile)
        facts.is_recoded = True
    elif not profile:
        facts.drop("no colour profile: values read as sRGB")
    parts = [np.round(values * 255).astype(np.uint8)]
    if alpha is not None:
        parts.append(np.round(alpha * 255).astype(np.uint8)[..., None])
    mode = {1: "L", 3: "RGB"}[colours] + ("A" if alpha is not None else "")
    picture = Image.frombytes(mode, (layout.width, layout.height), np.concatenate(parts, axis=-1).tobytes())
    return _written(picture, tags, profile)


def _written(picture: Image.Image, tags: Any, profile: bytes | None) -> io.BytesIO:
    kept: dict[int, Any] = {_ORIENTATION: int(tags.get(_ORIENTATION, 1))}
    if _XMP in tags:
        kept[_XMP] = tags[_XMP]
    if _MAKE in tags or _EXIF in tags:
        kept[_MAKE] = "camera"
    if _GPS in tags:
        kept[_GPS] = {1: "N"}
    file = io.BytesIO()
    picture.save(file, "TIFF", tiffinfo=kept, **({"icc_profile": profile} if profile else {}))
    file.seek(0)
    return file


def _tags(data: bytes) -> Any:
    """Read the tags of the first page; None when they are damaged."""
    file = io.BytesIO(data)
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if data[2:3] == b"+" or data[3:4] == b"+" else 8])
        file.seek(tags.next)
        tags.load(file)
        tags.get(_FORMAT)
    except (OSError, ValueError, TypeError, SyntaxError, LookupError, struct.error):
        return None
    return tags


def _all(value: Any) -> tuple[int, ...]:
    return () if value is None else tuple(value) if isinstance(value, tuple) else (value,)


def _layout(data: bytes, tags: Any) -> _Layout:
    width, height, samples = int(tags.get(_WIDTH, 0)), int(tags.get(_HEIGHT, 0)), int(tags.get(_SAMPLES, 1))
    bits = set(_all(tags.get(_BITS)))
    if min(width, height, samples) < 1:
        raise broken()
    if max(width, height) > MAX_SIDE:
        raise too_long_side(max(width, height))
    if width * height > MAX_PIXELS:
        raise too_many_pixels(width * height)
    if samples > 8 or len(bits) != 1 or not bits <= {16, 32, 64}:
        raise too_complex()
    is_tiled = _TILES in tags
    layout = _Layout(
        *(width, height, samples, bits.pop()),
        is_big_endian=data[:2] == b"MM",
        compression=int(tags.get(_COMPRESSION, 1)),
        predictor=int(tags.get(_PREDICTOR, 1)),
        is_planar=tags.get(_PLANAR) == 2,
        block_width=int(tags.get(_TILE_WIDTH, 0)) if is_tiled else width,
        block_height=int(tags.get(_TILE_HEIGHT, 0)) if is_tiled else min(int(tags.get(_ROWS, height)), height),
        offsets=_all(tags.get(_TILES if is_tiled else _OFFSETS)),
        counts=_all(tags.get(_TILE_COUNTS if is_tiled else _COUNTS)),
    )
    if min(layout.block_width, layout.block_height) < 1 or max(layout.block_width, layout.block_height) > MAX_SIDE:
        raise broken()
    return layout


def _values(data: bytes, layout: _Layout) -> Array:
    """Decode all blocks: rows, columns, samples."""
    import numpy as np

    values = np.zeros((layout.height, layout.width, layout.samples), np.float32)
    blocks = list(_blocks(layout))
    if len(layout.offsets) < len(blocks) or len(layout.counts) < len(blocks):
        raise broken()
    is_tiled = layout.block_width != layout.width
    for (plane, top, left), offset, count in zip(blocks, layout.offsets, layout.counts, strict=False):
        rows = layout.block_height if is_tiled else min(layout.block_height, layout.height - top)
        samples = 1 if layout.is_planar else layout.samples
        length = layout.block_width * samples * layout.bits // 8
        unpacked = _unpacked(data[offset : offset + count], layout.compression, length, rows)
        block = _fractions(unpacked, layout, rows, samples)[: layout.height - top, : layout.width - left]
        target = values[top : top + block.shape[0], left : left + block.shape[1]]
        target[..., slice(plane, plane + 1) if layout.is_planar else slice(None)] = block
    return values


def _blocks(layout: _Layout) -> Iterator[tuple[int, int, int]]:
    for plane in range(layout.samples if layout.is_planar else 1):
        for top in range(0, layout.height, layout.block_height):
            for left in range(0, layout.width, layout.block_width):
                yield plane, top, left


def _unpacked(packed: bytes, compression: int, length: int, rows: int) -> bytes:
    """Unpack rows of this length in bytes."""
    if compression == 1:
        data = packed
    elif compression in _DEFLATE:
        try:
            data = zlib.decompressobj().decompress(packed, length * rows)
        except zlib.error as error:
            raise broken() from error
    else:
        # Pillow unpacks the rest, told that every four bytes are a pixel.
        file = io.BytesIO()
        channels = 4 if length % 4 == 0 else 1
        pairs = {
            _WIDTH: length // channels,
            _HEIGHT: rows,
            _COMPRESSION: compression,
            _PHOTOMETRIC: 5 if channels == 4 else 1,
            _SAMPLES: channels,
            _ROWS: rows,
            _COUNTS: len(packed),
        }
        entries = sorted({**pairs, _OFFSETS: 0, _BITS: 8}.items())
        start = 8 + 2 + 12 * len(entries) + 4
        file.write(struct.pack("<2sHIH", b"II", 42, 8, len(entries)))
        for tag, value in entries:
            if tag == _BITS and channels == 4:
                file.write(struct.pack("<HHII", tag, 3, 4, start))
            else:
                file.write(struct.pack("<HHII", tag, 4, 1, start + 8 if tag == _OFFSETS else value))
        file.write(bytes(4) + struct.pack("<4H", 8, 8, 8, 8) + packed)
        file.seek(0)
        data = Image.open(file, formats=("TIFF",)).tobytes()
    if len(data) < length * rows:
        raise broken()
    return data[: length * rows]


def _fractions(data: bytes, layout: _Layout, rows: int, samples: int) -> Array:
    """Undo what was done for better packing, and read the numbers."""
    import numpy as np

    size = layout.bits // 8
    order = ">" if layout.is_big_endian else "<"
    if layout.predictor == 3:
        # Differences of bytes; the highest bytes of a row come first, then the next ones.
        steps = np.frombuffer(data, np.uint8).reshape(rows, -1, samples)
        planes = np.cumsum(steps, axis=1, dtype=np.uint8).reshape(rows, size, -1)
        numbers = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(f">f{size}")
    elif layout.predictor == 2:
        words = np.frombuffer(data, f"{order}u{size}").reshape(rows, -1, samples)
        numbers = np.cumsum(words, axis=1, dtype=f"u{size}").view(f"f{size}")
    elif layout.predictor == 1:
        numbers = np.frombuffer(data, f"{order}f{size}")
    else:
        raise too_complex()
    with np.errstate(over="ignore"):
        return numbers.reshape(rows, -1, samples).astype(np.float32)


def _from_zero_to_one(values: Array, facts: Facts) -> Array:
    """Bring all values between 0 and 1, and say what that took."""
    import numpy as np

    known = np.isfinite(values)
    if not known.any():
        raise broken()
    if not known.all():
        facts.drop("values that are no numbers shown as black")
        values = np.where(known, values, 0).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return values.copy()
    outside = float(np.mean((values < 0) | (values > 1)))
    if outside <= _MINORITY:
        facts.drop("values above white or below black cut")
        return np.clip(values, 0, 1)
    facts.drop("brightness scaled to the values that occur")
    return ((values - low) / max(high - low, 1e-30)).astype(np.float32)
