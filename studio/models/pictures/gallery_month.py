"""How many pictures of the team each month of the gallery has, counted as they come: no page counts the rows of years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

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


class GalleryMonth(models.Model):
    """The number of pictures of one month, kept in the transaction that puts a picture into the gallery.

    Each change is made between Revision.bump() and the commit, where everybody else waits. Integrity counts the rows
    and compares. A month is one of settings.TIME_ZONE: with another zone everything is counted anew at the next start.
    """

    month = models.CharField(max_length=7, primary_key=True)
    number = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.month}: {self.number}"

    @classmethod
    def add(cls, picture: models.Model, count: int = 1) -> None:
        """Count a picture that has come into the team's gallery, or with -1 one that leaves it. Others are not counted."""
        if picture.job_id is None or picture.shown_at is None or picture.is_private:  # type: ignore[attr-defined]
            return
        if picture.archived_at is not None:  # type: ignore[attr-defined]
            return
        month = str(Month.of(picture.shown_at))  # type: ignore[attr-defined]
        if not cls.objects.filter(pk=month).update(number=F("number") + count):
            cls.objects.create(month=month, number=count, zone=settings.TIME_ZONE)

    @classmethod
    def newest_first(cls) -> list[tuple[Month, int]]:
        """Return the months that have pictures, and how many: a few rows for each year."""
        rows = cls.objects.filter(number__gt=0).order_by("-month").values_list("month", "number")
        return [(Month.parse(month), number) for month, number in rows]

    @classmethod
    def keep_to_zone(cls) -> None:
        """Count anew if the months are those of another time zone than the studio has now."""
        if cls.objects.exclude(zone=settings.TIME_ZONE).exists():
            cls.recount()

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each month that does not count what is there. Reads the gallery's whole index."""
        stored = dict(cls.objects.exclude(number=0).values_list("month", "number"))
        true = cls._counted()
        for month in sorted(stored.keys() | true.keys()):
            if stored.get(month, 0) != true.get(month, 0):
                yield f"{month} has {plurals.counted(true.get(month, 0), 'picture')}, counted as {stored.get(month, 0)}."

    @classmethod
    def recount(cls) -> None:
        """Count every picture anew. Everybody who adds one waits meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.all().delete()
            GalleryMonth.objects.bulk_create(
                GalleryMonth(month=month, number=number, zone=settings.TIME_ZONE)
                for month, number in cls._counted().items()
            )

    @classmethod
    def _counted(cls) -> dict[str, int]:
        """Month after month by the gallery's index: the database need not know what a month is."""
        made = apps.get_model("studio", "Picture").objects.in_gallery().of_team()
        ends = made.aggregate(first=models.Min("shown_at"), last=models.Max("shown_at"))
        if ends["first"] is None:
            return {}
        found: dict[str, int] = {}
        month, last = Month.of(ends["first"]), Month.of(ends["last"])
        while month <= last:
            number = made.filter(shown_at__gte=month.begins_at, shown_at__lt=month.following.begins_at).count()
            if number:
                found[str(month)] = number
            month = month.following
        return found
