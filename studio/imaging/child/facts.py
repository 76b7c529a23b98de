"""What a file says about its pixels beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from studio.imaging.child.spaces import Signal


@dataclass
class Facts:
    """Colours, texts and what was left out, as read from one file."""

    # The space by numbers; it outranks the profile where `is_signal_first`, and is outranked by it elsewhere.
    signal: Signal | None = None
    is_signal_first: bool = False
    profile: bytes | None = None
    # A grey profile counts for pixels in RGB that are all grey: the decoder has no grey mode.
    may_be_grey: bool = False
    xmp: bytes = b""
    # The EXIF that turns a PNG: the first before the pixels.
    exif: bytes = b""
    # EXIF that stands as text in a PNG.
    exif_text: bytes = b""
    has_comments: bool = False
    # Bits per channel, of a PNG.
    depth: int = 8
    # The part that the first frame of a GIF covers, when that is not all: left, top, right, bottom.
    covered: tuple[int, int, int, int] | None = None
    # Pillow's name of how the pixels lie in the file.
    layout: str = ""
    # For the values of a 16-bit grey: what is shown of each.
    grey_table: Sequence[int] = ()
    # True when the values were taken from another curve already.
    is_recoded: bool = False
    # Sentences about what could not be used.
    dropped: list[str] = field(default_factory=list)

    def drop(self, sentence: str) -> None:
        if sentence not in self.dropped:
            self.dropped.append(sentence)
