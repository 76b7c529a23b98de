"""Read what the API sends without ever trusting it: every function here survives every input.

A body that makes no sense gives None; a field that makes no sense gives its empty value. Strings come out clean
enough for a database, numbers fit a 32-bit column (sizes a 64-bit one).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from studio.luma.links import tidied
from studio.luma.outputs import flat
from studio.luma.text import clean, is_storable
from studio.luma.types import (
    KNOWN_STATES,
    Bounds,
    File,
    FileUpload,
    Generation,
    Layer,
    Output,
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# UUIDs that stand for none: nobody makes them, and whoever has none to tell may send one.
NO_IDS = frozenset({"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"})
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t -~]{0,4000}")
# The connection's own business: a signed upload may not steer it.
_OUR_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "authorization", "cookie"})
_INT_LIMIT = 2**31 - 1
# No number that is read has more.
_MOST_DIGITS = 400
# Signed links of S3 stay below 2,000 characters.
_URL_LENGTH = 8_000
_WORD_LENGTH = 100
# Where the outputs are: no input is called so.
_OUTPUTS = ("output", "outputs", "result", "results")
# And where they could be besides, of what has not failed. Not one "image" or "image_url", which may be what was sent.
_PERHAPS_OUTPUTS = ("images", "pictures", "assets", "artifacts", "data", "response", "download_url", "downloadUrl")
# Under these names an object holds the word of a state, or the object that holds it.
_STATE_WORDS = ("name", "value", "state", "status", "current", "phase", "code", "label", "type", "text")
_DEEPEST = 3
# How an enum is written: what its words begin with says of what it is a state.
_ENUM = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OF_WHAT = frozenset(
    {"state", "status", "generation", "job", "task", "request", "image", "picture", "luma", "is", "all"}
)


def read(body: bytes | str) -> object:
    """Decode JSON; None for anything else, however deep, long or broken."""
    try:
        try:
            return json.loads(body, parse_constant=lambda _: None, parse_int=whole_number)
        except UnicodeDecodeError as bad:
            # One wrong letter, in a label say, hides nothing else.
            return read(bad.object.decode("utf-8", "replace")) if bad.encoding == "utf-8" else None
    except (ValueError, RecursionError):
        return None


def read_object(body: bytes) -> dict[str, object] | None:
    """Decode a JSON object; None for anything else."""
    value = read(body)
    return value if isinstance(value, dict) else None


def whole_number(digits: str) -> int | None:
    """Read a number as Python would, but for one of thousands of digits, which it refuses together with all else."""
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def uuid(value: object) -> str:
    """Return a canonical lower-case UUID, or ""."""
    text = value.lower() if isinstance(value, str) else ""
    return text if _UUID.fullmatch(text) else ""


def file_id(value: object) -> str:
    """Return an id that is safe inside a path, or ""."""
    return value if isinstance(value, str) and _FILE_ID.fullmatch(value) else ""


def integer(value: object) -> int | None:
    """Return a whole number no further from zero than _INT_LIMIT, or None; true and false are no numbers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _INT_LIMIT:
        return None
    return value


def instant(value: object) -> datetime | None:
    """Return an ISO-8601 time in UTC, or None; a time without zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def url(value: object) -> str:
    """Return a link exactly as sent, or "" when it holds what no link may hold."""
    return value if isinstance(value, str) and is_storable(value, limit=_URL_LENGTH) else ""


def generation(body: bytes) -> Generation | None:
    """Read a generation (section 4.1); None when there is no UUID to follow it by."""
    payload = read_object(body) or {}
    generation_id = uuid(payload.get("id"))
    return generation_of(payload, generation_id) if generation_id and generation_id not in NO_IDS else None


def generation_of(payload: Mapping[str, object], generation_id: str) -> Generation:
    """Read what an object says of a generation."""
    state = _first_word(_state(payload.get(name)) for name in ("state", "status"))
    names = _OUTPUTS if state == "failed" else _OUTPUTS + _PERHAPS_OUTPUTS
    held = [flat(payload[name]) for name in names if payload.get(name)]
    output = next((some for some in held if any(one.get("url") for one in some)), held[0] if held else [])
    return Generation(
        id=generation_id,
        type=_word(payload.get("type")),
        state=state,
        model=_word(payload.get("model")),
        created_at=instant(payload.get("created_at")),
        outputs=tuple(map(_output, output)),
        failure_reason=clean(payload.get("failure_reason")),
        failure_code=_word(payload.get("failure_code")).lower(),
    )


def file(body: bytes) -> File | None:
    """Read a file (section 11.3), bare or wrapped as POST /files answers it."""
    payload = read_object(body) or {}
    inner = payload.get("file")
    return _file(inner if isinstance(inner, dict) else payload)


def file_upload(body: bytes) -> FileUpload | None:
    """Read the answer that tells where to put the bytes; None unless it is a PUT to a link."""
    payload = read_object(body) or {}
    announced = file(body)
    upload = payload.get("upload")
    if announced is None or not isinstance(upload, dict):
        return None
    link = url(upload.get("url"))
    if not link or _word(upload.get("method") or "PUT").upper() != "PUT":
        return None
    return FileUpload(announced, link, _headers(upload.get("headers")))


def detail(body: bytes) -> str:
    """Return what an error body says, in one line: `detail` may be a string, a list, an object or missing (6.1).

    What stands in the way of Luma may say `error` or `message` instead.
    """
    answer = read_object(body) or {}
    said = next((answer[name] for name in ("detail", "error", "message") if answer.get(name)), None)
    return clean("; ".join(filter(None, (_remark(part) for part in (said if isinstance(said, list) else [said])))))


def _remark(part: object) -> str:
    if isinstance(part, str):
        return clean(part)
    if not isinstance(part, dict):
        return ""
    text = clean(part.get("msg")) or clean(part.get("message"))
    place = ".".join(str(step) for step in _items(part.get("loc")) if isinstance(step, str | int))
    return f"{clean(place, limit=_WORD_LENGTH)}: {text}" if place and text else text


def _state(value: object, depth: int = 0) -> str:
    """Return the word of a state: a known one in its documented form, any other as it came."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        return _state(value[0], depth + 1) if len(value) == 1 else ""
    if isinstance(value, dict):
        said = (_state(value.get(name), depth + 1) for name in _STATE_WORDS)
        # An enum with contents has its name for its only key.
        only = bare_state(next(iter(value))) if len(value) == 1 else ""
        return _first_word(said) or (only if only in KNOWN_STATES else "")
    # A number is shown as it came, because nobody knows what it counts.
    word = _word(json.dumps(value) if isinstance(value, int | float) else value)
    return bare if (bare := bare_state(word)) in KNOWN_STATES else word


def _first_word(said: Iterable[str]) -> str:
    """Return the first state that is a word, and a number only where there is no other."""
    found = [one for one in said if one]
    return next((one for one in found if not one[-1].isdecimal()), found[0] if found else "")


def bare_state(word: str) -> str:
    """Return a state in small letters without what an enum puts before it: "completed" of "GENERATION_STATE_COMPLETED"."""
    parts = [part.lower() for part in _ENUM.findall(word)]
    while len(parts) > 1 and parts[0] in _OF_WHAT:
        del parts[0]
    return "_".join(parts)


def _output(item: dict[str, object]) -> Output:
    layer = item.get("layer")
    link = item.get("url")
    link = url(tidied(link) if isinstance(link, str) else link)
    return Output(_word(item.get("type")), link, _layer(layer) if isinstance(layer, dict) else None)


def _layer(item: dict[str, object]) -> Layer:
    bounds = item.get("bounds")
    return Layer(
        index=integer(item.get("index")) or 0,
        label=_word(item.get("label")),
        description=clean(item.get("description")),
        alpha_hint=_word(item.get("alpha_hint")),
        bounds=_bounds(bounds) if isinstance(bounds, dict) else None,
    )


def _bounds(item: dict[str, object]) -> Bounds | None:
    names = ("x", "y", "width", "height", "canvas_width", "canvas_height")
    numbers = [number for number in (integer(item.get(name)) for name in names) if number is not None]
    if len(numbers) != len(names) or min(numbers[2:]) < 1:
        return None
    return Bounds(*numbers)


def _file(item: dict[str, object]) -> File | None:
    identity = file_id(item.get("id"))
    if not identity:
        return None
    return File(
        id=identity,
        state=_word(item.get("state")).lower(),
        expires_at=instant(item.get("expires_at")),
        failure_reason=clean(item.get("failure_reason")),
    )


def _headers(value: object) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, dict) else ()
    return tuple(
        (name, text)
        for name, text in pairs
        if isinstance(text, str)
        and _HEADER_NAME.fullmatch(name)
        and _HEADER_VALUE.fullmatch(text)
        and name.lower() not in _OUR_HEADERS
    )


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str:
    return clean(value, limit=_WORD_LENGTH)
