"""Rows that are only added: what is written stays as it was."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models

R = TypeVar("R", bound="AddedOnly", covariant=True)


class AddedOnlyQuerySet(models.QuerySet[R]):
    def update(self, **kwargs: Any) -> int:
        """Refuse: what is written stays."""
        raise TypeError(self.model.only_added)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: what is written stays."""
        raise TypeError(self.model.only_added)


class AddedOnly(models.Model):
    # Said to whoever tries to change or delete one.
    only_added: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Add. Raises TypeError for a row that stands already."""
        if not self._state.adding:
            raise TypeError(self.only_added)
        super().save(**kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Refuse: what is written stays."""
        raise TypeError(self.only_added)
