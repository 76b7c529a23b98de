"""Find the links to what was made, however the outputs of an answer are nested."""

from __future__ import annotations

import json
import re

# As `inline` leaves a picture that came within the answer itself.
INLINE = "data:studio,"
_A_LINK = re.compile(rf"\s*https?://|{INLINE}", re.IGNORECASE)
# Under these names an output may hold its link, or what holds it; never a thumbnail or an input.
_LINKS = ("url", "image_url", "download_url", "signed_url", "uri", "b64_json", "base64", "image", "data")
_INNER = ("url", "image_url", "image", "picture", "file", "images", "pictures", "items", "outputs", "output", "data")
# Nobody nests deeper, and ten layers are documented.
_DEEPEST, _MOST = 5, 200


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
    link = item.get("url")
    if isinstance(link, str) and link.strip():
        return [item]
    if found := next((item[name] for name in _LINKS if _is_link(item.get(name))), None):
        return [item | {"url": found}]
    # A list that became an object has numbers for names.
    numbered = [item[name] for name in item if name.isdecimal()]
    for inner in (*(item.get(name) for name in _INNER), numbered):
        held = _flat(inner, depth + 1) if isinstance(inner, dict | list) else []
        if any(one.get("url") for one in held):
            return [item | one for one in held]
    return [item]


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_link(value: object) -> bool:
    return isinstance(value, str) and _A_LINK.match(value) is not None
