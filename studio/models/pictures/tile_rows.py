"""What many tiles need beside their pictures, asked for by compiled queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from studio.models.people import User
from studio.models.picture import Picture
from studio.models.sql.compiled_query import KEYS, PERSON, CompiledQuery

_FOR_WALL: CompiledQuery[Picture] = CompiledQuery(lambda keys: Picture.objects.for_wall().filter(pk__in=keys), KEYS)
_VISIBLE: CompiledQuery[Picture] = CompiledQuery(
    lambda person, keys: Picture.objects.visible_to(person).filter(pk__in=keys).values_list("pk", flat=True),
    PERSON,
    KEYS,
)
_NAMES: CompiledQuery[Any] = CompiledQuery(
    lambda keys: User.objects.filter(pk__in=keys).values_list("pk", "name"), KEYS
)


def wall_by_key(keys: Iterable[int]) -> dict[int, Picture]:
    """Return these pictures, as tiles show them. Then `load_sizes`."""
    return {one.pk: one for one in _FOR_WALL(list(keys))}


def visible_keys(keys: Collection[int], person: User) -> set[int]:
    """Return those of these pictures' keys that the person sees."""
    return set(_VISIBLE(person, list(keys))) if keys else set()


def makers(pictures: Iterable[Picture]) -> dict[int, str]:
    """Return the names of the people who made these, by their keys."""
    return names_of({picture.person_id for picture in pictures})


def names_of(keys: Collection[int]) -> dict[int, str]:
    """Return the names of these people, by their keys."""
    return dict(_NAMES(list(keys)))
