"""Approvals: requests above a person's limit, for the admins; and each on its own page, for its person too."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.models import Approval, Batch, Board, Picture, User
from studio.models.approval import LONGEST, MOST_SHOWN, PriceChanged
from studio.models.budget import TeamBudget
from studio.models.not_placed import NotPlaced
from studio.models.rights import NeedsApproval, dollars
from studio.models.spent import Spent
from studio.views import formatting, updates
from studio.views.approval_strip import strip
from studio.views.permissions import admin_only, onward
from studio.views.request import HtmxRequest, viewer

P = ParamSpec("P")
# Pictures of a card, and facts beside them.
MOST_PICTURES = 4
WAITS = "It costs {total}, which is above {above}, so it waits for an admin's approval. Nothing is charged before."
PASSES = "It passes the {budget}, so it waits for an admin's approval. Nothing is charged before."
APPROVED, DECLINED = "Approved: {what} for {name}, {total}.", "Declined. {name} reads why."
NO_REASON = "Say why, so that {name} knows what to change."
NO_QUESTION = "Write what you want to know."
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
    said = PASSES if approval.budget else WAITS
    said = said.format(total=dollars(approval.total), above=dollars(approval.above), budget=approval.budget)
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


@dataclass(frozen=True, slots=True)
class Card:
    """A request as one person sees it."""

    approval: Approval
    is_hidden: bool
    is_own: bool
    pictures: list[Picture]
    board: str
    total: Decimal
    # What its person has left after it, as far as that is limited; and whether it passes a budget.
    left: str = ""
    is_over: bool = False

    @property
    def is_open(self) -> bool:
        return self.approval.is_waiting

    @property
    def price_changed(self) -> bool:
        return self.is_open and self.total != self.approval.total

    @property
    def price(self) -> str:
        return dollars(self.total if self.is_open else self.approval.total)

    @property
    def approve_word(self) -> str:
        return "Approve over budget" if self.is_over else "Approve"

    @property
    def prompt(self) -> str:
        return self.approval.title or str(self.approval.requests[0]["prompt"])

    @property
    def facts(self) -> list[str]:
        asked = self.approval.requests
        ratios = list(dict.fromkeys(one["aspect_ratio"] for one in asked if one["aspect_ratio"]))
        models = list(dict.fromkeys(one["model"] for one in asked))
        used = max(one["inputs"] for one in asked)
        return [
            f"{self.approval.number:,} × {ratios[0]}" if len(ratios) == 1 else self.approval.what,
            *models,
            *(["web search"] if any(one["web_search"] for one in asked) else []),
            *([formatting.counted(used, "input picture")] if used else []),
            *([self.board] if self.board else []),
        ]


def cards(found: Iterable[Approval], person: User) -> list[Card]:
    """Requests with their pictures and boards: a fixed number of queries. Of a private one only its person sees them."""
    shown = list(found)
    hidden = {one.pk for one in shown if one.is_private and one.person_id != person.pk}
    keys = {one.pk: _inputs(one) for one in shown if one.pk not in hidden}
    pictures = (
        Picture.objects.visible_to(person).for_tiles().in_bulk({key for some in keys.values() for key in some})
        if any(keys.values())
        else {}
    )
    boards = {one.requests[0]["board"] for one in shown if one.pk not in hidden} - {None}
    left = _left([one for one in shown if one.is_waiting])
    names = dict(Board.objects.visible_to(person).filter(pk__in=boards).values_list("pk", "name")) if boards else {}
    return [
        Card(
            approval=one,
            is_hidden=one.pk in hidden,
            is_own=one.person_id == person.pk,
            pictures=[pictures[key] for key in keys.get(one.pk, []) if key in pictures],
            board=names.get(one.requests[0]["board"], ""),
            total=one.total_today() if one.is_waiting else one.total,
            left=left.get(one.pk, NO_LIMIT).words,
            is_over=left.get(one.pk, NO_LIMIT).is_over,
        )
        for one in shown
    ]


class Left(NamedTuple):
    """What is left after a request, of the budget that is nearest."""

    words: str = ""
    is_over: bool = False


NO_LIMIT = Left()


def _left(waiting: list[Approval]) -> dict[int, Left]:
    """Say of each what its person and the team have left after it, of the limit that is nearest: two queries."""
    if not waiting:
        return {}
    team, today = TeamBudget.current(), timezone.localdate()
    keys = [key for pk in {None, *(one.person_id for one in waiting)} for key in Spent.keys(pk, today)]
    used = Spent.objects.in_bulk(keys)
    found = {}
    for one in waiting:
        person, total = one.person, one.total_today()
        limits = (
            (team.each_per_day if person.cap_per_day is None else person.cap_per_day, "a day"),
            (team.each_per_month if person.cap_per_month is None else person.cap_per_month, "a month"),
            (team.per_day, "a day for the team"),
            (team.per_month, "a month for the team"),
        )
        rows = []
        for (most, word), key in zip(
            limits, [*Spent.keys(one.person_id, today), *Spent.keys(None, today)], strict=True
        ):
            if most is not None:
                after = most - (used[key].dollars if key in used else Decimal(0)) - total
                rows.append((after, f"{dollars(most)} {word}"))
        if rows:
            after, limit = min(rows)
            how = f"{dollars(after)} left" if after >= 0 else f"over by {dollars(-after)}"
            found[one.pk] = Left(f"{limit}, {how} after this", after < 0)
    return found


def _inputs(approval: Approval) -> list[int]:
    """The keys of the pictures that it uses, each once, as many as a card shows."""
    every = (key for one in approval.requests for key in ([one["source"]] if one["source"] else []) + one["references"])
    return list(dict.fromkeys(every))[:MOST_PICTURES]


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
        "longest": LONGEST,
        "page": "other",
    }
    return render(request, "approvals/approvals.html", context)


def _named(request: HttpRequest, name: str) -> Approval | None:
    """The request that an address names. Raises Http404 for none."""
    if name not in request.GET:
        return None
    try:
        return Approval.objects.get(code=uuid.UUID(request.GET[name]))
    except (ValueError, Approval.DoesNotExist):
        raise Http404 from None


@require_safe
def approval(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show one request to its person and to admins, and what came of it."""
    person = viewer(request)
    found = _found(code, person)
    placed = found.placed()
    made = placed.get_absolute_url() if isinstance(placed, Batch) else ""
    if placed and not made:
        made = reverse("studio:group", args=[placed.code])
    context = {"card": cards([found], person)[0], "made": made, "longest": LONGEST, "page": "other"}
    return render(request, "approvals/approval.html", context)


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
    messages.success(request, APPROVED.format(what=found.what, name=found.person.name, total=dollars(seen)))
    return _back(request)


@require_POST
@admin_only
def decline(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Refuse a request with a reason."""
    found, reason = _found(code, viewer(request)), _words(request, "reason")
    if not reason:
        messages.error(request, NO_REASON.format(name=found.person.name))
    elif not found.decline(by=viewer(request), reason=reason, now=timezone.now()):
        return _too_late(request, found)
    else:
        messages.success(request, DECLINED.format(name=found.person.name))
    return _back(request)


@require_POST
@admin_only
def ask_about(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Ask the person of a request something; it waits on."""
    found, question = _found(code, viewer(request)), _words(request, "question")
    if not question:
        messages.error(request, NO_QUESTION)
    elif not found.ask_about(by=viewer(request), question=question):
        return _too_late(request, found)
    else:
        messages.success(request, ASKED.format(name=found.person.name))
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
    found = _own(code, viewer(request))
    if found.take_note(note=_words(request, "note")):
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
    return " ".join(request.POST.get(name, "").replace("\0", " ").split())[:LONGEST]


def _too_late(request: HttpRequest, found: Approval) -> HttpResponse:
    """Say who was first, and with what."""
    now = Approval.objects.select_related("decided_by").get(pk=found.pk)
    who = now.decided_by.name if now.decided_by else "Somebody"
    when = formatting.moment(now.decided_at) if now.decided_at else ""
    messages.info(request, f"{who} was first: {now.get_state_display().lower()} {when}. Nothing was changed.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(onward(request, reverse("studio:approvals")))
