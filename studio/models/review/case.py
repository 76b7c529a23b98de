"""A failed or unknown job as a case of Review: its status, and what admins note about it."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from studio.models.jobs.change import Changes
from studio.models.jobs.failure import NO_CASE
from studio.models.jobs.queries import named_people
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.sql.compiled_query import KEYS, CompiledQuery
from studio.text import mentions, names
from studio.text.names import isolated

LONGEST = 300  # characters of a note
MOST_NOTES = 3  # the newest of a case that its row shows
MOST_SHOWN = 50  # on the page of a job
EMPTY = "Write the note first."
TOO_LONG = "Shorten the note to {most} characters: it has {has}."


class Status(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"


class CaseVerbs(Changes):
    """What an admin decides about a case. False: it is another's decision by now, or not the end that was seen."""

    settled_as: Any
    acknowledged_at: Any

    @property
    def case_status(self) -> Status:
        """Open, acknowledged or resolved; what was written off is resolved too."""
        if self.settled_at:
            return Status.RESOLVED
        return Status.ACKNOWLEDGED if self.acknowledged_at else Status.OPEN

    def set_case_status(self, status: str, *, by: User, now: datetime) -> bool:
        """Give the case a status (`Status`). Resolving settles it: nothing is sent, and a place it held is free."""
        seen = self._rows().failures().filter(attempts=self.attempts, finished_at=self.finished_at)
        if status == Status.RESOLVED:
            put_away = {"dismissed_at": now} if by.pk == self.person_id else {}
            settled = {"settled_at": now, "settled_by": by, "settled_as": Status.RESOLVED.value, "place_until": None}
            return self._set(seen.open_cases(), settled | put_away)
        if status == Status.ACKNOWLEDGED:
            unseen = seen.filter(models.Q(acknowledged_at=None) | models.Q(settled_at__isnull=False))
            return self._set(unseen, {**NO_CASE, "acknowledged_at": now, "acknowledged_by": by})
        closed = seen.filter(models.Q(acknowledged_at__isnull=False) | models.Q(settled_at__isnull=False))
        return self._set(closed, NO_CASE.copy())


def clean(text: str) -> str:
    """Return a note as it is stored, in one line. Raises ValidationError with a sentence."""
    plain = text.encode(errors="ignore").decode()
    kept = " ".join("".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in plain).split())
    if names.is_blank(kept):
        raise ValidationError(EMPTY)
    if len(kept) > LONGEST:
        raise ValidationError(TOO_LONG.format(most=LONGEST, has=f"{len(kept):,}"))
    return kept


class CaseNote(models.Model):
    """One line that an admin noted about a case. Its owner reads it only where it was told."""

    job = models.ForeignKey("Job", on_delete=models.CASCADE, related_name="notes", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=LONGEST)
    at = models.DateTimeField(default=timezone.now)
    # Whoever asked for the picture reads it too.
    is_told = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["job", "-at", "-id"], name="notes_of_a_case")]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def write(cls, job: Any, text: str, *, by: User, is_told: bool = False, now: datetime) -> CaseNote:
        """Note something about a case and notify whom it names with @: admins, and its owner, who may then read it.

        Raises ValidationError with a sentence.
        """
        words = clean(text)
        readers = {**dict(User.objects.admins().values_list("pk", "name")), job.person_id: job.person.name}
        named = {one.person for one in mentions.named(words, readers)}
        told = is_told or job.person_id in named
        with transaction.atomic():
            # Open pages of the job show it.
            type(job).objects.filter(pk=job.pk).update(rev=Revision.bump())
            note = cls.objects.create(job=job, person=by, text=words, is_told=told, at=now)
            notifications = apps.get_model("studio", "Notification")
            kinds = notifications.Kind
            for person in User.objects.filter(pk__in=named | ({job.person_id} if told else set()), is_active=True):
                kind = kinds.MENTION if person.pk in named else kinds.CHANGE
                said = "mentioned you" if person.pk in named else "noted"
                where = job.get_absolute_url() if person.pk == job.person_id else job.review_url
                notifications.tell(person, kind, f"{said} about {job.label}: “{isolated(words)}”", where, actor=by)
        return note

    @classmethod
    def seen_by(cls, person: User, job: Any) -> list[CaseNote]:
        """Return the newest notes about a job that a person may read: an admin all, its owner what was told."""
        rows = cls.objects.filter(job=job).select_related("person").order_by("-at", "-pk")
        if not person.is_admin:
            rows = rows.filter(is_told=True) if job.person_id == person.pk else rows.none()
        return list(rows[:MOST_SHOWN])


def load_notes(jobs: list[Any], known: dict[int, User]) -> None:
    """Fill in the newest `case_notes` of each job, in one query, and one more for people who are not `known`."""
    by_key: dict[int, list[CaseNote]] = {}
    for job in jobs:
        job.case_notes = by_key.setdefault(job.pk, [])
    found = _NOTES(list(by_key)) if by_key else []
    if others := {note.person_id for note in found} - known.keys():
        known |= named_people(others)
    for note in found:
        note.person = known[note.person_id]
        if len(by_key[note.job_id]) < MOST_NOTES:
            by_key[note.job_id].append(note)


_NOTES = CompiledQuery(
    lambda keys: CaseNote.objects.filter(job_id__in=keys).order_by("-at", "-pk")[:500], KEYS, is_steady=True
)
