"""Everything of a person or a board to take away: asking for it, and its zips as they are made."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio.engine.archives.data_exports import plan_later
from studio.models import Archive, Board, DataExport, TrailEntry, User
from studio.models.files.archive import MOST_PICTURES
from studio.views.boards.board import find
from studio.views.request import HtmxRequest, viewer


@require_POST
def export_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Export everything of a person: each their own and what was handed to them, an admin anybody's but what is private."""
    person = viewer(request)
    if not person.owns(pk) and not person.is_admin:
        raise PermissionDenied
    return redirect(_ask(person, subject=get_object_or_404(User, pk=pk)))


@require_POST
def export_board(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Export everything of a board that the person sees."""
    return redirect(_ask(viewer(request), board=find(request, code)))


@require_safe
def data_export(request: HttpRequest | HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show the zips of an export, and how far they are."""
    rows = DataExport.objects.of(viewer(request)).select_related("subject", "board")
    found = get_object_or_404(rows, code=code)
    parts = list(Archive.objects.filter(export=found).order_by("number").defer("pictures", "left_out"))
    context = {
        "export": found,
        "parts": parts,
        "ready": sum(one.is_ready for one in parts),
        "taken": sum(one.taken for one in parts),
        "bytes": sum(one.bytes for one in parts),
        "is_under_way": found.planned_at is None or any(one.is_under_way for one in parts),
        "most": f"{MOST_PICTURES:,}",
        "page": "other",
    }
    is_part = bool(getattr(request, "htmx", None))
    return render(request, f"gallery/data_export.html{'#state' if is_part else ''}", context)


def _ask(person: User, *, subject: User | None = None, board: Board | None = None) -> DataExport:
    with transaction.atomic():
        export, is_new = DataExport.ask(person, subject=subject, board=board, now=timezone.now())
        if is_new:
            plan_later(export)
            is_hidden = board is not None and board.visibility != Board.Visibility.TEAM
            TrailEntry.log(
                TrailEntry.Verb.EXPORTED,
                by=person,
                thing=export.name,
                address=board.get_absolute_url() if board else "",
                text="everything of this board" if board else "everything of this person",
                private_to=person if is_hidden else None,
            )
    return export
