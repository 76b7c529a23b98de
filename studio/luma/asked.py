"""Find the generation that was asked about in the answer to a GET, also where another object is around it.

What names its id is about it. What names no id at all answers what was asked on a connection of its own, and counts where
it brings a picture; any other id makes it doubtful, and then it is not believed: somebody else's picture must never be
stored under this job.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from studio.luma import parse
from studio.luma.answers import body_texts, ids_in
from studio.luma.types import Generation

_OUTPUTS = ("output", "outputs")
_NAMES = ("id", "generation_id", "generationId", "uuid")
# Nobody wraps deeper, or lists more beside it.
_DEEPEST, _MOST, _MOST_BROKEN = 4, 1_000, 50
# Texts may hold what JSON would write with an escape, such as a line of its own.
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None, parse_int=parse.whole_number)
# How an object begins, and where the next one may after one that is broken: never within it.
_BEGIN, _NEXT = re.compile(r'\{(?=\s*["}])'), re.compile(r"\n(?=\{|data:)")
# What others than JSON allow: a comma after the last entry, and other words for no number. Texts are passed over whole.
_LOOSE = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|,(?=\s*[}\]])|(?<![\w.])[+-]?(?:nan|inf|undefined|none)\b',
    re.IGNORECASE | re.DOTALL,
)


def generation(body: bytes, generation_id: str, *, nameless: bool = False) -> Generation | None:
    """Return what an answer certainly says of this generation, or None; `nameless`: also where it names no id at all."""
    whole = parse.read(body)
    if not isinstance(whole, dict | list):
        said = [_told(one, generation_id) for one in _documents(whole if isinstance(whole, str) else _text(body))]
        read = [one for one in said if one]
        # Of several, as in a stream of events, the last tells; what was made by then is not lost by what follows.
        return next((one for one in reversed(read) if one.is_made), read[-1] if read else None)
    if any(_is_named(one, generation_id) for one in _objects(whole)):
        return _told(whole, generation_id)
    if not nameless or ids_in(body_texts(body), generation_id):
        return None
    bare = [parse.generation_of(one, generation_id) for one in _objects(whole)]
    made = [one for one in bare if one.has_pictures]
    return made[-1] if len({one.outputs for one in made}) == 1 else None


def _told(whole: object, generation_id: str) -> Generation | None:
    """Return what a JSON value says under this id; None for nothing, or several things."""
    ours = [one for one in _objects(whole) if _is_named(one, generation_id)]
    said = [one for one in map(_with_state, ours) if "state" in one] or ours
    read = [parse.generation_of(one, generation_id) for one in said]
    # Such as a history of what it was before: the outermost tells, and of several on one level none.
    is_one = _is_named(whole, generation_id) or len({one.state for one in read}) == 1
    return read[0] if read and is_one else None


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "replace")


def _documents(text: str) -> Iterator[object]:
    """Yield every JSON object that stands in a text between other words, the first one first."""
    at, is_loose, read, broken = 0, False, 0, 0
    while read < _MOST and broken < _MOST_BROKEN and (begin := _BEGIN.search(text, at)):
        try:
            found, at = _DECODER.raw_decode(text, begin.start())
            read += 1
            yield found
        except (ValueError, RecursionError):
            broken += 1
            if not is_loose:
                text, at, is_loose = _LOOSE.sub(_strictly, text[begin.start() :]), 0, True
            elif after := _NEXT.search(text, begin.start()):
                at = after.start()
            else:
                return


def _strictly(found: re.Match[str]) -> str:
    return found[0] if found[0][0] == '"' else "" if found[0] == "," else "null"


def _objects(value: object) -> Iterator[dict[str, object]]:
    """Yield the objects of an answer, the outermost first, but none of the outputs."""
    level = [value]
    for _ in range(_DEEPEST + 1):
        inner: list[object] = []
        for one in level[:_MOST]:
            if isinstance(one, dict):
                yield one
                inner += [held for name, held in one.items() if name not in _OUTPUTS]
            elif isinstance(one, list):
                inner += one[:_MOST]
        level = inner


def _is_named(value: object, generation_id: str) -> bool:
    """Whether an object bears this id, in whatever form, and no other."""
    if not isinstance(value, dict):
        return False
    return _ids(value) == (generation_id,)


def _ids(value: dict[str, object]) -> tuple[str, ...]:
    named = [value.get(name) for name in _NAMES]
    listed = [one for names in named for one in (names if isinstance(names, list) else [names])]
    return ids_in([one for one in listed if isinstance(one, str)])


def _with_state(one: dict[str, object]) -> dict[str, object]:
    """Return an object with its state, which may stand in another one that it alone holds."""
    if "state" in one:
        return one
    held = [inner for inner in one.values() if isinstance(inner, dict) and "state" in inner]
    return one | held[0] if len(held) == 1 and not _ids(held[0]) else one
