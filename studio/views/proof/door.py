"""Who may come in by a proof link: its token, its end, its password, and the name that a browser answers under.

No session of the studio is needed here, nor honoured. What a browser knows lies in signed cookies that only the pages of
its link get.
"""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from studio.codes import read_code
from studio.models import Picture, ProofClient, ProofLink
from studio.models.proof.link import Place
from studio.network import client_address
from studio.signing_in import brake
from studio.views import addresses, form_refusals, formatting
from studio.views.request import HtmxRequest

log = logging.getLogger(__name__)

P = ParamSpec("P")

LONGEST_TOKEN = 100
OPEN, CLIENT, SEEN = "proof-open", "proof-client", "proof-seen"
# A client who comes back after this opens the link anew.
VISIT = 30 * 60  # seconds
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    # Everything that a link leads to is asked for again each time: revoked, it stops at once.
    "Cache-Control": "private, no-store",
}
WRONG = "Wrong password."
GONE = "This picture isn't part of this link any more. Nothing was saved."


class SameOriginForms(CsrfViewMiddleware):
    """Django's check of forms, for pages without a referrer: of their forms browsers say that the origin is null."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        is_null = request.META.get("HTTP_ORIGIN") == "null"
        # The token is compared all the same; this only tells another site's page without a referrer apart.
        if is_null and request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin":
            return True
        return bool(super()._origin_verified(request))  # type: ignore[misc]

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseBase:
        """Say why on a page of the link: a client has no other page of Studio to go to."""
        words, cause = form_refusals.explain(request, reason)
        log.warning("A form sent to a proof link was refused: %s", cause)
        token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
        context = words | {"visit": {"address": addresses.of_proof("proof").format(token)}, "unsaid": _unsaid(request)}
        is_htmx = getattr(request, "htmx", False)
        template = f"proof/proof_refused.html{'#notice' if is_htmx else ''}"
        return dressed(render(request, template, context, status=403))


same_origin_forms = decorator_from_middleware(SameOriginForms)


@dataclass(frozen=True, slots=True)
class Visit:
    """An open link, as somebody looks at it."""

    link: ProofLink
    token: str
    client: ProofClient | None

    def address(self, name: str = "proof", *args: Any) -> str:
        return addresses.of_proof(name, len(args)).format(self.token, *args)

    def find(self, code: uuid.UUID | None) -> tuple[Place, Picture]:
        """Return a picture of the link and its place. Raises Http404 for one that is not, or not any more, one of it."""
        place = next((one for one in self.link.places if one.code == code), None)
        found = self.link.load([place]) if place else []
        if place is None or not found:
            raise Http404
        return place, found[0]


def proof_page(
    view: Callable[Concatenate[HtmxRequest, Visit, P], HttpResponseBase], *, is_door: bool = False
) -> Callable[Concatenate[HtmxRequest, str, P], HttpResponseBase]:
    """Hand over the open link of a token, after its password; `is_door`: the page that asks for the password."""

    @wraps(view)
    def guarded(request: HtmxRequest, /, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        link = ProofLink.objects.of_token(token) if len(token) <= LONGEST_TOKEN and token.isascii() else None
        if link is None:
            return dressed(_gone(request, "proof/proof_unknown.html", 404))
        if not link.is_open(timezone.now()):
            kept = addresses.of_proof("proof").format(token)
            return dressed(_gone(request, "proof/proof_ended.html", 410, link=link, kept=kept))
        if link.password and not is_door and not _is_open(request, link):
            visit = Visit(link, token, None)
            if not request.htmx and (_unsaid(request) or (request.method == "GET" and "code" not in kwargs)):
                return dressed(ask_password(request, visit, status=403 if request.method == "POST" else 200))
            return dressed(_to(request, reverse("studio:proof", args=[token])))
        visit = Visit(link, token, _client(request, link))
        try:
            return dressed(view(request, visit, *args, **kwargs))
        except Http404:
            if request.htmx:
                return dressed(refused(request, visit, GONE, 404))
            kept = visit.address("proof_picture", kwargs["code"]) if "code" in kwargs else ""
            return dressed(_gone(request, "proof/proof_unknown.html", 404, visit=visit, kept=kept))

    return csrf_exempt(login_not_required(same_origin_forms(guarded)))


def proof_door(
    view: Callable[Concatenate[HtmxRequest, Visit, P], HttpResponseBase],
) -> Callable[Concatenate[HtmxRequest, str, P], HttpResponseBase]:
    """Hand over the open link of a token, its password asked for or not."""
    return proof_page(view, is_door=True)


def dressed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep it out of search engines, referrers and caches. A browser may keep a file, and asks again each time."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if response.status_code in {200, 304} and not response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def refused(request: HtmxRequest, visit: Visit, sentence: str, status: int) -> HttpResponse:
    """Say why something was not taken, beside the page or on one of its own; a comment that came with it is shown there."""
    context = {"visit": visit, "link": visit.link, "sentence": sentence, "unsaid": _unsaid(request)}
    return render(request, f"proof/proof_refused.html{'#notice' if request.htmx else ''}", context, status=status)


def ask_password(request: HttpRequest, visit: Visit, *, sentence: str = "", status: int = 200) -> HttpResponse:
    context = {"visit": visit, "link": visit.link, "sentence": sentence, "unsaid": _unsaid(request)}
    return render(request, "proof/proof_password.html", context, status=status)


def try_password(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Judge the password that was sent, and let the browser in where it is right."""
    link, now = visit.link, timezone.now()
    name, address = f"proof {link.code}", client_address.of_request(request)
    again = brake.free_for(name, address, now)
    if again:
        sentence = f"Too many wrong passwords. Try again at {formatting.hour_with_zone(again)}."
        answer = ask_password(request, visit, sentence=sentence, status=429)
        answer.headers["Retry-After"] = str(max(1, math.ceil((again - now).total_seconds())))
        return answer
    brake.count_try(name, address, now)
    if not link.knows(request.POST.get("password", "").strip()[:200]):
        return ask_password(request, visit, sentence=WRONG, status=422)
    brake.forgive(name, address)
    response = redirect(visit.address())
    _keep(response, visit, OPEN, "open")
    return response


def remember_client(response: HttpResponse, visit: Visit, client: ProofClient) -> None:
    """Let this browser answer under this name from now on."""
    _keep(response, visit, CLIENT, str(client.code))


def count_visit(request: HttpRequest, response: HttpResponse, visit: Visit) -> None:
    """Write down that the link was looked at; as opened once a visit."""
    is_known = _said(request, visit.link, SEEN) == "seen"
    visit.link.see(timezone.now(), opened=not is_known)
    _keep(response, visit, SEEN, "seen", age=VISIT)


def _is_open(request: HttpRequest, link: ProofLink) -> bool:
    return _said(request, link, OPEN) == "open"


def _client(request: HttpRequest, link: ProofLink) -> ProofClient | None:
    code = read_code(_said(request, link, CLIENT))
    client = ProofClient.objects.filter(link=link, code=code).first() if code else None
    if client:
        client.link = link
    return client


def _said(request: HttpRequest, link: ProofLink, name: str) -> str:
    try:
        return str(signing.loads(request.COOKIES.get(name, ""), salt=_salt(link, name)))
    except signing.BadSignature:
        return ""


def _keep(response: HttpResponse, visit: Visit, name: str, value: str, *, age: int = 0) -> None:
    left = max(1, int((visit.link.expires_at - timezone.now()).total_seconds()))
    response.set_cookie(
        name,
        signing.dumps(value, salt=_salt(visit.link, name)),
        max_age=age or left,
        path=visit.address(),
        secure=settings.SERVED_OVER_TLS,
        httponly=True,
        samesite="Lax",
    )


def _salt(link: ProofLink, name: str) -> str:
    return f"studio.{name}.{link.code}"


def _gone(request: HtmxRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """Say so on a page of its own, in place of the open one that asked; a comment that came with it is shown there."""
    answer = render(request, template, context | {"unsaid": _unsaid(request)}, status=status)
    if request.htmx:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _unsaid(request: HttpRequest) -> str:
    """Return the comment that came with a request and could not be taken."""
    return request.POST.get("text", "")


def _to(request: HtmxRequest, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
