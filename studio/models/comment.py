"""What people and clients say about a picture."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof_link import ProofClient


class Comment(models.Model):
    """Something said about a picture, at a spot of it or as a whole, by a person of the team or a client."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="comments", db_index=False)
    # One of the two: a person of the team, or a client of a proof link.
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="comments", db_index=False)
    client = models.ForeignKey(ProofClient, on_delete=models.PROTECT, null=True, related_name="comments")
    text = models.TextField()
    # The spot, in per cent of the picture's width and height; both None for the whole picture.
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    # Of a reply: the first comment of its thread.
    thread = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["picture", "created_at", "id"], name="comments_of_a_picture")]

    def __str__(self) -> str:
        return self.text[:40]
