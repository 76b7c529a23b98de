from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from studio.models.account.session import end_sessions
from studio.text import names
from studio.text.names import isolated


class AccessRefused(Exception):
    """Why somebody's role or access stays as it is, as a sentence."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, name: str, password: str | None = None, **fields: Any) -> User:
        """Create a designer. Raises ValidationError for a name that cannot be taken."""
        person = self.model(name=name, **fields)
        person.email = self.normalize_email(person.email).lower() or None if person.email else None
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, name: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(name, password, role=User.Role.ADMIN, **fields)

    def change_access(self, pk: int, *, by: User, **changes: Any) -> User:
        """Change the role or the access of a person, one admin's change after the other's.

        Raises AccessRefused when `by` is no admin any more, when the person of a new role has no access any more, or when
        no admin would be left. On PostgreSQL the locks of
        all admins' rows put two changes in order, on SQLite the transaction itself does.
        """
        with transaction.atomic():
            admins = set(self.admins().select_for_update().order_by("pk").values_list("pk", flat=True))
            if by.pk not in admins:
                raise AccessRefused("You're not an admin any more, so nothing was changed.")
            person = self.select_for_update().get(pk=pk)
            if "role" in changes and not person.is_active:
                raise AccessRefused(
                    f"{isolated(person.name)} has no access any more, so the role stays. Give access back first."
                )
            for name, value in changes.items():
                setattr(person, name, value)
            if not (admins - {pk}) and not (person.is_admin and person.is_active):
                raise AccessRefused("This is the last admin. Make somebody else an admin first.")
            person.save(update_fields=list(changes))
            if not person.is_active:
                end_sessions(person.pk)
        return person

    def admins(self) -> models.QuerySet[User]:
        return self.filter(role=User.Role.ADMIN, is_active=True)

    def known_as(self, name_or_email: str) -> User | None:
        known = " ".join(unicodedata.normalize("NFKC", name_or_email).split())
        found = self.filter(models.Q(name__iexact=known) | models.Q(email__iexact=known)).order_by("pk")[:2]
        if not found and not known.isascii():
            # SQLite knows the case of ASCII alone.
            return next((u for u in self.all() if names.folded(u.name) == names.folded(known)), None)
        return found[0] if len(found) == 1 else next((u for u in found if u.name.lower() == known.lower()), None)

    def free_email(self, email: str, *, of: User | None = None) -> str:
        """Return an address in small letters, "" for none. Raises ValidationError when it is somebody else's."""
        found = email.lower()
        known = self.known_as(found) if found else None
        if known and known != of:
            raise ValidationError("Somebody in the team has this email address already.")
        return found

    def free_name(self, name: str, *, of: User | None = None) -> str:
        """Return a name in its one spelling. Raises ValidationError when it is somebody's, or looks like it is."""
        found = names.clean(name)
        others = self.exclude(pk=of.pk) if of else self.all()
        taken = names.like(found, others.values_list("name", flat=True))
        if taken and names.folded(taken) == names.folded(found):
            raise ValidationError("Someone on your team already uses this name.")
        if taken:
            raise ValidationError("Someone on your team uses a name that looks the same. Choose another.")
        return found


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the team. Everybody sees every picture; an admin also reviews failures and invites."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        DESIGNER = "designer", "Designer"
        ADMIN = "admin", "Admin"

    class Theme(models.TextChoices):
        SYSTEM = "system", "System"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    name = models.CharField(max_length=names.LONGEST)
    email = models.EmailField(blank=True, null=True)  # noqa: DJ001 - two people without an address must not collide
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.DESIGNER)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    # Files that this person downloads say nothing of their prompt and settings.
    has_plain_files = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    # Of a viewer: may approve and reject.
    may_decide = models.BooleanField(default=False)
    # What this person may ask for, and how much of it. An empty list of models, and a cap that is empty, mean the team's.
    models_allowed = models.JSONField(default=list, blank=True)
    may_search_web = models.BooleanField(default=True)
    may_split = models.BooleanField(default=True)
    cap_running = models.PositiveIntegerField(null=True, blank=True)
    cap_waiting = models.PositiveIntegerField(null=True, blank=True)
    cap_per_hour = models.PositiveIntegerField(null=True, blank=True)
    # In dollars: what may be spent in a day and in a month, and above what total a request waits for an admin's nod.
    cap_per_day = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    cap_per_month = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    asks_above = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    # Who looks after the work of a person who left, since when, and how much it was; `inherited` are the keys of the
    # people whose work this person looks after, also through others (studio.models.account.hand_over).
    handed_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    handed_at = models.DateTimeField(null=True)
    handed = models.JSONField(default=dict, blank=True)
    inherited = models.JSONField(default=list, blank=True)
    # Where to tell this person what: kind of notification -> ways.
    notify = models.JSONField(default=dict, blank=True)
    # The code of the board that the dock begins with, until another one is picked (studio.models.boards.dock_memory).
    dock_board = models.UUIDField(null=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # When a job of this person was last sent: the person served longest ago goes next.
    served_at = models.DateTimeField(null=True)

    objects = UserManager()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="person_name_is_unique"),
            models.UniqueConstraint(Lower("email"), name="person_email_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self._take_name()

    def save(self, **kwargs: Any) -> None:
        """Save. Whatever writes a new name, it passes the rules of names; raises ValidationError when it does not."""
        fields = kwargs.get("update_fields")
        if fields is None or "name" in fields:
            self._take_name()
        super().save(**kwargs)

    def _take_name(self) -> None:
        kept = User.objects.filter(pk=self.pk).values_list("name", flat=True).first() if self.pk else None
        if self.name != kept:
            self.name = User.objects.free_name(self.name, of=self if kept else None)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(names.one_spelling(raw_password) if raw_password else raw_password)

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(names.one_spelling(raw_password) if raw_password else raw_password)

    # ---- Whose work it is: one's own, and that of people who left and handed it over

    @property
    def owner_keys(self) -> list[int]:
        """The keys of the people whose work is this person's, their own first."""
        return [self.pk, *self.inherited]

    def owns(self, key: int | None) -> bool:
        """Whether the work of the person with this key is this person's."""
        return key == self.pk or key in self.inherited

    @property
    def keeper(self) -> User:
        """Who looks after this person's work: whom it was handed to, or the person."""
        found = self
        while found.handed_to:
            found = found.handed_to
        return found

    def owned(self, path: str = "person") -> models.Q:
        """What is this person's, as a condition on the foreign key at `path`."""
        return models.Q((f"{path}__in", self.owner_keys)) if self.inherited else models.Q((path, self.pk))

    def get_short_name(self) -> str:
        return self.name.split()[0]

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return names.initials(self.name)

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def can_make(self) -> bool:
        """Whether they may spend, keep, change and delete: everybody but a viewer."""
        return self.role != self.Role.VIEWER

    @property
    def can_decide(self) -> bool:
        """Whether they may approve and reject pictures."""
        return self.can_make or self.may_decide

    @property
    def role_mark(self) -> str:
        """What an open page was drawn for, as far as the role goes: another one later says so there."""
        return f"{self.role}{'-decides' if not self.can_make and self.may_decide else ''}"

    @property
    def is_staff(self) -> bool:
        return self.is_admin and self.is_active

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
