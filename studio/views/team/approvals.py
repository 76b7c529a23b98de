"""Approvals: requests above a person's limit, for the admins; and each on its own page, for its person too."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.codes import read_code
from studio.models import Approval, Batch, User
from studio.models.account.rights import NeedsApproval, dollars
from studio.models.not_placed import NotPlaced
from studio.models.requests.approval import LONGEST, MOST_SHOWN, PriceChanged
from studio.models.requests.approval_words import SaidMeanwhile, why_it_waits
from studio.text.names import isolated
from studio.views import formatting, updates
from studio.views.permissions import admin_only, onward
from studio.views.request import HtmxRequest, viewer
from studio.views.team.approval_cards import cards
from studio.views.team.approval_strip import strip

P = ParamSpec("P")
APPROVED, DECLINED = "Approved: {what} for {name}, {total}.", "Declined. {name} reads why."
NO_REASON = "Say why, so that {name} knows what to change."
NO_QUESTION = "Write what you want to know."
TOO_LONG = f"Shorten this to {LONGEST} characters."
PRICE_CHANGED = "The price has changed: it costs {total} now. Look again, then approve."
ASKED, NOTED = "{name} gets your question.", "Your note is with the request."
CANCELLED = "The request is taken back. Nothing was made."


def may_ask_first(
    view: Callable[Concatenate[HtmxRequest, P], HttpResponse],
) -> Callable[Concatenate[HtmxRequest, P], HttpResponse]:
    """Of a view that places requests: keep what needs an approval, and say that it waits."""

    @wraps(view)
    def guarded(request: HtmxRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NeedsApproval as needed:
            return _kept(request, *Approval.ask(needed, now=timezone.now()))

    return guarded


def _kept(request: HtmxRequest, approval: Approval, is_new: bool) -> HttpResponse:
    said = why_it_waits(approval)
    if not is_new and not approval.is_waiting:
        said = f"This request was {approval.get_state_display().lower()} already."
    if request.htmx and request.resolver_match and request.resolver_match.view_name == "studio:submit":
        empty = render_to_string("create/_dock.html#answer", {}, request)
        toast = updates.toast(request, said, icon="clock")
        return HttpResponse(empty + strip(request, viewer(request)) + toast)
    messages.info(request, said)
    where = f"{reverse('studio:create')}#approvals"
    return HttpResponse(status=204, headers={"HX-Redirect": where}) if request.htmx else redirect(where)


# ---- The pages


@require_safe
@admin_only
def approvals(request: HttpRequest) -> HttpResponse:
    """List the requests that wait, the oldest first, and what was decided this week; `after` and `before` name where a
    page goes on."""
    rows = Approval.objects.select_related("person", "asked_by", "decided_by")
    waiting = list(rows.waiting().oldest_first(_named(request, "after"))[: MOST_SHOWN + 1])
    decided = list(rows.decided_lately(timezone.now(), _named(request, "before"))[: MOST_SHOWN + 1])
    context = {
        "cards": cards(waiting[:MOST_SHOWN], viewer(request)),
        "decided": decided[:MOST_SHOWN],
        # Where the next ones begin.
        "after": waiting[MOST_SHOWN - 1].code if len(waiting) > MOST_SHOWN else None,
        "before": decided[MOST_SHOWN - 1].code if len(decided) > MOST_SHOWN else None,
        "is_later": "after" in request.GET or "before" in request.GET,
        "all_waiting": rows.summary()["number"] if len(waiting) > MOST_SHOWN or "after" in request.GET else 0,
        "page": "other",
    }
    return render(request, "team/approvals.html", context)


def _named(request: HttpRequest, name: str) -> Approval | None:
    """The request that an address names. Raises Http404 for none."""
    if name not in request.GET:
        return None
    return get_object_or_404(Approval, code=read_code(request.GET[name]))


@require_safe
def approval(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show one request to its person and to admins, and what came of it."""
    return _page(request, code)


def _page(request: HttpRequest, code: uuid.UUID, *, status: int = 200, **typed: str) -> HttpResponse:
    """Show one request as it is now; `typed`: a `note`, a `question` or a `reason` that was not saved, and why
    (`problem`)."""
    person = viewer(request)
    found = _found(code, person)
    placed = found.placed()
    made = placed.get_absolute_url() if isinstance(placed, Batch) else ""
    if placed and not made:
        made = reverse("studio:group", args=[placed.code])
    context = {"card": cards([found], person)[0], "made": made, "page": "other", **typed}
    return render(request, "team/approval.html", context, status=status)


# ---- Decisions of an admin


@require_POST
@admin_only
def approve(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Place a request under its person, once, at the price that the page shows."""
    person = viewer(request)
    found = _found(code, person)
    try:
        seen = Decimal(request.POST.get("price", ""))
    except InvalidOperation:
        seen = Decimal(-1)
    if seen.is_snan():  # it can't be compared
        seen = Decimal(-1)
    try:
        may_pass = request.POST.get("over") == "on"
        done = found.approve(by=person, seen=seen, now=timezone.now(), may_pass=may_pass)
    except PriceChanged as changed:
        messages.error(request, PRICE_CHANGED.format(total=dollars(changed.total)))
        return _back(request)
    except NotPlaced as why:
        messages.error(request, why.sentence)
        return _back(request)
    if not done:
        return _too_late(request, found)
    tasks.wake_conductor()
    messages.success(request, APPROVED.format(what=found.what, name=isolated(found.person.name), total=dollars(seen)))
    return _back(request)


@require_POST
@admin_only
def decline(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Refuse a request with a reason."""
    found, reason = _found(code, viewer(request)), _words(request, "reason")
    if len(reason) > LONGEST:
        return _page(request, code, status=422, reason=reason, problem=TOO_LONG)
    if not reason:
        messages.error(request, NO_REASON.format(name=isolated(found.person.name)))
    elif not found.decline(by=viewer(request), reason=reason, now=timezone.now()):
        return _too_late(request, found)
    else:
        messages.success(request, DECLINED.format(name=isolated(found.person.name)))
    return _back(request)


@require_POST
@admin_only
def ask_about(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Ask the person of a request something; it waits on."""
    found, question = _found(code, viewer(request)), _words(request, "question")
    if not question:
        messages.error(request, NO_QUESTION)
        return _back(request)
    if len(question) > LONGEST:
        return _page(request, code, status=422, question=question, problem=TOO_LONG)
    try:
        done = found.ask_about(by=viewer(request), question=question, was=_was(request))
    except SaidMeanwhile as why:
        return _page(request, code, status=409, question=question, problem=str(why))
    if not done:
        return _too_late(request, found)
    messages.success(request, ASKED.format(name=isolated(found.person.name)))
    return _back(request)


# ---- Of its person


@require_POST
def cancel_approval(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Take one's own request back."""
    found = _own(code, viewer(request))
    done = found.cancel(now=timezone.now())
    if not done:
        found.refresh_from_db()
    said = CANCELLED if done else f"It was {found.get_state_display().lower()} meanwhile."
    if request.htmx:
        return HttpResponse(strip(request, viewer(request)) + updates.toast(request, said))
    messages.info(request, said)
    return redirect(onward(request, reverse("studio:create")))


@require_POST
def note_approval(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Keep what its person says about a request: a note, or the answer to a question."""
    found, note = _own(code, viewer(request)), _words(request, "note")
    if len(note) > LONGEST:
        return _page(request, code, status=422, note=note, problem=TOO_LONG)
    try:
        done = found.take_note(note=note, was=_was(request))
    except SaidMeanwhile as why:
        return _page(request, code, status=409, note=note, problem=str(why))
    if done:
        messages.success(request, NOTED)
    else:
        messages.info(request, "The request is decided already.")
    return redirect(found)


def _found(code: uuid.UUID, person: User) -> Approval:
    found = get_object_or_404(Approval.objects.select_related("person", "asked_by", "decided_by"), code=code)
    if found.person_id != person.pk and not person.is_admin:
        raise Http404
    return found


def _own(code: uuid.UUID, person: User) -> Approval:
    found = _found(code, person)
    if found.person_id != person.pk:
        raise PermissionDenied
    return found


def _words(request: HttpRequest, name: str) -> str:
    """What was typed, in one line, without what no database stores."""
    return " ".join(request.POST.get(name, "").replace("\0", " ").split())


def _was(request: HttpRequest) -> str | None:
    """The words that the page showed, as `_words` reads them."""
    return _words(request, "was") if "was" in request.POST else None


def _too_late(request: HttpRequest, found: Approval) -> HttpResponse:
    """Say who was first, and with what."""
    now = Approval.objects.select_related("decided_by").get(pk=found.pk)
    who = now.decided_by.name if now.decided_by else "Somebody"
    when = formatting.moment(now.decided_at) if now.decided_at else ""
    messages.info(request, f"{who} was first: {now.get_state_display().lower()} {when}. Nothing was changed.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(onward(request, reverse("studio:approvals")))
