"""The ways in which a picture leaves: as it came, smaller, or cut to a ratio; and the copy that is made for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from studio import imaging
from studio.forms.create.formats import box
from studio.forms.files.at_hand import at_hand
from studio.luma import ratios
from studio.models import Picture, Rendition
from studio.models.files.file_notes import WEB_SIDE, copy_format, visible_words

BUSY = "Studio is busy with other pictures. Try the download again in a moment."
GONE = "The file of this picture is missing, so it can't be downloaded. Tell an admin."


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way: `format` is the file's, `ratio` what it is cut to, `side` its long side (0 for all pixels)."""

    format: str
    side: int = 0
    ratio: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str], picture: Picture) -> Wanted | None:
        """Read an address; None for one that asks for what there is not."""
        form = asked.get("form", "original")
        # The pixels stay as they are where the file can hold them.
        own = copy_format(picture.format)
        if form == "original":
            return cls(picture.format)
        if form in {"web-jpeg", "web-webp"}:
            return cls(form.removeprefix("web-"), WEB_SIDE)
        ratio = form.removeprefix("crop-")
        return cls(own, ratio=ratio) if form != ratio and ratio in ratios.slugs() else None

    @property
    def is_original(self) -> bool:
        return not self.side and not self.ratio

    @property
    def copied_as(self) -> str:
        return copy_format(self.format)

    @property
    def words(self) -> str:
        """Why a file has another name than the original's."""
        return self.ratio.replace(":", "x") or (f"{self.side}px" if self.side else "")


def stored_copy(picture: Picture, wanted: Wanted) -> Rendition | None:
    """Return the copy that lies ready: the screen's is what the web size is, in WebP."""
    if wanted.format != "webp" or wanted.side != WEB_SIDE or visible_words(picture):
        return None
    long_side = max(picture.width, picture.height)
    size = next((one for one in imaging.SIZES if one >= min(long_side, WEB_SIDE)), WEB_SIDE)
    return Rendition.objects.filter(picture=picture, size=size).first()


def copied(picture: Picture, wanted: Wanted) -> IO[bytes]:
    """Make a copy in the picture child and open it; nothing of it stays on the disk. Raises `Trouble`."""
    part = box(picture.width, picture.height, wanted.ratio, "centre") if wanted.ratio else ()
    with at_hand(picture, busy=BUSY, gone=GONE) as (folder, [path]):
        made, _ = imaging.copy(
            path, folder, format=wanted.copied_as, side=wanted.side, box=part, words=visible_words(picture)
        )
        return made.open("rb")
