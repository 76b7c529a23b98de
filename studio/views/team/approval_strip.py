"""What waits for an admin's approval of a person's own, on the Create page."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from studio.models import Approval, User
from studio.models.sql.compiled_query import KEY, CompiledQuery

MOST_SHOWN = 20


_WAITING = CompiledQuery(
    lambda person: Approval.objects.filter(person=person).waiting().oldest_first()[:MOST_SHOWN], KEY
)


def strip(request: HttpRequest, person: User) -> SafeString:
    """Return what waits of a person's own; empty and hidden where nothing does. One query."""
    waiting = _WAITING(person.pk)
    return render_to_string("team/_approvals_waiting.html", {"waiting": waiting}, request)
