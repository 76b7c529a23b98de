"""Look for damage in what a file holds, beyond what decoding its first frame shows."""

from __future__ import annotations

from studio.imaging.child.opening import Opened, decoding
from studio.imaging.child.whole import check_gif, check_jpeg, check_png
from studio.imaging.limits import MAX_PIXELS

# A film of more pixels than this is decoded so far and believed from there: a card must not wait for minutes.
_MOST_PIXELS = 4 * MAX_PIXELS
_STORED_FRAMES = frozenset({"GIF", "PNG", "WEBP"})


def check_first_frame(opened: Opened) -> None:
    """Raise `Unusable` for damage that decoding does not show."""
    with decoding():
        if opened.kind == "JPEG":
            check_jpeg(opened.source.read_bytes())
        elif opened.kind == "PNG":
            check_png(opened.source)


def check_other_frames(opened: Opened) -> None:
    """Decode the frames after the first one. Raises `Unusable` when one is damaged."""
    if opened.kind not in _STORED_FRAMES:
        return
    pixels = opened.width * opened.height
    with decoding():
        if opened.kind == "GIF":
            check_gif(opened.source)
        for number in range(1, _MOST_PIXELS // pixels + 1):
            try:
                opened.picture.seek(number)
            except EOFError:
                return
            opened.picture.load()
