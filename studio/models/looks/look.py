"""Looks: named sets of references and words that a request can be made with, in versions that never change."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from studio.models.looks.reference import LookReference
from studio.models.looks.search import LookSearch
from studio.models.looks.spec import LookChanged, LookSpec, TagTaken
from studio.models.looks.use import LookUse
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.requests.submission_query import tells_of_look
from studio.text import look_text

# A prompt of the longest length names fewer.
MOST_TAGS = 500
# What the words that a look adds call one of its pictures that is the source of an edit: it is sent once.
SOURCE = "the source image"


class LookQuerySet(models.QuerySet["Look"]):
    def visible_to(self, person: User) -> LookQuerySet:
        """The team's, and the person's own."""
        mine = self.filter(Q(is_team=True) | person.owned(), deleted_at=None)
        return mine if person.is_active else self.none()

    def team(self) -> LookQuerySet:
        return self.filter(is_team=True)

    def mine(self, person: User) -> LookQuerySet:
        return self.filter(person=person, is_team=False)

    def known_to(self, person: User) -> LookQuerySet:
        """Those that the person sees, and those of jobs, as far as a job tells of its look."""
        return self.filter(Q(pk__in=self.visible_to(person).values("pk")) | tells_of_look(person, "look__look"))

    def newest_first(self) -> LookQuerySet:
        return self.order_by("-saved_at", "-pk")

    def with_references(self) -> LookQuerySet:
        """With what a card or a chip shows, in a fixed number of queries."""
        pictures = models.Prefetch("current__references", LookReference.objects.for_tiles())
        return self.select_related("person", "current").prefetch_related(pictures)

    def known_tags(self, tags: Sequence[str], person: User) -> list[str]:
        """Those that name a look which the person sees, in their order."""
        tags = tags[:MOST_TAGS]
        known = set(self.visible_to(person).filter(tag__in=tags).values_list("tag", flat=True)) if tags else set()
        return [tag for tag in tags if tag in known]

    def named(self, tag: str, person: User) -> Look | None:
        """The look that a tag means to a person: their own before the team's."""
        own_first = models.Case(models.When(is_team=False, then=0), default=1)
        return self.visible_to(person).filter(tag=tag).order_by(own_first).with_references().first()


class Look(LookSearch):
    """One name for a set of references with roles, words to add and to avoid, and what a request starts with."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="looks")
    name = models.CharField(max_length=80)
    # What is typed after #.
    tag = models.CharField(max_length=90)
    is_team = models.BooleanField(default=False)
    current = models.ForeignKey("LookVersion", on_delete=models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    objects = LookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tag"], condition=Q(is_team=True, deleted_at=None), name="one_look_of_the_team_for_each_tag"
            ),
            models.UniqueConstraint(
                fields=["person", "tag"],
                condition=Q(is_team=False, deleted_at=None),
                name="one_look_of_a_person_for_each_tag",
            ),
        ]
        # The looks page, the last saved first.
        indexes = [models.Index(fields=["-saved_at", "-id"], name="looks_by_time", condition=Q(deleted_at=None))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("studio:look", args=[self.code])

    def may_change(self, person: User) -> bool:
        return person.can_make and person.owns(self.person_id)

    def may_delete(self, person: User) -> bool:
        """Whether the person may: the owner, and an admin for what the whole team sees."""
        return person.can_make and (person.owns(self.person_id) or (self.is_team and person.is_admin))

    @classmethod
    def make(cls, person: User, *, name: str, tag: str, is_team: bool, spec: LookSpec, now: datetime) -> Look:
        """Store a look with its first version. Raises TagTaken."""
        _refuse_taken(tag, person, is_team=is_team)
        try:
            with transaction.atomic():
                look = cls.objects.create(person=person, name=name, tag=tag, is_team=is_team, saved_at=now)
                look.current = LookVersion.store(look, 1, spec, by=person, now=now)
                look.save(update_fields=["current"])
                look.current.show_files()
                return look
        except IntegrityError:
            raise TagTaken from None

    def change(
        self, *, by: User, seen: int, name: str, tag: str, is_team: bool, spec: LookSpec, now: datetime
    ) -> LookVersion:
        """Save what an editor holds that began with version `seen`; a spec that differs becomes the next version.

        Raises LookChanged when another version was saved meanwhile, and TagTaken.
        """
        # Who has a tag keeps it, whatever the team has named meanwhile.
        if (tag, is_team) != (self.tag, self.is_team):
            _refuse_taken(tag, by, is_team=is_team, but=self)
        try:
            with transaction.atomic():
                row = Look.objects.select_for_update(of=("self",)).select_related("current").get(pk=self.pk)
                version = row.current
                if version is None or version.number != seen or row.deleted_at:
                    raise LookChanged
                if version.spec != spec:
                    version = LookVersion.store(row, seen + 1, spec, by=by, now=now)
                changed = {"name": name, "tag": tag, "is_team": is_team, "current": version, "saved_at": now}
                changed |= self.write_anew(now) if row.is_team != is_team else {}
                for field, value in changed.items():
                    setattr(self, field, value)
                self.save(update_fields=list(changed))
                version.look = self
                version.show_files()
                return version
        except IntegrityError:
            raise TagTaken from None

    def delete_for_now(self, *, now: datetime) -> bool:
        """Take it away from everybody; its versions stay with the jobs that used them."""
        self.deleted_at = now
        return bool(Look.objects.filter(pk=self.pk, deleted_at=None).update(deleted_at=now))

    def restore(self) -> bool:
        """Bring it back, under another tag when its own was given away meanwhile."""
        for ending in ("", *(f"-{number}" for number in range(2, 10))):
            try:
                with transaction.atomic():
                    _refuse_taken(f"{self.tag}{ending}", self.person, is_team=self.is_team, but=self)
                    found = Look.objects.filter(pk=self.pk).exclude(deleted_at=None)
                    done = bool(found.update(deleted_at=None, tag=f"{self.tag}{ending}"))
            except (IntegrityError, TagTaken):
                continue
            self.deleted_at, self.tag = None, f"{self.tag}{ending}"
            return done
        return False


def _refuse_taken(tag: str, person: User, *, is_team: bool, but: Look | None = None) -> None:
    """Raise TagTaken for a tag that would mean two looks to its owner."""
    seen = Look.objects.visible_to(person).filter(tag=tag)
    if (seen.exclude(pk=but.pk) if but else seen).exists():
        raise TagTaken


class LookVersionQuerySet(models.QuerySet["LookVersion"]):
    def with_references(self) -> LookVersionQuerySet:
        pictures = models.Prefetch("references", LookReference.objects.for_tiles())
        return self.select_related("look__person", "saved_by", "example").prefetch_related(pictures)

    def usable_by(self, person: User) -> LookVersionQuerySet:
        """Those a request may be made with: of looks that the person sees and of jobs."""
        return self.filter(Q(look__in=Look.objects.visible_to(person)) | tells_of_look(person, "look"))


class LookVersion(LookUse):
    """What a look was at one time. It never changes: a job keeps the version that it was made with."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    look = models.ForeignKey(Look, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    words = models.TextField(blank=True)
    avoid = models.JSONField(default=list, blank=True)
    model = models.CharField(max_length=20, blank=True)
    aspect_ratio = models.CharField(max_length=5, blank=True)
    example = models.ForeignKey(Picture, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = LookVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look", "number"], name="one_version_for_each_number")]

    def __str__(self) -> str:
        return f"{self.look.name} v{self.number}"

    @classmethod
    def store(cls, look: Look, number: int, spec: LookSpec, *, by: User, now: datetime) -> LookVersion:
        version = cls.objects.create(
            look=look,
            number=number,
            saved_by=by,
            saved_at=now,
            words=spec.words,
            avoid=list(spec.avoid),
            model=spec.model,
            aspect_ratio=spec.aspect_ratio,
            example=spec.example,
        )
        LookReference.objects.bulk_create(
            LookReference(version=version, picture=picture, role=role, position=position)
            for position, (picture, role) in enumerate(spec.references, 1)
        )
        return version

    def show_files(self) -> None:
        """Show the team the files that a look of the team uses (studio.models.pictures.privacy)."""
        if self.look.is_team:
            pictures = [*self.pictures, *([self.example] if self.example else [])]
            keys = [one.pk for one in pictures if one.is_private and not one.makes_private]
            Picture.objects.filter(pk__in=keys).set_private(False)

    @property
    def spec(self) -> LookSpec:
        return LookSpec(
            references=[(one.picture, one.role) for one in self.places],
            words=self.words,
            avoid=list(self.avoid),
            model=self.model,
            aspect_ratio=self.aspect_ratio,
            example=self.example,
        )

    @cached_property
    def places(self) -> list[LookReference]:
        """Its references in order, with those whose picture is gone."""
        return list(self.references.all())

    @property
    def pictures(self) -> list[Picture]:
        """The pictures that it brings, each once."""
        return list(dict.fromkeys(one.picture for one in self.places if one.picture))

    @property
    def missing(self) -> list[int]:
        """The places whose picture is gone."""
        return [one.position for one in self.places if one.picture is None]

    def hide_from(self, person: User) -> LookVersion:
        """Leave out what is private to others, as if it were gone: a job that the team sees may be made with it."""
        for one in self.places:
            if one.picture and one.picture.is_hidden_from(person):
                one.picture = None
        if self.example and self.example.is_hidden_from(person):
            self.example = None
        return self

    @cached_property
    def blanks(self) -> list[str]:
        return look_text.blanks(self.words)

    def empty_blanks(self, values: Sequence[str]) -> list[str]:
        return [name for place, name in enumerate(self.blanks) if place >= len(values) or not values[place].strip()]

    def brings(self, own: Sequence[Picture], source: Picture | None = None) -> list[Picture]:
        """Its pictures that the person has not put there, as source or reference; they follow the references, in this
        order."""
        return [picture for picture in self.pictures if picture not in own and picture != source]

    def additions(
        self, own: Sequence[Picture], values: Sequence[str] = (), *, source: Picture | None = None
    ) -> look_text.Additions:
        """What it adds to a prompt beside these references; `values` fill its blanks in their order."""
        named = {source.pk: SOURCE} if source else {}
        named |= {picture.pk: f"@{number}" for number, picture in enumerate([*own, *self.brings(own, source)], 1)}
        by_place = {one.position: named[one.picture.pk] for one in self.places if one.picture}
        words = look_text.renamed(self.words, by_place)
        # A mention may stand in the name of a blank.
        names = [look_text.renamed(name, by_place) for name in self.blanks]
        return look_text.Additions(
            words=look_text.fill(words, dict(zip(names, values, strict=False))),
            roles=look_text.role_sentence([one.role for one in self.places], by_place),
            avoid=look_text.avoid_sentence(self.avoid),
            is_first=bool(self.blanks),
        )
