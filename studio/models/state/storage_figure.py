from __future__ import annotations

from datetime import datetime

from django.db import models


class StorageFigure(models.Model):
    """How many bytes something takes, as measured by the queue now and then; no page adds them up."""

    class Name(models.TextChoices):
        ORIGINALS = "originals", "Originals"
        SIZES = "sizes", "Smaller sizes"
        TABLES = "tables", "Tables"
        DISK = "disk", "Whole disk"
        FREE = "free", "Free"

    name = models.CharField(max_length=20, choices=Name.choices, primary_key=True)
    bytes = models.BigIntegerField()
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.bytes} bytes"

    @classmethod
    def put(cls, name: StorageFigure.Name, bytes: int, *, number: int = 0, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"bytes": bytes, "number": number, "at": now})
