"""Rows that an admin adds with the day they begin; nothing is ever changed, so that what is older stays explained."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from studio.models.people import User
from studio.models.revision import Revision

# Every process asks for new rows again after so long (seconds): a row holds everywhere within a second.
FRESH_FOR = 0.8
QUARTER = 15 * 60  # seconds


R = TypeVar("R", bound=models.Model, covariant=True)


class DatedRowQuerySet(models.QuerySet[R]):
    def update(self, **kwargs: Any) -> int:
        """Refuse: what changes is a new row."""
        raise TypeError(_only_added(self.model))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: what changes is a new row."""
        raise TypeError(_only_added(self.model))


class DatedRow(models.Model):
    first_day = models.DateField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Add. Raises TypeError for a row that stands already."""
        if not self._state.adding:
            raise TypeError(_only_added(type(self)))
        with transaction.atomic():
            super().save(**kwargs)
            Revision.bump()  # open pages ask for what is new
        self.forget()

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Refuse: what changes is a new row."""
        raise TypeError(_only_added(type(self)))

    @classmethod
    def forget(cls) -> None:
        """Ask for the rows at the next use."""
        raise NotImplementedError

    @classmethod
    def newest(cls) -> int:
        """Return the version of the rows: the key of the last one, 0 without any."""
        return cls._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def today() -> date:
    """Return the day whose rows hold now, where Studio is: a page asks for it a hundred times."""
    # A day begins with a quarter of an hour of UTC, in every zone there is.
    return _day_of(int(timezone.now().timestamp()) // QUARTER)


@lru_cache(maxsize=1)
def _day_of(quarter: int) -> date:
    return timezone.localdate(datetime.fromtimestamp(quarter * QUARTER, UTC))


def _only_added(model: type[models.Model]) -> str:
    return f"{str(model._meta.verbose_name_plural).capitalize()} are only added."
