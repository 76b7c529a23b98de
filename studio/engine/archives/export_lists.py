"""What lies in the zips of an export beside the pictures: what is known of them, of a person or a board, and of the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from studio.engine.archives.lists import as_json, as_table
from studio.models import (
    Archive,
    Board,
    BoardPicture,
    Comment,
    DataExport,
    Decision,
    Job,
    Look,
    PictureTag,
    Rating,
    Star,
)
from studio.models.lineage.hidden_inputs import PRIVATE_LOOK
from studio.models.people import User

AT_ONCE = 500
PRIVATE = "private"
COMMENTS = (
    "file",
    "picture",
    "comment",
    "time",
    "who",
    "is_client",
    "text",
    "x",
    "y",
    "thread",
    "resolved",
    "resolved_by",
)
DECISIONS = ("file", "picture", "time", "who", "is_client", "decision")
TAGS = ("file", "picture", "time", "who", "tag")
RATINGS = ("file", "picture", "time", "who", "rating")
STARS = ("file", "picture", "time", "who")
BOARDS = ("file", "picture", "time", "who", "board", "board_code", "place")
JOBS: tuple[str, ...] = (
    "job",
    "code",
    "submission",
    "asked",
    "made",
    "type",
    "model",
    "ratio",
    "style",
    "look",
    "prompt",
    "sent",
)
JOBS += ("state", "price", "charge", "generation", "board", "is_private")


def lists(archive: Archive, taken: dict[int, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a part of an export: name and bytes. `taken`: what each picture is called in the zip."""
    export = archive.export
    if export is None:
        return
    step = archive.section.get("step")
    if step == DataExport.Step.ABOUT:
        yield "about.json", as_json([_board(export.board) if export.board else _person(export)])
        if export.subject:
            yield "looks.json", as_json(_looks(export.subject, archive.person))
    elif step == DataExport.Step.JOBS:
        yield from _both("jobs", JOBS, _jobs(archive, export))
    else:
        for name, columns, rows in (
            ("comments", COMMENTS, _comments(taken)),
            ("decisions", DECISIONS, _decisions(taken)),
            ("tags", TAGS, _tags(taken)),
            ("ratings", RATINGS, _ratings(taken)),
            ("stars", STARS, _stars(taken)),
            ("boards", BOARDS, _places(taken, archive.person)),
        ):
            if rows:
                yield from _both(name, columns, rows)


def _both(name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    yield f"{name}.json", as_json(rows)
    yield f"{name}.csv", as_table(columns, rows)


def _at(moment: Any) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def _about(taken: dict[int, str], rows: QuerySet[Any], *related: str, order: Sequence[str] = ("picture", "pk")) -> Any:
    """Yield the rows about the pictures, with what they name, some pictures at a time."""
    keys = list(taken)
    for start in range(0, len(keys), AT_ONCE):
        found = rows.filter(picture__in=keys[start : start + AT_ONCE]).order_by(*order)
        yield from found.select_related("picture", *related)


def _of(row: Any, taken: dict[int, str], **facts: Any) -> dict[str, Any]:
    return {"file": taken[row.picture_id], "picture": str(row.picture.code), **facts}


def _comments(taken: dict[int, str]) -> list[dict[str, Any]]:
    found = []
    for one in _about(taken, Comment.objects.standing(), "person", "client", "thread", "resolved_by"):
        facts = {"comment": str(one.code), "time": _at(one.created_at), "who": one.author, "is_client": not one.person}
        facts |= {"text": one.text, "x": one.x, "y": one.y, "thread": str(one.thread.code) if one.thread else ""}
        facts |= {"resolved": _at(one.resolved_at), "resolved_by": one.resolved_by.name if one.resolved_by else ""}
        found.append(_of(one, taken, **facts))
    return found


def _decisions(taken: dict[int, str]) -> list[dict[str, Any]]:
    return [
        _of(one, taken, time=_at(one.at), who=one.who, is_client=not one.person, decision=one.get_verdict_display())
        for one in _about(taken, Decision.objects.all(), "person", "client")
    ]


def _tags(taken: dict[int, str]) -> list[dict[str, Any]]:
    return [
        _of(one, taken, time=_at(one.at), who=one.person.name, tag=one.written)
        for one in _about(taken, PictureTag.objects.all(), "person", "tag")
    ]


def _ratings(taken: dict[int, str]) -> list[dict[str, Any]]:
    return [
        _of(one, taken, time=_at(one.at), who=one.person.name, rating=one.value)
        for one in _about(taken, Rating.objects.all(), "person")
    ]


def _stars(taken: dict[int, str]) -> list[dict[str, Any]]:
    return [
        _of(one, taken, time=_at(one.at), who=one.person.name) for one in _about(taken, Star.objects.all(), "person")
    ]


def _places(taken: dict[int, str], person: User) -> list[dict[str, Any]]:
    """Which boards they lie on, of those that the person sees."""
    found = []
    seen = BoardPicture.objects.filter(board__in=Board.objects.visible_to(person))
    for one in _about(taken, seen, "board", "added_by", order=("board", "place", "pk")):
        facts = {"time": _at(one.added_at), "who": one.added_by.name, "place": one.place}
        found.append(_of(one, taken, board=one.board.name, board_code=str(one.board.code), **facts))
    return found


def _person(export: DataExport) -> dict[str, Any]:
    subject = export.subject or export.person
    facts = {"name": subject.name, "email": subject.email or "", "role": subject.get_role_display()}
    return {
        "person": facts,
        "joined": _at(subject.joined_at),
        "exported": _at(export.created_at),
        "by": export.person.name,
    }


def _board(board: Board) -> dict[str, Any]:
    names = ("name", "purpose", "client", "job_number", "visibility", "order", "number")
    members = board.members.select_related("person").order_by("pk")
    return {
        **{name: getattr(board, name) for name in names},
        "code": str(board.code),
        "owner": board.person.name,
        "members": [{"name": one.person.name, "right": one.right} for one in members],
        "created": _at(board.created_at),
    }


def _looks(subject: User, person: User) -> list[dict[str, Any]]:
    rows = Look.objects.visible_to(person).filter(person=subject).order_by("pk")
    found = []
    for look in rows.prefetch_related("versions__references__picture", "versions__saved_by"):
        versions = [
            {
                "number": one.number,
                "saved": _at(one.saved_at),
                "saved_by": one.saved_by.name,
                "words": one.words,
                "avoid": one.avoid,
                "model": one.model,
                "ratio": one.aspect_ratio,
                "references": [
                    {"role": each.role, "picture": str(each.picture.code) if each.picture else ""}
                    for each in one.references.all()
                    if each.picture is None or not each.picture.is_hidden_from(person)
                ],
            }
            for one in sorted(look.versions.all(), key=lambda one: one.number)
        ]
        found.append({"name": look.name, "code": str(look.code), "is_team": look.is_team, "versions": versions})
    return found


def _jobs(archive: Archive, export: DataExport) -> list[dict[str, Any]]:
    """What was asked for and what it cost: of work that is private to somebody else the money alone."""
    section, person = archive.section, archive.person
    rows = Job.objects.filter(person=export.subject, pk__gte=section["first"], pk__lte=section["last"]).order_by("pk")
    found = []
    for job in rows.select_related("submission__look__look", "submission__board"):
        asked, is_hidden = job.submission, job.is_private and not person.owns(job.person_id)
        facts: dict[str, Any] = dict.fromkeys(JOBS, "")
        facts |= {
            "job": PRIVATE if is_hidden else job.label,
            "asked": _at(job.created_at),
            "made": _at(job.made_at),
            "type": asked.get_type_display(),
            "model": asked.model,
            "state": job.state,
            "price": "" if job.price is None else str(job.price),
            "charge": job.get_charge_display(),
            "is_private": job.is_private,
        }
        if not is_hidden:
            is_seen = asked.board is not None and asked.board.is_seen_by(person)
            hides_look = asked.hides_look_from(person)
            facts |= {
                "code": str(job.code),
                "submission": str(asked.code),
                "ratio": asked.aspect_ratio,
                "style": asked.style,
                "look": PRIVATE_LOOK
                if hides_look
                else f"{asked.look.look.name} v{asked.look.number}"
                if asked.look
                else "",
                "prompt": asked.prompt,
                "sent": "" if hides_look else asked.full_prompt,
                "generation": job.remote_id or "",
                "board": asked.board.name if asked.board and is_seen else "",
            }
        found.append(facts)
    return found
