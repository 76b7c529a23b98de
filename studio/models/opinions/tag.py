"""Tags: words that people sort pictures by, with commas between them where several are typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils import timezone

from studio.models.opinions.opinion import changing
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.revision import Revision
from studio.text import names, plurals

MOST_TAGS = 30  # on one picture
MOST_COMPARED = 200  # tags that begin alike
LONGEST_TAG = 50  # characters
COMMAS = re.compile("[,\uff0c\u3001]")  # also the Chinese and the Japanese one
NO_TAG = "Write a word to tag the picture with."
LONG_TAG = f"A tag has at most {LONGEST_TAG} characters. Shorten it."
FULL = f"A picture has at most {MOST_TAGS} tags. Remove one first."


class TagsRefused(ValidationError):
    """Why a tag can't be put; `number`: how many before it were, `left`: it and those behind it, as they were typed."""

    def __init__(self, sentence: str, *, number: int, left: str) -> None:
        super().__init__(sentence)
        self.number, self.left = number, left


class TagQuerySet(models.QuerySet["Tag"]):
    def seen_by(self, person: User) -> TagQuerySet:
        """Those of a picture that the person sees: the names on others' private pictures are private too."""
        mine = Q(picture__is_private=False) | person.owned("picture__person")
        on = PictureTag.objects.filter(mine, tag=OuterRef("pk"), picture__trashed_at__isnull=True)
        # Not as EXISTS, for which PostgreSQL reads every tag of every picture before it looks at the first few.
        return self.alias(seen=Subquery(on.values("pk")[:1])).filter(seen__isnull=False)

    def used(self) -> TagQuerySet:
        """Those that pictures have, the most used first."""
        return self.filter(number__gt=0).order_by("-number", "-pk")

    def beginning_with(self, key: str) -> TagQuerySet:
        """Those of pictures whose key begins so, the most used first among the first few by name."""
        if not key:
            return self.used()
        # SQLite's LIKE finds no index and PostgreSQL's order is that of a language.
        begins = (
            Q(key__gte=key, key__lt=f"{key}\U0010ffff") if connection.vendor == "sqlite" else Q(key__startswith=key)
        )
        found = self.filter(begins, number__gt=0).order_by("key")
        return self.filter(pk__in=found.values("pk")[:MOST_COMPARED]).order_by("-number", "pk")


class Tag(models.Model):
    """A word that people sort pictures by. `key` is its folded spelling: one tag, however it is typed."""

    name = models.CharField(max_length=50)
    key = models.CharField(max_length=100, unique=True)
    # How many pictures have it, kept with every change: what completion offers first.
    number = models.PositiveIntegerField(default=0)

    objects = TagQuerySet.as_manager()

    class Meta:
        # The most used first; with the key, because many have as few pictures as each other.
        indexes = [models.Index(fields=["-number", "-id"], name="tags_most_used")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_of_team(self) -> bool:
        """Whether a picture has it that is not private."""
        return self.tagged.filter(picture__is_private=False).exists()

    @staticmethod
    def key_of(name: str) -> str:
        """What all spellings of a tag have in common; "" for a name that shows nothing."""
        name = cleaned(name)
        return "" if names.is_blank(name) else names.folded(name)[:100]

    @classmethod
    def put(cls, picture: Picture, name: str, *, by: User, at: datetime | None = None) -> Tag | None:
        """Tag a picture; None where it has the tag. Raises ValidationError with a sentence."""
        name, key = cleaned(name), cls.key_of(name)
        if not key:
            raise ValidationError(NO_TAG)
        if len(name) > LONGEST_TAG:
            raise ValidationError(LONG_TAG)
        if PictureTag.objects.filter(picture=picture, tag__key=key).exists():
            return None
        with changing(picture) as fresh:
            if fresh.tagged.count() >= MOST_TAGS:
                raise ValidationError(FULL)
            tag, _ = cls.objects.get_or_create(key=key, defaults={"name": name})
            if tag.name != name and not fresh.is_private and not tag.is_of_team:
                # Nobody reads how somebody else spells it on a private picture.
                tag.name = name
                tag.save(update_fields=["name"])
            _, is_new = PictureTag.objects.get_or_create(
                tag=tag, picture=fresh, defaults={"person": by, "at": at or timezone.now()}
            )
            if is_new:
                cls.objects.filter(pk=tag.pk).update(number=F("number") + 1)
            return tag if is_new else None

    @classmethod
    def put_all(cls, picture: Picture, text: str, *, by: User, at: datetime | None = None) -> int:
        """Tag a picture with each of the tags that commas part; return how many it did not have.

        Raises TagsRefused, with what is not put, where a tag can't be: those before it are put.
        """
        found = parted(text)
        number = 0
        for nth, name in enumerate(found):
            try:
                number += bool(cls.put(picture, name, by=by, at=at))
            except ValidationError as sorry:
                raise TagsRefused(sorry.messages[0], number=number, left=", ".join(found[nth:])) from None
        return number

    @classmethod
    def take(cls, picture: Picture, name: str) -> Tag | None:
        """Take a tag off a picture; None where it has none of that name."""
        row = PictureTag.objects.filter(picture=picture, tag__key=cls.key_of(name)).select_related("tag").first()
        if row is None:
            return None
        with changing(picture):
            if not PictureTag.objects.filter(pk=row.pk).delete()[0]:
                return None
            cls.objects.filter(pk=row.tag_id).update(number=F("number") - 1)
            return row.tag

    @classmethod
    def forget(cls, picture: Picture) -> None:
        """Take all tags off a picture that is deleted for good, behind the revision."""
        keys = list(PictureTag.objects.filter(picture=picture).values_list("tag", flat=True))
        PictureTag.objects.filter(picture=picture).delete()
        cls.objects.filter(pk__in=keys, number__gt=0).update(number=F("number") - 1)

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[tuple[int, str]]:
        """Yield the key of each tag that does not count its pictures, and a sentence. Reads every tagging."""
        true = dict(PictureTag.objects.order_by().values_list("tag").annotate(found=Count("pk")))
        for pk, key, number in cls.objects.order_by("pk").values_list("pk", "key", "number").iterator():
            if number != true.get(pk, 0):
                yield pk, f"The tag {key!r} is on {plurals.counted(true.get(pk, 0), 'picture')}, counted as {number}."

    @classmethod
    def recount(cls, key: int) -> None:
        """Count the pictures of a tag anew; nobody puts it on one meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.filter(pk=key).update(number=PictureTag.objects.filter(tag=key).count())


def cleaned(name: str) -> str:
    """A tag in one line, without control and direction marks and without a # before it."""
    return names.one_line(names.one_line(name).lstrip("# "))


def parted(text: str) -> list[str]:
    """What commas part in a text, each once; one empty name where that is nothing."""
    found: dict[str, str] = {}
    for part in COMMAS.split(text):
        if key := Tag.key_of(part):
            found.setdefault(key, cleaned(part))
    return list(found.values()) or [""]


class PictureTag(models.Model):
    """A tag on a picture, and who put it there."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "picture"], name="one_tagging_for_each_tag")]
        indexes = [models.Index(fields=["person", "at"], name="tags_to_undo")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.picture_id}"
