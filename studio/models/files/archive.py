"""Many pictures as one zip, which is worked out by the CPU queue and read from the pictures' own files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from studio.models.people import User
from studio.models.picture import Picture, PictureQuerySet

MOST_PICTURES = 2_000
MOST_TRIES = 5
# A worker writes down how far it is more often than this; after it, another one goes on.
STALLED_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def of(self, person: User) -> ArchiveQuerySet:
        """Those that a person may see: nobody else's."""
        return self.filter(person=person)

    def under_way(self) -> ArchiveQuerySet:
        return self.filter(state__in=[Archive.State.WAITING, Archive.State.MAKING])

    def stalled(self, now: datetime) -> ArchiveQuerySet:
        return self.under_way().filter(touched_at__lt=now - STALLED_AFTER)


class Archive(models.Model):
    """A zip of pictures that one person asked for; kept for a week.

    chosen ──> waiting ──> making ──> done
                              └─────> failed ──> waiting
    """

    class State(models.TextChoices):
        CHOSEN = "chosen", "Chosen"
        WAITING = "waiting", "Waiting"
        MAKING = "making", "Making"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Size(models.TextChoices):
        ORIGINAL = "original", "Originals"
        WEB = "web", "Web size"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="archives")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOSEN)
    # Keys of pictures, in their order; and what was chosen that is none: what it is called, and why it is left out.
    pictures = models.JSONField(default=list)
    left_out = models.JSONField(default=list)

    size = models.CharField(max_length=10, choices=Size.choices, default=Size.ORIGINAL)
    # Whether each file says what it was asked for with, and whether a list beside them does.
    has_settings = models.BooleanField(default=True)
    has_list = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    # When a worker was last heard of.
    touched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # Why it could not be made or, of one that is done, could not be opened when it was last asked for.
    sentence = models.CharField(max_length=300, blank=True)

    # What is in it once it is done, and the file that says where its bytes are.
    taken = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)

    # A part of an export of everything: its number there, and what lies in it beside the pictures.
    export = models.ForeignKey("DataExport", on_delete=models.CASCADE, null=True, related_name="parts")
    number = models.PositiveIntegerField(default=0)
    section = models.JSONField(default=dict, blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        indexes = [
            # What is old enough to be thrown away.
            models.Index(fields=["created_at"], name="archives_by_age"),
            # What a worker may have lost.
            models.Index(fields=["state", "touched_at"], name="archives_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} zip of {len(self.pictures)}"

    def get_absolute_url(self) -> str:
        return reverse("studio:archive", args=[self.code])

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.MAKING}

    @property
    def may_start(self) -> bool:
        return self.state in {self.State.CHOSEN, self.State.FAILED}

    @property
    def chosen(self) -> int:
        return len(self.pictures) + len(self.left_out)

    @property
    def expires_at(self) -> datetime:
        return self.created_at + KEPT_FOR

    @property
    def hidden(self) -> int:
        """How many pictures of it have become somebody else's private ones since they were chosen."""
        return self._count(Picture.objects.filter(is_private=True).exclude(person=self.person_id))

    @property
    def trashed(self) -> int:
        """How many others of it are in the trash, or were deleted."""
        seen = Picture.objects.filter(Q(is_private=False) | Q(person=self.person_id))
        return self._count(seen.filter(trashed_at__isnull=False))

    def _count(self, rows: PictureQuerySet) -> int:
        keys = self.pictures
        return sum(rows.filter(pk__in=keys[at : at + 500]).count() for at in range(0, len(keys), 500))

    def note_opening(self, sentence: str = "") -> None:
        """Write down why it could not be opened, so that its page says so without looking at the files; "" if it could."""
        if sentence != self.sentence:
            Archive.objects.filter(pk=self.pk, state=self.State.DONE).update(sentence=sentence)

    # ---- Verbs: False where somebody was first

    def anew(self) -> Archive:
        """The same once more, to be started: what may not be in it any more is left out when it is made."""
        return Archive.choose(self.person, self.pictures, self.left_out)

    @classmethod
    def choose(cls, person: User, pictures: Iterable[int], left_out: Iterable[tuple[str, str]]) -> Archive:
        return cls.objects.create(person=person, pictures=list(pictures), left_out=[list(one) for one in left_out])

    def start(self, *, size: str, has_settings: bool, has_list: bool, now: datetime) -> bool:
        fresh = {"size": size, "has_settings": has_settings, "has_list": has_list}
        waiting = Archive.objects.filter(pk=self.pk, state__in=[self.State.CHOSEN, self.State.FAILED])
        return bool(waiting.update(state=self.State.WAITING, touched_at=now, tries=0, done=0, sentence="", **fresh))

    def begin(self, *, now: datetime, is_new_try: bool) -> bool:
        """Take it up; count a try unless it only goes on with the next slice."""
        tries = F("tries") + 1 if is_new_try else F("tries")
        return self._change(state=self.State.MAKING, touched_at=now, tries=tries)

    def note_progress(self, done: int, *, now: datetime) -> bool:
        # Tries count only while nothing comes of them.
        return self._change(done=done, touched_at=now, tries=1)

    def finish(
        self, *, file: str, size: int, taken: int, pictures: list[int], left_out: list[tuple[str, str]], now: datetime
    ) -> bool:
        """From here on `pictures` are those that are in it: what happens to the others closes it to nobody."""
        facts: dict[str, object] = {"file": file, "bytes": size, "taken": taken, "skipped": len(left_out)}
        facts |= {"pictures": pictures, "left_out": left_out, "done": taken + len(left_out)}
        return self._change(state=self.State.DONE, finished_at=now, **facts)

    def fail(self, sentence: str, *, now: datetime) -> bool:
        return self._change(state=self.State.FAILED, sentence=sentence, finished_at=now)

    def _change(self, **fields: object) -> bool:
        return bool(Archive.objects.under_way().filter(pk=self.pk).update(**fields))
