"""Find the generation that was asked about in the answer to a GET, also where another object is around it.

What names its id is about it. What names no id at all answers what was asked on a connection of its own, and counts where
it brings a picture; any other id makes it doubtful, and then it is not believed: somebody else's picture must never be
stored under this job.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.luma import parse
from studio.luma.answers import body_texts, ids_in
from studio.luma.types import Generation

_OUTPUTS = ("output", "outputs")
_NAMES = ("id", "generation_id", "generationId", "uuid")
# Nobody wraps deeper, or lists more beside it.
_DEEPEST, _MOST, _MOST_LINES = 4, 1_000, 50


def generation(body: bytes, generation_id: str, *, nameless: bool = False) -> Generation | None:
    """Return what an answer certainly says of this generation, or None; `nameless`: also where it names no id at all."""
    whole = parse.read(body)
    is_plain = isinstance(whole, dict | list)
    whole = whole if is_plain else _salvaged(body, whole)
    ours = [one for one in _objects(whole) if _is_named(one, generation_id)]
    said = [one for one in map(_with_state, ours) if "state" in one] or ours
    if said:
        read = [parse.generation_of(one, generation_id) for one in said]
        # Such as a history of what it was before: the outermost tells, and of several on one level none.
        is_one = _is_named(whole, generation_id) or len({one.state for one in read}) == 1
        return read[0] if is_one else None
    if not (nameless and is_plain) or ids_in(body_texts(body), generation_id):
        return None
    bare = [parse.generation_of(one, generation_id) for one in _objects(whole)]
    made = [one for one in bare if one.has_pictures]
    return made[-1] if len({one.outputs for one in made}) == 1 else None


def _salvaged(body: bytes, whole: object) -> object:
    """Return the JSON that is within a text, or that a text holds between other words or as its last line."""
    if isinstance(whole, str):
        return parse.read(whole)
    for text in (body, *reversed(body.splitlines()[-_MOST_LINES:])):
        begin, end = text.find(b"{"), text.rfind(b"}")
        if 0 <= begin < end and isinstance(held := parse.read(text[begin : end + 1]), dict):
            return held
    return None


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
