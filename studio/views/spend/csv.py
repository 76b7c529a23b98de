"""The ledger of a month as a table to keep."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio.engine.archives.lists import safe_cell
from studio.models import Board, LedgerRow, TrailEntry, User
from studio.models.jobs.count import in_dollars
from studio.models.pictures.gallery_month import Month
from studio.models.spend.spent_sums import hidden_boards
from studio.views.permissions import admin_only
from studio.views.request import viewer
from studio.views.spend.month import month_of

ROWS_AT_ONCE = 1_000
COLUMNS = (
    *("row", "written at", "day", "entry", "for", "reserved", "spent", "unknown", "inputs", "inputs cost", "layers"),
    *("job", "person", "board", "client", "job number", "model", "type"),
)


@require_safe
@admin_only
def export_spend(request: HttpRequest, month: str) -> HttpResponseBase:
    """The ledger rows of a month as CSV, streamed: private work has its money and no words."""
    asked, person = month_of(month), viewer(request)
    TrailEntry.log(TrailEntry.Verb.EXPORTED, by=person, thing=f"Spend of {asked}", address=reverse("studio:spend"))
    answer = StreamingHttpResponse(_csv(asked, person), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="studio-spend-{asked}.csv"'
    return answer


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _csv(month: Month, person: User) -> Iterator[bytes]:
    table: Any = csv.writer(_Echo())
    yield "\ufeff".encode() + table.writerow(COLUMNS).encode()
    boards = dict(Board.objects.visible_to(person).values_list("pk", "name"))
    people, hidden = dict(User.objects.values_list("pk", "name")), hidden_boards(person)
    first, last = month.as_date, month.following.as_date - date.resolution
    after = (first, 0)
    while rows := _rows_after(after, last):
        yield b"".join(table.writerow(_cells(row, people, boards, hidden)).encode() for row in rows)
        after = (rows[-1].day, rows[-1].pk)


def _rows_after(after: tuple[date, int], last: date) -> list[LedgerRow]:
    """The next rows of the month, by keyset: no read stays open while a browser takes its time."""
    day, pk = after
    found = LedgerRow.objects.of_days(day, last).exclude(day=day, pk__lte=pk)
    return list(found[:ROWS_AT_ONCE])


def _cells(row: LedgerRow, people: dict[int, str], boards: dict[int, str], hidden: set[int]) -> list[str]:
    client, job_number = ("", "") if row.board_id in hidden else (row.client, row.job_number)
    board = boards.get(row.board_id, "A board that only others see") if row.board_id else ""
    values = (
        *(
            row.pk,
            timezone.localtime(row.at).isoformat(timespec="seconds"),
            row.day.isoformat(),
            row.get_entry_display(),
        ),
        *(row.get_line_display(), in_dollars(row.reserved), in_dollars(row.spent), in_dollars(row.unknown)),
        *(row.inputs, in_dollars(row.inputs_price), row.layers, f"J-{row.job_id}", people.get(row.person_id, "")),
        *(board, client, job_number, row.model, row.type),
    )
    # An amount may begin with a minus; whatever people wrote may not.
    return [str(one) if isinstance(one, Decimal | int) else safe_cell(one) for one in values]
