from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.urls import reverse

from studio.models.pictures.layers import Stack
from studio.models.pictures.split import Split, marked_as

# An export that is still not there after this has lost its worker: it can be asked for again.
STALLED_AFTER = timedelta(minutes=4)
# How long an export is kept for others who ask for the same.
KEPT_FOR = timedelta(hours=24)


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
