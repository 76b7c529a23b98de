"""Which aspect ratios Luma makes, of how many pixels, from which day on (luma-api.md sections 3.3, 3.4 and 10.1).

The ratios that Luma had published when this was released, and what `use` adds to them or takes away. A change is a new
row with the day it starts; old rows stay, because old jobs and pictures are explained by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from studio.luma import pricing

# Manga pages are portrait, or left to the model (section 3.4).
STYLES = ("auto", "manga")
PORTRAIT_STYLES = frozenset({"manga"})


@dataclass(frozen=True, slots=True)
class Ratio:
    """A shape and the pixels Luma really makes of it, which are not quite that shape (section 10.1)."""

    slug: str
    width: int
    height: int

    @property
    def is_portrait(self) -> bool:
        return self.height > self.width


class RatioRow(NamedTuple):
    """A ratio that is offered, or not any more, from a day on; `model` "" means every model, `style` "" every style."""

    first_day: date
    slug: str
    width: int
    height: int
    model: str = ""
    style: str = ""
    is_offered: bool = True


# Known at the release: they hold for what is older as well.
FROM_THE_START = date.min
PUBLISHED = tuple(
    RatioRow(FROM_THE_START, slug, width, height)
    for slug, width, height in (
        ("3:1", 3360, 1248),
        ("2:1", 2912, 1440),
        ("16:9", 2784, 1504),
        ("3:2", 2464, 1696),
        ("1:1", 2048, 2048),
        ("2:3", 1696, 2464),
        ("9:16", 1504, 2784),
        ("1:2", 1440, 2912),
        ("1:3", 1248, 3360),
    )
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What holds on one day.

    `known`: every ratio that was ever offered until then, the widest first. `by_model`: the slugs of each style, for the
    models that differ; "" is every other model.
    """

    known: Mapping[str, Ratio]
    by_model: Mapping[str, Mapping[str, tuple[str, ...]]]

    def of(self, model: str, style: str) -> tuple[str, ...]:
        """Return the slugs that a model makes in a style; none for a style that is not known."""
        return self.by_model.get(model, self.by_model[""]).get(style, ())

    def of_style(self, style: str) -> tuple[str, ...]:
        """Return the slugs that any model makes in a style."""
        return self._some({slug for styles in self.by_model.values() for slug in styles.get(style, ())})

    @property
    def ratios(self) -> tuple[Ratio, ...]:
        """What any model makes in any style."""
        made = {slug for styles in self.by_model.values() for slugs in styles.values() for slug in slugs}
        return tuple(self.known[slug] for slug in self._some(made))

    def _some(self, slugs: set[str]) -> tuple[str, ...]:
        return tuple(slug for slug in self.known if slug in slugs)


@dataclass(frozen=True)
class RatioTable:
    """All rows; of two that start on one day the later one holds. `version` differs for other rows."""

    rows: Sequence[RatioRow] = PUBLISHED
    version: int = 0
    _days: dict[date, Offer] = field(default_factory=dict, compare=False, repr=False)

    def offer_on(self, day: date) -> Offer:
        """Return what is offered on that day."""
        if day not in self._days:
            self._days[day] = self._read(day)
        return self._days[day]

    def _read(self, day: date) -> Offer:
        begun = sorted((row for row in self.rows if row.first_day <= day), key=lambda row: row.first_day)
        found = {row.slug: Ratio(row.slug, row.width, row.height) for row in begun}
        widest = sorted(found.values(), key=lambda ratio: ratio.height / ratio.width)
        models = {"", *(row.model for row in begun)}
        by_model = {model: {style: _offered(begun, widest, model, style) for style in STYLES} for model in models}
        return Offer({ratio.slug: ratio for ratio in widest}, by_model)


def _offered(begun: Sequence[RatioRow], known: Iterable[Ratio], model: str, style: str) -> tuple[str, ...]:
    holds = {
        row.slug: row.is_offered for row in begun if row.model in {"", model} and row.style in {"", style}
    }  # the last one
    return tuple(
        ratio.slug for ratio in known if holds.get(ratio.slug) and (ratio.is_portrait or style not in PORTRAIT_STYLES)
    )


_PUBLISHED = RatioTable()
_table: Callable[[], RatioTable] = lambda: _PUBLISHED  # noqa: E731 - `use` puts another one in its place


def use(table: Callable[[], RatioTable]) -> None:
    """Ask for the ratios there from now on, instead of the published ones."""
    global _table
    _table = table


def with_published(rows: Iterable[RatioRow], *, version: int) -> RatioTable:
    """Return a table of these rows behind the published ones."""
    return RatioTable((*PUBLISHED, *rows), version)


def table() -> RatioTable:
    return _table()


def offer() -> Offer:
    """Return what is offered today."""
    return _table().offer_on(pricing.day())


def ratios() -> tuple[Ratio, ...]:
    """Return what can be asked for today, the widest first."""
    return offer().ratios


def slugs() -> tuple[str, ...]:
    """The same by name, such as 16:9."""
    return tuple(ratio.slug for ratio in ratios())
