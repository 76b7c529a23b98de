"""The head of a board: its cover, its facts and how much of it is decided. An open page hears of them by its pulse."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from studio.models import Board, User
from studio.views.board_cards import cards
from studio.views.request import viewer

# What a board shows of its pictures by what is decided, in the order of its tools.
SHOWN = {"approved": "Approved", "candidate": "Candidates", "rejected": "Rejected"}


def of(shown: Board, person: User) -> dict[str, Any]:
    """What the head shows. A fixed number of queries."""
    [card] = cards([shown], person)
    return {
        "board": shown,
        "card": card,
        "total": shown.number_for(person),
        "decided": [(one, name, shown.decided_for(person, one)) for one, name in SHOWN.items()],
        "spent": shown.spent_for(person),
    }


def update(request: HttpRequest) -> str:
    """Return the head as it is by now, for the pulse of its page; "" where the board is gone or closed to the person."""
    try:
        code = uuid.UUID(request.GET.get("code", ""))
    except ValueError:
        return ""
    person = viewer(request)
    seen = Board.objects.visible_to(person).select_related("person").prefetch_related("members__person")
    if (shown := seen.filter(code=code).first()) is None:
        return ""
    show, order = request.GET.get("show", ""), request.GET.get("order", "")
    context = {
        "show": show if show in SHOWN else "",
        "order": order if order in Board.Order.values else shown.order,
    }
    return render_to_string("boards/_head.html#now", of(shown, person) | context, request)
