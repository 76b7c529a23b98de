"""Names of files that leave the studio, which say what they show."""

from __future__ import annotations

import re
import unicodedata

from django.utils.text import slugify

from studio.models.picture import Picture

# Of the prompt in a file's name: characters, and bytes, for a name of 255 is the longest that file systems take.
LONGEST_SLUG, LONGEST_NAME = 60, 180

# An upload's own, which the file has no more.
_ENDING = re.compile(r"\.(?:png|jpe?g|webp|gif|heic|heif|avif|tiff?|bmp)$", re.IGNORECASE)


def file_name(picture: Picture, format: str = "", words: str = "", *, is_plain: bool = False) -> str:
    """Name a download after its prompt, in the prompt's own letters: studio-harbour-at-dusk-1f0c9a2b.png.

    A copy in another `format` is told apart by `words`: studio-harbour-at-dusk-1f0c9a2b-2048px.jpg.
    """
    return f"studio-{base_name(picture, format, words, is_plain=is_plain)}"


def base_name(picture: Picture, format: str = "", words: str = "", *, is_plain: bool = False) -> str:
    """The same for a file among others: harbour-at-dusk-1f0c9a2b.png. `is_plain`: without the prompt."""
    kind = format or picture.format
    ending = "jpg" if kind == Picture.Format.JPEG else kind
    title = "" if is_plain and picture.job_id else picture.title
    return f"{stem_of(title)}-{picture.code.hex[:8]}{f'-{words}' if words else ''}.{ending}"


def stem_of(title: str) -> str:
    """Write a picture's title as part of a file's name, without the ending of an upload's own."""
    return stem(_ENDING.sub("", title))


def stem(text: str) -> str:
    """Write a text as part of a file's name; "picture" where no letter is left."""
    title = unicodedata.normalize("NFC", text)
    latin = slugify(title)
    # An accent may go; a letter that has no Latin one in it stays, or the name would say nothing.
    is_latin = sum(map(str.isalnum, latin)) == sum(map(str.isalnum, title))
    return (latin if is_latin else _readable(title))[:LONGEST_SLUG].strip("-") or "picture"


def _readable(title: str) -> str:
    """The letters, marks and digits of any script; all else, control and direction characters first, is left out."""
    kept = "".join(_kept(one) for one in title.lower())
    words = re.sub("-+", "-", kept).encode()[:LONGEST_NAME].decode(errors="ignore")
    return words.strip("-")


def _kept(one: str) -> str:
    category = unicodedata.category(one)
    # A joiner stands inside a word.
    return one if category[0] in "LMN" else "" if category == "Cf" else "-"
