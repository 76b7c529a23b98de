"""Stacks: several pictures of the gallery under one tile. Put pictures into one, choose its cover, take them out again.

All pictures of a stack are the team's, or all are one person's private ones. Every verb raises the revision first, so two
of them on the same picture come one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from studio.models.account.notification import Notification
from studio.models.people import User
from studio.models.picture import Picture, PictureQuerySet
from studio.models.revision import Revision
from studio.models.sql.compiled_query import KEYS, PERSON, CompiledQuery
from studio.models.stacks.change import StackChange, Stacked
from studio.text.names import isolated

MOST = 50  # pictures in a stack: all of them are read to show it
TOO_FEW = "Choose at least two pictures to stack."
TOO_MANY = f"A stack has up to {MOST} pictures. Choose fewer."
MIXED = "Private pictures can't be stacked with the team's. Choose one kind."


def of(picture: Picture, person: User) -> list[Picture]:
    """Return the pictures of a picture's stack that the person sees: its cover, then the newest first. [] for no stack."""
    return listed(Picture.objects.visible_to(person).for_tiles(), picture)


def listed(rows: PictureQuerySet, picture: Picture) -> list[Picture]:
    """Return those of these rows that lie in a picture's stack, the cover first."""
    key = picture.stack_key
    found = sorted(
        rows.made().filter(Q(pk=key) | Q(cover=key)),
        key=lambda one: (one.pk != key, -(one.shown_at or one.created_at).timestamp(), -one.pk),
    )
    return found if len(found) > 1 else []


def _behind(rows: PictureQuerySet, covers: list[int]) -> Any:
    return rows.filter(cover__in=covers).order_by("-shown_at", "-pk").values_list("cover", "code")


_ON_WALL: CompiledQuery[Any] = CompiledQuery(
    lambda person, covers: _behind(Picture.objects.visible_to(person).in_gallery(), covers), PERSON, KEYS
)
_ANYWHERE: CompiledQuery[Any] = CompiledQuery(
    lambda person, covers: _behind(Picture.objects.visible_to(person).made(), covers), PERSON, KEYS
)


def load(pictures: Iterable[Picture], person: User, *, is_wall: bool) -> None:
    """Fill in how many pictures the stack of each has, in one query; on the gallery's own wall, where one tile stands
    for all of them, also their codes."""
    by_key: dict[int, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_key[picture.stack_key].append(picture)
    behind: dict[int, list[str]] = defaultdict(list)
    for cover, code in (_ON_WALL if is_wall else _ANYWHERE)(person, list(by_key)) if by_key else ():
        behind[cover or 0].append(str(code))
    for key, codes in behind.items():
        for picture in by_key[key]:
            picture.stacked = len(codes) + 1
            picture.stacked_codes = " ".join(codes) if is_wall else ""


# ---- Verbs


def stack(keys: Sequence[int], *, by: User, now: datetime) -> StackChange | None:
    """Put these pictures into one stack, out of any other; None where they are one already.

    The cover is that of the first stack among them, whose pictures stay, else the first. Raises ValidationError with a sentence.
    """
    with transaction.atomic():
        rev = Revision.bump()
        rows = Picture.objects.visible_to(by).made().filter(pk__in=keys).select_related("job__submission", "person")
        found = rows.in_bulk(keys)
        meant = [found[key] for key in dict.fromkeys(keys) if key in found]
        _check(meant)
        inside = {one.pk for one in meant}
        cover = next((one for one in meant if one.cover_id is None and one.behind.exists()), meant[0])
        inside |= set(cover.behind.values_list("pk", flat=True))
        if len(inside) > MOST:
            raise ValidationError(TOO_MANY)
        others = [one for one in meant if one.pk != cover.pk and one.cover_id != cover.pk]
        if not others:
            return None
        touched = _whole(inside)
        before = _state(touched)
        if cover.cover_id:
            _free([cover.pk])
        Picture.objects.filter(pk__in=[one.pk for one in others]).update(cover=cover, stacked_at=now, stacked_by=by)
        _join(touched - inside, before)
        Notification.tell_owners(others, "stacked", f" under “{isolated(cover.title[:80])}”", by=by)
        return _kept(before, touched, rev, by, now)


def _check(meant: Sequence[Picture]) -> None:
    if len(meant) < 2:
        raise ValidationError(TOO_FEW)
    if len({one.is_private for one in meant}) > 1:
        raise ValidationError(MIXED)


def choose_cover(picture: Picture, *, by: User, now: datetime) -> StackChange | None:
    """Let this picture stand for its stack; None where it does already, or lies in none."""
    with transaction.atomic():
        rev = Revision.bump()
        whole = _whole([picture.pk])
        before = _state(whole)
        if len(whole) < 2 or before[picture.pk].cover is None:
            return None
        Picture.objects.filter(pk__in=whole, stacked_at=None).update(stacked_at=now, stacked_by=by)
        Picture.objects.filter(pk=picture.pk).update(stacked_at=None, stacked_by=None)
        _put_behind(picture.pk, whole)
        return _kept(before, whole, rev, by, now)


def take_out(picture: Picture, *, by: User, now: datetime) -> StackChange | None:
    """Take a picture out of its stack; the last one that is left is no stack."""
    with transaction.atomic():
        rev = Revision.bump()
        whole = _whole([picture.pk])
        before = _state(whole)
        _free([picture.pk])
        _join(whole - {picture.pk}, before)
        Notification.tell_owners([picture], "took", " out of a stack", by=by)
        return _kept(before, whole, rev, by, now)


def unstack(picture: Picture, *, by: User, now: datetime) -> StackChange | None:
    """Let all pictures of a stack stand in the gallery by themselves again."""
    with transaction.atomic():
        rev = Revision.bump()
        whole = _whole([picture.pk])
        before = _state(whole)
        _free(whole)
        Notification.tell_owners(Picture.objects.filter(pk__in=whole).select_related("person"), "unstacked", by=by)
        return _kept(before, whole, rev, by, now)


def take_back(change: StackChange) -> int:
    """Undo a change where nobody has stacked the pictures otherwise since, and none is private to somebody else by now;
    return how many came back to where they were."""
    with transaction.atomic():
        rev = Revision.bump()
        was = change.was()
        covers = {old.cover for old, _ in was.values() if old.cover}
        now = _state(covers.union(was))
        back = {key: old for key, (old, after) in was.items() if key in now and now[key].cover == after}
        # None goes behind a picture that lies behind another by now: nobody would find it.
        standing = {key for key, one in (now | back).items() if one.cover is None}
        back = {key: old for key, old in back.items() if old.cover is None or old.cover in standing}
        whole = _whole(covers.union(back))
        lying = Picture.objects.filter(pk__in=whole)
        if len(set(lying.values_list("is_private", flat=True))) > 1:
            return 0
        if lying.filter(is_private=True).exclude(change.person.owned()).exists():
            return 0
        for key, old in back.items():
            Picture.objects.filter(pk=key).update(cover=old.cover, stacked_at=old.at, stacked_by=old.by)
        settle(back)
        Picture.objects.filter(pk__in=whole).touch(rev)
        change.delete()
    return len(back)


# ---- What other changes mean for stacks. Inside their transactions


def settle(keys: Iterable[int]) -> None:
    """See that of every stack with one of these pictures something stands in the gallery, if anything of it can:
    the cover that was chosen, else the newest."""
    covers = {cover or key for key, cover in Picture.objects.filter(pk__in=list(keys)).values_list("pk", "cover")}
    for cover in set(Picture.objects.filter(cover__in=covers).values_list("cover", flat=True)):
        whole = _whole([cover or 0])
        standing = Picture.objects.in_gallery().filter(pk__in=whole).order_by("-shown_at", "-pk")
        rows = list(standing.values_list("pk", "stacked_at"))
        wanted = next((key for key, at in rows if at is None), rows[0][0] if rows else None)
        if wanted is not None and wanted != cover:
            _put_behind(wanted, whole)


def leave(keys: Iterable[int]) -> None:
    """Take pictures out of stacks that have others too, because they are private now, or the team's."""
    gone = set(keys)
    left = _whole(gone) - gone
    if left:
        before = _state(left | gone)
        apart = {before[key].cover or key for key in left}
        _free(key for key in gone if (before[key].cover or key) in apart)
        _join(left, before)


# ---- Rows


def _whole(keys: Iterable[int]) -> set[int]:
    """Return the keys of all pictures that lie in stacks with these, also of those in the trash, and these."""
    rows = Picture.objects.filter(pk__in=list(keys)).values_list("pk", "cover")
    covers = {cover or key for key, cover in rows}
    return (
        covers | {key for key, _ in rows} | set(Picture.objects.filter(cover__in=covers).values_list("pk", flat=True))
    )


def _state(keys: Iterable[int]) -> dict[int, Stacked]:
    rows = Picture.objects.filter(pk__in=list(keys)).values_list("pk", "cover", "stacked_at", "stacked_by")
    return {key: Stacked(cover, at, by) for key, cover, at, by in rows}


def _kept(before: dict[int, Stacked], whole: set[int], rev: int, by: User, now: datetime) -> StackChange | None:
    """Write a change down for its Undo, and let open pages draw the tiles anew."""
    Picture.objects.filter(pk__in=whole).touch(rev)
    return StackChange.keep(before, _state(whole), person=by, now=now)


def _free(keys: Iterable[int]) -> None:
    Picture.objects.filter(pk__in=list(keys)).update(cover=None, stacked_at=None, stacked_by=None)


def _put_behind(cover: int, whole: Iterable[int]) -> None:
    Picture.objects.filter(pk=cover).update(cover=None)
    Picture.objects.filter(pk__in=[key for key in whole if key != cover]).update(cover=cover)


def _join(left: Iterable[int], before: dict[int, Stacked]) -> None:
    """Keep those together that lay together before others left; one that is left alone is free."""
    groups: dict[int, list[int]] = defaultdict(list)
    for key in left:
        groups[before[key].cover or key].append(key)
    for cover, keys in groups.items():
        if len(keys) == 1:
            _free(keys)
        elif cover not in keys:
            newest = Picture.objects.filter(pk__in=keys).order_by("-shown_at", "-pk").values_list("pk", flat=True)[0]
            Picture.objects.filter(pk=newest).update(stacked_at=None, stacked_by=None)
            _put_behind(newest, keys)
            settle(keys)
