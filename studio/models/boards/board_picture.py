"""What lies on a board: adding, removing and moving pictures, and the counts that follow.

Who adds or removes raises the revision first: a picture that is decided, made private or moved to the trash at that
moment is so before it is counted, or after.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from studio.models.board import Board
from studio.models.boards.counts import count, renew
from studio.models.boards.gaps import GAP, last_place, room
from studio.models.boards.places import BoardPlaces
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument
from studio.text.search_text import fact

CHUNK = 500  # pictures for each transaction
MOST_AT_ONCE = 10_000
KEPT_REMOVALS = timedelta(days=7)


class MovedMeanwhile(Exception):
    """A picture was moved after the person saw it where it was; `by` whom, if that is known."""

    def __init__(self, by: User | None) -> None:
        super().__init__()
        self.by = by


class BoardPictureQuerySet(BoardPlaces["BoardPicture"]):
    pass


class BoardPicture(models.Model):
    """A picture on a board, at its place in the order by hand."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="places", db_index=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="places")
    # Apart from each other, so that most moves write one row.
    place = models.BigIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(default=timezone.now)
    # What is decided on the picture, kept here so that a board shows the approved ones in its own order.
    decision = models.CharField(max_length=10, blank=True, db_default="")
    # The revision of its last move by hand, or of when it came here, and whose that was; of the latter alone; and of the
    # last decision on it (studio/views/boards/order.py).
    rev = models.BigIntegerField(null=True)
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    came_rev = models.BigIntegerField(null=True)
    decided_rev = models.BigIntegerField(null=True)

    objects = BoardPictureQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "picture"], name="one_place_for_each_picture")]
        indexes = [
            models.Index(fields=["board", "place", "id"], name="board_by_hand"),
            models.Index(fields=["board", "-added_at", "-id"], name="board_newest_first"),
            models.Index(fields=["board", "decision", "place", "id"], name="board_decided_by_hand"),
            models.Index(fields=["board", "decision", "-added_at", "-id"], name="board_decided_newest_first"),
            # What an open page of a board asks for: the moves since it looked.
            models.Index(fields=["board", "rev"], name="board_moves", condition=Q(rev__isnull=False)),
            # And the decisions.
            models.Index(
                fields=["board", "decided_rev"], name="board_decisions", condition=Q(decided_rev__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} on {self.board_id}"

    # ---- Verbs

    @classmethod
    def add(cls, board: Board, keys: Sequence[int], *, by: User, now: datetime) -> int:
        """Put pictures at the end of a board, in this order, and return how many were not on it before.

        Some hundreds in each transaction, so that nobody waits for thousands. A private picture is put there by its
        owner alone; what the person doesn't see and what is not in the gallery is left out.
        """
        return sum(
            cls._add_some(board, list(keys[start : start + CHUNK]), by, now) for start in range(0, len(keys), CHUNK)
        )

    @classmethod
    def _add_some(cls, board: Board, keys: list[int], by: User, now: datetime) -> int:
        with transaction.atomic():
            rev = Revision.bump()
            locked = Board.objects.select_for_update().get(pk=board.pk)
            mine = Q(is_private=False) | by.owned()
            meant = Picture.objects.visible_to(by).made().filter(mine, pk__in=keys)
            fresh = dict(meant.exclude(places__board=locked).values_list("pk", "decision"))
            ordered = [key for key in dict.fromkeys(keys) if key in fresh]
            last = last_place(locked.places.all())
            BoardPicture.objects.bulk_create(
                BoardPicture(
                    board=locked,
                    picture_id=key,
                    place=last + GAP * step,
                    added_by=by,
                    added_at=now,
                    decision=fresh[key],
                    rev=rev,
                    moved_by=by,
                    came_rev=rev,
                )
                for step, key in enumerate(ordered, start=1)
            )
            SearchDocument.add_fact(ordered, fact("b", locked.pk))
            if ordered:
                count(locked, ordered, 1)
                renew(locked, ordered, now=now)
        return len(ordered)

    @classmethod
    def remove(cls, board: Board, keys: Sequence[int], *, by: User, now: datetime) -> BoardRemoval | None:
        """Take pictures off a board; what was taken off can be put back (BoardRemoval.undo). None: none lay there."""
        BoardRemoval.objects.filter(board=board, at__lt=now - KEPT_REMOVALS).delete()
        cover = Board.objects.filter(pk=board.pk).values_list("cover", flat=True).first()
        gone: list[list[int | str]] = []
        for start in range(0, len(keys), CHUNK):
            gone += cls._remove_some(board, keys[start : start + CHUNK], by, now)
        if not gone:
            return None
        lost = cover if cover in {row[0] for row in gone} else None
        with transaction.atomic():
            rev = Revision.bump()
            return BoardRemoval.objects.create(board=board, person=by, at=now, rows=gone, cover=lost, rev=rev)

    @classmethod
    def _remove_some(cls, board: Board, keys: Sequence[int], by: User, now: datetime) -> list[list[int | str]]:
        with transaction.atomic():
            Revision.bump()
            locked = Board.objects.select_for_update().get(pk=board.pk)
            rows = list(locked.places.seen_by(by).filter(picture__in=list(keys)))
            found = [row.picture_id for row in rows]
            count(locked, found, -1)
            locked.places.filter(pk__in=[row.pk for row in rows]).delete()
            SearchDocument.drop_fact(found, fact("b", locked.pk))
            if locked.cover_id in set(found):
                Board.objects.filter(pk=locked.pk).update(cover=None)
            if found:
                renew(locked, found, now=now)
        return [[row.picture_id, row.place, row.added_by_id, row.added_at.isoformat()] for row in rows]

    @classmethod
    def move(
        cls,
        board: Board,
        picture: Picture,
        before: Picture | None,
        *,
        by: User,
        now: datetime,
        since: int | None = None,
    ) -> bool:
        """Put a picture of the board before another one of it, or at its end. False where one of them isn't on it.

        `since`: the revision whose order the person saw. Raises MovedMeanwhile where the picture was moved after it.
        """
        with cls._moving(board, picture, since) as (locked, rev):
            keys = [picture.pk] + ([before.pk] if before else [])
            rows = {row.picture_id: row for row in locked.places.filter(picture__in=keys)}
            if len(rows) < len(set(keys)):
                return False
            row = rows[picture.pk]
            if before and before.pk == picture.pk:
                return True
            row.place, row.rev = room(locked, row, rows[before.pk] if before else None), rev
            row.moved_by = by
            row.save(update_fields=["place", "rev", "moved_by"])
            renew(locked, [picture.pk], now=now)
        return True

    @classmethod
    def step(
        cls, board: Board, picture: Picture, to: str, *, by: User, now: datetime, since: int | None = None
    ) -> bool:
        """Move a picture one place `earlier` or `later`, or to be `first` or `last`, among those the person sees.

        `since`, and what it raises: as for `move`.
        """
        with cls._moving(board, picture, since) as (locked, _):
            row = locked.places.filter(picture=picture).first()
            if row is None:
                return False
            others = locked.places.seen_by(by).exclude(pk=row.pk).select_related("picture")
            target = None
            if to == "earlier":
                target = others.before(row.place, row.pk).order_by("-place", "-pk").first()
                if target is None:
                    return True
            elif to == "later":
                behind = list(others.behind(row.place, row.pk).by_hand()[:2])
                if not behind:
                    return True
                target = behind[1] if len(behind) > 1 else None
            elif to == "first":
                target = others.by_hand().first()
            return cls.move(board, picture, target.picture if target else None, by=by, now=now)

    @classmethod
    @contextmanager
    def _moving(cls, board: Board, picture: Picture, since: int | None) -> Iterator[tuple[Board, int]]:
        """Lock a board, so that what is read of its order is so until it is changed; give it and the new revision."""
        with transaction.atomic():
            rev = Revision.bump()  # open pages of the board take the new order
            locked = Board.objects.select_for_update().get(pk=board.pk)
            moved = None if since is None else locked.places.moved_since(since).filter(picture=picture).first()
            if moved:
                raise MovedMeanwhile(moved.moved_by)
            yield locked, rev


class BoardRemoval(models.Model):
    """Pictures that were taken off a board together, kept for some days so that they can be put back."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="removals")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    # [key of the picture, place, key of who had added it, when] for each.
    rows = models.JSONField(default=list)
    # The key of the picture that was the cover, if it was one of them.
    cover = models.BigIntegerField(null=True)
    # Of when they went: an open page of the board takes them off (studio/views/boards/order.py).
    rev = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["board", "rev"], name="board_removals")]

    def __str__(self) -> str:
        return f"{len(self.rows)} off {self.board_id}"

    @classmethod
    def keys_since(cls, board: Board, rev: int, most: int) -> list[int]:
        """The keys of what was taken off a board after a revision; some more than `most` where there are more."""
        keys: list[int] = []
        for rows in cls.objects.filter(board=board, rev__gt=rev).order_by("rev").values_list("rows", flat=True):
            keys += [int(row[0]) for row in rows]
            if len(keys) > most:
                break
        return keys

    def undo(self, *, now: datetime) -> int:
        """Put its pictures back where they were, and forget it; return how many came back."""
        back = 0
        for start in range(0, len(self.rows), CHUNK):
            back += self._put_back(self.rows[start : start + CHUNK], now)
        self.delete()
        return back

    def _put_back(self, rows: list[list[int | str]], now: datetime) -> int:
        with transaction.atomic():
            rev = Revision.bump()
            locked = Board.objects.select_for_update().get(pk=self.board_id)
            keys = [row[0] for row in rows]
            there = Picture.objects.visible_to(self.person).filter(pk__in=keys).exclude(places__board=locked)
            missing = dict(there.values_list("pk", "decision"))
            back = [row for row in rows if row[0] in missing]
            BoardPicture.objects.bulk_create(
                BoardPicture(
                    board=locked,
                    picture_id=int(key),
                    place=int(place),
                    added_by_id=int(adder),
                    added_at=datetime.fromisoformat(str(at)),
                    decision=missing[int(key)],
                    rev=rev,
                    moved_by=self.person,
                    came_rev=rev,
                )
                for key, place, adder, at in back
            )
            found = [int(row[0]) for row in back]
            SearchDocument.add_fact(found, fact("b", locked.pk))
            if found:
                count(locked, found, 1)
                renew(locked, found, now=now)
            if self.cover in found and locked.cover_id is None:
                Board.objects.filter(pk=locked.pk).update(cover=self.cover)
        return len(back)
