from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

# Names of originals and renditions hold the sha256 of the original (studio/storage.py).
CONTENT = re.compile(r"(originals|renditions)/.*/([0-9a-f]{64})[.-]", re.ASCII)


class DiscardedFile(models.Model):
    """A file of storage to be deleted, written in the transaction that takes away the row it belonged to.

    So a worker that is killed between the two leaves no bytes behind. What another row still needs is not deleted.
    """

    name = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="discarded_files_by_age")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def discard(cls, names: set[str]) -> None:
        """Note files whose rows go in this transaction."""
        DiscardedFile.objects.bulk_create([DiscardedFile(name=name) for name in names if name], ignore_conflicts=True)

    @property
    def is_needed(self) -> bool:
        """Whether a row of a picture, an export, a split, a comparison or a zip still names the file."""
        if known := CONTENT.match(self.name):
            # By the content, which has an index.
            if known[1] == "originals":
                rows = _rows("Picture").filter(sha256=known[2], file=self.name)
            else:
                rows = _rows("Rendition").filter(picture__sha256=known[2], file=self.name)
            return bool(rows.exists())
        return any(
            _rows(model).filter(**{field: self.name}).exists()
            for model, field in (
                ("Comparison", "difference"),
                ("Comparison", "numbers"),
                ("Split", "together_file"),
                ("Split", "difference_file"),
                ("LayersExport", "file"),
            )
        )


def _rows(model: str) -> Any:
    return apps.get_model("studio", model)._default_manager
