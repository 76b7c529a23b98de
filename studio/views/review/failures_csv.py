"""What Review shows as a table for a spreadsheet, row by row, safe against formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio import failures
from studio.engine.archives.lists import safe_cell
from studio.models import Job, TrailEntry, User
from studio.models.jobs.queries import introduce
from studio.models.review.case import load_notes
from studio.models.review.failure_search import MOST_READ, NEWEST, UNSAVED, FailureSearch
from studio.views.permissions import admin_only
from studio.views.privacy import conceal
from studio.views.request import viewer
from studio.views.review.failure_filters import Filters
from studio.views.review.failure_rows import SLOW_TO_SAVE

CHUNK = 500  # rows
HEAD = (
    *(
        "Job",
        "Cause",
        "Status",
        "Person",
        "Model",
        "Type",
        "Requested",
        "Ended",
        "Attempts",
        "HTTP status",
        "Error code",
    ),
    *("Price", "Charge", "Reason", "Detail", "Request id", "Luma's id", "Prompt", "Retried by", "Settled by", "Notes"),
)


@require_safe
@admin_only
def failures_csv(request: HttpRequest) -> HttpResponseBase:
    """Stream the failures that the address asks for, newest first."""
    filters, person = Filters.of(request.GET), viewer(request)
    search = filters.search(person, now=timezone.now())
    TrailEntry.log(TrailEntry.Verb.EXPORTED, by=person, thing="Failures", address=filters.address()[:300])
    bounded = search.bounded()[0] if search.is_narrow else search
    response = StreamingHttpResponse(_lines(bounded), content_type="text/csv; charset=utf-8")
    day = timezone.localdate()
    response["Content-Disposition"] = f'attachment; filename="failures-{day:%Y-%m-%d}.csv"'
    return response


class _Line:
    """Takes what csv writes and hands it on."""

    def write(self, text: str) -> str:
        return text


def _lines(search: FailureSearch) -> Iterator[str]:
    out: Any = csv.writer(_Line())
    yield "\ufeff" + out.writerow(HEAD)
    held = search.held(timezone.now() - SLOW_TO_SAVE).select_related("submission").order_by("made_at", "pk")
    yield from _written(out, list(held[:MOST_READ]), search)
    after: tuple[Any, int] | None = None
    while True:
        rows = search.jobs().select_related("submission").order_by(*NEWEST)
        if after:
            rows = rows.filter(finished_at__lte=after[0]).exclude(finished_at=after[0], pk__gte=after[1])
        jobs = list(rows[:CHUNK])
        yield from _written(out, jobs, search)
        if len(jobs) < CHUNK:
            return
        after = (jobs[-1].finished_at, jobs[-1].pk)


def _written(out: Any, jobs: list[Job], search: FailureSearch) -> Iterator[str]:
    people: dict[int, User] = {}
    introduce(jobs, people)
    load_notes(jobs, people)
    for job in jobs:
        cells = _row(conceal(job, search.viewer))
        yield out.writerow([one if isinstance(one, int) else safe_cell(one) for one in cells])


def _row(job: Any) -> tuple[Any, ...]:
    asked = job.submission
    return (
        job.label,
        failures.cause(job.cause or UNSAVED).title,
        "Written off" if job.settled_at and not job.settled_as else job.case_status.label,
        job.person.name,
        asked.model,
        asked.get_type_display(),
        _time(job.created_at),
        _time(job.finished_at),
        job.attempts,
        job.status,
        job.failure_code,
        job.price,
        job.get_charge_display(),
        job.sentence,
        job.detail,
        job.request_id,
        job.remote_id,
        asked.prompt,
        job.asked_by.name if job.asked_by_id else "",
        job.settled_by.name if job.settled_by_id else "",
        " | ".join(f"{note.person.name}: {note.text}" for note in job.case_notes),
    )


def _time(at: Any) -> str:
    return at.astimezone(timezone.get_current_timezone()).isoformat(timespec="seconds") if at else ""
