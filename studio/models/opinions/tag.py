"""Tags: words that people sort pictures by, with commas between them where several are typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest, NullIf
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

    def spelled_for(self, person: User) -> TagQuerySet:
        """With `spelled`: how the person writes one that only private pictures have; "" or None as it is stored."""
        own = PictureTag.objects.filter(person.owned("picture__person"), tag=OuterRef("pk"), picture__is_private=True)
        spelled = Subquery(own.exclude(name="").values("name")[:1])
        # Of no other: a common one would be looked for on all the pictures that have it.
        return self.annotate(spelled=Case(When(number=0, then=spelled)))

    def of_team(self, key: str) -> TagQuerySet:
        """Those of the team's pictures whose key begins so, the most used first, among the first few by name."""
        if not key:
            return self.filter(number__gt=0).order_by("-number", "-pk")
        found = self.filter(_begins(key), number__gt=0).order_by("key")
        return self.filter(pk__in=found.values("pk")[:MOST_COMPARED]).order_by("-number", "pk")

    def of_nobody(self, key: str) -> TagQuerySet:
        """Those that no picture of the team has, private ones perhaps, whose key begins so: a few, the newest first."""
        found = self.filter(number=0).order_by("key" if key else "-pk")
        if key:
            found = found.filter(_begins(key))
        return self.filter(pk__in=found.values("pk")[:MOST_COMPARED]).order_by("-pk")


class Tag(models.Model):
    """A word that people sort pictures by. `key` is its folded spelling: one tag, however it is typed."""

    name = models.CharField(max_length=50)
    key = models.CharField(max_length=100, unique=True)
    # How many pictures of the team have it, kept with every change: what completion offers first. Private ones are not
    # counted, or the order would tell of them.
    number = models.PositiveIntegerField(default=0)

    objects = TagQuerySet.as_manager()

    class Meta:
        # The most used first; with the key, because many have as few pictures as each other.
        indexes = [models.Index(fields=["-number", "-id"], name="tags_most_used")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def offered(cls, person: User, key: str, most: int) -> list[Tag]:
        """Return tags that the person sees and whose key begins so: the team's, the most used first, then the person's
        own, as the person writes them."""
        found = list(cls.objects.of_team(key).seen_by(person)[:most])
        if len(found) < most:
            found += cls.objects.of_nobody(key).seen_by(person).spelled_for(person)[: most - len(found)]
        return found

    @property
    def written(self) -> str:
        """How whoever it was loaded for writes it (`spelled_for`)."""
        return self.name if self.number else getattr(self, "spelled", None) or self.name

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
            if tag.name != name and not fresh.is_private and not tag.number:
                # Nobody reads how somebody else spells it on a private picture.
                tag.name = name
                tag.save(update_fields=["name"])
            own = name if fresh.is_private and tag.name != name else ""
            _, is_new = PictureTag.objects.get_or_create(
                tag=tag, picture=fresh, defaults={"person": by, "at": at or timezone.now(), "name": own}
            )
            if is_new and not fresh.is_private:
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
        with changing(picture) as fresh:
            if not PictureTag.objects.filter(pk=row.pk).delete()[0]:
                return None
            if not fresh.is_private:
                cls.objects.filter(pk=row.tag_id, number__gt=0).update(number=F("number") - 1)
            return row.tag

    @classmethod
    def forget(cls, picture: Picture) -> None:
        """Take all tags off a picture that is deleted for good, behind the revision."""
        keys = list(PictureTag.objects.filter(picture=picture).values_list("tag", flat=True))
        PictureTag.objects.filter(picture=picture).delete()
        if not picture.is_private:
            cls.objects.filter(pk__in=keys, number__gt=0).update(number=F("number") - 1)

    @classmethod
    def move(cls, pictures: Collection[int], *, is_private: bool) -> None:
        """Count the tags of pictures that have become private no more, and those of others again; behind the revision.

        What the team sees from now on is written as its owner writes it, where no other picture of the team has it.
        """
        if not pictures:
            return
        rows = PictureTag.objects.filter(picture__in=pictures).order_by("pk").values_list("tag", "name")
        numbers, names_of = Counter[int](), dict[int, str]()
        for key, name in rows:
            numbers[key] += 1
            names_of[key] = names_of.get(key) or name
        for key, number in numbers.items():
            if is_private:
                cls.objects.filter(pk=key).update(number=Greatest(F("number") - number, 0))
                continue
            if names_of[key]:
                cls.objects.filter(pk=key, number=0).update(name=names_of[key])
            cls.objects.filter(pk=key).update(number=F("number") + number)
        if not is_private and numbers:
            PictureTag.objects.filter(picture__in=pictures).exclude(name="").update(name="")

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[tuple[int, str]]:
        """Yield the key of each tag that does not count its pictures, and a sentence. Reads every tagging."""
        true = dict(PictureTag.objects.of_team().order_by().values_list("tag").annotate(found=Count("pk")))
        for pk, key, number in cls.objects.order_by("pk").values_list("pk", "key", "number").iterator():
            if number != true.get(pk, 0):
                what = plurals.counted(true.get(pk, 0), "picture")
                yield pk, f"The tag {key!r} is on {what} of the team, counted as {number}."

    @classmethod
    def recount(cls, key: int) -> None:
        """Count the pictures of a tag anew; nobody puts it on one meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.filter(pk=key).update(number=PictureTag.objects.of_team().filter(tag=key).count())


def _begins(key: str) -> Q:
    # SQLite's LIKE finds no index and PostgreSQL's order is that of a language.
    return Q(key__gte=key, key__lt=f"{key}\U0010ffff") if connection.vendor == "sqlite" else Q(key__startswith=key)


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


class PictureTagQuerySet(models.QuerySet["PictureTag"]):
    def of_team(self) -> PictureTagQuerySet:
        return self.filter(picture__is_private=False)

    def names(self) -> QuerySet[PictureTag, tuple[int, str]]:
        """Return the key of each picture, and how its tag is written there."""
        return self.values_list("picture", Coalesce(NullIf("name", models.Value("")), "tag__name"))


class PictureTag(models.Model):
    """A tag on a picture, and who put it there."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    # How the owner of a private picture writes it, where somebody else writes it otherwise: nobody reads how.
    name = models.CharField(max_length=50, blank=True, default="", db_default="")

    objects = PictureTagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "picture"], name="one_tagging_for_each_tag")]
        indexes = [models.Index(fields=["person", "at"], name="tags_to_undo")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.picture_id}"

    @property
    def written(self) -> str:
        return self.name or self.tag.name
