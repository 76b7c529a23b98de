"""The head of a board: its cover, its facts and how much of it is decided. An open page hears of them by its pulse."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from studio.codes import read_code
from studio.models import Board, BoardRemoval, Picture, User
from studio.models.sql.compiled_query import CODE, PERSON, CompiledQuery
from studio.text.names import isolated
from studio.views.boards.cards import cards
from studio.views.request import viewer

MOST_NAMED, MOST_LOOKED_AT = 4, 200  # people who changed a board meanwhile, and their changes
UNKNOWN = "Somebody"
# What a board shows of its pictures by what is decided, in the order of its tools.
SHOWN = {"approved": "Approved", "candidate": "Candidates", "rejected": "Rejected"}


SEEN = CompiledQuery(
    lambda person, code: (
        Board.objects.visible_to(person).filter(code=code).select_related("person").prefetch_related("members__person")
    ),
    PERSON,
    CODE,
)


def of(shown: Board, person: User) -> dict[str, Any]:
    """What the head shows. A fixed number of queries."""
    [card] = cards([shown], person)
    return {
        "board": shown,
        "card": card,
        "links": card.links,
        "total": shown.number_for(person),
        "decided": [(one, name, shown.decided_for(person, one)) for one, name in SHOWN.items()],
        "spent": shown.spent_for(person),
    }


def asked(request: HttpRequest) -> Board | None:
    """The board that a pulse asks of; None where it is gone or closed to the person."""
    code = read_code(request.GET.get("code", ""))
    found: Board | None = SEEN.first(viewer(request), code) if code else None
    return found


def asked_show(request: HttpRequest) -> str:
    """What a page shows of a board; "" for all."""
    show = request.GET.get("show", "")
    return show if show in SHOWN else ""


def asked_order(request: HttpRequest, shown: Board) -> str:
    order = request.GET.get("order", "")
    return order if order in Board.Order.values else shown.order


def number(shown: Board, person: User, show: str) -> int:
    """How many pictures a page shows of a board."""
    return shown.decided_for(person, show) if show else shown.number_for(person)


def who_changed(shown: Board, since: int, person: User, *, besides: Picture | None = None) -> str:
    """Who put, moved or took off pictures after a revision, as the beginning of a sentence; "" where nobody did.

    Only pictures that the person sees count.
    """
    moved = shown.places.seen_by(person).filter(rev__gt=since).exclude(picture=besides)
    found = set(moved.values_list("moved_by__name", flat=True)[:MOST_LOOKED_AT])
    found |= _who_took(shown, since, person)
    if not found:
        return ""
    others = sorted(isolated(name or UNKNOWN) for name in found - {person.name})
    named = [*others[:MOST_NAMED], *(["you"] if person.name in found else [])]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0].replace("you", "You")


def _who_took(shown: Board, since: int, person: User) -> set[str]:
    removals = BoardRemoval.objects.filter(board=shown, rev__gt=since)
    taken = list(removals.values_list("person__name", "rows")[:MOST_LOOKED_AT])
    keys = {int(row[0]) for _, rows in taken for row in rows}
    seen = set(Picture.objects.visible_to(person).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    return {name for name, rows in taken if any(row[0] in seen for row in rows)}


def update(request: HttpRequest, shown: Board) -> str:
    """Return the head as it is by now, for the pulse of its page."""
    context = {"show": asked_show(request), "order": asked_order(request, shown)}
    return render_to_string("boards/_head.html#now", of(shown, viewer(request)) | context, request)


def asks(request: HttpRequest) -> list[tuple[str, str]]:
    """What the pulse of a board's page says of it, again. `sheet`: its settings are open."""
    given = [(name, request.GET.get(name, "")) for name in ("code", "order", "show", "sheet")]
    return [(name, value) for name, value in given if value or name != "sheet"]


def closed(request: HttpRequest, shown: Board | None) -> str:
    """Return what the sheet of its settings says where they can't be saved any more: hidden while they can."""
    context = {"is_gone": shown is None, "is_closed": shown is None or not shown.may_settle(viewer(request))}
    return render_to_string("boards/_sheet.html#closed", context, request)
