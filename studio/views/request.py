"""Who looks at the page, and how."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from studio.models import User


class HtmxRequest(HttpRequest):
    """A request as the middleware hands it on: it knows whether htmx asks, and for which element."""

    htmx: HtmxDetails


def viewer(request: HttpRequest) -> User:
    """Return the person who is signed in: the middleware lets nobody else come this far."""
    # Itself and not the lazy stand-in, which asks anew for each of the hundreds of times that cards name it.
    person = request.user
    return cast("User", getattr(person, "_wrapped", person)) if person.is_authenticated else cast("User", person)
