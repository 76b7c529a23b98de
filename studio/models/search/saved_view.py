from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from studio.models.account.notification import LONGEST, Notification
from studio.models.people import User
from studio.models.revision import Revision
from studio.text.names import isolated

MOST_SHOWN = 100


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, person: User) -> SavedViewQuerySet:
        """The team's, and the person's own."""
        return self.filter(Q(is_team=True) | person.owned()) if person.is_active else self.none()


class SavedView(models.Model):
    """A search of the gallery under a name."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    name = models.CharField(max_length=80)
    # What follows the ? of the gallery's address.
    query = models.CharField(max_length=6000)
    is_team = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_saved_view_for_each_name")]
        indexes = [models.Index(fields=["is_team"], name="saved_views_of_the_team", condition=Q(is_team=True))]

    def __str__(self) -> str:
        return self.name

    def may_delete(self, person: User) -> bool:
        """Whether the person may: who saved it, and an admin for what the whole team sees."""
        return person.owns(self.person_id) or (self.is_team and person.is_admin)

    @classmethod
    def save_as(cls, person: User, *, name: str, query: str, is_team: bool) -> SavedView:
        """Save a search; one that the person saved under the same name gives way. Open pages learn of it."""
        with transaction.atomic():
            Revision.bump()
            fields = {"query": query, "is_team": is_team}
            return cls.objects.update_or_create(person=person, name=name, defaults=fields)[0]

    def remove(self, *, by: User) -> None:
        """Forget it; no picture goes with it. Whose it was is told, where an admin removes it."""
        with transaction.atomic():
            Revision.bump()
            gallery, asked = reverse("studio:gallery"), f"?{self.query}"
            address = gallery if len(gallery + asked) > LONGEST else gallery + asked
            text = f"removed your view “{isolated(self.name)}”"
            Notification.tell(self.person, Notification.Kind.CHANGE, text, address, actor=by)
            self.delete()
