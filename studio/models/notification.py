"""What a person should know, and has read or not."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from studio.models.board import Board
from studio.models.comment import Comment
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof_link import ProofClient


class Notification(models.Model):
    """Something that happened and that a person should know: one row, however many pictures it is about."""

    class Kind(models.TextChoices):
        DONE = "done", "My pictures are ready"
        FAILED = "failed", "Something of mine failed"
        MENTION = "mention", "Somebody mentions me"
        COMMENT = "comment", "Comments on my pictures"
        DECISION = "decision", "Decisions on my pictures"
        CHANGE = "change", "Somebody changes something of mine"
        PROOF = "proof", "A client answers"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Whoever did it: a person, a client, or nobody.
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey(ProofClient, on_delete=models.CASCADE, null=True, related_name="+")
    # What the row says after the name, and where it leads.
    text = models.CharField(max_length=300)
    address = models.CharField(max_length=300)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, null=True, related_name="+")
    board = models.ForeignKey(Board, on_delete=models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="notifications")
    # Rows of one key are one: of a group of pictures, say. "" for those that stand alone.
    key = models.CharField(max_length=80, blank=True)
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notifications_of_a_person"),
            models.Index(fields=["person"], name="new_notifications", condition=models.Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def tell(
        cls,
        person: User,
        kind: Notification.Kind,
        text: str,
        address: str,
        *,
        actor: User | None = None,
        client: ProofClient | None = None,
        picture: Picture | None = None,
        board: Board | None = None,
        comment: Comment | None = None,
        key: str = "",
    ) -> None:
        """Tell a person something, unless they did it themselves. Rows of one unread `key` become one.

        Called inside the transaction of what happened.
        """
        if actor and actor.pk == person.pk:
            return
        if key and (same := cls.objects.filter(person=person, key=key, read_at=None).first()):
            same.number += 1
            same.text, same.at, same.picture = text, timezone.now(), picture
            same.save(update_fields=["number", "text", "at", "picture"])
            return
        cls.objects.create(
            person=person,
            kind=kind,
            text=text[:300],
            address=address,
            actor=actor,
            client=client,
            picture=picture,
            board=board,
            comment=comment,
            key=key,
        )
