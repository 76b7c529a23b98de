"""What the pictures of a family came from: read at once, as far as it is not very much, and beyond that by need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from studio.models.people import User
from studio.models.picture import Picture, PictureQuerySet
from studio.models.requests.input import Input
from studio.models.sql import prepared_statements
from studio.models.sql.compiled_query import KEY, KEYS, PERSON, CompiledQuery

MOST_UP = 4  # levels
MOST_READ = 48  # pictures that are read at once

# A picture, what it came from, what that came from, and so on: keys alone, a few more than are asked for where a layer
# came from a split.
CAME_FROM = f"""
WITH RECURSIVE way(level, picture) AS (
  SELECT 0, CAST(%s AS bigint)
  UNION
  SELECT way.level + 1, COALESCE(one.kept_from_id, used.picture_id) FROM way
  JOIN "studio_picture" one ON one.id = way.picture
  LEFT JOIN "studio_job" job ON job.id = one.job_id AND one.kept_from_id IS NULL
  LEFT JOIN "studio_input" used ON used.submission_id = job.submission_id
  WHERE way.level <= {MOST_UP} AND COALESCE(one.kept_from_id, used.picture_id) IS NOT NULL)
SELECT picture FROM way LIMIT {MOST_READ}
"""  # noqa: S608 - our own numbers


class Used(NamedTuple):
    """A picture that a submission was given, and as what."""

    picture: int
    role: str
    place: int


def _seen(person: Any) -> PictureQuerySet:
    """What a person may see; what was deleted keeps its place, as a box."""
    return Picture.objects.visible_to(person, also_gone=True).select_related("job__submission", "person")


_SEEN = CompiledQuery(lambda person, keys: _seen(person).filter(pk__in=keys), PERSON, KEYS)
_FRONTS = CompiledQuery(lambda person, jobs: _seen(person).filter(job_id__in=jobs, position=0), PERSON, KEYS)
_USED = CompiledQuery(
    lambda submissions: (
        Input.objects.filter(submission_id__in=submissions)
        .order_by("submission_id", "position")
        .values_list("submission_id", "picture_id", "role", "position")
    ),
    KEYS,
)


def pictures_of(person: User, keys: Iterable[int]) -> dict[int, Picture]:
    """Return those of these pictures that the person may see, by their keys."""
    wanted = sorted(set(keys))
    return {one.pk: one for one in _SEEN(person, wanted)} if wanted else {}


def fronts_of(person: User, jobs: Iterable[int]) -> list[Picture]:
    """Return the front layers of these splits that the person may see."""
    wanted = sorted(jobs)
    return _FRONTS(person, wanted) if wanted else []


class Ancestors:
    """The pictures above one and what they were made with, each read once."""

    def __init__(self, root: Picture, person: User) -> None:
        self._person = person
        self._pictures: dict[int, Picture | None] = {}  # None: not for this person
        self._used: dict[int, list[Used]] = {}
        if root.job_id or root.kept_from_id:
            self._read(root)

    def pictures(self, keys: Iterable[int]) -> dict[int, Picture]:
        """Return those of these pictures that the person may see, by their keys."""
        wanted = set(keys)
        if unknown := wanted - self._pictures.keys():
            found = pictures_of(self._person, unknown)
            self._pictures |= {key: found.get(key) for key in unknown}
        return {key: one for key in wanted if (one := self._pictures[key])}

    def used(self, submissions: Iterable[int]) -> list[tuple[int, list[Used]]]:
        """Return what each of these submissions was given, the oldest submission first."""
        wanted = sorted(submissions)
        if unknown := [key for key in wanted if key not in self._used]:
            self._used |= {key: [] for key in unknown}
            for submission, *used in _USED(unknown):
                self._used[submission].append(Used(*used))
        return [(key, self._used[key]) for key in wanted]

    def _read(self, root: Picture) -> None:
        rows = prepared_statements.rows(connection, CAME_FROM, [KEY.get_db_prep_value(root.pk, connection)])
        found = self.pictures({key for (key,) in rows} - {root.pk})
        jobs = [one.job for one in (root, *found.values()) if one.job and not one.kept_from_id]
        if len(rows) > 1:
            self.used({job.submission_id for job in jobs})
        else:
            self._used = {job.submission_id: [] for job in jobs}
