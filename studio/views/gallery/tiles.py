"""A picture as a tile shows it, worked out once in Python: a page has dozens of them, each with a dozen addresses."""

from __future__ import annotations

from dataclasses import dataclass

from studio.embedding import takes_notes
from studio.models import Picture
from studio.text.names import isolated
from studio.views import addresses, formatting

ALT_LENGTH = 200
# The rendition a tile asks for where the browser does not choose by srcset.
TILE_SIZE = 512
# The decisions that a tile is marked with.
MARKS = {"approved": ("Approved", "circle-check"), "rejected": ("Rejected", "ban")}


@dataclass(frozen=True, slots=True)
class TileLinks:
    """The addresses and words of one picture; `src` is "" while it has no rendition, `like` where it was uploaded,
    `keep` where it is no edit.

    `words`, which brings back its prompt alone, is "" where it has none.

    A split has its own page, and no `source`, `reference`, `download` or `original`: none of its layers stands for the picture.
    """

    title: str
    alt: str
    src: str
    srcset: str
    url: str
    source: str
    reference: str
    download: str
    original: str
    like: str
    reuse: str
    words: str
    story: str
    keep: str
    # Who made it and when; "" where that is said elsewhere.
    who: str = ""
    # What was decided, in a word and as its icon; "" where nothing was, or a candidate.
    decided: str = ""
    decided_icon: str = ""
    # "Starred by me", or "".
    starred: str = ""
    # Where the star is put, in lists that offer it.
    star: str = ""
    # "Archived", or "".
    archived: str = ""
    # "4 pictures" of its stack, and on the gallery's wall the codes of those behind it; "" for no stack.
    stacked: str = ""
    stacked_codes: str = ""

    @classmethod
    def of(cls, picture: Picture, maker: str = "") -> TileLinks:
        code, job, title = str(picture.code), picture.job, picture.title
        address, content = addresses.rendition(), picture.sha256[:12]
        sizes = [(one, address.format(code, content, one.size)) for one in picture.sizes]
        create = addresses.fixed("studio:create")
        is_split = picture.is_split
        asked = job.submission if job else None
        asked_code = str(asked.code) if asked else ""
        decided, decided_icon = MARKS.get(picture.decision, ("", ""))
        return cls(
            decided=decided,
            decided_icon=decided_icon,
            starred="Starred by me" if picture.is_starred else "",
            star=addresses.of("studio:star", code) if maker else "",
            archived="Archived" if picture.archived_at else "",
            stacked=formatting.counted(picture.stacked, "picture") if picture.stacked else "",
            stacked_codes=picture.stacked_codes,
            title=title,
            alt=title[:ALT_LENGTH],
            src=next((url for one, url in sizes if one.size >= TILE_SIZE), sizes[-1][1] if sizes else ""),
            srcset=", ".join(f"{url} {one.width}w" for one, url in sizes),
            url=_url(picture, code, is_split=is_split),
            source="" if is_split else f"{create}?source={code}",
            reference="" if is_split else f"{create}?reference={code}",
            download="" if is_split else addresses.of("studio:download", code),
            original="" if is_split else addresses.of("studio:original", code),
            like=f"{create}?like={asked_code}" if asked else "",
            reuse=f"{create}?reuse={asked_code}" if asked else "",
            words=f"{create}?words={asked_code}" if asked and asked.prompt else "",
            story=addresses.of("studio:job", job.code) if job else "",
            keep=addresses.of("studio:keep", code) if picture.is_edit else "",
            who=f"{isolated(maker)}, {formatting.moment(picture.shown_at or picture.created_at)}" if maker else "",
        )


def _url(picture: Picture, code: str, *, is_split: bool) -> str:
    """What a tile opens: its stack on the gallery's wall, the layers of a split, else the picture's page."""
    if picture.stacked_codes:
        return addresses.of("studio:stack", code)
    if picture.job and is_split:
        return addresses.of("studio:layers", picture.job.code)
    return addresses.of("studio:picture", code)


def srcset(picture: Picture) -> str:
    """All its renditions, as an <img> chooses between them."""
    address, content = addresses.rendition(), picture.sha256[:12]
    return ", ".join(f"{address.format(picture.code, content, one.size)} {one.width}w" for one in picture.sizes)


def preview_srcset(picture: Picture) -> str:
    """The small sizes, one of which the gallery has shown: seen until a larger one is here; "" where there is none."""
    if not picture.sizes or picture.sizes[-1].size <= TILE_SIZE:
        return ""
    address, content = addresses.rendition(), picture.sha256[:12]
    small = [one for one in picture.sizes if one.size <= TILE_SIZE]
    return ", ".join(f"{address.format(picture.code, content, one.size)} {one.width}w" for one in small)


def gallery_widths(picture: Picture) -> str:
    """How wide its tile is in the gallery, whose rows are about 7.5rem high on a phone and 10.5rem on a desk."""
    ratio = picture.width / picture.height
    return f"(width < 48rem) {ratio * 7.5:.1f}rem, {ratio * 10.5:.1f}rem"


def whole_src(picture: Picture) -> str:
    """The address of all its pixels where they need no work, else of its largest size."""
    return (
        addresses.of("studio:original", str(picture.code)) if takes_notes(picture.format) else tile_src(picture, 2048)
    )


def tile_src(picture: Picture, size: int = TILE_SIZE) -> str:
    """The address of a rendition of at least `size` pixels, or "" while there is none."""
    rendition = picture.rendition_for(size)
    if rendition is None and picture.deleted_at is None:
        return ""
    # Of a deleted one the address answers with a dashed box.
    return addresses.rendition().format(picture.code, picture.sha256[:12], rendition.size if rendition else size)
