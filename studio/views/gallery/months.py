"""The months and days of the gallery: its headings, and the scrubber that jumps to any month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from studio.models import GalleryDay, GalleryMonth, Picture, User
from studio.models.pictures.gallery_month import Day, Month
from studio.models.pictures.tile_rows import makers
from studio.ratios import share_class
from studio.views import stencil
from studio.views.formatting import counted


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above the first picture of a month or a day; `number` is None where nobody counted."""

    span: Month | Day
    number: int | None

    @property
    def name(self) -> str:
        return day_name(self.span) if isinstance(self.span, Day) else month_name(self.span)

    @property
    def count(self) -> str:
        return "" if self.number is None else f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, the month or day that begins with it, if one does, and whether it is among the first of the page."""

    picture: Picture
    heading: Heading | None
    first: bool
    maker: str = ""


@dataclass
class Months:
    """The months with their numbers of what a person sees, read once and only if a page needs them.

    `address`: the words and filters of the list, which a jump keeps. `is_counted`: whether it is the whole gallery,
    whose numbers alone are known and said in headings. `is_oldest`: the oldest month comes first.
    """

    person: User
    address: str = ""
    is_counted: bool = True
    is_oldest: bool = False

    @cached_property
    def numbers(self) -> dict[Month, int]:
        return dict(GalleryMonth.newest_first(self.person))

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    def placed(
        self, pictures: Sequence[Picture], unit: type[Month | Day], *, current: Month | Day | None, first: int
    ) -> Iterator[Placed]:
        """Pair each picture with its month or day where that is another than before it.

        `first`: how many are seen at once.
        """
        names = makers(pictures)
        spans = [unit.of(picture.shown_at or picture.created_at) for picture in pictures]
        begun = [span for before, span in zip([current, *spans], spans, strict=False) if span != before]
        numbers = self._numbers(begun) if self.is_counted and begun else {}
        for number, (picture, span) in enumerate(zip(pictures, spans, strict=True)):
            heading = None if span == current else Heading(span, numbers.get(span))
            yield Placed(picture, heading, number < first, names[picture.person_id])
            current = span

    def _numbers(self, spans: Sequence[Month | Day]) -> Mapping[Month | Day, int]:
        """How many pictures each of these has. Of days only those are read: years have thousands."""
        days = {str(span): span for span in spans if isinstance(span, Day)}
        if not days:
            return self.numbers  # type: ignore[return-value]
        return {days[key]: number for key, number in GalleryDay.numbers(days.values(), self.person).items()}

    def years(self) -> list[tuple[int, SafeString]]:
        """The stops of the scrubber in the list's order, each with its share of all pictures as a class."""
        total, before = self.total or 1, f"{self.address}&" if self.address else ""
        there, parts = reverse("studio:gallery"), _stop()
        numbers = list(self.numbers.items())
        return [
            (
                year,
                stencil.join(
                    (
                        parts,
                        {
                            "stop_month": month,
                            "stop_share": share_class(number / total),
                            "stop_url": f"{there}?{before}at={month}",
                            "stop_name": f"{month.as_date:%B %Y}",
                            "stop_short": f"{month.as_date:%b}",
                            "stop_count": counted(number, "picture"),
                        },
                    )
                    for month, number in those
                ),
            )
            for year, those in groupby(numbers[::-1] if self.is_oldest else numbers, key=lambda one: one[0].year)
        ]


@cache
def _stop() -> tuple[str, ...]:
    names = ("month", "share", "url", "name", "short", "count")
    return stencil.cut("gallery/_scrubber.html#stop", {"stop": stencil.fields("stop", names)})


def month_name(month: Month) -> str:
    """Name the month, with its year unless that is this year: `November`, `December 2025`."""
    is_this_year = month.year == timezone.localtime().year
    return f"{month.as_date:%B}" if is_this_year else f"{month.as_date:%B %Y}"


def day_name(day: Day) -> str:
    """Name the day, with its year unless that is this year: `Thursday 3 December`, `Wednesday 3 December 2025`.

    Never as today, which a page that stays open overnight would go on to say.
    """
    there = day.as_date
    words = f"{there:%A} {there.day} {there:%B}"
    return words if there.year == timezone.localtime().year else f"{words} {there.year}"
