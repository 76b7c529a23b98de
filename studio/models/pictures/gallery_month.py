"""How many pictures each month of the gallery has, counted as they come: no page counts the rows of years."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple, Self

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


class Counted(NamedTuple):
    """How many pictures a month has: the team's, and by the key of their owner those that only the owner sees."""

    number: int
    private: dict[str, int]


class GalleryMonth(models.Model):
    """The number of pictures of one month, kept in the transaction that puts a picture into the gallery.

    Each change is made between Revision.bump() and the commit, where everybody else waits. Integrity counts the rows
    and compares. A month is one of settings.TIME_ZONE: with another zone everything is counted anew at the next start.
    """

    month = models.CharField(max_length=7, primary_key=True)
    # The team's.
    number = models.BigIntegerField(default=0)
    # Of the private ones, which only their owner sees: {"key of the person": number}.
    private_numbers = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    zone = models.CharField(max_length=100)

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
        month = str(Month.of(picture.shown_at))  # type: ignore[attr-defined]
        if picture.is_private:  # type: ignore[attr-defined]
            cls._add_private(month, str(picture.person_id), count)  # type: ignore[attr-defined]
        elif not cls.objects.filter(pk=month).update(number=F("number") + count):
            cls.objects.create(month=month, number=count, zone=settings.TIME_ZONE)

    @classmethod
    def _add_private(cls, month: str, person: str, count: int) -> None:
        row, _ = cls.objects.get_or_create(month=month, defaults={"zone": settings.TIME_ZONE})
        left = int(row.private_numbers.get(person, 0)) + count
        others = {key: number for key, number in row.private_numbers.items() if key != person}
        row.private_numbers = {**others, person: left} if left > 0 else others
        row.save(update_fields=["private_numbers"])

    @classmethod
    def newest_first(cls, person: User) -> list[tuple[Month, int]]:
        """Return the months that have pictures that a person sees, and how many: a few rows for each year."""
        keys = [str(key) for key in person.owner_keys]
        rows = cls.objects.order_by("-month").values_list("month", "number", "private_numbers")
        found = ((month, number + sum(int(own.get(key, 0)) for key in keys)) for month, number, own in rows)
        return [(Month.parse(month), number) for month, number in found if number > 0]

    @classmethod
    def keep_to_zone(cls) -> None:
        """Count anew if the months are those of another time zone than the studio has now."""
        if cls.objects.exclude(zone=settings.TIME_ZONE).exists():
            cls.recount()

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each month that does not count what is there. Reads the gallery's whole index."""
        rows = cls.objects.values_list("month", "number", "private_numbers")
        stored = {month: Counted(number, private) for month, number, private in rows}
        true, none = cls._counted(), Counted(0, {})
        for month in sorted(stored.keys() | true.keys()):
            was, is_now = stored.get(month, none), true.get(month, none)
            if was.number != is_now.number:
                yield f"{month} has {plurals.counted(is_now.number, 'picture')}, counted as {was.number}."
            for person in sorted(was.private.keys() | is_now.private.keys(), key=int):
                number, counted = is_now.private.get(person, 0), was.private.get(person, 0)
                if number != counted:
                    what = plurals.counted(number, "private picture")
                    yield f"{month} has {what} of person {person}, counted as {counted}."

    @classmethod
    def recount(cls) -> None:
        """Count every picture anew. Everybody who adds one waits meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.all().delete()
            GalleryMonth.objects.bulk_create(
                GalleryMonth(month=month, number=one.number, private_numbers=one.private, zone=settings.TIME_ZONE)
                for month, one in cls._counted().items()
            )

    @classmethod
    def _counted(cls) -> dict[str, Counted]:
        """Month after month by the gallery's index: the database need not know what a month is."""
        made = apps.get_model("studio", "Picture").objects.in_gallery()
        ends = made.aggregate(first=models.Min("shown_at"), last=models.Max("shown_at"))
        if ends["first"] is None:
            return {}
        private: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for one in made.filter(is_private=True).only("shown_at", "created_at", "person").iterator(chunk_size=2_000):
            private[str(Month.of(one.shown_at or one.created_at))][str(one.person_id)] += 1
        found: dict[str, Counted] = {}
        month, last = Month.of(ends["first"]), Month.of(ends["last"])
        while month <= last:
            number = (
                made.of_team().filter(shown_at__gte=month.begins_at, shown_at__lt=month.following.begins_at).count()
            )
            own = dict(private.get(str(month), {}))
            if number or own:
                found[str(month)] = Counted(number, own)
            month = month.following
        return found
