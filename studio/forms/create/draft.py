"""The draft of a person as the dock writes and reads it: what each mode keeps for itself, the words, and the tray.

`{"type", "prompt", "source": code or "", "references": [codes], "choices": {type: {field: value}}, "follows": True,
"before": a draft}`; `follows` stands where the mode is Edit because a source came and not because it was chosen,
`before` is the draft that a link ("Use as source", "Another like this") has set aside, one Undo away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.codes import read_code
from studio.luma import ratios
from studio.luma.capabilities import KINDS, MAX_REFERENCES
from studio.luma.ratios import STYLES
from studio.models.submission import MOST_AT_ONCE
from studio.text.look_text import MOST_BLANKS

EMPTY: dict[str, Any] = {"type": "image", "prompt": "", "source": "", "references": [], "choices": {}}
# Far more than Luma takes: a text that is too long is kept so that it can be shortened.
MOST_TEXT = 50_000  # characters
# What fills one blank of a recipe: more than a whole prompt may have, so that what is cut here is never sent.
LONGEST_VALUE = 10_000  # characters
_OFFERED: dict[str, tuple[Any, ...]] = {
    "style": STYLES,
    "output_format": ("", "png", "jpeg"),
    "web_search": (False, True),
    "layering_resolution": ("", "1k", "2k"),
    "is_private": (False, True),
    "count": tuple(range(1, MOST_AT_ONCE + 1)),
}


def cleaned(raw: Any) -> dict[str, Any] | None:
    """Return a draft with all that can be read of it; None when it is none."""
    if not isinstance(raw, dict):
        return None
    draft = _without_before(raw)
    before = raw.get("before")
    if isinstance(before, dict) and has_something(kept := _without_before(before)):
        draft["before"] = kept
    return draft


def has_something(draft: Mapping[str, Any]) -> bool:
    """Whether words or pictures would be lost with it."""
    return bool(draft["prompt"].strip() or draft["source"] or draft["references"])


def set_aside(draft: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a draft that begins anew has to bring back on Undo."""
    if has_something(draft):
        return {name: value for name, value in draft.items() if name != "before"}
    return draft.get("before")


def choices_of(type: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return every choice of a mode; what is not among the values, or not offered, is as at first."""
    kind = KINDS[type]
    model = values.get("model")
    first: dict[str, Any] = {"model": model if model in kind.models else kind.models[0]}
    for name, offered in {"aspect_ratio": ("", *ratios.slugs()), **_OFFERED}.items():
        usual = {"style": "auto", "count": 1, "web_search": False, "is_private": False}.get(name, "")
        value = values.get(name, usual)
        # True is 1 for Python, and a list is found nowhere.
        fits = isinstance(value, usual.__class__) and value in offered and isinstance(value, bool) == (usual is False)
        first[name] = value if fits else usual
    first["ratios"] = _ratios(values.get("ratios")) if kind.has_ratio else []
    if not kind.has_ratio:
        first["aspect_ratio"] = ""
    # Layers take no look.
    first["look"] = _code(values.get("look")) if kind.max_references else ""
    first["blanks"] = blank_values(values.get("blanks")) if first["look"] else []
    return first


def _ratios(raw: Any) -> list[str]:
    """Return the ratios that are made too, in their order."""
    return [name for name in ratios.slugs() if name in raw] if isinstance(raw, list) else []


def blank_values(raw: Any) -> list[str]:
    """Return what fills the blanks of a look, in their order, as far as it can be kept."""
    values = raw[:MOST_BLANKS] if isinstance(raw, list) else []
    return [" ".join(_storable(value).split())[:LONGEST_VALUE] if isinstance(value, str) else "" for value in values]


def first_choices(type: str, choices: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a mode shows when it is opened: its own choices, else what was chosen to make pictures anew."""
    if type in choices:
        return dict(choices[type])
    known = choices_of(type, choices.get("image") or last)
    return known if type == "image" else known | {"layering_resolution": ""}


def fitting_ratio(model: str, style: str, ratio: str) -> str:
    """Return the ratio where model and style allow it; else the squarest that the style allows, or "": Luma chooses."""
    allowed = ratios.offer().of(model, style)
    if not ratio or ratio in allowed:
        return ratio
    return allowed[0] if allowed and style != "auto" else ""


def _without_before(raw: Mapping[str, Any]) -> dict[str, Any]:
    prompt, choices = raw.get("prompt"), raw.get("choices")
    references = raw.get("references")
    codes = [code for code in map(_code, references if isinstance(references, list) else []) if code]
    draft = {
        "type": raw["type"] if isinstance(raw.get("type"), str) and raw["type"] in KINDS else "image",
        "prompt": _storable(prompt[:MOST_TEXT]) if isinstance(prompt, str) else "",
        "source": _code(raw.get("source")),
        "references": list(dict.fromkeys(codes))[: MAX_REFERENCES + 1],
        # In one order, whatever the database made of it: a page compares it as text.
        "choices": {
            type: choices_of(type, choices[type])
            for type in KINDS
            if isinstance(choices, dict) and isinstance(choices.get(type), dict)
        },
    }
    if raw.get("follows") is True and draft["type"] == "image_edit" and draft["source"]:
        draft["follows"] = True
    return draft


def _storable(text: str) -> str:
    """Return the text without what a database cannot hold: half a surrogate pair, and NUL."""
    return text.encode(errors="ignore").decode().replace("\x00", "")


def _code(raw: Any) -> str:
    return str(read_code(raw) or "")
