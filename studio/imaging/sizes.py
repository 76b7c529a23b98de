"""Which renditions a picture has."""

from __future__ import annotations

# Long sides in pixels: tile, card, screen, full. The API's pictures have about 2,048 px a side.
SIZES = (256, 512, 1024, 2048)

# What is shown first: the tile and the card of an upload, the card of a picture that has just been made.
UPLOAD_SIZES = (256, 512)
FIRST_SIZE = 512


def sizes_for(width: int, height: int) -> tuple[int, ...]:
    """Name the renditions of a picture of these pixels, smallest first.

    Every size below the long side, and one more: the first that is not below it, whose rendition has the picture's own
    size. So nothing is enlarged and no two renditions are equal: 300 px gives 256 and 512 (which holds 300 px).
    """
    long_side = max(width, height)
    below = [size for size in SIZES if size < long_side]
    return tuple(SIZES[: len(below) + 1])


def first_size(width: int, height: int) -> int:
    """Name the rendition that is made together with measuring: 512, or 256 for a picture that small."""
    return min(FIRST_SIZE, sizes_for(width, height)[-1])
