"""Compare texts in the database without regard to case, accents and width: "arger" finds "Ärger", and a full-width A an a.

SQLite knows the case of ASCII alone, so it asks Python; PostgreSQL folds by itself.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Contains

from studio.text import search_text

MOST_WORDS = 8  # of more the text as a whole is looked for
# What casefold makes of letters that LOWER leaves alone.
CASELESS = {"ß": "ss", "ς": "σ"}


def _there() -> str:
    """Return what PostgreSQL does to a text where Python does `search_text.plain`."""
    told = "REGEXP_REPLACE(LOWER(NORMALIZE((%(expressions)s)::text, NFKD)), '[\\u0300-\\u036F]', '', 'g')"
    for letter, others in ({chr(code): others for code, others in search_text.PLAIN.items()} | CASELESS).items():
        told = f"REPLACE({told}, '{letter}', '{others}')"
    return told


class Folded(Func):
    """A text as it is compared."""

    function = "STUDIO_FOLDED"
    output_field = models.TextField()
    there = _there()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=self.there, **context)


def says(words: str, *fields: str) -> Q:
    """Whether each of these words is somewhere in the fields, however it is written."""
    wanted = words.split()
    found = Q()
    for word in wanted if len(wanted) <= MOST_WORDS else [words]:
        found &= reduce(or_, (Q(Contains(Folded(F(field)), Folded(Value(word)))) for field in fields))
    return found


def register(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Teach a new connection to SQLite to fold texts."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("STUDIO_FOLDED", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    return None if text is None else search_text.plain(text)
