from __future__ import annotations

import difflib
import random
from typing import Any

import pytest

from studio.text import word_diff
from studio.text.word_diff import Part, diff, differing_from_all


def struck(parts: list[Part]) -> str:
    return "".join(f"[{part.text}]" if part.differs else part.text for part in parts)


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("A red kite", "A blue kite", "A [red] kite", "A [blue] kite"),
        ("three arches at noon", "three arches", "three arches [at noon]", "three arches"),
        ("", "new words", "", "[new words]"),
        ("the same", "the same", "the same", "the same"),
        ("The Sea", "the  sea", "The Sea", "the  sea"),
        ("it's Anna's", "it's Ben's", "it's [Anna's]", "it's [Ben's]"),
        ("like @1", "like @2", "like [@1]", "like [@2]"),
        ("夜の庭、赤い球", "夜の広い庭、青い球", "夜の庭、[赤]い球", "夜の[広い]庭、[青]い球"),
        ("สีแดง", "สีเขียว", "สี[แดง]", "สี[เขียว]"),
        ("한국 음식", "한식", "한[국 음]식", "한식"),
        ("boat\nsea", "boat\nsky", "boat\n[sea]", "boat\n[sky]"),
    ],
    ids=str,
)
def test_words_that_went_and_words_that_came(before: str, after: str, gone: str, come: str) -> None:
    old, new = diff(before, after)
    assert (struck(old), struck(new)) == (gone, come)


def test_of_several_texts_the_first_loses_what_no_other_has() -> None:
    assert struck(differing_from_all("a red paper kite", ["a red boat", "a paper boat"])) == "a red paper [kite]"


def test_long_texts_are_compared_by_clauses_and_then_by_words() -> None:
    clauses = [f"the {number} boats of the {number % 7} harbour in the light of the sea" for number in range(90)]
    changed = [*clauses[:40], clauses[40].replace("light", "shade"), *clauses[41:], "and the end"]
    changed[3] = "the first boats of the 3 harbour in the light of the sea"
    old, new = diff(", ".join(clauses), ", ".join(changed))
    assert [part.text for part in old if part.differs] == ["3", "light"]
    assert [part.text.strip(", ") for part in new if part.differs] == ["first", "shade", "and the end"]


# Looking at as many takes about twenty milliseconds.
MOST_LOOKED_AT = 400_000
AS_MANY = "as many as are compared"
HOSTILE = {
    "two letters": lambda dice: " ".join(dice.choice("ab") for _ in range(3000)),
    "one letter": lambda dice: "a " * dice.randint(2000, 3000),
    "commas": lambda dice: "".join(dice.choice(["a,", "b,"]) for _ in range(3000)),
    AS_MANY: lambda dice: " ".join(dice.choice("ab") for _ in range(150)),
    "points": lambda dice: "".join(dice.choice(",.;") for _ in range(6000)),
    "signs": lambda dice: "".join(chr(0x4E00 + int(dice.expovariate(1 / 200))) for _ in range(6000)),
}


class Counted(difflib.SequenceMatcher[str]):
    """Counts the pairs that its innermost loop looks at: what its time is made of."""

    looked_at = 0

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Any:
        Counted.looked_at += sum(len(self.b2j.get(one, ())) for one in self.a[alo:ahi])
        return super().find_longest_match(alo, ahi, blo, bhi)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_prompt_takes_long(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_diff, "SequenceMatcher", Counted)
    monkeypatch.setattr(Counted, "looked_at", 0)
    dice = random.Random(name)
    before, after = (HOSTILE[name](dice)[:6000] for _ in range(2))
    old, new = diff(before, after)
    assert Counted.looked_at < MOST_LOOKED_AT
    assert (Counted.looked_at > 0) == (name == AS_MANY), "longer ones are not compared word by word"
    assert "".join(part.text for part in old) == before
    assert "".join(part.text for part in new) == after
