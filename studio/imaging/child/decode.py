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

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from studio.imaging.child import boxes, integrity, png
from studio.imaging.child.facts import Facts
from studio.imaging.child.orientation import of_exif
from studio.imaging.child.spaces import from_nclx
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
# What is taken, and what is kept. Luma says it delivers JPEG and PNG (luma-api.md section 10.2); whatever comes is paid
# for, and is kept as it came when it can be decoded.
READ = frozenset(_DECODERS)
# What a kind is called in file names, where that is not Pillow's name in small letters.
_FORMATS = {"HEIF": "heic"}

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

# In these browsers follow EXIF (that of an AVIF is made by the decoder from the file's own turns); in a WebP they do not.
_TURNED_BY_EXIF = frozenset({"JPEG", "PNG", "AVIF"})

# These may name their colours by numbers alone.
_NUMBERED = frozenset({"AVIF", "HEIF"})
_XMP_KEYS = ("xmp", "XML:com.adobe.xmp")
_COMMENT_KEYS = ("comment", "photoshop", "iptc")

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
    facts: Facts

    @property
    def format(self) -> str:
        """The name under which a file of this kind is kept."""
        return _FORMATS.get(self.kind, self.kind.lower())

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
        """Tell how the file says it is turned, 1 to 8, as browsers judge it; damage counts as upright."""
        if self.kind == "HEIF":
            # The decoder has already turned the picture, whatever its EXIF says. Which way is of no matter here.
            return 3 if boxes.is_turned(self.source.read_bytes()) else 1
        if self.kind in _TURNED_BY_EXIF:
            return of_exif(self.facts.exif if self.kind == "PNG" else self.picture.info.get("exif", b""))
        if self.kind == "TIFF":  # no browser shows one: what its decoder does
            with contextlib.suppress(*DECODER_ERRORS):
                orientation = self.picture.getexif().get(ExifTags.Base.Orientation, 1)
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
def open_picture(source: Path, kinds: frozenset[str] = READ) -> Iterator[Opened]:
    """Read the header of a file of one of these kinds; raise `Unusable` when it is none or breaks a limit."""
    # As a file and not as a path: Pillow would load a plugin for the name's ending.
    with source.open("rb") as file:
        kind = _kind_of(file.read(_HEAD_BYTES))
        if kind not in kinds:
            raise not_a_picture()
        _load_decoder(kind)
        facts = Facts()
        with decoding():
            if kind == "PNG":
                file.seek(0)
                clean, facts = png.read(file.read())
                picture = Image.open(io.BytesIO(clean), formats=(kind,))
            elif kind == "TIFF":
                picture = _open_tiff(file, facts)
            else:
                picture = Image.open(_with_end(file) if kind == "JPEG" else file, formats=(kind,))
            _read_facts(picture, kind, facts, source)
        with picture:
            if max(picture.size) > MAX_SIDE:
                raise too_long_side(max(picture.size))
            opened = Opened(picture, source, kind, *picture.size, is_animated=_is_animated(picture, kind), facts=facts)
            opened.stored_orientation  # noqa: B018 - some decoders forget it once they have turned the pixels
            yield opened


def _open_tiff(file: IO[bytes], facts: Facts) -> ImageFile.ImageFile:
    from studio.imaging.child import floats

    file.seek(0)
    data = file.read()
    if floats.is_of_fractions(data):
        return Image.open(floats.as_eight_bits(data, facts), formats=("TIFF",))
    try:
        return Image.open(file, formats=("TIFF",))
    except UnidentifiedImageError:
        if floats.has_pages(data):
            raise too_complex() from None
        raise


def _read_facts(picture: ImageFile.ImageFile, kind: str, facts: Facts, source: Path) -> None:
    """Take from an opened picture what it says beside its pixels, and from Pillow what would mislead it."""
    for key in _XMP_KEYS:
        # Pillow turns a picture by what its XMP says; no browser does.
        value = picture.info.pop(key, b"")
        facts.xmp += value.encode(errors="replace") if isinstance(value, str) else bytes(value)
    facts.has_comments = facts.has_comments or any(key in picture.info for key in _COMMENT_KEYS)
    if picture.tile:
        named = picture.tile[0].args
        facts.layout = str(named[0] if isinstance(named, tuple) and named else named)
    if kind == "PNG":
        transparent = picture.info.get("transparency")
        if isinstance(transparent, int) and picture.mode == "L":
            # Pillow stretches the pixels to 8 bits and not this value.
            picture.info["transparency"] = transparent * 255 // ((1 << facts.depth) - 1)
        return
    facts.profile = picture.info.get("icc_profile")
    if kind == "GIF" and picture.tile and (box := picture.tile[0].extents) != (0, 0, *picture.size):
        facts.covered = box
    if kind in _NUMBERED:
        facts.may_be_grey = True
        data = source.read_bytes()
        told = picture.info.get("nclx_profile")
        numbers = (told["color_primaries"], told["transfer_characteristics"]) if told else boxes.nclx(data)
        if numbers:
            facts.signal = from_nclx(*numbers)._replace(peak=boxes.peak(data))


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
