"""Rows as the JSON API tells of them: a fixed number of queries for each page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiToken, Approval, Board, Comment, Job, Picture, PictureTag, Star, Submission, User
from studio.models.pictures.tile_rows import makers
from studio.models.requests.approval_words import why_it_waits


def with_all(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """With what an answer tells of each."""
    shown = Picture.objects.filter(trashed_at__isnull=True).order_by("position", "pk")
    jobs = Job.objects.order_by("number").prefetch_related(Prefetch("pictures", queryset=shown, to_attr="shown"))
    return rows.select_related("person", "board").prefetch_related(
        Prefetch("jobs", queryset=jobs, to_attr="asked"), "inputs__picture"
    )


def submissions(rows: Sequence[Submission], request: HttpRequest) -> list[dict[str, Any]]:
    """Submissions that are loaded `with_all`."""
    person: User = request.user  # type: ignore[assignment]
    kept = {row.board_id for row in rows if row.board_id}
    boards = set(Board.objects.visible_to(person).filter(pk__in=kept).values_list("pk", flat=True)) if kept else set()
    return [_submission(row, person, boards, request) for row in rows]


def _submission(row: Submission, person: User, boards: Container[int], request: HttpRequest) -> dict[str, Any]:
    jobs = [job_of(one, row.code, request) for one in row.asked]  # type: ignore[attr-defined]
    seen = row.seen_of(row.inputs.all(), person)
    board = row.board if row.board_id in boards else None
    return {
        "code": row.code,
        "state": state_of([one["state"] for one in jobs]),
        "is_over": all(one["is_over"] for one in jobs),
        "sentence": "",
        "created_at": row.created_at,
        "person": row.person.name,
        **{name: getattr(row, name) for name in ("type", "prompt", "model", "aspect_ratio", "style", "count")},
        "is_private": row.is_private,
        "price": row.total,
        "board": board.code if board else None,
        "source": next((one.picture.code for one in seen if one.role == "source"), None),
        "references": [one.picture.code for one in seen if one.role == "reference"],
        "made_of": row.made_of,
        "jobs": jobs,
    }


def approvals(rows: Sequence[Approval], person: User) -> list[dict[str, Any]]:
    """Requests of the person's that wait for an admin, as submissions without jobs; a fixed number of queries."""
    asked = {row.pk: row.requests[0] for row in rows}
    keys = {key for one in asked.values() for key in (one["source"], *one["references"]) if key}
    codes = dict(Picture.objects.visible_to(person).filter(pk__in=keys).values_list("pk", "code"))
    boards = dict(
        Board.objects.visible_to(person)
        .filter(pk__in=[one["board"] for one in asked.values() if one["board"]])
        .values_list("pk", "code")
    )
    return [_approval(row, asked[row.pk], codes, boards) for row in rows]


def _approval(
    row: Approval, asked: Mapping[str, Any], codes: Mapping[int, Any], boards: Mapping[int, Any]
) -> dict[str, Any]:
    return {
        "code": row.code,
        "state": {"waiting": "needs_approval", "approved": "active"}.get(row.state, row.state),
        "is_over": not row.is_waiting,
        "sentence": why_it_waits(row) if row.is_waiting else row.reason,
        "created_at": row.created_at,
        "person": row.person.name,
        **{name: asked[name] for name in ("type", "prompt", "model", "aspect_ratio", "style", "count")},
        "is_private": row.is_private,
        "price": row.total,
        "board": boards.get(asked["board"]),
        "source": codes.get(asked["source"]),
        "references": [codes[key] for key in asked["references"] if key in codes],
        "made_of": "",
        "jobs": [],
    }


def state_of(states: Sequence[str]) -> str:
    """One word for several jobs."""
    if any(one in Job.ACTIVE for one in states):
        return "active"
    return states[0] if len(set(states)) == 1 else "mixed"


def job(row: Job, request: HttpRequest) -> dict[str, Any]:
    """A job with its submission loaded."""
    row.shown = list(row.pictures.filter(trashed_at__isnull=True).order_by("position", "pk"))  # type: ignore[attr-defined]
    return job_of(row, row.submission.code, request)


def job_of(row: Job, submission_code: Any, request: HttpRequest) -> dict[str, Any]:
    return {
        "code": row.code,
        "label": row.label,
        "submission": submission_code,
        "state": row.state,
        "is_over": row.is_finished,
        "sentence": row.sentence,
        "cause": row.cause,
        "price": row.price,
        "charge": row.charge,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "url": request.build_absolute_uri(row.get_absolute_url()),
        "pictures": [picture_ref(one, request) for one in row.shown],  # type: ignore[attr-defined]
    }


def picture_ref(row: Picture, request: HttpRequest) -> dict[str, Any]:
    return {
        "code": row.code,
        "width": row.width,
        "height": row.height,
        "url": request.build_absolute_uri(row.get_absolute_url()),
        "file": request.build_absolute_uri(reverse("api:get_file", args=[row.code])),
    }


def pictures(rows: Sequence[Picture], request: HttpRequest) -> list[dict[str, Any]]:
    """Pictures whose job and submission are loaded."""
    person: User = request.user  # type: ignore[assignment]
    Star.load(rows, person)
    names = makers(rows)
    tags: dict[int, list[str]] = defaultdict(list)
    tagged = PictureTag.objects.filter(picture__in=[one.pk for one in rows]).order_by("pk")
    for key, name in tagged.names():
        tags[key].append(name)
    return [
        {
            **picture_ref(one, request),
            **{name: getattr(one, name) for name in ("origin", "format", "bytes", "created_at", "title", "is_private")},
            **{name: getattr(one, name) for name in ("rating", "decision", "is_starred")},
            "person": names[one.person_id],
            "job": one.job.code if one.job else None,
            "tags": tags[one.pk],
        }
        for one in rows
    ]


def boards(rows: Sequence[Board], request: HttpRequest) -> list[dict[str, Any]]:
    """Boards that the person sees, their people loaded."""
    person: User = request.user  # type: ignore[assignment]
    changes = Board.objects.changeable_by(person).filter(pk__in=[row.pk for row in rows])
    mine = set(changes.values_list("pk", flat=True))
    return [_board(row, person, request, may_change=row.pk in mine) for row in rows]


def _board(row: Board, person: User, request: HttpRequest, *, may_change: bool) -> dict[str, Any]:
    fields = ("code", "name", "purpose", "client", "job_number", "visibility", "changed_at")
    return {
        **{name: getattr(row, name) for name in fields},
        "person": row.person.name,
        "number": row.number_for(person),
        "may_change": may_change,
        "url": request.build_absolute_uri(row.get_absolute_url()),
    }


def comments(rows: Iterable[Comment]) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(one, name) for name in ("code", "author", "text", "created_at", "x", "y")},
            "thread": one.thread.code if one.thread else None,
            "is_resolved": one.is_resolved,
        }
        for one in rows
    ]


def token(row: ApiToken) -> dict[str, Any]:
    fields = ("code", "name", "beginning", "scopes", "created_at", "expires_at", "last_used_at")
    return {
        **{name: getattr(row, name) for name in fields},
        "person": row.person.name,
        "is_live": row.is_live(timezone.now()),
    }
