"""What was typed and not taken, for the page that an answer leads to: kept in the session, and given once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

KEPT = "typed"


def keep(request: HttpRequest, form: str, **fields: Any) -> None:
    """Remember the fields of a form, by a name of its own."""
    request.session[KEPT] = {"form": form, "fields": fields}


def take(request: HttpRequest, form: str) -> dict[str, Any]:
    """Return the fields of a form that was not taken, once; none where that was another one."""
    if request.session.get(KEPT, {}).get("form") != form:
        return {}
    fields: dict[str, Any] = request.session.pop(KEPT)["fields"]
    return fields
