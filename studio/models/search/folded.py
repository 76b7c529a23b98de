"""Compare texts in the database without regard to case and spelling: "ärger" finds "Ärger", and a full-width A an a.

SQLite knows the case of ASCII alone, so it asks Python; PostgreSQL folds by itself.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Contains


class Folded(Func):
    """A text as it is compared."""

    function = "STUDIO_FOLDED"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="LOWER(NORMALIZE((%(expressions)s)::text, NFKC))", **context)


def says(field: str, words: str) -> Q:
    """Whether a field has these words somewhere, however they are written."""
    return Q(Contains(Folded(F(field)), Folded(Value(words))))


def register(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Teach a new connection to SQLite to fold texts."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("STUDIO_FOLDED", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFKC", text).casefold()
