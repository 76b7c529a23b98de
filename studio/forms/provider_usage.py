"""What Luma's dashboard says of a day: typed as three fields, or pasted or uploaded as lines."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from django import forms

from studio.models import ProviderUsage, User

MOST_LINES = 400  # a year, and then some
MOST_BYTES = 100_000
MOST_PICTURES, MOST_COST = 10_000_000, Decimal(10_000_000)
LINE = "Line {number}: write a date, a number of pictures and dollars, such as 2026-11-27, 120, 5.28."
EMPTY = "Enter the figures of a day, or paste lines."
LATER = "Line {number}: this day hasn't begun yet."
TOO_MANY = "Paste at most {most} lines."
TOO_LARGE = "This file is larger than {most:,} bytes: a table of days is shorter."


class UsageForm(forms.Form):
    """One day, or many lines of `date, pictures, dollars`; a first line of words is skipped."""

    day = forms.CharField(required=False, max_length=40)
    pictures = forms.CharField(required=False, max_length=40)
    cost = forms.CharField(required=False, max_length=40)
    lines = forms.CharField(required=False, max_length=MOST_BYTES)
    file = forms.FileField(required=False, allow_empty_file=True)

    rows: list[tuple[date, int, Decimal]]

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        text = str(data.get("lines") or "")
        if file := data.get("file"):
            if file.size > MOST_BYTES:
                raise forms.ValidationError(TOO_LARGE.format(most=MOST_BYTES))
            text = file.read().decode("utf-8-sig", "replace").replace("\x00", "")
        self.rows = self._read(text) if text.strip() else []
        if not text.strip() and (data.get("pictures") or data.get("cost")):
            self.rows = [self._row(1, [data.get("day") or "", data.get("pictures") or "", data.get("cost") or ""])]
        if not self.rows and not self.errors:
            raise forms.ValidationError(EMPTY)
        return data

    def _read(self, text: str) -> list[tuple[date, int, Decimal]]:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(TOO_MANY.format(most=MOST_LINES))
        separator = next((one for one in "\t;" if one in lines[0]), ",")
        found = []
        for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
            if number == 1 and not re.search(r"\d", "".join(cells)):
                continue
            found.append(self._row(number, cells))
        return found

    def _row(self, number: int, cells: list[str]) -> tuple[date, int, Decimal]:
        try:
            day = date.fromisoformat(cells[0].strip())
            pictures = int(cells[1].strip().replace(",", ""))
            cost = Decimal(cells[2].strip().lstrip("$").replace(",", ""))
        except (ValueError, IndexError, InvalidOperation):
            raise forms.ValidationError(LINE.format(number=number)) from None
        if not (cost.is_finite() and 0 <= cost < MOST_COST and 0 <= pictures < MOST_PICTURES):
            raise forms.ValidationError(LINE.format(number=number))
        if day > datetime.now(UTC).date():
            raise forms.ValidationError(LATER.format(number=number))
        return day, pictures, cost.quantize(Decimal("0.0001"))

    def save(self, *, by: User, now: datetime) -> list[ProviderUsage]:
        """Store the figures; the newest of a day count from now on."""
        source = ProviderUsage.Source.TYPED
        return ProviderUsage.objects.bulk_create(
            ProviderUsage(day=day, pictures=pictures, cost=cost, source=source, person=by, at=now)
            for day, pictures, cost in self.rows
        )
