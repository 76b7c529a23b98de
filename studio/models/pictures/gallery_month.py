"""How many pictures each month and day of the gallery has, counted as they come: no page counts the rows of years."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from studio.models.people import User
from studio.models.revision import Revision
from studio.text import plurals

FORM = re.compile(r"((?:19|2\d)\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class Month(NamedTuple):
    """A month of the studio's time zone, written `2026-11`."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @classmethod
    def of(cls, at: datetime) -> Self:
        there = timezone.localtime(at)
        return cls(there.year, there.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything but `2026-11`."""
        if not (found := FORM.fullmatch(text)):
            raise ValueError(f"{text[:20]!r} is no month")
        return cls(int(found[1]), int(found[2]))

    @property
    def begins_at(self) -> datetime:
        return timezone.make_aware(datetime(self.year, self.month, 1))

    @property
    def following(self) -> Self:
        return type(self)(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def as_date(self) -> date:
        return date(self.year, self.month, 1)


class Day(NamedTuple):
    """A day of the studio's time zone, written `2026-11-03`."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}-{self.day:02}"

    @classmethod
    def of(cls, at: datetime) -> Self:
        there = timezone.localtime(at)
        return cls(there.year, there.month, there.day)

    @property
    def begins_at(self) -> datetime:
        return timezone.make_aware(datetime(self.year, self.month, self.day))

    @property
    def following(self) -> Self:
        there = self.as_date + timedelta(days=1)
        return type(self)(there.year, there.month, there.day)

    @property
    def as_date(self) -> date:
        return date(self.year, self.month, self.day)


class Counted(NamedTuple):
    """How many pictures a month or a day has: the team's, and by the key of their owner those that only they see."""

    number: int
    private: dict[str, int]


class GalleryDay(models.Model):
    """The number of pictures of one day, kept with that of its month: a page reads those that it shows."""

    day = models.CharField(max_length=10, primary_key=True)
    number = models.BigIntegerField(default=0)
    private_numbers = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    zone = models.CharField(max_length=100)

    unit = Day  # what a row counts

    def __str__(self) -> str:
        return f"{self.day}: {self.number}"

    @classmethod
    def numbers(cls, days: Iterable[Day], person: User) -> dict[str, int]:
        """Return how many pictures a person sees of each of these days that has any."""
        rows = cls.objects.filter(pk__in=sorted({str(day) for day in days}))
        return dict(_seen(rows.values_list("pk", "number", "private_numbers"), person))


class GalleryMonth(models.Model):
    """The number of pictures of one month, kept in the transaction that puts a picture into the gallery.

    Each change is made between Revision.bump() and the commit, where everybody else waits, and for the day as well.
    Integrity counts the rows and compares. Both are those of settings.TIME_ZONE: with another zone everything is
    counted anew at the next start.
    """

    month = models.CharField(max_length=7, primary_key=True)
    # The team's.
    number = models.BigIntegerField(default=0)
    # Of the private ones, which only their owner sees: {"key of the person": number}.
    private_numbers = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    zone = models.CharField(max_length=100)

    unit = Month

    def __str__(self) -> str:
        return f"{self.month}: {self.number}"

    @classmethod
    def add(cls, picture: models.Model, count: int = 1) -> None:
        """Count a picture that has come into the gallery, or with -1 one that leaves it. Others are not counted.

        Whether it is private says under whom it is counted.
        """
        if picture.job_id is None or picture.shown_at is None:  # type: ignore[attr-defined]
            return
        if picture.archived_at is not None:  # type: ignore[attr-defined]
            return
        owner = str(picture.person_id) if picture.is_private else ""  # type: ignore[attr-defined]
        for kind in (cls, GalleryDay):
            _add(kind, picture.shown_at, owner, count)  # type: ignore[attr-defined]

    @classmethod
    def newest_first(cls, person: User) -> list[tuple[Month, int]]:
        """Return the months that have pictures that a person sees, and how many: a few rows for each year."""
        rows = cls.objects.order_by("-month").values_list("pk", "number", "private_numbers")
        return [(Month.parse(month), number) for month, number in _seen(rows, person)]

    @classmethod
    def keep_to_zone(cls) -> None:
        """Count anew if the months are those of another time zone than the studio has now."""
        if cls.objects.exclude(zone=settings.TIME_ZONE).exists():
            cls.recount()

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each month and day that counts wrong. Reads the gallery's whole index."""
        yield from _wrong(cls)
        yield from _wrong(GalleryDay)

    @classmethod
    def recount(cls) -> None:
        """Count every picture anew. Everybody who adds one waits meanwhile."""
        with transaction.atomic():
            Revision.bump()
            _recount(cls)
            _recount(GalleryDay)


def _seen(rows: Iterable[tuple[str, int, dict[str, int]]], person: User) -> Iterator[tuple[str, int]]:
    """Yield the key of each of these rows in which a person sees any pictures, and how many."""
    keys = [str(key) for key in person.owner_keys]
    for key, number, private in rows:
        if (seen := number + sum(int(private.get(one, 0)) for one in keys)) > 0:
            yield key, seen


def _add(kind: Any, at: datetime, owner: str, count: int) -> None:
    key = str(kind.unit.of(at))
    if owner:
        row, _ = kind.objects.get_or_create(pk=key, defaults={"zone": settings.TIME_ZONE})
        left = int(row.private_numbers.get(owner, 0)) + count
        others = {one: number for one, number in row.private_numbers.items() if one != owner}
        row.private_numbers = {**others, owner: left} if left > 0 else others
        row.save(update_fields=["private_numbers"])
    elif not kind.objects.filter(pk=key).update(number=F("number") + count):
        kind.objects.create(pk=key, number=count, zone=settings.TIME_ZONE)


def _wrong(kind: Any) -> Iterator[str]:
    rows = kind.objects.values_list("pk", "number", "private_numbers")
    stored = {key: Counted(number, private) for key, number, private in rows}
    true, none = _counted(kind.unit), Counted(0, {})
    for key in sorted(stored.keys() | true.keys()):
        was, is_now = stored.get(key, none), true.get(key, none)
        if was.number != is_now.number:
            yield f"{key} has {plurals.counted(is_now.number, 'picture')}, counted as {was.number}."
        for person in sorted(was.private.keys() | is_now.private.keys(), key=int):
            number, counted = is_now.private.get(person, 0), was.private.get(person, 0)
            if number != counted:
                what = plurals.counted(number, "private picture")
                yield f"{key} has {what} of person {person}, counted as {counted}."


def _recount(kind: Any) -> None:
    kind.objects.all().delete()
    kind.objects.bulk_create(
        kind(pk=key, number=one.number, private_numbers=one.private, zone=settings.TIME_ZONE)
        for key, one in _counted(kind.unit).items()
    )


def _counted(unit: Any) -> dict[str, Counted]:
    """One after the other by the gallery's index: the database need not know what a month is."""
    made = apps.get_model("studio", "Picture").objects.in_gallery()
    ends = made.aggregate(first=models.Min("shown_at"), last=models.Max("shown_at"))
    if ends["first"] is None:
        return {}
    private: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in made.filter(is_private=True).only("shown_at", "created_at", "person").iterator(chunk_size=2_000):
        private[str(unit.of(one.shown_at or one.created_at))][str(one.person_id)] += 1
    found: dict[str, Counted] = {}
    now, last = unit.of(ends["first"]), unit.of(ends["last"])
    while now <= last:
        there = made.of_team().filter(shown_at__gte=now.begins_at, shown_at__lt=now.following.begins_at)
        number, own = there.count(), dict(private.get(str(now), {}))
        if number or own:
            found[str(now)] = Counted(number, own)
        now = now.following
    return found
