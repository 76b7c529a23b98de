"""Pictures to search, and what an address of the gallery finds of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.http import QueryDict

from studio.models import Picture, User
from studio.views.gallery.finder import Finder
from tests.people import make_job

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def shown(person: User, prompt: str, *, now: datetime = NOW, **spec: object) -> Picture:
    return make_job(person, state="done", prompt=prompt, now=now, **spec).pictures.get()  # type: ignore[arg-type]


def found(person: User, address: str, most: int = 50) -> list[str]:
    """The prompts that an address of the gallery finds, newest first."""
    keys = Finder.read(QueryDict(address), person).page(None, most)
    by_key = {one.pk: one for one in Picture.objects.filter(pk__in=keys).select_related("job__submission")}
    return [by_key[key].title for key in keys]


def address_of(**fields: str | Sequence[str]) -> str:
    query = QueryDict(mutable=True)
    for name, value in fields.items():
        query.setlist(name.rstrip("_"), [value] if isinstance(value, str) else list(value))
    return query.urlencode()
