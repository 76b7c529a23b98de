"""What Luma's dashboard says of a day: typed as three fields, or pasted or uploaded as lines."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal

from django import forms

from studio.forms import amounts
from studio.forms.files.fields import problems
from studio.models import ProviderUsage, User

MOST_LINES = 400  # a year, and then some
MOST_BYTES = 100_000
MOST_PICTURES, MOST_COST = 9_999_999, Decimal(9_999_999)
COLUMNS = ("date", "pictures", "dollars")
LINE = "Line {number}: write a date, a number of pictures and dollars, such as 2026-11-27, 120, 5.28."
TOO_EXACT = "Line {number}: write dollars with at most four decimals, such as 5.2836."
TWICE = "Line {number}: the day {day} stands in an earlier line too. Leave one of them."
EMPTY = "Enter the figures of a day, or paste lines."
EARLIEST = date(2020, 1, 1)
EARLIER = "Line {number}: {day} is long before Luma. Check its year."
LATER = "Line {number}: this day hasn't begun yet."
TOO_MANY = "Paste at most {most} lines."
TOO_LARGE = "This file is larger than {most:,} bytes: a table of days is shorter."


NO_TABLE = f"Paste lines of text, at most {MOST_BYTES:,} characters."


def _cell() -> forms.CharField:
    wrong = dict.fromkeys(("max_length", "null_characters_not_allowed"), LINE.format(number=1))
    return forms.CharField(required=False, max_length=40, error_messages=wrong)


class UsageForm(forms.Form):
    """One day, or many lines of `date, pictures, dollars`; a first line of words is skipped."""

    day = _cell()
    pictures = _cell()
    cost = _cell()
    lines = forms.CharField(
        required=False,
        max_length=MOST_BYTES,
        error_messages=dict.fromkeys(("max_length", "null_characters_not_allowed"), NO_TABLE),
    )
    file = forms.FileField(required=False, allow_empty_file=True)

    rows: list[tuple[date, int, Decimal]]

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        text = str(data.get("lines") or "").removeprefix("\ufeff")
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

    @property
    def problems(self) -> list[str]:
        """What is wrong, each sentence once."""
        return problems(self)

    def _read(self, text: str) -> list[tuple[date, int, Decimal]]:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(TOO_MANY.format(most=MOST_LINES))
        separator = next((one for one in "\t;" if one in lines[0]), ",")
        found: list[tuple[date, int, Decimal]] = []
        for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
            if number == 1 and not re.search(r"\d", "".join(cells)):
                continue
            row = self._row(number, cells)
            if any(row[0] == day for day, _, _ in found):
                raise forms.ValidationError(TWICE.format(number=number, day=row[0]))
            found.append(row)
        return found

    def _row(self, number: int, cells: list[str]) -> tuple[date, int, Decimal]:
        try:
            # 5,28 of a table with commas between its cells is two cells: it would be taken for 5 dollars.
            if any(cell.strip() for cell in cells[len(COLUMNS) :]):
                raise ValueError
            day = date.fromisoformat(cells[0].strip())
            pictures = amounts.whole(cells[1], most=MOST_PICTURES)
            cost = amounts.dollars(cells[2], most=MOST_COST)
        except amounts.TooManyPlaces:
            raise forms.ValidationError(TOO_EXACT.format(number=number)) from None
        except (ValueError, IndexError):
            raise forms.ValidationError(LINE.format(number=number)) from None
        if day < EARLIEST:
            raise forms.ValidationError(EARLIER.format(number=number, day=day))
        if day > datetime.now(UTC).date():
            raise forms.ValidationError(LATER.format(number=number))
        return day, pictures, cost

    def save(self, *, by: User, now: datetime) -> list[ProviderUsage]:
        """Store the figures; the newest of a day count from now on."""
        source = ProviderUsage.Source.TYPED
        return ProviderUsage.objects.bulk_create(
            ProviderUsage(day=day, pictures=pictures, cost=cost, source=source, person=by, at=now)
            for day, pictures, cost in self.rows
        )
