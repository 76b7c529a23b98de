"""What people and clients say about a picture."""

from __future__ import annotations

import math
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone

from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof.link import ProofClient
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument
from studio.text import mentions, names

LONGEST = 2_000  # characters
EMPTY = "Write something first."
TOO_LONG = "Shorten the comment to {most:,} characters: it has {has:,}."
NO_SPOT = "A spot lies between 0 and 100 per cent of the picture, across and down. Set it again or remove it."
DELETED_MEANWHILE = "This comment was deleted meanwhile. Send your words as a comment of their own."
EDITED_MEANWHILE = "You changed this comment meanwhile, in another tab. Save again to have these words instead."
OTHER_PICTURE = "What you answer isn't on this picture. Reload the page and answer again."


class EditedMeanwhile(ValidationError):
    """Other words were saved since the edit began."""


def plain(text: str) -> str:
    """Return a text without control characters, which say nothing (no database holds NUL), and blanks at its ends."""
    lines = text.encode(errors="ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) != "Cc").strip()


def clean(text: str) -> str:
    """Return the text as it is stored: without what nobody sees at its ends. Raises ValidationError with a sentence."""
    kept = plain(text)
    if names.is_blank(kept):
        raise ValidationError(EMPTY)
    if len(kept) > LONGEST:
        raise ValidationError(TOO_LONG.format(most=LONGEST, has=len(kept)))
    return kept


def spot_of(x: float | None, y: float | None) -> tuple[float | None, float | None]:
    """Return a spot in per cent, or (None, None) for the whole picture. Raises ValidationError for one beside it."""
    if x is None and y is None:
        return None, None
    if x is None or y is None or not all(math.isfinite(one) and 0 <= one <= 100 for one in (x, y)):
        raise ValidationError(NO_SPOT)
    return round(x, 2), round(y, 2)


class CommentQuerySet(models.QuerySet["Comment"]):
    def standing(self) -> CommentQuerySet:
        """Those that nobody deleted."""
        return self.filter(deleted_at__isnull=True)

    def threads(self) -> CommentQuerySet:
        """The first comment of each thread."""
        return self.filter(thread__isnull=True)

    def sent_before(
        self,
        code: uuid.UUID,
        picture: Picture,
        words: str,
        spot: tuple[float | None, float | None],
        thread: Comment | None = None,
    ) -> CommentQuerySet:
        """What a form (its `code`) said before in these words, of this spot (as `spot_of` returns it), in this thread."""
        x, y = spot
        return self.standing().filter(code=code, picture=picture, text=words, x=x, y=y, thread=thread)

    def say(
        self,
        picture: Picture,
        text: str,
        *,
        by: User | None = None,
        client: ProofClient | None = None,
        x: float | None = None,
        y: float | None = None,
        reply_to: Comment | None = None,
        code: uuid.UUID | None = None,
    ) -> Comment:
        """Store what a person of the team (`by`) or a client says, and tell whom it concerns.

        `x` and `y` are per cent of the picture; a reply has no spot of its own and opens a resolved thread again. `code`: of
        the form (`codes.of_form`); the same that it sent twice is one comment.
        Raises ValidationError with a sentence.
        """
        if (by is None) == (client is None):
            raise ValueError("A comment is by a person or by a client.")
        words = clean(text)
        across, down = (None, None) if reply_to else spot_of(x, y)
        thread = (reply_to.thread or reply_to) if reply_to else None
        if thread and thread.picture_id != picture.pk:
            raise ValidationError(OTHER_PICTURE)
        with transaction.atomic():
            rev = Revision.bump()  # from here to the commit nobody else numbers a pin
            if code:
                sent = self.sent_before(code, picture, words, (across, down), thread).filter(person=by, client=client)
                if before := sent.first():
                    return before
            said = self.model(picture=picture, person=by, client=client, text=words, x=across, y=down, thread=thread)
            # Other words of the same form, which the browser kept, are a comment of their own.
            if code and not self.filter(code=code).exists():
                said.code = code
            said.rev, said.named = rev, said.find_named()
            if across is not None:
                last: int | None = self.filter(picture=picture).aggregate(last=Max("pin"))["last"]
                said.pin = (last or 0) + 1
            said.save()
            if thread and thread.resolved_at:
                thread.change(rev, resolved_at=None, resolved_by=None)
            said.write_search()
            _notifications().tell_comment(said)
        return said


class Comment(models.Model):
    """Something said about a picture, at a spot of it or as a whole, by a person of the team or a client.

    A thread is a comment and its replies. A deleted comment keeps its place, so that its replies have one.
    """

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="comments", db_index=False)
    # One of the two: a person of the team, or a client of a proof link.
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="comments", db_index=False)
    client = models.ForeignKey(ProofClient, on_delete=models.PROTECT, null=True, related_name="comments")
    text = models.TextField()
    # The people whom the text names: the start, the end and the key of each (studio.text.mentions.Named).
    named = models.JSONField(default=list, blank=True)
    # The spot, in per cent of the picture's width and height; both None for the whole picture.
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    # The number of the spot among those of its picture.
    pin = models.PositiveIntegerField(null=True)
    # Of a reply: the first comment of its thread.
    thread = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies", db_index=False)
    rev = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["picture", "created_at", "id"], name="comments_of_a_picture"),
            # What is new on an open page.
            models.Index(fields=["picture", "rev"], name="comments_by_revision"),
            # Without those that answer nothing: SQLite would take what answers one for most of the table, and read it whole.
            models.Index(
                fields=["thread", "created_at", "id"],
                name="replies_of_a_thread",
                condition=models.Q(thread__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return f"{self.picture.get_absolute_url()}#comment-{self.code}"

    @property
    def author(self) -> str:
        """The name of who said it."""
        return self.person.name if self.person else self.client.name if self.client else ""

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    def may_edit(self, person: User) -> bool:
        return self.person_id == person.pk and self.deleted_at is None

    def may_delete(self, person: User) -> bool:
        return self.deleted_at is None and (self.person_id == person.pk or person.is_admin)

    def may_restore(self, person: User) -> bool:
        """Whether the person may take its deletion back: whose it is, and whoever deleted it."""
        return self.deleted_at is not None and person.pk in {self.person_id, self.deleted_by_id}

    def edit(self, text: str, *, now: datetime, was: str | None = None) -> None:
        """Change its words. Raises ValidationError with a sentence. People who are named now are told.

        `was`: the words that were to be changed. Others that were saved since stay, and the person is told.
        """
        words = clean(text)
        if words == self.text:
            return
        with transaction.atomic():
            rev = Revision.bump()
            standing = self._standing().values_list("text", "named").first()
            if standing is None:
                raise ValidationError(DELETED_MEANWHILE)
            found, self.named = standing
            if was is not None and found not in {plain(was), words}:
                raise EditedMeanwhile(EDITED_MEANWHILE)
            before = {person for _, _, person in self.named}
            self.text = words
            self.change(rev, text=words, named=self.find_named(was=found), changed_at=now)
            self.write_search()
            _notifications().tell_comment(self, besides=before, is_new=False)

    def delete_by(self, person: User, *, now: datetime) -> bool:
        """Take it away until somebody brings it back; its replies stay. False: it is gone already."""
        with transaction.atomic():
            rev = Revision.bump()
            if not self._standing().update(deleted_at=now, deleted_by=person, rev=rev):
                return False
            self.deleted_at, self.deleted_by, self.rev = now, person, rev
            self.write_search()
            _notifications().forget(self)
            _notifications().tell_deleted_comment(self, by=person)
        return True

    def restore(self) -> None:
        """Bring it back, and tell whom it concerns: what they were told of it went with it."""
        with transaction.atomic():
            self.change(Revision.bump(), deleted_at=None, deleted_by=None)
            self.write_search()
            _notifications().objects.filter(comment=self).delete()
            _notifications().tell_comment(self)

    def resolve(self, person: User, *, now: datetime) -> bool:
        """Say that its thread is done with. False: it is already, or it begins no thread."""
        with transaction.atomic():
            rev = Revision.bump()
            open_ones = self._standing().filter(resolved_at__isnull=True, thread__isnull=True)
            if not open_ones.update(resolved_at=now, resolved_by=person, rev=rev):
                return False
            self.resolved_at, self.resolved_by, self.rev = now, person, rev
            _notifications().tell_resolved_comment(self, by=person)
        return True

    def reopen(self) -> None:
        """Say that its thread is not done with."""
        with transaction.atomic():
            self.change(Revision.bump(), resolved_at=None, resolved_by=None)

    def change(self, rev: int, **fields: Any) -> None:
        """Write some columns with the revision of the change."""
        for name, value in {**fields, "rev": rev}.items():
            setattr(self, name, value)
        self.save(update_fields=[*fields, "rev"])

    def write_search(self) -> None:
        """Let the gallery find its picture by what is said of it now."""
        made = Picture.objects.made().filter(pk=self.picture_id).select_related("job__submission__look")
        for picture in made:
            SearchDocument.write(picture)

    def find_named(self, was: str = "") -> list[mentions.Named]:
        """Find the people whom its text names, among those who may see the picture.

        `was`: its words before. Who was named there stays so, also under a name or with access that they had then.
        """
        if "@" not in self.text:
            return []
        people = dict(User.objects.filter(is_active=True).values_list("pk", "name"))
        found = mentions.named(self.text, people)
        may_see = {person.pk for person in who_sees(self.picture, {one.person for one in found})}
        before = mentions.named(self.text, {person: was[start + 1 : end] for start, end, person in self.named})
        found = [one for one in found if one.person in may_see]
        return sorted(
            found + [old for old in before if all(old.end <= one.start or old.start >= one.end for one in found)]
        )

    def _standing(self) -> CommentQuerySet:
        return Comment.objects.standing().filter(pk=self.pk)


def who_sees(picture: Picture, keys: Iterable[int]) -> list[User]:
    """Return those of some people, or of who looks after their work, who may see a picture, by name."""
    named = User.objects.filter(pk__in=keys).select_related("handed_to").order_by("name", "pk")
    people = dict.fromkeys(one.keeper for one in named)
    return [one for one in people if Picture.objects.visible_to(one).filter(pk=picture.pk).exists()]


def _notifications() -> Any:
    return apps.get_model("studio", "Notification")  # whose module imports this one
