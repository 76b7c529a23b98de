"""The list that a picture was opened from: its arrows follow that list, and it says how far along the picture stands.

A list names itself in the address of the picture (`?of=mine`, `?of=gallery?q=boat`); a first look from a page of Studio
is told by its Referer, so that the links of tiles stay the same for everybody. No cost grows with a list: a neighbour is
found by an index, and nothing is counted past MOST_COUNTED.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, quote

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse

from studio.configuration.base_path import within
from studio.models import Job, Picture, Submission, User, keyset
from studio.models.jobs.queries import JobQuerySet
from studio.models.picture import PictureQuerySet
from studio.models.pictures.queries import SHOWN
from studio.models.requests.submission_query import SubmissionQuerySet
from studio.models.sql.compiled_query import KEY, MOMENT, PERSON, CompiledQuery
from studio.views.boards import board_list
from studio.views.create.feed import Counts, Scope
from studio.views.gallery import stack_list
from studio.views.gallery.finder import Finder
from studio.views.gallery.page import Cursor
from studio.views.pictures.list_place import Place
from studio.views.request import page_before, viewer

MOST_COUNTED = 1000
# Submissions beside a picture among which the next is sought: the pictures of some may be in the trash.
MOST_SKIPPED = 20


class PictureList(Protocol):
    """An order of pictures: newest first, or a board's own."""

    @property
    def name(self) -> str: ...
    @property
    def word(self) -> str: ...
    @property
    def url(self) -> str: ...
    def place(self, shown: Picture) -> Place: ...
    def around(self, shown: Picture, most: int) -> list[Picture]:
        """Return the picture with at most so many before and behind it; nothing where it isn't in the list."""
        ...


def opened_from(request: HttpRequest, shown: Picture, *, is_gone: bool = False) -> PictureList:
    """The list that the address names, or the page of Studio that the picture was opened from; else the gallery.

    `is_gone`: a search finds it no more, and what stood beside it is still there.
    """
    name, person = request.GET.get("of", "") or _came_from(request), viewer(request)
    if found := board_list.named(name, shown, person) or stack_list.named(name, shown, person):
        return found
    if name.startswith(Found.PREFIX):
        finder = Finder.parse(name.removeprefix(Found.PREFIX), person)
        has_it = finder.is_on and (is_gone or finder.has_picture(shown))
        # Without what was asked for: in the order and with the headings of an address that asks for nothing else.
        return (
            Found(finder, shown)
            if has_it
            else Gallery(person, *(() if finder.is_on else (finder.is_oldest, finder.address)))
        )
    has_it = name in Feed.NAMES and shown.job is not None and (name == "team" or shown.person_id == person.pk)
    return Feed(person, name) if has_it else Gallery(person)


def _came_from(request: HttpRequest) -> str:
    page = page_before(request)
    try:
        asked = parse_qs(page.query, max_num_fields=200)
    except ValueError:
        return ""
    if page.path == reverse("studio:gallery"):
        return f"{Found.PREFIX}{page.query}"
    if on_board := board_list.shown_on(within(page.path), asked):
        return on_board
    if page.path == reverse("studio:create"):
        return "team" if asked.get("whose") == ["team"] else "mine"
    if stack_list.PAGE.fullmatch(within(page.path)):
        return stack_list.NAME
    return (asked.get("of") or [""])[0] if within(page.path).startswith("/pictures/") else ""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Everything the team made, and the viewer's own private pictures."""

    person: User
    is_oldest: bool = False
    address: str = ""
    word = "Gallery"

    @property
    def name(self) -> str:
        return quote(f"gallery?{self.address}", safe="") if self.address else ""

    @property
    def url(self) -> str:
        return reverse("studio:gallery") + (f"?{self.address}" if self.address else "")

    def place(self, shown: Picture) -> Place:
        if not shown.is_made or shown.shown_at is None or shown.archived_at:
            return Place()
        ahead, behind = (_OLDER, _NEWER) if self.is_oldest else (_NEWER, _OLDER)
        at = (self.person, shown.shown_at, shown.pk)
        before = ahead.keys.count(*at)
        after = min(behind.keys.count(*at), MOST_COUNTED - before) if before < MOST_COUNTED else 0
        words = position(before + 1, before + 1 + after, is_whole=before + after < MOST_COUNTED)
        return Place(ahead.nearest.first(*at), behind.nearest.first(*at), words)

    def around(self, shown: Picture, most: int) -> list[Picture]:
        if not shown.is_made or shown.shown_at is None or shown.archived_at:
            return []
        ahead, behind = self._beside(shown)
        return [*reversed(ahead[:most]), shown, *behind[:most]]

    def _beside(self, shown: Picture) -> tuple[PictureQuerySet, PictureQuerySet]:
        """What stands before a picture and behind it, the nearest first."""
        at = Cursor.at(shown)
        newer, older = (rows(self.person, at.shown_at, at.pk) for rows in (_newer, _older))
        return (older, newer) if self.is_oldest else (newer, older)


def _newer(person: Any, shown_at: Any, pk: Any) -> PictureQuerySet:
    return Picture.objects.visible_to(person).on_wall().newest_first().newer_than(shown_at, pk).reverse()


def _older(person: Any, shown_at: Any, pk: Any) -> PictureQuerySet:
    return Picture.objects.visible_to(person).on_wall().newest_first().older_than(shown_at, pk)


class Beside:
    """What stands on one side of a picture in the gallery: the nearest, and the keys of as many as are counted."""

    def __init__(self, rows: Callable[[Any, Any, Any], PictureQuerySet]) -> None:
        at = (PERSON, MOMENT, KEY)
        self.nearest = CompiledQuery(lambda *where: rows(*where).only(*SHOWN)[:1], *at)
        self.keys = CompiledQuery(lambda *where: rows(*where).values_list("pk")[:MOST_COUNTED], *at)


_NEWER, _OLDER = Beside(_newer), Beside(_older)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search of the gallery found. `shown` is one of it."""

    PREFIX = "gallery?"

    finder: Finder
    shown: Picture
    word = "Gallery"

    @property
    def name(self) -> str:
        """As it stands in an address, where it is a value: its own signs are escaped."""
        return quote(f"{self.PREFIX}{self.finder.address}", safe="")

    @property
    def url(self) -> str:
        return f"{self.finder.url}#picture-{self.shown.code}"

    def around(self, shown: Picture, most: int) -> list[Picture]:
        return Picture.objects.visible_to(self.finder.person).made().in_order(self.finder.around(shown, most))

    def place(self, shown: Picture) -> Place:
        beside = self.finder.neighbours(shown)
        made = (
            Picture.objects.visible_to(self.finder.person)
            .only(*SHOWN)
            .in_bulk([key for key in (beside.newer, beside.older) if key])
        )
        counted = beside.before + beside.after
        words = position(beside.before + 1, counted + 1, is_whole=counted < MOST_COUNTED)
        return Place(made.get(beside.newer), made.get(beside.older), words)


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands on Create: the viewer's own, or the team's. A job is one picture of it, however many layers it has."""

    NAMES = ("mine", "team")

    person: User
    name: str
    word = "Create"

    @property
    def scope(self) -> Scope:
        return Scope(self.person, self.name, "done")

    @property
    def url(self) -> str:
        return f"{reverse('studio:create')}{'?whose=team' if self.name == 'team' else ''}"

    def place(self, shown: Picture) -> Place:
        job = shown.job
        if job is None:
            return Place()
        asked = job.submission
        newer = keyset.above(self._asked(), "created_at", asked.created_at, asked.pk)
        older = keyset.below(self._asked(), "created_at", asked.created_at, asked.pk)
        beside = _done().filter(submission_id=asked.pk)
        previous = beside.filter(number__lt=job.number).order_by("-number").first()
        following = beside.filter(number__gt=job.number).order_by("number").first()
        if previous is None:
            keys = list(newer.order_by("created_at", "pk").values_list("pk", flat=True)[:MOST_SKIPPED])
            near = ("submission__created_at", "submission_id", "-number")
            previous = _done().filter(submission_id__in=keys).order_by(*near).first() if keys else None
        if following is None:
            keys = list(older.order_by("-created_at", "-pk").values_list("pk", flat=True)[:MOST_SKIPPED])
            near = ("-submission__created_at", "-submission_id", "number")
            following = _done().filter(submission_id__in=keys).order_by(*near).first() if keys else None
        return Place(_front(previous), _front(following), self._words(job, newer))

    def around(self, shown: Picture, most: int) -> list[Picture]:
        if shown.job is None:
            return []
        asked, own = shown.job.submission, shown.job
        newer = self._asked().filter(created_at__gte=asked.created_at).exclude(pk=asked.pk)
        older = self._asked().filter(created_at__lte=asked.created_at).exclude(pk=asked.pk)
        keys = [*newer.order_by("created_at", "pk")[:most], asked, *older.order_by("-created_at", "-pk")[:most]]
        jobs = _done().filter(submission_id__in=[one.pk for one in keys]).select_related("submission")
        listed = sorted(jobs, key=lambda one: (-one.submission.created_at.timestamp(), -one.submission_id, one.number))
        at = next((place for place, one in enumerate(listed) if one.pk == own.pk), None)
        if at is None:
            return []
        beside = [one.pk for one in listed[max(0, at - most) : at + most + 1]]
        fronts: dict[int | None, Picture] = {}
        for one in Picture.objects.filter(job_id__in=beside, shown_at__isnull=False).order_by("-position"):
            fronts[one.job_id] = one
        return [shown if key == own.pk else fronts[key] for key in beside if key in fronts]

    def _asked(self) -> SubmissionQuerySet[Submission]:
        return self.scope.at_rest().only("created_at")

    def _words(self, job: Job, newer: SubmissionQuerySet[Submission]) -> str:
        keys = list(newer.order_by("created_at", "pk").values_list("pk", flat=True)[:MOST_COUNTED])
        if len(keys) == MOST_COUNTED:
            return position(MOST_COUNTED + 1, 0, is_whole=False)
        before = _done().filter(submission_id__in=keys).count()
        before += _done().filter(submission_id=job.submission_id, number__lt=job.number).count()
        return position(before + 1, max(before + 1, Counts.of(self.scope).done), is_whole=True)


def _done() -> JobQuerySet[Job]:
    """Jobs whose picture can be seen."""
    gone = Picture.objects.filter(job=OuterRef("pk"), position=0, trashed_at__isnull=False)
    return Job.objects.filter(~Exists(gone), state=Job.State.DONE).on_feed()


def _front(job: Job | None) -> Picture | None:
    return job.pictures.order_by("position").first() if job else None


def position(number: int, of: int, *, is_whole: bool) -> str:
    """Write how far along: `12 of 486`, `12 of 1,000+`; "" beyond what is counted."""
    if number > MOST_COUNTED:
        return ""
    return f"{number:,} of {of:,}" if is_whole else f"{number:,} of {MOST_COUNTED:,}+"
