from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from studio.models.job import Job
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.pictures.layers import OPAQUE, Placed, Stack, label_of, plain_name, proof_address, stack
from studio.models.search.document import SearchDocument


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
        """Name a layer, as `layers.plain_name` reads it; an empty name gives it back the one Luma gave."""
        name = plain_name(name)
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


def marked_as(layers: Sequence[Placed]) -> str:
    """The source type of a file of these layers: a composite when one of them is."""
    found = {layer.picture.marked_as for layer in layers}
    return next((kind for kind in (Picture.SourceType.COMPOSITE, Picture.SourceType.TRAINED) if kind in found), "")
