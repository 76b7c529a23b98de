"""Boards: collections of pictures that a team, some people or one person see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone

from studio.codes import of_form, read_code
from studio.models import keyset
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.revision import Revision
from studio.models.search.folded import says
from studio.models.sql.loading import QuickLoad


class Lists(Func):
    """Whether a board lists a person, `with_` a right if it says so: written out, for the ORM takes longer to write it
    than the database to answer it, and each page asks.
    """

    template = "EXISTS(SELECT 1 FROM studio_boardmember listed WHERE listed.board_id = %(expressions)s %(with_)s)"
    arg_joiner = " AND listed.person_id = "

    def __init__(self, person: User, with_: str = "") -> None:
        super().__init__(F("pk"), person.pk, with_=with_, output_field=models.BooleanField())


class BoardQuerySet(models.QuerySet["Board"]):
    def visible_to(self, person: User) -> BoardQuerySet:
        """The team's, those that list the person, and the person's own; an admin sees no more than others."""
        if not person.is_active:
            return self.none()
        listed = Q(Lists(person), visibility=Board.Visibility.LISTED)
        seen = Q(visibility=Board.Visibility.TEAM) | person.owned() | listed
        return self.filter(seen, deleted_at__isnull=True)

    def known_to(self, person: User) -> BoardQuerySet:
        """Those that the person sees, and deleted ones that the person may bring back (see `may_settle`)."""
        settled = person.owned() | Q(visibility=Board.Visibility.TEAM) if person.is_admin else person.owned()
        return self.visible_to(person) | self.filter(settled)

    def changeable_by(self, person: User) -> BoardQuerySet:
        """Those where the person may add, remove and move pictures."""
        if not (person.is_active and person.can_make):
            return self.none()
        may_change = f"AND listed.\"right\" = '{BoardMember.Right.CHANGE.value}'"
        listed = Q(Lists(person, may_change), visibility=Board.Visibility.LISTED)
        open_to = Q(visibility=Board.Visibility.TEAM) | person.owned() | listed
        return self.filter(open_to, deleted_at__isnull=True)

    def current(self) -> BoardQuerySet:
        """Without those in the archive."""
        return self.filter(archived_at__isnull=True)

    def last_changed_first(self) -> BoardQuerySet:
        return self.order_by("-changed_at", "-pk")

    def after(self, changed_at: datetime, pk: int) -> BoardQuerySet:
        """Keyset paging: what follows (changed_at, pk) in the order of last_changed_first."""
        return keyset.below(self, "changed_at", changed_at, pk)

    def of_picture(self, picture: Picture, person: User) -> BoardQuerySet:
        """The boards that a picture lies on and the person sees, by name."""
        return self.visible_to(person).filter(places__picture=picture).order_by("name", "pk")

    def named(self, words: str) -> BoardQuerySet:
        """Those whose name, client or job number has these words."""
        return self.filter(says(words, "name", "client", "job_number")) if words else self


class Board(QuickLoad):
    """Pictures collected under a name, in an order of their own; a picture may lie on many.

    What lies on it changes by the verbs of BoardPicture (studio/models/boards/board_picture.py), which keep `number`,
    `private_numbers`, `tallies` and `mosaic` (studio/models/boards/counts.py).
    """

    class Visibility(models.TextChoices):
        TEAM = "team", "Team"
        LISTED = "listed", "Listed people"
        PRIVATE = "private", "Only me"

    class Order(models.TextChoices):
        HAND = "hand", "By hand"
        NEWEST = "newest", "Newest added"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="boards")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=300, blank=True)
    client = models.CharField(max_length=80, blank=True)
    job_number = models.CharField(max_length=40, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.TEAM)
    order = models.CharField(max_length=10, choices=Order.choices, default=Order.HAND)
    cover = models.ForeignKey(Picture, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    # Nothing uses it. It goes with the first release that may take something away (tests/test_migrations.py).
    dock = models.JSONField(default=dict, blank=True)
    # How many pictures lie on it that everybody sees who sees the board, kept with every change; and of the private
    # ones, which only their owner sees, how many each person has there: {"key of the person": number}.
    number = models.PositiveIntegerField(default=0)
    private_numbers = models.JSONField(default=dict, blank=True)
    # Of the same two kinds ("" for everybody): how many are approved, candidates and rejected, and what they cost in
    # dollars: {"": {"approved": 2, "spent": "0.1200"}, "key of the person": …}.
    tallies = models.JSONField(default=dict, blank=True)
    # The keys of its first pictures by hand, so that a list of boards shows them without reading each board.
    mosaic = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = BoardQuerySet.as_manager()

    class Meta:
        indexes = [
            # The list of boards, last changed first, and its pages.
            models.Index(
                fields=["-changed_at", "-id"],
                name="boards_last_changed",
                condition=Q(deleted_at__isnull=True, archived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("studio:board", args=[self.code])

    # ---- Who may do what

    def is_seen_by(self, person: User) -> bool:
        """Whether the person sees it, as `visible_to` has it."""
        if not person.is_active or self.deleted_at:
            return False
        if self.visibility == self.Visibility.TEAM or person.owns(self.person_id):
            return True
        return self.visibility == self.Visibility.LISTED and self.members.filter(person=person).exists()

    def may_change(self, person: User) -> bool:
        """Whether the person may add, remove and move pictures: on a team's board everybody who makes pictures, on a
        list the people with the right to, else the owner alone."""
        if not (person.is_active and person.can_make) or self.deleted_at:
            return False
        if person.owns(self.person_id) or self.visibility == self.Visibility.TEAM:
            return True
        rights = self.members.filter(person=person, right=BoardMember.Right.CHANGE)
        return self.visibility == self.Visibility.LISTED and rights.exists()

    def may_settle(self, person: User) -> bool:
        """Whether the person may change its settings, archive and delete it: the owner, and an admin for a team's."""
        if not (person.is_active and person.can_make):
            return False
        return person.owns(self.person_id) or (person.is_admin and self.visibility == self.Visibility.TEAM)

    # ---- What it says

    def number_for(self, person: User) -> int:
        """How many of its pictures the person sees."""
        return self.number + sum(int(self.private_numbers.get(str(key), 0)) for key in person.owner_keys)

    def decided_for(self, person: User, verdict: str) -> int:
        """On how many of the pictures that the person sees this is decided."""
        return sum(int(tally.get(verdict, 0)) for tally in self._tallies_for(person))

    def spent_for(self, person: User) -> Decimal:
        """What the pictures that the person sees cost, in dollars; those without a price (layers) not counted."""
        return sum((Decimal(tally.get("spent", 0)) for tally in self._tallies_for(person)), Decimal(0))

    def _tallies_for(self, person: User) -> list[dict[str, Any]]:
        return [self.tallies.get(owner, {}) for owner in ("", *map(str, person.owner_keys))]

    # ---- Verbs

    @classmethod
    def make(cls, person: User, *, now: datetime, **fields: str) -> Board:
        """Make an empty board of the person's."""
        return cls.objects.create(person=person, created_at=now, changed_at=now, **fields)

    @classmethod
    def make_once(cls, person: User, *, once: str, name: str, now: datetime, **fields: str) -> Board:
        """Make a board, or return the one of that name that the same form made: it may be sent twice.

        `once`: the UUID that the form carries; without one it is a new board.
        """
        sent = read_code(once)
        if sent is None:
            return cls.make(person, now=now, name=name, **fields)
        code = of_form(sent, f"board of {person.pk}")
        with transaction.atomic():
            Revision.bump()  # one after the other
            found = cls.objects.filter(code=code).first()
            if found is None:
                return cls.make(person, now=now, name=name, code=str(code), **fields)
            is_same = found.name == name and found.deleted_at is None
            return found if is_same else cls.make(person, now=now, name=name, **fields)

    def settle(self, *, now: datetime, members: Iterable[tuple[User, str]], **fields: str) -> None:
        """Save the settings, and who is on its list with which right. Call it inside a transaction."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.changed_at = now
        self.save(update_fields=[*fields, "changed_at"])
        rights = {person.pk: right for person, right in members if person.pk != self.person_id}
        self.members.exclude(person__in=rights).delete()
        BoardMember.objects.bulk_create(
            [BoardMember(board=self, person_id=key, right=right) for key, right in rights.items()],
            update_conflicts=True,
            unique_fields=["board", "person"],
            update_fields=["right"],
        )
        # Whoever may put nothing here any more has it no longer in the dock.
        begin = User.objects.filter(dock_board=self.code)
        closed = [person.pk for person in begin if not self.may_change(person)]
        User.objects.filter(pk__in=closed).update(dock_board=None)

    def may_show(self, picture: Picture) -> bool:
        """Whether everybody who sees the board sees this picture of it, so that it may be the cover."""
        return not picture.is_private or self.visibility == self.Visibility.PRIVATE

    def set_cover(self, picture: Picture | None, *, now: datetime) -> bool:
        """Show this picture of it first, or with None the first in the order; False where it can't be."""
        with transaction.atomic():
            Revision.bump()  # open pages of the board show it; and nobody takes the picture off meanwhile
            if picture and not (self.may_show(picture) and self.places.filter(picture=picture).exists()):
                return False
            self.cover, self.changed_at = picture, now
            self.save(update_fields=["cover", "changed_at"])
        return True

    def archive(self, *, now: datetime) -> bool:
        """Take it out of the list; its pictures stay in the gallery. False where it is in the archive already."""
        User.objects.filter(dock_board=self.code).update(dock_board=None)
        found = Board.objects.filter(pk=self.pk, archived_at=None, deleted_at=None)
        return bool(found.update(archived_at=now))

    def unarchive(self) -> bool:
        return bool(
            Board.objects.filter(pk=self.pk, deleted_at=None).exclude(archived_at=None).update(archived_at=None)
        )

    def delete_for_now(self, *, now: datetime) -> bool:
        """Take it away from everybody, to be brought back by `restore`; its pictures stay in the gallery."""
        User.objects.filter(dock_board=self.code).update(dock_board=None)
        return bool(Board.objects.filter(pk=self.pk, deleted_at=None).update(deleted_at=now))

    def restore(self) -> bool:
        return bool(Board.objects.filter(pk=self.pk).exclude(deleted_at=None).update(deleted_at=None))


class BoardMember(QuickLoad):
    """A listed person of a board, and what they may do there."""

    class Right(models.TextChoices):
        LOOK = "look", "Can look"
        CHANGE = "change", "Can change"

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="board_memberships")
    right = models.CharField(max_length=10, choices=Right.choices, default=Right.CHANGE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "person"], name="one_membership_for_each_person")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.board_id}"
