"""What search knows of each picture of the gallery: its words and facts, in the gallery's own order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from studio.luma import ratios
from studio.models.picture import Picture
from studio.models.pictures.layers import label_of
from studio.text import search_text
from studio.text.search_text import fact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# How near to a ratio counts as one.
NEAR = 1.02
# Every picture has it: what is left when only something is excluded.
ALL = "=a"
LAYERS = "=layers"
# Who may find it: everybody, or its owner alone (`may_find`).
TEAM = "=v"
COMMENTS = "=comments"
ARCHIVED = "=archived"
# Approved, and no file of it was taken away since.
UNEXPORTED = "=unexported"
MOST_COMMENTS = 200  # the newest ones, whose words are searched
TRIES = 5
# A fact of many pictures at once, on each database.
ADD = {"sqlite": "tokens || ' ' || %s", "postgresql": "tokens || array_to_tsvector(ARRAY[%s])"}
DROP = {
    "sqlite": "trim(replace(' ' || tokens || ' ', ' ' || %s || ' ', ' '))",
    "postgresql": "ts_delete(tokens, %s)",
}


class TokensField(models.TextField):  # type: ignore[type-arg] # its class takes none when it runs
    """Words with a space between them: text on SQLite, a tsvector on PostgreSQL."""

    def db_type(self, connection: Any) -> str | None:
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if connection.vendor != "postgresql" or value is None:
            return super().get_db_prep_value(value, connection, prepared)
        return " ".join(f"'{token}':{min(at, 16_383)}" for at, token in enumerate(value.split(), 1))

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"


class SearchWord(models.Model):
    """A word that some picture has, so that a part of it finds it. It grows with the vocabulary, not with the pictures."""

    word = models.CharField(max_length=search_text.LONGEST_WORD, unique=True)

    def __str__(self) -> str:
        return self.word

    @classmethod
    def owners(cls, keys: Iterable[int]) -> tuple[int, ...]:
        """Return those of some people who have words of their own (`search_text.own_word`): most have none."""
        marks = {search_text.own_mark(key): key for key in keys}
        return tuple(marks[mark] for mark in cls.objects.filter(word__in=marks).values_list("word", flat=True))

    @classmethod
    def learn(cls, words: Iterable[str]) -> None:
        wanted = sorted(words)  # in one order, so that two who write at once do not wait for each other
        known: set[str] = set()
        for start in range(0, len(wanted), 500):
            known.update(cls.objects.filter(word__in=wanted[start : start + 500]).values_list("word", flat=True))
        SearchWord.objects.bulk_create(
            [SearchWord(word=word) for word in wanted if word not in known], ignore_conflicts=True, batch_size=500
        )


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def stray(self) -> SearchDocumentQuerySet:
        """Those of pictures that the gallery does not have."""
        return self.exclude(picture__in=Picture.objects.made())


class SearchDocument(models.Model):
    """The words and facts of one picture of the gallery."""

    # When the picture was shown, in microseconds since 1970, and one more where that is taken: newest first by one key,
    # which is also the row of SQLite's full text index (studio/migrations/0002_search.py).
    place = models.BigIntegerField(primary_key=True)
    picture = models.OneToOneField(Picture, on_delete=models.CASCADE, related_name="document")
    tokens = TokensField()

    objects = SearchDocumentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Words of picture {self.picture_id}"

    @classmethod
    def write(cls, picture: Picture) -> None:
        """Store what search knows of a picture of the gallery, inside the transaction that shows or changes it."""
        tokens = document_of(picture)
        own = {search_text.own_mark(key) for key, _ in _own_texts(picture, picture.job)}
        SearchWord.learn({*search_text.learnable(tokens), *own})
        if cls.objects.filter(picture=picture).update(tokens=tokens):
            return
        place = place_of(picture.shown_at or picture.created_at)
        tried = 0
        while True:
            while cls.objects.filter(place=place).exists():
                place += 1
            try:
                with transaction.atomic():
                    cls.objects.create(place=place, picture=picture, tokens=tokens)
                return
            except IntegrityError:  # another writer was there between the look and the write
                tried += 1
                if tried == TRIES:
                    raise

    @classmethod
    def write_for(cls, job: Any) -> None:
        """Write anew what search knows of the pictures of a job."""
        for picture in Picture.objects.made().filter(job=job).select_related("job__submission__look"):
            cls.write(picture)

    @classmethod
    def add_fact(cls, keys: Sequence[int], added: str) -> None:
        """Say a fact of many pictures that don't have it, by their keys, inside the transaction that makes it true."""
        _change_tokens(keys, ADD, added)

    @classmethod
    def drop_fact(cls, keys: Sequence[int], dropped: str) -> None:
        _change_tokens(keys, DROP, dropped)


def _change_tokens(keys: Sequence[int], expressions: dict[str, str], value: str) -> None:
    for start in range(0, len(keys), 500):
        some = list(keys[start : start + 500])
        marks = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE studio_searchdocument SET tokens = {expressions[connection.vendor]}"  # noqa: S608 - our own words
                f" WHERE picture_id IN ({marks})",
                [value, *some],
            )


def may_find(person: Any) -> tuple[str, ...]:
    """Return the facts of pictures that a person may find."""
    return TEAM, *(fact("v", key) for key in person.owner_keys)


def place_of(shown_at: datetime) -> int:
    return (shown_at - EPOCH) // MICROSECOND


def document_of(picture: Picture) -> str:
    """Collect what a picture of the gallery is found by. What people add to pictures has its place here too."""
    job: Any = picture.job  # what is in the gallery has one (Picture.objects.made)
    return search_text.document(_texts(picture, job), _facts(picture, job), _own_texts(picture, job))


def _texts(picture: Picture, job: Any) -> Iterable[str]:
    asked = job.submission
    yield picture.original_name
    yield asked.prompt
    if asked.full_prompt != asked.prompt and not _has_own_words(picture, asked):
        yield asked.full_prompt
    if picture.is_split:
        for layer in job.pictures.of_luma().order_by("position"):
            yield label_of(layer)
            yield str((layer.layer or {}).get("description") or "")
        Split = apps.get_model("studio", "Split")  # whose module imports this one
        arrangement = Split.objects.filter(job=job).values_list("arrangement", flat=True).first()
        yield from (str(entry.get("name") or "") for entry in arrangement or ())
    yield from picture.tagged.order_by("pk").values_list("tag__name", flat=True)
    yield from _comments(picture)


def _own_texts(picture: Picture, job: Any) -> Iterable[tuple[int, str]]:
    """The words of a private look, for whoever reads them on the picture (`HiddenInputs.hides_look_from`)."""
    asked = job.submission
    if _has_own_words(picture, asked):
        for key in sorted({asked.person_id, asked.look.look.person_id}):
            yield key, asked.full_prompt


def _has_own_words(picture: Picture, asked: Any) -> bool:
    """Whether a picture of the team was made with a look that the team can't read."""
    return not (picture.is_private or asked.look is None or asked.look.look.is_team)


def _facts(picture: Picture, job: Any) -> Iterable[str]:
    """Each kind has a letter of its own: two kinds of one letter would be taken for each other."""
    yield ALL
    yield fact("v", picture.person_id) if picture.is_private else TEAM
    yield fact("p", picture.person_id)
    yield fact("r", shape_of(picture.width, picture.height))
    asked = job.submission
    yield fact("t", "kept" if picture.is_kept else asked.type)
    yield fact("m", asked.model)
    yield fact("s", asked.style)
    yield fact("j", job.pk)
    if asked.look:
        yield fact("k", asked.look.look_id)
    for board in picture.places.values_list("board_id", flat=True):
        yield fact("b", board)
    if picture.is_split:
        yield LAYERS
    if picture.archived_at:
        yield ARCHIVED
    yield from _opinions(picture)


def _opinions(picture: Picture) -> Iterable[str]:
    """Whose star it has, its rating, what was decided and by whom, and its tags."""
    for person in picture.stars.order_by("person").values_list("person", flat=True):
        yield fact("f", person)
    if picture.rating:
        yield fact("n", picture.rating)
    yield fact("d", picture.decision or "none")
    if picture.decision:
        by, at = picture.decisions.order_by("-pk").values_list("person", "at").first() or (None, None)
        yield fact("e", by or "client")
        if picture.decision == "approved" and at and (picture.exported_at is None or picture.exported_at < at):
            yield UNEXPORTED
    for tag in picture.tagged.order_by("tag").values_list("tag", flat=True):
        yield fact("g", tag)
    if any(_comments(picture)):
        yield COMMENTS


def _comments(picture: Picture) -> Iterable[str]:
    standing = apps.get_model("studio", "Comment").objects.standing()  # whose module imports this one
    return (
        standing.filter(picture=picture).order_by("-created_at", "-pk").values_list("text", flat=True)[:MOST_COMMENTS]
    )


def shape_of(width: int, height: int) -> str:
    """Return the nearest of Luma's shapes, such as 3x2, or other: near to its name, or to what Luma makes of it.

    Also what Luma does not make any more has its name.
    """
    found = width / height
    off, name = min((max(found / ratio, ratio / found), name) for ratio, name in _shapes())
    return name if off <= NEAR else "other"


def _shapes() -> Iterator[tuple[float, str]]:
    """Each ratio by what Luma makes of it, and by what it is called: 3:2 is really 1.453."""
    for one in ratios.offer().known.values():
        across, down = (int(part) for part in one.slug.split(":"))
        yield one.width / one.height, f"{across}x{down}"
        yield across / down, f"{across}x{down}"
