"""Find the links to what was made, however the outputs of an answer are nested."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from studio.luma import links

# As `inline` leaves a picture that came within the answer itself.
INLINE = "data:studio,"
# Under these names, in whatever spelling, an output may hold its link, or what holds it; never a thumbnail or an input.
_LINKS = (
    *("url", "imageurl", "downloadurl", "signedurl", "presignedurl", "publicurl", "fileurl", "asseturl", "contenturl"),
    *("outputurl", "resulturl", "mediaurl", "uri", "href", "src", "link", "b64json", "b64", "base64", "image", "data"),
    *("content", "file", "path"),
)
_INNER = (
    *("url", "imageurl", "image", "picture", "file", "asset", "images", "pictures", "imageurls", "urls", "links"),
    *("files", "assets", "artifacts", "items", "outputs", "output", "results", "result", "data", "content", "media"),
)
_NO_OUTPUT = re.compile("thumb|preview|poster|source|input|ref|prompt|self|doc|help|error|status|web|page|url$")
_PUNCTUATION = re.compile(r"[^a-z0-9]")
# Nobody nests deeper, and ten layers are documented.
_DEEPEST, _MOST = 5, 1_000


def flat(value: object) -> list[dict[str, object]]:
    """Return every output, each with its link as `url` where it has one; a bare link is one, and so is one alone.

    What is missing in a list of others, such as a layer that is null, is an output without a link.
    """
    found = _flat(value if isinstance(value, list) else [value], 0)[:_MOST]
    return found if any(found) else []


def _flat(value: object, depth: int) -> list[dict[str, object]]:
    if depth > _DEEPEST:
        return []
    if isinstance(value, list):
        return [one for item in value[:_MOST] for one in _flat(item, depth + 1)]
    if isinstance(value, dict):
        return _opened(value, depth)
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        return _flat(_read(value), depth + 1)
    return [{"url": value}] if _is_link(value) else [{}]


def _opened(item: dict[str, object], depth: int) -> list[dict[str, object]]:
    """Return an output with its link, or the outputs that it holds: each knows what is said of all, such as a layer."""
    named = _by_name(item)
    linked = [named[name] for name in _LINKS if _is_link(named.get(name))]
    # A whole link first: "file" may be a name alone.
    if found := next((link for link in linked if not links.is_partial(links.tidied(str(link)))), None):
        return [item | {"url": found}]
    # A list that became an object has numbers for names.
    numbered = [item[name] for name in item if name.isdecimal()]
    for inner in (*(named.get(name) for name in _INNER), numbered):
        held = _flat(inner, depth + 1) if isinstance(inner, dict | list) else []
        if any(one.get("url") for one in held):
            return [item | one for one in held]
    found = linked[0] if linked else _only_link(named)
    return [item | {"url": found} if found else item]


def _only_link(named: Mapping[str, object]) -> str:
    """Return the one whole link that an object holds under any other name, or "": of several nobody knows which is meant."""
    texts = {one for name, one in named.items() if isinstance(one, str) and not _NO_OUTPUT.search(name)}
    whole = [one for one in texts if _is_link(one) and not links.is_partial(links.tidied(one))]
    return whole[0] if len(whole) == 1 else ""


def _by_name(item: Mapping[str, object]) -> dict[str, object]:
    """Return what an object holds by its names in small letters: "imageUrl" and "image_url" are one."""
    return {_PUNCTUATION.sub("", name.lower()): value for name, value in reversed(list(item.items()))}


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_link(value: object) -> bool:
    return isinstance(value, str) and (value.startswith(INLINE) or links.is_link(links.tidied(value)))
