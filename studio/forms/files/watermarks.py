"""The file of a picture with a watermark, made while somebody waits for it if the queue has not come to it yet."""

from __future__ import annotations

from studio import storage
from studio.engine.pictures import watermarks
from studio.forms.files.at_hand import at_hand
from studio.models import Picture

BUSY = "Studio is busy with other pictures. Try again in a moment."
GONE = "The file of this picture is missing."


def file_of(picture: Picture, words: str, size: int) -> str:
    """Return the stored file with these words all over it. Raises `Trouble`; never gives the clean one."""
    name = storage.watermarked_name(picture.sha256, words, watermarks.size_for(picture, size))
    if not storage.has(name):
        with at_hand(picture, busy=BUSY, gone=GONE) as (folder, [source]):
            watermarks.make(picture, words, source, folder)
    return name
