"""Sign in whom the team's own proxy names in a header (STUDIO_SIGN_IN_HEADER), which has asked them who they are."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import login, logout
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from studio.middleware.programs import FOR_PROGRAMS
from studio.models import TrailEntry, User
from studio.network import client_address

# In a session that the header opened: the name that stood there.
KEY = "named_by_proxy"
# As long as a provider's: whoever the proxy turns away is out with the next request anyway.
SESSION_SECONDS = 12 * 3600


class HeaderSignIn:
    """Keep the session and the header together: the one ends, or becomes another person's, when the other does.

    A header of anybody but the proxy counts for nothing. Nobody joins by it: the name or address must be known here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.SIGN_IN_HEADER:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(FOR_PROGRAMS):
            self._agree(request, client_address.named_by_proxy(request).casefold())
        return self.get_response(request)

    def _agree(self, request: HttpRequest, named: str) -> None:
        is_by_header = KEY in request.session
        if request.user.is_authenticated:
            if request.session.get(KEY, named) == named and (is_by_header or not named):
                return
            if not is_by_header and _is(request.user, named):
                return  # signed in another way as the same person
            logout(request)
        person = User.objects.known_as(named) if named else None
        if person is None or not person.is_active:
            return
        with transaction.atomic():
            login(request, person, backend=settings.AUTHENTICATION_BACKENDS[-1])
            request.session[KEY] = named
            request.session.set_expiry(SESSION_SECONDS)
            TrailEntry.log(TrailEntry.Verb.SIGNED_IN, by=person, text="Named by the proxy")


def _is(person: User, named: str) -> bool:
    found = User.objects.known_as(named)
    return found is not None and found.pk == person.pk
