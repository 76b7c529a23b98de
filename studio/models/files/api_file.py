"""Files of the drop-in's Files API (luma-api.md section 11): an upload that a program announces, and names later."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studio.models.clearing import delete_some
from studio.models.people import User
from studio.models.picture import Picture

UPLOAD_LASTS = timedelta(hours=1)
# What was announced and never completed is forgotten.
UNUSED = timedelta(days=1)
LONGEST_FILENAME = 1_024
SALT = "studio.api-file.upload"


class ApiFileQuerySet(models.QuerySet["ApiFile"]):
    def in_state(self, state: str, now: datetime) -> ApiFileQuerySet:
        """Those in one state, or with "" those that are not deleted."""
        gone = (
            Q(deleted_at__isnull=False) | Q(expires_at__lte=now) | Q(completed_at__isnull=False, picture=None, fault="")
        )
        if state == "deleted":
            return self.filter(gone)
        rows = self.exclude(gone)
        match state:
            case "pending":
                return rows.filter(completed_at=None)
            case "failed":
                return rows.filter(completed_at__isnull=False).exclude(fault="")
            case "ready":
                return rows.filter(completed_at__isnull=False, fault="")
        return rows


class ApiFile(models.Model):
    """A file as Luma's SDK knows it; what arrived is a picture of its person's like every upload."""

    class Purpose(models.TextChoices):
        INPUT = "input", "Input"
        REFERENCE = "reference", "Reference"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_files", db_index=False)
    picture = models.ForeignKey(Picture, on_delete=models.SET_NULL, null=True, related_name="+")
    mime_type = models.CharField(max_length=255)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.INPUT)
    size_bytes = models.PositiveBigIntegerField()
    filename = models.CharField(max_length=LONGEST_FILENAME, null=True)  # noqa: DJ001 - null is what they say of none
    user_id = models.CharField(max_length=256, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    # Why what arrived is no picture, as a sentence.
    fault = models.CharField(max_length=300, blank=True)
    completed_at = models.DateTimeField(null=True)

    objects = ApiFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="files_of_a_person"),
            models.Index(fields=["created_at"], name="files_never_completed", condition=Q(completed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.mime_type})"

    def state(self, now: datetime) -> str:
        """One of pending, ready, failed, deleted."""
        if self.deleted_at or (self.expires_at and self.expires_at <= now):
            return "deleted"
        if self.completed_at is None:
            return "pending"
        if self.fault:
            return "failed"
        return "ready" if self.picture_id else "deleted"

    # ---- The upload in three calls

    @property
    def upload_secret(self) -> str:
        """What lets its bytes in without a token, for UPLOAD_LASTS."""
        return signing.dumps(self.code.hex, salt=SALT)

    @classmethod
    def of_upload(cls, secret: str) -> ApiFile | None:
        """Return the file that still waits for its bytes, by what its upload came with."""
        try:
            code = signing.loads(secret, salt=SALT, max_age=UPLOAD_LASTS)
        except signing.BadSignature:
            return None
        rows = cls.objects.select_related("person").in_state("pending", timezone.now())
        return rows.filter(code=uuid.UUID(code), person__is_active=True).first()

    def receive(self, picture: Picture | None, fault: str) -> bool:
        """Note what arrived; False where it was completed or deleted meanwhile."""
        rows = ApiFile.objects.filter(pk=self.pk, completed_at=None, deleted_at=None)
        return bool(rows.update(picture=picture, fault=fault[:300]))

    def complete(self, *, now: datetime) -> None:
        """It may be used from here on, or has failed; a second call changes nothing."""
        ApiFile.objects.filter(pk=self.pk, completed_at=None).update(completed_at=now)

    def delete_softly(self, *, now: datetime) -> None:
        """Nothing new may name it; the picture stays in the studio."""
        ApiFile.objects.filter(pk=self.pk, deleted_at=None).update(deleted_at=now)

    @classmethod
    def clear_old(cls, *, now: datetime) -> None:
        delete_some(cls.objects.filter(completed_at__isnull=True, created_at__lt=now - UNUSED))
