"""The months of the gallery: its headings, and the scrubber that jumps to any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.urls import reverse
from django.utils import timezone

from studio.models import GalleryMonth, Picture
from studio.models.gallery_month import Month
from studio.models.picture import makers
from studio.ratios import share_class


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above the first picture of a month; `number` is None where nobody counted."""

    month: Month
    number: int | None

    @property
    def name(self) -> str:
        return month_name(self.month)

    @property
    def count(self) -> str:
        return "" if self.number is None else f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, the month that begins with it, if one does, and whether it is among the first of the page."""

    picture: Picture
    heading: Heading | None
    first: bool
    maker: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A month of the scrubber, with its share of all pictures as a class."""

    month: Month
    number: int
    share: str
    url: str

    @property
    def short(self) -> str:
        return f"{self.month.as_date:%b}"

    @property
    def name(self) -> str:
        return f"{self.month.as_date:%B %Y}"


@dataclass
class Months:
    """The months with their numbers, read once and only if a page needs them.

    `address`: the words and filters of the list, which a jump keeps. With any, no heading says a number: only the whole
    gallery's are known.
    """

    address: str = ""

    @cached_property
    def numbers(self) -> dict[Month, int]:
        return dict(GalleryMonth.newest_first())

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    def heading(self, month: Month) -> Heading:
        return Heading(month, None if self.address else self.numbers.get(month))

    def placed(self, pictures: Sequence[Picture], *, current: Month | None, first: int) -> Iterator[Placed]:
        """Pair each picture with its month where that is another than before it. `first`: how many are seen at once."""
        names = makers(pictures)
        for number, picture in enumerate(pictures):
            month = Month.of(picture.shown_at or picture.created_at)
            yield Placed(
                picture, None if month == current else self.heading(month), number < first, names[picture.person_id]
            )
            current = month

    def years(self) -> list[tuple[int, list[Stop]]]:
        """The stops of the scrubber, newest first."""
        total, before = self.total or 1, f"{self.address}&" if self.address else ""
        there = reverse("studio:gallery")
        stops = [
            Stop(month, number, share_class(number / total), f"{there}?{before}at={month}")
            for month, number in self.numbers.items()
        ]
        return [(year, list(those)) for year, those in groupby(stops, key=lambda stop: stop.month.year)]


def month_name(month: Month) -> str:
    """Name the month, with its year unless that is this year: `November`, `December 2025`."""
    is_this_year = month.year == timezone.localtime().year
    return f"{month.as_date:%B}" if is_this_year else f"{month.as_date:%B %Y}"
