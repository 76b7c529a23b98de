from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from studio.models.job import Job
from studio.models.layers import LONGEST_NAME, OPAQUE, Placed, Stack, label_of, proof_address, stack
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.search_document import SearchDocument

# An export that is still not there after this has lost its worker: it can be asked for again.
STALLED_AFTER = timedelta(minutes=4)
# How long an export is kept for others who ask for the same.
KEPT_FOR = timedelta(hours=24)


class Split(models.Model):
    """How a team arranges the layers of one finished job, and how far they match the picture they were cut from."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="split")
    # Front first: the position of each layer among the outputs, and its name, opacity (per cent), hidden and content
    # (the key of an edit in its place), where somebody changed them.
    arrangement = models.JSONField(default=list, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    # All layers at 100 % against the source, of 255; measured once, by the CPU queue.
    average = models.FloatField(null=True)
    greatest = models.PositiveSmallIntegerField(null=True)
    # WebP: all layers together, and the difference, 16 times stronger.
    together_file = models.CharField(max_length=200, blank=True)
    difference_file = models.CharField(max_length=200, blank=True)
    compare_due_at = models.DateTimeField(null=True)
    compare_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            # What still has to be compared.
            models.Index(
                fields=["compare_due_at"], name="splits_to_compare", condition=models.Q(compare_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Layers of {self.job_id}"

    def get_absolute_url(self) -> str:
        return reverse("studio:layers", args=[self.job.code])

    @classmethod
    def of(cls, job: Job) -> Split:
        """The split of a finished job, made when it is first asked for."""
        return cls.objects.get_or_create(job=job, defaults={"compare_due_at": timezone.now()})[0]

    @cached_property
    def stack(self) -> Stack:
        keys = [entry["content"] for entry in self.arrangement if entry.get("content")]
        contents = Picture.objects.filter(layer_of__in=self.pictures).prefetch_related("renditions").in_bulk(keys)
        return stack(self.pictures, self.arrangement, contents if keys else {})

    @cached_property
    def pictures(self) -> list[Picture]:
        return list(
            self.job.pictures.of_luma()
            .order_by("position")
            .select_related("job__submission")
            .prefetch_related("renditions")
        )

    def may_change(self, person: User) -> bool:
        """Whoever asked for the split arranges it, and an admin; everybody else looks and exports."""
        return person.can_make and (person.is_admin or person.owns(self.job.person_id))

    @property
    def is_compared(self) -> bool:
        return self.average is not None

    @property
    def matches(self) -> bool:
        """Whether nobody sees the layers and the original apart: up to 1 of 255 on average."""
        return self.average is not None and self.average <= 1

    @property
    def source(self) -> Picture | None:
        return self.job.submission.source

    @property
    def marked_as(self) -> str:
        """The source type of all layers together."""
        return marked_as(self.stack.layers)

    @property
    def together_address(self) -> str:
        return proof_address(self.job.code, "together", self.together_file)

    @property
    def difference_address(self) -> str:
        return proof_address(self.job.code, "difference", self.difference_file)

    # ---- Verbs: False where nothing changed

    def rename(self, position: int, name: str, *, by: User) -> bool:
        """Name a layer; an empty name gives it back the one Luma gave."""
        name = " ".join("".join(letter if letter >= " " else " " for letter in name).split())[:LONGEST_NAME]
        with transaction.atomic():
            changed = self._change(position, {"name": name}, by=by)
            if changed:
                SearchDocument.write_for(self.job)
        return changed

    def fade(self, position: int, opacity: int, *, by: User) -> bool:
        return self._change(position, {"opacity": max(0, min(OPAQUE, opacity))}, by=by)

    def hide(self, position: int, hidden: bool, *, by: User) -> bool:
        return self._change(position, {"hidden": hidden}, by=by)

    def put(self, position: int, content: Picture | None, *, by: User) -> bool:
        """Show an edit in a layer's place, or with None the layer as Luma made it; all together is compared anew."""
        with transaction.atomic():
            if not self._change(position, {"content": content.pk if content else 0}, by=by):
                return False
            self.average = self.greatest = None
            self.compare_due_at, self.compare_tries = timezone.now(), 0
            self.save(update_fields=["average", "greatest", "compare_due_at", "compare_tries"])
        return True

    def show_all(self, *, by: User) -> bool:
        with self._locked() as entries:
            fresh = [entry | {"hidden": False} for entry in entries]
            return self._save(fresh, by)

    def move(self, position: int, to: int, *, by: User) -> bool:
        """Put a layer at place `to`, counted from the front."""
        with self._locked() as entries:
            moved = next((entry for entry in entries if entry["position"] == position), None)
            if moved is None:
                return False
            rest = [entry for entry in entries if entry is not moved]
            at = max(0, min(len(rest), to))
            return self._save([*rest[:at], moved, *rest[at:]], by)

    # ---- Privates

    def _change(self, position: int, change: dict[str, Any], *, by: User) -> bool:
        with self._locked() as entries:
            if all(entry["position"] != position for entry in entries):
                return False
            fresh = [entry | change if entry["position"] == position else entry for entry in entries]
            # Without content of its own an entry is as before there was any.
            kept = [{key: value for key, value in one.items() if key != "content" or value} for one in fresh]
            return self._save(kept, by)

    @contextmanager
    def _locked(self) -> Iterator[list[dict[str, Any]]]:
        """Give the arrangement as it is now, with every layer in it, while its row is locked."""
        with transaction.atomic():
            self.arrangement = Split.objects.select_for_update().get(pk=self.pk).arrangement
            self.__dict__.pop("stack", None)
            yield [_entry(layer) for layer in self.stack.layers]

    def _save(self, entries: list[dict[str, Any]], by: User) -> bool:
        if entries == self.arrangement:
            return False
        self.arrangement = entries
        self.changed_by, self.changed_at = by, timezone.now()
        self.save(update_fields=["arrangement", "changed_by", "changed_at"])
        self.__dict__.pop("stack", None)
        return True


def _entry(layer: Placed) -> dict[str, Any]:
    name = "" if layer.label == label_of(layer.own) else layer.label
    entry = {"position": layer.position, "name": name, "opacity": layer.opacity, "hidden": layer.hidden}
    return entry | {"content": layer.picture.pk} if layer.is_edited else entry


class LayersExport(models.Model):
    """A file made of a split by the CPU queue: one for all who ask for the same, kept for a day.

    waiting ──> making ──> done
                   └─────> failed
    """

    class Kind(models.TextChoices):
        PSD = "psd", "PSD"
        ORA = "ora", "OpenRaster"
        ZIP = "zip", "Zip of PNGs"
        # One layer with its alpha: cut to what shows of it, or at its place on the whole canvas.
        TRIMMED = "trimmed", "PNG, trimmed"
        PLACED = "placed", "PNG, in place"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MAKING = "making", "Making"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    split = models.ForeignKey(Split, on_delete=models.CASCADE, related_name="exports", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # What it is made of: the arrangement at that moment, and for a cut-out its layer.
    plan = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(max_length=300, blank=True)
    file = models.CharField(max_length=200, blank=True)
    bytes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["split", "digest"], name="one_export_of_each_arrangement")]
        # What is old enough to be thrown away.
        indexes = [models.Index(fields=["asked_at"], name="exports_by_age")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.split_id}"

    def get_absolute_url(self) -> str:
        return reverse("studio:layers_export", args=[self.code])

    @classmethod
    def ask(
        cls, split: Split, kind: str, *, now: datetime, with_hidden: bool = True, position: int | None = None
    ) -> tuple[LayersExport, bool]:
        """Return the export of the layers as they are arranged now, and whether it has to be made."""
        plan = export_plan(split.stack, kind, with_hidden=with_hidden, position=position)
        digest = _digest(plan)
        fresh = {"kind": kind, "plan": plan, "asked_at": now}
        with transaction.atomic():
            found, is_new = cls.objects.select_for_update().get_or_create(split=split, digest=digest, defaults=fresh)
            if not is_new and (found.is_ready or found.is_under_way(now)):
                return found, False
            found.state, found.asked_at, found.sentence, found.tries = cls.State.WAITING, now, "", 0
            found.save(update_fields=["state", "asked_at", "sentence", "tries"])
        return found, True

    @classmethod
    def sizes(cls, split: Split, kinds: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Return how large a file of each kind is, in bytes, with every layer; and whether that is exact.

        Exact is what lies ready. Else: a zip has the layers' own files in it, OpenRaster as much again for the picture
        they make; a PSD packs loosely, and measured splits came to 5 to 7 bytes for each pixel of the canvas.
        """
        shown = split.stack
        digests = {_digest(export_plan(shown, kind)): kind for kind in kinds}
        ready = cls.objects.filter(split=split, digest__in=digests, state=cls.State.DONE)
        exact = {digests[digest]: size for digest, size in ready.values_list("digest", "bytes")}
        layers = sum(layer.picture.bytes for layer in shown.layers)
        guess = {cls.Kind.ZIP: layers, cls.Kind.ORA: 2 * layers, cls.Kind.PSD: 6 * shown.width * shown.height}
        return {
            kind: (exact[kind], True) if kind in exact else (guess.get(cls.Kind(kind), layers), False) for kind in kinds
        }

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.DONE

    def is_under_way(self, now: datetime) -> bool:
        """Whether a worker has it, or will: one that is asked for too long ago has lost it."""
        return self.state in {self.State.WAITING, self.State.MAKING} and self.asked_at > now - STALLED_AFTER

    @property
    def ending(self) -> str:
        return {"trimmed": "png", "placed": "png"}.get(self.kind, self.kind)


def _digest(plan: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def marked_as(layers: Sequence[Placed]) -> str:
    """The source type of a file of these layers: a composite when one of them is."""
    found = {layer.picture.marked_as for layer in layers}
    return next((kind for kind in (Picture.SourceType.COMPOSITE, Picture.SourceType.TRAINED) if kind in found), "")


def export_plan(shown: Stack, kind: str, *, with_hidden: bool = True, position: int | None = None) -> dict[str, Any]:
    """Say what an export is made of: the canvas and its layers, front first."""
    layers: Iterable[Any] = shown.layers
    if position is not None:
        layers = [layer for layer in layers if layer.position == position]
    elif not with_hidden:
        layers = [layer for layer in layers if not layer.hidden]
    layers = list(layers)
    return {
        "kind": kind,
        "marked_as": marked_as(layers),
        "width": shown.width,
        "height": shown.height,
        "layers": [
            {
                "picture": layer.picture.pk,
                "content": layer.picture.sha256,
                "name": layer.label,
                "x": layer.x,
                "y": layer.y,
                "width": layer.width,
                "height": layer.height,
                "opacity": layer.opacity,
                "hidden": layer.hidden,
            }
            for layer in layers
        ],
    }
