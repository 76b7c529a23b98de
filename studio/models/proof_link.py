"""Links that show pictures to a client without an account."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from studio.models.board import Board
from studio.models.picture import Picture


class ProofLink(models.Model):
    """A link that shows pictures, or a board, to a client without an account. Only the hash of its token is kept."""

    class Downloads(models.TextChoices):
        OFF = "off", "Off"
        WEB = "web", "Web size"
        ORIGINAL = "original", "Original"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proof_links")
    # Of a board: what lies on it when it is opened. Without one: its own `pictures`.
    board = models.ForeignKey(Board, on_delete=models.CASCADE, null=True, related_name="proof_links")
    title = models.CharField(max_length=80)
    client = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    # As Django keeps passwords; "" for none.
    password = models.CharField(max_length=128, blank=True)
    watermark = models.CharField(max_length=60, blank=True)
    downloads = models.CharField(max_length=10, choices=Downloads.choices, default=Downloads.OFF)
    may_comment = models.BooleanField(default=True)
    may_decide = models.BooleanField(default=True)
    shows_prompts = models.BooleanField(default=False)
    shows_prices = models.BooleanField(default=False)
    number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opens = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class ProofPicture(models.Model):
    """A picture of a proof link, at its place."""

    link = models.ForeignKey(ProofLink, on_delete=models.CASCADE, related_name="places", db_index=False)
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="proof_places")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "position"], name="one_picture_for_each_proof_place")]

    def __str__(self) -> str:
        return f"{self.picture_id} of {self.link_id}"


class ProofClient(models.Model):
    """Somebody who opened a proof link and gave a name, in one browser."""

    link = models.ForeignKey(ProofLink, on_delete=models.CASCADE, related_name="clients")
    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
