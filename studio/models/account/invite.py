from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from studio.models.account.session import end_sessions
from studio.models.people import User
from studio.models.trail import TrailEntry
from studio.text.names import isolated

# Starts of several machines that belong together lie within this time.
STARTS_TOGETHER = timedelta(minutes=10)
INVITE_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)
# Links for a new password that somebody may ask for while the first of them works.
MOST_RESETS = 3


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InviteQuerySet(models.QuerySet["Invite"]):
    def open(self, now: datetime) -> InviteQuerySet:
        """Not used, and made by somebody who may still make one: who lost access must not let himself in again."""
        by_an_admin = Q(invited_by__is_active=True, invited_by__role=User.Role.ADMIN)
        unspent = self.filter(used_at=None, revoked_at=None, expires_at__gt=now)
        return unspent.filter(Q(invited_by=None) | by_an_admin)

    def by_token(self, token: str, now: datetime) -> Invite | None:
        """Return the open invite of a token. The link of a person without access is closed with them."""
        found = self.open(now).exclude(person__is_active=False).select_related("person", "invited_by")
        invite = found.filter(token_hash=digest(token)).first()
        # Several machines may have printed a link of the first run each; they all end with the first who joins.
        return None if invite and invite.is_first and User.objects.exists() else invite


class Invite(models.Model):
    """A link that works once: it lets one person join or, made for a `person`, choose a new password.

    Only the hash of its token is kept.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=10, choices=User.Role.choices, default=User.Role.DESIGNER)
    note = models.CharField(max_length=80, blank=True)
    # Where it was sent; whoever joins with it may choose another address.
    email = models.EmailField(blank=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
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
        kind = "New password" if self.is_for_password else f"{self.get_role_display()} invite"
        return f"{kind} of {self.created_at:%Y-%m-%d}"

    @property
    def is_first(self) -> bool:
        """Whether this is the link of the first run, which nobody sent."""
        return self.invited_by_id is None and not self.is_for_password

    @property
    def is_for_password(self) -> bool:
        """Whether it lets somebody of the team choose a new password, not somebody new join."""
        return self.person_id is not None

    @classmethod
    def issue(
        cls, *, by: User | None, role: str, now: datetime, note: str = "", email: str = "", person: User | None = None
    ) -> tuple[Invite, str]:
        """Make a link and return it with its token, which is shown once and kept nowhere.

        A new link for a `person` closes the older ones: of two that were sent, only the last one works. The links that
        people ask for themselves (`by` nobody) leave those of admins open.
        """
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            if person:
                older = cls.objects.open(now).filter(person=person)
                (older if by else older.filter(invited_by=None)).update(revoked_at=now)
            invite = cls.objects.create(
                token_hash=digest(token),
                role=role,
                note=note,
                email=email,
                person=person,
                invited_by=by,
                created_at=now,
                expires_at=now + (RESET_LIFE if person and by is None else INVITE_LIFE),
            )
            if by:
                verb = TrailEntry.Verb.PASSWORD if person else TrailEntry.Verb.INVITED
                thing = person.name if person else note or email
                text = "Made a link for a new password" if person else f"As {User.Role(role).label.lower()}"
                TrailEntry.log(verb, by=by, thing=thing, text=text)
        return invite, token

    @classmethod
    def issue_first(cls, *, now: datetime) -> str | None:
        """Return the token that creates the first admin, or None when somebody has already joined."""
        with transaction.atomic():
            if User.objects.exists():
                return None
            # Machines that start together each print one, and an operator may take any of them.
            cls.objects.filter(invited_by=None, created_at__lt=now - STARTS_TOGETHER).delete()
            return cls.issue(by=None, role=User.Role.ADMIN, now=now)[1]

    @classmethod
    def issue_reset(cls, email: str, *, now: datetime) -> tuple[User, str] | None:
        """Make a link for whoever has this address and access; return the person and the token.

        None when nobody has it, or when MOST_RESETS links were made in the last hour.
        """
        person = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
        made = cls.objects.filter(person=person, invited_by=None, created_at__gt=now - RESET_LIFE)
        if person is None or made.count() >= MOST_RESETS:
            return None
        return person, cls.issue(by=None, role=person.role, person=person, now=now)[1]

    def use(self, *, now: datetime) -> bool:
        """Use it up; False when it was used or closed a moment ago."""
        return bool(Invite.objects.open(now).filter(pk=self.pk).update(used_at=now))

    def accept(self, *, password: str, now: datetime, name: str = "", email: str = "") -> User | None:
        """Create the person, or give the one it was made for this password; None when it was used a moment ago."""
        with transaction.atomic():
            if not self.use(now=now):
                return None
            if self.person:
                self.person.set_password(password)
                self.person.save(update_fields=["password"])
                Invite.objects.open(now).filter(person=self.person).update(revoked_at=now)
                end_sessions(self.person.pk)
                how = "by a link of an admin" if self.invited_by_id else "by email"
                TrailEntry.log(TrailEntry.Verb.PASSWORD, by=self.person, text=f"Chose a new password {how}")
                return self.person
            person = User.objects.create_user(name, password, email=email or None, role=self.role, joined_at=now)
            Invite.objects.filter(pk=self.pk).update(used_by=person)
            TrailEntry.log(TrailEntry.Verb.JOINED, by=person, text=f"As {person.get_role_display().lower()}")
        return person

    def revoke(self, *, now: datetime) -> str:
        """Close it. Return "", or why there was nothing left to close."""
        if Invite.objects.open(now).filter(pk=self.pk).update(revoked_at=now):
            return ""
        self.refresh_from_db()
        if self.used_at and self.person:
            return f"Too late: {isolated(self.person.name)} has chosen a new password with it."
        if self.used_at:
            return f"Too late: {isolated(self.used_by.name) if self.used_by else 'somebody'} has joined with it."
        return "The link had stopped working already."
