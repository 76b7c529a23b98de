"""Refuse what a request says and its type does not take: the dock hides such fields, a program would pay for less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.api.door import Refused
from studio.luma.capabilities import KINDS

NO_SOURCE = "A new picture has no source. Set type to image_edit, or send it among the references."
NOT_TAKEN = "A request of type {type} takes no {name}. Leave it out."
NO_LOOK = "Blanks are filled in a look. Name the look, or leave them out."
TWICE = "Send each reference once, and none empty: the prompt counts them as @1, @2."


def check(asked: Mapping[str, Any]) -> None:
    """Raise Refused (422) for what would be left out of a request without a word."""
    kind = KINDS.get(str(asked.get("type") or ""))
    if kind is None:
        return
    takes = {
        "references": kind.max_references > 0,
        "aspect_ratio": kind.has_ratio,
        "style": bool(kind.styles) or asked.get("style") == "auto",
        "output_format": bool(kind.output_formats),
        "web_search": kind.has_web_search,
        "layering_resolution": bool(kind.resolutions),
    }
    wrong = {
        name: NOT_TAKEN.format(type=kind.slug, name=name)
        for name, is_so in takes.items()
        if asked.get(name) and not is_so
    }
    if asked.get("source") and not kind.needs_source:
        wrong["source"] = NO_SOURCE
    if asked.get("blanks") and not asked.get("look"):
        wrong["blanks"] = NO_LOOK
    references = [str(one).strip().lower() for one in asked.get("references") or ()]
    if "" in references or len(set(references)) < len(references):
        wrong.setdefault("references", TWICE)
    if wrong:
        raise Refused(422, "invalid", next(iter(wrong.values())), {name: [one] for name, one in wrong.items()})
