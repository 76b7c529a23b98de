from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from studio.models.people import User

INVITE_LIFE = timedelta(days=7)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InviteQuerySet(models.QuerySet["Invite"]):
    def open(self, now: datetime) -> InviteQuerySet:
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=now)

    def by_token(self, token: str, now: datetime) -> Invite | None:
        return self.open(now).filter(token_hash=digest(token)).first()


class Invite(models.Model):
    """A link that lets one person join, once. Only the hash of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=10, choices=User.Role.choices, default=User.Role.DESIGNER)
    note = models.CharField(max_length=80, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="invites")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, related_name="invite")
    revoked_at = models.DateTimeField(null=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.get_role_display()} invite of {self.created_at:%Y-%m-%d}"

    @property
    def is_first(self) -> bool:
        """Whether this is the link of the first run, which nobody sent."""
        return self.invited_by_id is None

    @classmethod
    def issue(cls, *, by: User | None, role: str, now: datetime, note: str = "") -> tuple[Invite, str]:
        """Make an invite and return it with its token, which is shown once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        invite = cls.objects.create(
            token_hash=digest(token), role=role, note=note, invited_by=by, created_at=now, expires_at=now + INVITE_LIFE
        )
        return invite, token

    @classmethod
    def issue_first(cls, *, now: datetime) -> str | None:
        """Return the token that creates the first admin, or None when somebody has already joined."""
        with transaction.atomic():
            if User.objects.exists():
                return None
            cls.objects.filter(invited_by=None).delete()
            return cls.issue(by=None, role=User.Role.ADMIN, now=now)[1]

    def accept(self, *, name: str, password: str, email: str = "", now: datetime) -> User | None:
        """Create the person, or return None when the link was used a moment ago."""
        with transaction.atomic():
            if not Invite.objects.open(now).filter(pk=self.pk).update(used_at=now):
                return None
            person = User.objects.create_user(name, password, email=email or None, role=self.role, joined_at=now)
            Invite.objects.filter(pk=self.pk).update(used_by=person)
        return person

    def revoke(self, *, now: datetime) -> None:
        Invite.objects.open(now).filter(pk=self.pk).update(revoked_at=now)
