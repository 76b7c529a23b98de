"""Which things somebody else made private since their names were written down, found by the addresses of their pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from studio.codes import read_code
from studio.models.board import Board
from studio.models.job import Job
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof.link import ProofLink
from studio.models.submission import Submission

_PAGE = re.compile(r"/(pictures|jobs|groups|boards)/([0-9a-f-]{36})/|#(link)-([0-9a-f-]{36})")


def hidden_from(person: User, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses whose page is of a thing that the person may not see now.

    One query for each kind of thing. What is gone altogether keeps the name that it had.
    """
    found: dict[str, dict[uuid.UUID, set[str]]] = {}
    for address in addresses:
        if match := _PAGE.search(address):
            kind, code = match[1] or match[3], read_code(match[2] or match[4])
            if code:
                found.setdefault(kind, {}).setdefault(code, set()).add(address)
    return {
        address
        for kind, by_code in found.items()
        for code in _HIDDEN[kind](person, by_code)
        for address in by_code[code]
    }


def _of(model: Any) -> Callable[[User, Iterable[uuid.UUID]], list[uuid.UUID]]:
    def hidden(person: User, codes: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        rows = model.objects.filter(code__in=list(codes), is_private=True).exclude(person.owned())
        return list(rows.values_list("code", flat=True))

    return hidden


def _boards(person: User, codes: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    known = Board.objects.known_to(person).values("pk")
    return list(Board.objects.filter(code__in=list(codes)).exclude(pk__in=known).values_list("code", flat=True))


def _links(person: User, codes: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    links = list(ProofLink.objects.filter(code__in=list(codes)).select_related("board"))
    hidden = ProofLink.hidden(links, person)
    return [link.code for link in links if link.pk in hidden]


_HIDDEN = {"pictures": _of(Picture), "jobs": _of(Job), "groups": _of(Submission), "boards": _boards, "link": _links}
