"""A picture as a tile shows it, worked out once in Python: a page has dozens of them, each with a dozen addresses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from studio.models import Picture

ALT_LENGTH = 200
# The rendition a tile asks for where the browser does not choose by srcset.
TILE_SIZE = 512
# Stands in an address for the code of a picture: it is found once and then only filled in.
ANY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Print:
    """The addresses and words of one picture; `src` is "" while it has no rendition, `like` where it was uploaded."""

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
    story: str

    @classmethod
    def of(cls, picture: Picture) -> Print:
        code, job, title = str(picture.code), picture.job, picture.title
        ladder = sorted(picture.renditions.all(), key=lambda rendition: rendition.size)
        addresses = [_rendition().format(code, picture.sha256[:12], rendition.size) for rendition in ladder]
        sizes = list(zip(ladder, addresses, strict=True))
        create = _create()
        return cls(
            title=title,
            alt=title[:ALT_LENGTH],
            src=next((url for one, url in sizes if one.size >= TILE_SIZE), addresses[-1] if addresses else ""),
            srcset=", ".join(f"{url} {one.width}w" for one, url in sizes),
            url=_address("studio:picture").format(code),
            source=f"{create}?source={code}",
            reference=f"{create}?reference={code}",
            download=_address("studio:download").format(code),
            original=_address("studio:original").format(code),
            like=f"{create}?like={job.submission.code}" if job else "",
            story=_address("studio:job").format(job.code) if job else "",
        )


@cache
def _address(name: str) -> str:
    """An address with {} in place of its code."""
    return reverse(name, args=[ANY]).replace(str(ANY), "{}")


@cache
def _create() -> str:
    return reverse("studio:create")


@cache
def _rendition() -> str:
    """The address of a rendition with {} for the code, the content and the size."""
    return reverse("studio:rendition", args=[ANY, "content", 0]).replace(str(ANY), "{}").replace("content-0", "{}-{}")
