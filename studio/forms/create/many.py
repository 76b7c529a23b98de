"""The combinations that one form asks for: choices in braces, of words and of looks, and several ratios.

They are listed with their total price before anything is sent; what is sent then is what was listed, or it is listed anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from studio.forms.create.rules import WORDS
from studio.forms.create.shapes import left_to_luma, ratio_classes
from studio.luma import pricing
from studio.luma.capabilities import KINDS
from studio.models.looks.look import LookVersion
from studio.models.requests.batch import MOST_COMBINATIONS
from studio.models.requests.request_spec import CHOICES, RequestSpec
from studio.text import combinations, look_text
from studio.text.combinations import Choice, Refused, Written

# A longer text is not read for braces: it is too long for a prompt as well.
NONE_CHOSEN = "All the boxes are cleared. Check at least one picture."
LIST_CHANGED = "Something changed since this list was made. Look at it again, then press Make."
# A wider table does not fit; a list does.
MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Axis:
    """Values of which each combination has one, as ratios are; `changes` is what a value changes of the request."""

    name: str
    values: tuple[str, ...]
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """One row of the list: the request, and the values that make it this one."""

    number: int
    words: tuple[str, ...]
    values: tuple[str, ...]
    spec: RequestSpec
    is_on: bool
    parts: tuple[tuple[str, bool], ...]

    @property
    def price(self) -> Decimal | None:
        return price_of(self.spec)

    @property
    def units(self) -> int | str:
        """The price as the page's script counts it (studio/luma/capabilities.py); "" where it is not known."""
        return "" if self.price is None else int(self.price / pricing.UNIT)

    @property
    def ratio_class(self) -> str:
        if self.spec.source:
            return self.spec.source.ratio_class
        return ratio_classes().get(self.spec.aspect_ratio, "r-1x1 shape--any")

    @property
    def ratio(self) -> str:
        return self.spec.aspect_ratio or left_to_luma(self.spec.type)


def price_of(spec: RequestSpec) -> Decimal | None:
    """The price of one picture of a request, in dollars; None where it is not known."""
    inputs = len(spec.all_references) + (spec.source is not None)
    return pricing.price(spec.type, spec.model, inputs)


@dataclass(frozen=True, slots=True)
class Row:
    head: str
    cells: tuple[Combination | None, ...]


class Many:
    """All combinations of a request. Raises Refused for braces that cannot be read, and for more than the limit."""

    def __init__(
        self,
        spec: RequestSpec,
        *,
        ratios: Iterable[str] = (),
        listed: str = "",
        checked: Sequence[int] = (),
        find_looks: Callable[[Sequence[str]], Mapping[str, LookVersion]] = lambda tags: {},
    ) -> None:
        """`find_looks` names the looks that tags mean: `{#harbour|#pastel}` gives each combination its own."""
        self.spec = spec
        kind = KINDS[spec.type]
        # A picture is split once: what the prompt says there is text.
        is_read = kind.has_count and len(spec.prompt) <= combinations.LONGEST_READ
        self.written = combinations.read(spec.prompt) if is_read else Written((spec.prompt,))
        # The others come beside the one that is chosen, also where that is left to Luma.
        several = tuple(dict.fromkeys([spec.aspect_ratio, *(ratios if kind.has_ratio else ())]))
        shown = tuple(name or left_to_luma(spec.type) for name in several)
        self.axes = [Axis("ratio", shown, tuple({"aspect_ratio": name} for name in several))]
        self._check(self.written.count)
        self._picks = self.written.picks()
        self._looks = self._chosen_looks(find_looks)
        self.was_listed = bool(listed) and listed == self.digest
        self.is_stale = bool(listed) and not self.was_listed
        self._checked = set(checked) if self.was_listed else None

    def _chosen_looks(self, find: Callable[[Sequence[str]], Mapping[str, LookVersion]]) -> dict[str, LookVersion]:
        """The look of each prompt that names one in braces. Raises Refused where there would be two, or blanks to fill."""
        always = set(combinations.fixed_tags(self.spec.prompt)) if "#" in self.spec.prompt else set()
        named = {text: [tag for tag in look_text.tags(text) if tag not in always] for _, text in self._picks}
        tags = sorted({tag for tags in named.values() for tag in tags})
        known = find(tags) if tags and self.is_list else {}
        chosen: dict[str, LookVersion] = {}
        for text, own in named.items():
            first, *others = [tag for tag in own if tag in known] or [""]
            if not first:
                continue
            if others:
                both = look_text.joined([f"#{tag}" for tag in (first, *others)])
                raise Refused(WORDS["one_of_looks"].format(tags=both))
            if self.spec.look:
                raise Refused(WORDS["one_look"].format(tag=first, look=self.spec.look.look.name))
            if known[first].blanks:
                raise Refused(WORDS["recipe_in_braces"].format(tag=first))
            chosen[text] = known[first]
        return chosen

    def _check(self, words: int) -> None:
        count, most = words * self._of_axes, MOST_COMBINATIONS
        if count > most:
            raise Refused(combinations.counted(count, most))
        every = count * self.spec.count
        if count > 1 and every > most:
            raise Refused(WORDS["combinations_of_each"].format(count=count, each=self.spec.count, all=every, most=most))

    @property
    def _of_axes(self) -> int:
        count = 1
        for axis in self.axes:
            count *= len(axis.values)
        return count

    @cached_property
    def all(self) -> list[Combination]:
        """Every combination, words first: the order in which they are made."""
        found: list[Combination] = []
        for words, prompt in self._picks:
            parts = self._parts(words)
            settings: list[tuple[tuple[str, ...], dict[str, Any]]] = [((), {})]
            for axis in self.axes:
                pairs = list(zip(axis.values, axis.changes, strict=True))
                settings = [((*had, value), {**done, **more}) for had, done in settings for value, more in pairs]
            for values, changes in settings:
                number = len(found)
                look = self._looks.get(prompt, self.spec.look)
                spec = replace(self.spec, prompt=prompt, look=look, **changes)
                is_on = self._checked is None or number in self._checked
                found.append(Combination(number, words, values, spec, is_on, parts))
        return found

    @property
    def is_list(self) -> bool:
        """Whether there is more than one combination, to be listed before it is sent."""
        return len(self._picks) * self._of_axes > 1

    @property
    def chosen(self) -> list[Combination]:
        return [one for one in self.all if one.is_on]

    @property
    def specs(self) -> list[RequestSpec]:
        return [one.spec for one in self.all]

    # ---- What the list shows

    @property
    def pictures(self) -> int:
        return len(self.chosen) * self.spec.count

    @property
    def total(self) -> Decimal | None:
        prices = [one.price for one in self.chosen]
        return None if None in prices else sum((price for price in prices if price), Decimal(0)) * self.spec.count

    @property
    def sums(self) -> list[tuple[int, Decimal | None]]:
        """How many pictures of each price: looks bring references, which cost; prompt and ratio cost nothing."""
        found: dict[Decimal | None, int] = {}
        for one in self.chosen or self.all[:1]:
            found[one.price] = found.get(one.price, 0) + (self.spec.count if one.is_on else 0)
        return [(count, price) for price, count in found.items()]

    @property
    def multiplied(self) -> str:
        """`3 × 2 words × 2 ratios`: where the number comes from."""
        words = [str(len(choice.values)) for choice in self.written.choices]
        ratios = len(self.axes[0].values)
        parts = [f"{' × '.join(words)} words"] if words else []
        parts += [f"{ratios} ratios"] if ratios > 1 else []
        parts += [f"{self.spec.count} of each"] if self.spec.count > 1 else []
        return " × ".join(parts)

    @property
    def heads(self) -> list[str]:
        """The second set of words, over the columns; none for a single column of words."""
        choices = self.written.choices
        return [value or "(nothing)" for value in choices[1].values] if len(choices) == 2 else []

    @property
    def ratios(self) -> tuple[str, ...]:
        return self.axes[0].values

    @property
    def ratio_heads(self) -> list[str]:
        """The ratios below them, again for each head."""
        return list(self.ratios) * max(1, len(self.heads)) if len(self.ratios) > 1 or not self.heads else []

    @property
    def is_table(self) -> bool:
        sets = len(self.written.choices)
        columns = len(self.ratios) * max(1, len(self.heads))
        return sets <= 2 and columns <= MOST_COLUMNS and len(self._picks) == self.written.count

    @property
    def rows(self) -> list[Row]:
        """A row for each value of the first set; of a list, a row for each combination."""
        if not self.is_table or not self.written.choices:
            return [Row("", tuple(self.all))] if self.is_table else [Row("", (one,)) for one in self.all]
        by_first: dict[str, list[Combination]] = {}
        for one in self.all:
            by_first.setdefault(one.words[0], []).append(one)
        return [Row(value or "(nothing)", tuple(cells)) for value, cells in by_first.items()]

    @cached_property
    def digest(self) -> str:
        """What was listed, at its price: another list has another one."""
        spec = self.spec
        inputs = [str(picture.code) for picture in ([spec.source] if spec.source else []) + spec.all_references]
        looks = [[str(one.code), *spec.blanks] for one in (*([spec.look] if spec.look else ()), *self._looks.values())]
        prices = [str(price_of(replace(spec, look=look))) for look in (spec.look, *self._looks.values())]
        facts = [[getattr(spec, name) for name in CHOICES], inputs, looks, self.axes[0].values, prices]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]

    def _parts(self, words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
        """The prompt in pieces, and whether each was chosen."""
        left = iter(words)
        parts: list[tuple[str, bool]] = []
        for part in self.written.parts:
            if not isinstance(part, Choice):
                parts.append((part, False))
            elif len(part.values) > 1:
                parts.append((next(left), True))
            else:
                parts.append((part.values[0], False))
        return tuple(parts)


__all__ = ["LIST_CHANGED", "NONE_CHOSEN", "Axis", "Combination", "Many", "Refused"]
