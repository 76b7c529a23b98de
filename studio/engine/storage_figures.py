"""How much is stored and how much is free, measured by the queue and kept in rows."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet, Sum

from studio.models import Picture, Rendition, StorageFigure

Name = StorageFigure.Name


def measure(now: datetime) -> None:
    """Add up what the rows say of files, and ask the disk and the database. Reads every picture once."""
    for name, rows in ((Name.ORIGINALS, Picture.objects.exclude(file="")), (Name.SIZES, Rendition.objects.all())):
        total, number = _sum(rows)
        StorageFigure.put(name, total, number=number, now=now)
    StorageFigure.put(Name.TABLES, _tables(), now=now)
    disk = shutil.disk_usage(settings.STUDIO_DATA)
    StorageFigure.put(Name.DISK, disk.total, now=now)
    StorageFigure.put(Name.FREE, disk.free, now=now)


def _sum(rows: QuerySet[Picture] | QuerySet[Rendition]) -> tuple[int, int]:
    found = rows.aggregate(total=Sum("bytes"), number=Count("pk"))
    return found["total"] or 0, found["number"]


def _tables() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    files = (Path(f"{connection.settings_dict['NAME']}{ending}") for ending in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
