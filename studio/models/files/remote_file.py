from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models

from studio.models.picture import Picture

# A file that was ready is asked about again before a paid request names it, unless it was seen so lately.
SEEN_LATELY = timedelta(minutes=5)
# Luma may delete a file when its time is over; one that ends so soon is uploaded anew.
ENDS_SOON = timedelta(minutes=10)
# Where Luma takes no file, the bytes travel with the request; after so long a file is tried again.
REST = timedelta(minutes=10)
# A refusal is Luma's judgement of the picture, which it may change.
REFUSED_FOR = timedelta(hours=24)
MOST_TRIES = 2
# The longest wait that Luma is believed before the second try: somebody is waiting for the picture.
ROOM = timedelta(seconds=30)
# How long Luma may take to check a file before the bytes are sent instead.
LONGEST_CHECK = timedelta(seconds=60)


def refused_sentence(named: str, reason: str) -> str:
    """Say that Luma refused the pictures `named`, in its own words, and what to do."""
    why = f": {reason.rstrip('.')}" if reason else ""
    return f"Luma refused {named}{why}. Choose another picture."


class RemoteFileQuerySet(models.QuerySet["RemoteFile"]):
    def due(self, now: datetime) -> RemoteFileQuerySet:
        """Those to be uploaded or asked about now."""
        return self.filter(look_at__lte=now)

    def refused(self, pictures: Iterable[Picture], *, provider: str, now: datetime) -> RemoteFileQuerySet:
        """What Luma has lately refused of these pictures."""
        return self.filter(
            picture__in=list(pictures),
            provider=provider,
            state=RemoteFile.State.REFUSED,
            checked_at__gt=now - REFUSED_FOR,
        )


class RemoteFile(models.Model):
    """A stored picture in Luma's Files API (luma-api.md section 11): uploaded once, named by many requests.

    Uploading costs nothing, so whatever goes wrong is tried again, and in the end the bytes are sent instead.
    """

    class State(models.TextChoices):
        WANTED = "wanted", "To be uploaded"
        PENDING = "pending", "Uploaded, being checked by Luma"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused by Luma"
        UNAVAILABLE = "unavailable", "Not taken; the bytes are sent instead"

    class Purpose(models.TextChoices):
        INPUT = "input", "Main subject"
        REFERENCE = "reference", "Guidance"

    UNDER_WAY = (State.WANTED, State.PENDING)

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="remote_files", db_index=False)
    # The API's address: the ids of another one mean nothing.
    provider = models.CharField(max_length=200)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WANTED)
    file_id = models.CharField(max_length=64, blank=True)
    # Luma's own words about a refusal.
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    uploaded_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # When it is uploaded or asked about; empty once that is settled.
    look_at = models.DateTimeField(null=True)

    objects = RemoteFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "provider", "purpose"], name="one_remote_file_for_each_purpose")
        ]
        indexes = [models.Index(fields=["look_at"], name="remote_files_under_way")]

    def __str__(self) -> str:
        return f"{self.picture_id} as {self.purpose}: {self.state}"

    @classmethod
    def wanted(cls, picture: Picture, *, provider: str, purpose: str, now: datetime) -> RemoteFile:
        """Return the row of this picture, which is put to work where it is missing, old or may be tried again."""
        row, _ = cls.objects.get_or_create(
            picture=picture, provider=provider, purpose=purpose, defaults={"state": cls.State.WANTED, "look_at": now}
        )
        if row._is_stale(now):
            row._save(state=cls.State.PENDING, look_at=now, uploaded_at=now)
        elif row._may_be_tried_again(now):
            row.want(now=now, tries=0)
        return row

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    # ---- What became of it

    def want(self, *, now: datetime, tries: int | None = None) -> None:
        """Upload it, or upload it again: Luma has it no more."""
        self._save(
            state=self.State.WANTED, file_id="", reason="", look_at=now, tries=self.tries if tries is None else tries
        )

    def uploaded(self, file_id: str, *, expires_at: datetime | None, now: datetime) -> None:
        """Keep Luma's id; whether it may be used is asked next."""
        self._save(
            state=self.State.PENDING, file_id=file_id, expires_at=expires_at, uploaded_at=now, look_at=now, reason=""
        )

    def lost(self, *, now: datetime) -> None:
        """Luma has it no more: upload it again, once."""
        if self.tries + 1 >= MOST_TRIES:
            self.give_up(now=now)
        else:
            self.want(now=now, tries=self.tries + 1)

    def became_ready(self, *, expires_at: datetime | None, now: datetime) -> None:
        self._save(state=self.State.READY, expires_at=expires_at, checked_at=now, look_at=None, tries=0)

    def refuse(self, reason: str, *, now: datetime) -> None:
        """Luma took the bytes and will not use the picture."""
        self._save(state=self.State.REFUSED, reason=reason[:300], checked_at=now, look_at=None)

    def miss(self, *, now: datetime, wait: timedelta) -> None:
        """It did not work this time: again after `wait`, or, the second time, not at all for a while."""
        tries = self.tries + 1
        if tries >= MOST_TRIES:
            self.give_up(now=now)
        else:
            self._save(tries=tries, look_at=now + wait)

    def give_up(self, *, now: datetime) -> None:
        """Send the bytes instead."""
        self._save(state=self.State.UNAVAILABLE, file_id="", checked_at=now, look_at=None)

    @classmethod
    def distrust(cls, pictures: Iterable[int], *, provider: str, now: datetime) -> None:
        """A request that named these files was refused: the next one carries the bytes."""
        rows = cls.objects.filter(picture_id__in=list(pictures), provider=provider, state=cls.State.READY)
        rows.update(state=cls.State.UNAVAILABLE, file_id="", checked_at=now)

    def _is_stale(self, now: datetime) -> bool:
        ends_soon = self.expires_at is not None and self.expires_at < now + ENDS_SOON
        return self.is_ready and (ends_soon or not self._was_checked_within(SEEN_LATELY, now))

    def _may_be_tried_again(self, now: datetime) -> bool:
        if self.state == self.State.UNAVAILABLE:
            return not self._was_checked_within(REST, now)
        return self.is_refused and not self._was_checked_within(REFUSED_FOR, now)

    def _was_checked_within(self, span: timedelta, now: datetime) -> bool:
        """Whether it was, by a clock that may have been set back since."""
        return self.checked_at is not None and now - span < self.checked_at <= now

    def _save(self, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        type(self).objects.filter(pk=self.pk).update(**fields)
