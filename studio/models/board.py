"""Boards: collections of pictures that a team, some people or one person see."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from studio.models.people import User
from studio.models.picture import Picture


class Board(models.Model):
    """Pictures collected under a name, in an order of their own; a picture may lie on many."""

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
    # What the dock starts with on this board: model, ratio, style, look.
    dock = models.JSONField(default=dict, blank=True)
    # How many pictures lie on it, kept with every change.
    number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class BoardMember(models.Model):
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


class BoardPicture(models.Model):
    """A picture on a board, at its place in the order by hand."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="places", db_index=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="places")
    # Apart from each other, so that most moves write one row.
    place = models.BigIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "picture"], name="one_place_for_each_picture")]
        indexes = [
            models.Index(fields=["board", "place", "id"], name="board_by_hand"),
            models.Index(fields=["board", "-added_at", "-id"], name="board_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} on {self.board_id}"
