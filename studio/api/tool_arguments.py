"""Judge the arguments of an MCP tool by the schema that it was announced with: a model may send anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.api.door import Refused
from studio.codes import read_code

KINDS: Mapping[str, tuple[str, type]] = {
    "string": ("a text", str),
    "integer": ("a whole number", int),
    "boolean": ("true or false", bool),
    "array": ("a list", list),
}


def check(tool: str, asked: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]], needed: Sequence[str]) -> None:
    """Raise Refused (422) with a sentence about the first argument that is not as described."""
    if missing := [one for one in needed if one not in asked]:
        raise _refused(missing[0], f"Say {missing[0]}.")
    if strange := [one for one in asked if one not in fields]:
        raise _refused(strange[0][:60], f"{tool} takes no {strange[0][:60]}.")
    for name, value in asked.items():
        if wrong := _wrong(value, fields[name]):
            raise _refused(name, f"{name} has to be {wrong}.")


def _wrong(value: Any, schema: Mapping[str, Any]) -> str:
    """Return what it has to be; "" where it is that."""
    words, kind = KINDS[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return words
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {', '.join(one or '“”' for one in schema['enum'])}"
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    if schema.get("format") == "uuid" and not read_code(value):
        return "a code of Studio's"
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            return f"a list of at most {schema['maxItems']}"
        return next((f"a list, each {wrong}" for one in value if (wrong := _wrong(one, schema["items"]))), "")
    return ""


def _refused(name: str, sentence: str) -> Refused:
    return Refused(422, "invalid", sentence, {name: [sentence]})
