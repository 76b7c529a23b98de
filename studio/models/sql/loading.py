"""Rows become objects without the constructor: a page reads hundreds, and it costs more than everything shown of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class QuickLoad(models.Model):
    """A model whose rows need nothing of `__init__`: no defaults, no checks, no signals.

    A column that was not read stays out of the object's dictionary, where Django looks for it before it asks the
    database.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_: Any) -> Self:
        loaded = cls.__new__(cls)
        state = loaded.__dict__["_state"] = ModelState()
        state.adding, state.db = False, db
        loaded.__dict__.update(zip(field_names, values, strict=True))
        return loaded
