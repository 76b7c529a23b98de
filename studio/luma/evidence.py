"""Find a made picture in an answer that refuses: then none of its words proves that nothing was made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from studio.luma import parse

_PNG, _OTHERS = b"\x89PNG\r\n\x1a\n", (b"\xff\xd8\xff", b"GIF8", b"RIFF")
# Its bytes in letters: how a PNG, a JPEG, a WebP and a GIF begin.
_AS_TEXT = re.compile(r"(?:data:image/[\w.+-]+;base64,|(?<![\w/+]))((?:iVBORw0KGg|/9j/|UklGR|R0lGOD)[\w+/-]{20,4000})")
_LINK = re.compile(r"https?://[^\s\"'<>\\]{4,2000}", re.IGNORECASE)
# A link that can only be a picture's, by its ending or because it is signed. Others may lead to a page that explains.
_OF_A_PICTURE = re.compile(
    r"\.(?:png|jpe?g|webp|gif|avif|heic)(?![\w-]|\.\w)|[?&](?:x-\w+-)?sig(?:nature)?=", re.IGNORECASE
)
_ANY = re.compile("")
# What was sent may have tens of megabytes, and is searched for each.
_MOST_COMPARED = 20
# What is said of a picture that was sent may link to it, under an address of Luma's that was never sent.
_OF_AN_INPUT = re.compile(r"\b(?:source|image_ref|input|fetch)", re.IGNORECASE)
# Where any entry is a picture's, and where any link is; elsewhere it may lead to a page about the mistake.
_OUTPUTS = frozenset({"output", "outputs"})
_RESULTS = frozenset({"image", "images", "picture", "pictures", "image_url", "image_urls", "download_url", "result"})


def has_picture(headers: Mapping[str, str], body: bytes, sent: bytes) -> bool:
    """Whether an answer brings a picture, or a link to one, that is not in what was `sent`.

    A page is left alone: its pictures and links are furniture.
    """
    kind = headers.get("content-type", "").strip().lower()
    if body and (kind.startswith("image/") or _PNG in body or body.startswith(_OTHERS)):
        return True
    places = " ".join(headers.get(name, "") for name in ("location", "content-location"))
    if _names_one(places, sent, _OF_A_PICTURE):
        return True
    text = body.decode("utf-8", "replace").replace("\\/", "/")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    in_words = None if _OF_AN_INPUT.search(text) else _OF_A_PICTURE
    if _names_one(text, sent, in_words):
        return True
    whole = parse.read(body)
    # Or one JSON for each line, as in a stream of events.
    parts = [whole] if whole is not None else [parse.read(line.removeprefix("data:")) for line in text.splitlines()]
    return any(
        is_one or _names_one(said, sent, _ANY if any_link else in_words) for said, any_link, is_one in _entries(parts)
    )


def _entries(value: object) -> Iterator[tuple[str, bool, bool]]:
    """Yield each text of a JSON, whether any link counts there, and whether any entry does."""
    rest: list[tuple[object, bool, bool]] = [(value, False, False)]
    while rest:
        one, any_link, is_output = rest.pop()
        if isinstance(one, dict):
            for name, inner in one.items():
                word = str(name).lower()
                is_result = any_link or word in _OUTPUTS | _RESULTS
                rest.append((inner, is_result, is_output or (word in _OUTPUTS and isinstance(inner, list | dict))))
        elif isinstance(one, list):
            rest += [(inner, any_link, is_output) for inner in one]
        elif isinstance(one, str) and (inner := parse.read(one) if one.lstrip()[:1] in {"{", "["} else None):
            rest.append((inner, any_link, is_output))
        elif isinstance(one, str) and one.strip():
            yield one, any_link, is_output


def _names_one(text: str, sent: bytes, links: re.Pattern[str] | None) -> bool:
    """Whether a text holds a picture's bytes, or one of those `links`."""
    pictures = (match[1] for match in _AS_TEXT.finditer(text))
    linked = (link for link in _LINK.findall(text) if links and links.search(link))
    return any(one.encode() not in sent for one in islice(chain(pictures, linked), _MOST_COMPARED))
