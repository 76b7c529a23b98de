"""Choose one of the shipped pictures by the words of a prompt."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import cache
from operator import truediv
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent / "library"
WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
ASKED_FOR = [frozenset(words.split()) for words in WORDS["shown only when asked for"]]
# Words of light and colour say less about a picture than its subject does.
MINOR = frozenset(" ".join([WORDS["colours"], *(light["words"] for light in WORDS["lights"].values())]).split())
# Shares of the best score from which a picture, or one of the same family, may answer a repeat of the prompt.
GOOD_ENOUGH, FAMILY_ENOUGH = 0.75, 0.2
RATIO_PENALTY = 0.9  # what a ratio that is off by a factor of e costs


class Picture(NamedTuple):
    """One shipped picture: what it shows, width divided by height, how bright it is, where a poster has room for words."""

    file: str
    words: frozenset[str]
    ratio: float
    tone: str
    title: dict[str, Any] | None

    @property
    def is_whole(self) -> bool:
        """Whether it must not be cropped or mirrored: posters, logos and manga pages."""
        return self.title is not None or "manga" in self.words


def random_for(*parts: object) -> Random:
    """Return a stream of chance that is always the same for some values."""
    return Random(repr(parts))  # noqa: S311 - chance for pictures, not for secrets


def words_of(prompt: str) -> tuple[str, ...]:
    """Return the lower-case words of a prompt in order, each plural followed by its singular."""
    found: list[str] = []
    for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", prompt[:1200].lower()):
        found += [word, word[:-1]] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else [word]
    return tuple(found)


@cache
def library() -> tuple[Picture, ...]:
    """Return every shipped picture."""
    found = []
    for row in json.loads((FOLDER / "index.json").read_text(encoding="utf-8")):
        ratio = truediv(*map(int, row["ratio"].split(":")))
        found.append(Picture(row["file"], frozenset(row["words"].split()), ratio, row["tone"], row.get("title")))
    return tuple(found)


@cache
def _weights() -> dict[str, float]:
    """Weigh words by how few pictures have them: `fox` says more than `water`."""
    counts = Counter(word for picture in library() for word in picture.words)
    return {word: math.log(1 + len(library()) / n) * (0.4 if word in MINOR else 1) for word, n in counts.items()}


def choose(prompt: str, *, style: str, ratio: float, number: int) -> Picture:
    """Return the picture for the `number`th request with this prompt; the same call always gives the same one."""
    places = {word: place for place, word in reversed(list(enumerate(words_of(prompt))))}
    asked = {*places, "manga"} if style == "manga" else set(places)
    allowed = [p for p in library() if all(p.words.isdisjoint(kind) or kind & asked for kind in ASKED_FOR)]
    if style == "manga":
        pages = [picture for picture in allowed if "manga" in picture.words]
        nearest = min(abs(math.log(page.ratio / ratio)) for page in pages)
        allowed = [page for page in pages if abs(math.log(page.ratio / ratio)) < nearest + 0.01]
    early = {word: 1 - 0.02 * min(15, place) for word, place in places.items()}  # counts a little more
    weigh = {word: _weights().get(word, 0) * share for word, share in early.items()}
    scores = {p.file: sum(weigh[word] for word in p.words & places.keys()) for p in allowed}
    ranked = sorted(allowed, key=lambda p: RATIO_PENALTY * abs(math.log(p.ratio / ratio)) - scores[p.file])
    best = max(scores.values())
    if best == 0:  # no word fits any picture: the prompt alone decides among those whose shape fits best
        ranked = sorted(ranked[: 1 + len(ranked) // 2], key=lambda p: random_for(prompt, p.file).random())
    family = ranked[0].file.partition("-")[0]
    least = {p.file: (FAMILY_ENOUGH if p.file.startswith(family) else GOOD_ENOUGH) * best for p in ranked}
    good = [p for p in ranked if scores[p.file] >= least[p.file]]
    return good[number % len(good)]
