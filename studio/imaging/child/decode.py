"""Open a picture: its kind from its first bytes, one decoder for that kind, and its size before its pixels."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from PIL import ExifTags, Image, ImageFile

from studio.imaging.child import integrity
from studio.imaging.limits import MAX_PIXELS, MAX_SCANS, MAX_SIDE
from studio.imaging.unusable import broken, not_a_picture, too_complex, too_long_side, too_many_pixels

# Pillow's name of each kind we read, and the module that reads it. No other decoder is ever loaded.
_DECODERS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "AVIF": "PIL.AvifImagePlugin",
    "HEIF": "pillow_heif",
}
UPLOADS = frozenset(_DECODERS)
# What the API delivers and what we keep (luma-api.md sections 3.9 and 10.2).
STORED = frozenset({"JPEG", "PNG", "WEBP", "GIF"})

# How a file of each kind begins. WebP, AVIF and HEIC say it later (see `_kind_of`).
_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEAD_BYTES = 64

# Several images in one file mean frames or pages here; in a JPEG they are previews, in a HEIC a burst.
_FRAMED = frozenset({"GIF", "PNG", "WEBP", "TIFF", "AVIF"})
# A film of more pixels than this is decoded so far and not checked from there: a card must not wait for minutes.
_MOST_FRAME_PIXELS = 4 * MAX_PIXELS

# These decoders give the picture upright, in size and pixels; in a HEIC the EXIF value is only a note of it.
_TURNED_BY_DECODER = frozenset({"TIFF", "HEIF"})

# More threads mean more address space (stacks and arenas) and no earlier end: one child per processor is enough.
_DECODER_THREADS = 2

# Decoders raise more on hostile bytes than Pillow documents; this is what a sweep of fuzzed files met.
DECODER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True)
class Opened:
    """A picture whose header is read and whose pixels are not; `width` and `height` are as the decoder gives them."""

    picture: ImageFile.ImageFile
    source: Path
    kind: str
    width: int
    height: int
    is_animated: bool

    @property
    def orientation(self) -> int:
        """What is left to turn, 1 to 8, after what the decoder turns by itself."""
        return 1 if self.kind in _TURNED_BY_DECODER else self.stored_orientation

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height as a viewer shows it, in pixels."""
        # Orientations 5 to 8 lie on their side.
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)

    @cached_property
    def stored_orientation(self) -> int:
        """Read the EXIF orientation; a damaged one counts as upright, as in every viewer."""
        with decoding():
            if self.kind == "PNG":
                # It may be behind the pixels. Pillow then decodes them, and that must not fail in silence below.
                self.picture.load()
        with contextlib.suppress(*DECODER_ERRORS):
            found = self.picture.getexif().get(ExifTags.Base.Orientation, 1)
            # The HEIC decoder has already turned the picture and reset the value.
            orientation = self.picture.info.get("original_orientation") or found
            if orientation in range(1, 9):
                return int(orientation)
        return 1

    def check_first_frame(self) -> None:
        """Raise `Unusable` for damage in the file that decoding does not show."""
        with decoding():
            if self.kind == "JPEG":
                integrity.check_jpeg(self.source.read_bytes())
            elif self.kind == "PNG":
                integrity.check_png(self.source.read_bytes())

    def check_other_frames(self) -> None:
        """Decode the frames after the first one. Raises `Unusable` when one is damaged."""
        if self.kind == "JPEG":
            return
        with decoding():
            if self.kind == "GIF":
                integrity.check_gif(self.source.read_bytes())
            for number in range(1, _MOST_FRAME_PIXELS // (self.width * self.height) + 1):
                try:
                    self.picture.seek(number)
                except EOFError:
                    return
                self.picture.load()


def guard_pillow() -> None:
    """Set Pillow's own limits for this whole process."""
    # Its registry counts as complete, so that neither opening nor saving ever loads another plugin (EPS, PSD, PDF).
    Image._initialized = 2
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


@contextlib.contextmanager
def decoding() -> Iterator[None]:
    """Turn whatever a decoder raises into a reason; running out of memory is for the caller of the task."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        found = re.search(r"\d+", str(bomb))
        raise too_many_pixels(int(found[0]) if found else MAX_PIXELS + 1) from bomb
    except DECODER_ERRORS as error:
        raise broken() from error


@contextlib.contextmanager
def open_picture(source: Path, kinds: frozenset[str]) -> Iterator[Opened]:
    """Read the header of a file of one of these kinds; raise `Unusable` when it is none or breaks a limit."""
    # As a file and not as a path: Pillow would load a plugin for the name's ending.
    with source.open("rb") as file:
        kind = _kind_of(file.read(_HEAD_BYTES))
        if kind not in kinds:
            raise not_a_picture()
        _load_decoder(kind)
        with decoding():
            picture = Image.open(_with_end(file) if kind == "JPEG" else file, formats=(kind,))
        with picture:
            if max(picture.size) > MAX_SIDE:
                raise too_long_side(max(picture.size))
            opened = Opened(picture, source, kind, *picture.size, is_animated=_is_animated(picture, kind))
            if kind != "PNG":
                opened.stored_orientation  # noqa: B018 - some decoders forget it once they have turned the pixels
            yield opened


def _kind_of(head: bytes) -> str:
    """Name the kind by the first 64 bytes, or return ``""``."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))}
        return "AVIF" if brands & _AVIF_BRANDS else "HEIF" if brands & _HEIC_BRANDS else ""
    return ""


def _load_decoder(kind: str) -> None:
    """Load the one module that reads this kind."""
    module = importlib.import_module(_DECODERS[kind])
    if kind == "AVIF":
        vars(module)["DEFAULT_MAX_THREADS"] = _DECODER_THREADS
    if kind == "HEIF":
        # An embedded thumbnail, depth map or gain map is never what the person means.
        module.register_heif_opener(
            decode_threads=_DECODER_THREADS, thumbnails=False, depth_images=False, aux_images=False
        )


def _with_end(file: IO[bytes]) -> IO[bytes]:
    """Refuse a JPEG of too many scans; add the end marker where a whole picture lacks it, as every viewer does."""
    file.seek(0)
    data = file.read()
    if integrity.count_scans(data, MAX_SCANS) > MAX_SCANS:
        raise too_complex()
    if integrity.has_end(data):
        return file
    if not integrity.has_every_detail(data):
        raise broken()
    return io.BytesIO(data + integrity.JPEG_END)


def _is_animated(picture: ImageFile.ImageFile, kind: str) -> bool:
    try:
        return kind in _FRAMED and bool(getattr(picture, "is_animated", False))
    except DECODER_ERRORS:
        # A later frame is damaged; `check_other_frames` finds it where frames are used.
        with decoding():
            picture.seek(0)
        return True
