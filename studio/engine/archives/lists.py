"""What lies beside the pictures of a zip: how each was asked for, as JSON and as a table, and what is missing."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from studio.models import Picture
from studio.models.files.file_notes import inputs_told, look_told

COLUMNS = (
    *("file", "number", "name", "prompt", "person", "time", "type", "model", "ratio", "style", "look"),
    *("cost", "width", "height", "source", "references", "picture"),
)
# Control characters and ends of lines: a row stays one line.
ENDS = {"Cc", "Zl", "Zp"}
# A table program takes a cell that begins so for a formula (OWASP, CSV injection), in any width of the sign, and after
# what it leaves out: spaces of all kinds, and characters that nobody sees.
_FORMULA = frozenset("=+-@")


def facts_of(file: str, picture: Picture) -> dict[str, Any]:
    """Return how a picture was asked for; what does not hold of it is empty."""
    facts: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    facts |= {
        "file": file,
        "name": picture.original_name or picture.title,
        "person": picture.person.name,
        "time": timezone.localtime(picture.created_at).isoformat(timespec="seconds"),
        "width": picture.width,
        "height": picture.height,
        "references": [],
        "picture": str(picture.code),
    }
    if job := picture.job:
        submission = job.submission
        source, references = inputs_told(picture, submission)
        facts |= {
            "number": job.label,
            "prompt": submission.prompt,
            "type": submission.get_type_display(),
            "model": submission.model,
            "ratio": submission.aspect_ratio,
            "style": submission.style,
            "look": look_told(picture, submission),
            "cost": "0.00" if picture.is_kept else "" if job.price is None else str(job.price),
            "source": source,
            "references": references,
        }
    return facts


def as_json(rows: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    return as_table(COLUMNS, rows)


def as_table(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
    """Write a table that opens everywhere: UTF-8 with its mark, and no cell that is a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(columns)
    for row in rows:
        table.writerow([safe_cell(row[name]) for name in columns])
    return out.getvalue().encode("utf-8-sig", "replace")


def safe_cell(value: Any) -> str:
    """Write a value in one line, so that no table program takes it for a formula."""
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    text = "".join(" " if unicodedata.category(one) in ENDS else one for one in text)
    first = next((one for one in text if one.isprintable() and not one.isspace()), "")
    return f"'{text}" if unicodedata.normalize("NFKC", first)[:1] in _FORMULA else text


def skipped_words(taken: int, skipped: Sequence[tuple[str, str]]) -> bytes:
    heading = f"{taken:,} in this zip, {len(skipped):,} left out:\n\n"
    return (heading + "".join(f"{name}: {why}\n" for name, why in skipped)).encode("utf-8", "replace")
