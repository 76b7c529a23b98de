"""What a job's owner, or an admin, decides about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from studio import tasks
from studio.codes import read_code
from studio.engine import lookup
from studio.models import Job, User
from studio.models.not_placed import NotPlaced
from studio.models.review import case_act, others_work
from studio.models.spend.shown_prices import Priced
from studio.models.sql.compiled_query import CODE, CompiledQuery
from studio.views import paid, updates
from studio.views.jobs import decisions, failure_strip
from studio.views.jobs.card_builder import CardBuilder
from studio.views.jobs.cards import Card
from studio.views.permissions import makers_only, onward
from studio.views.privacy import conceal
from studio.views.request import HtmxRequest, read_number, viewer
from studio.views.review import cases

GONE_AHEAD = "It was already sent and cannot be stopped."
NOT_WAITING = "It is not in line any more."
NOT_FAILED = "It was already tried again."
SAME_AGAIN = "Luma would get the same picture again. Choose another one."
NOT_LATE = "Something happened to it meanwhile."
NOT_UNKNOWN = "It is settled already."
NOT_AN_ID = "This isn't an id of Luma's. It looks like 3f2b8c1e-5d4a-4c6b-9e8f-0a1b2c3d4e5f."
LOOKING_UP = "Studio asks Luma about it now. What comes of it shows here."
NOT_ENDED = "It's still running, so it can't be dismissed."

# For a decision: without what only a card shows.
_WITH_PERSON: CompiledQuery[Job] = CompiledQuery(
    lambda code: Job.objects.filter(code=code).select_related("submission", "person"), CODE
)
Deciding = Callable[[HtmxRequest, Job], HttpResponse]


def deciding(view: Deciding) -> Callable[[HtmxRequest, uuid.UUID], HttpResponse]:
    """Hand over the job to its owner or to an admin; nobody else decides about it.

    Of a private job an admin decides as in Review, without its words and pictures; nobody else learns that it is there.
    """

    @wraps(view)
    def guarded(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
        found = _WITH_PERSON.first(code)
        if found is None:
            raise Http404
        person = viewer(request)
        if not person.can_make or (not person.owns(found.person_id) and not person.is_admin):
            raise Http404 if found.is_private and not person.owns(found.person_id) else PermissionDenied
        return view(request, conceal(found, person))

    return guarded


@require_POST
@deciding
def cancel(request: HtmxRequest, found: Job) -> HttpResponse:
    """Take it out of the line, unless it has been sent."""
    return _answer(request, found, _act(request, found, "cancel"), otherwise=GONE_AHEAD)


@require_POST
@deciding
def retry(request: HtmxRequest, found: Job) -> HttpResponse:
    """Try a failed job once more; what has become dearer since the page was drawn is asked about first."""
    person = viewer(request)
    try:
        if not found.is_free_to_get:
            paid.check(request, Priced.of_job(found))
        done = _was_seen(request, found, person) and case_act.act(found, "retry", by=person, now=timezone.now())
    except NotPlaced as why:
        return _answer(request, found, False, otherwise=why.sentence)
    if done:
        tasks.wake_conductor()
        return _answer(request, found, True)
    otherwise = SAME_AGAIN if found.is_beyond_remedy else _decided(request, found) or NOT_FAILED
    return _answer(request, found, False, otherwise=otherwise)


@require_POST
@deciding
def stop_waiting(request: HtmxRequest, found: Job) -> HttpResponse:
    """Let somebody else have the slot of a late job; a picture that is made after all still comes."""
    if done := _act(request, found, "stop_waiting"):
        tasks.wake_conductor()
    return _answer(request, found, done, otherwise=NOT_LATE)


@require_http_methods(["GET", "HEAD", "POST"])
@deciding
def send_again(request: HtmxRequest, found: Job) -> HttpResponse:
    """Ask first, because it may cost twice; then send an unknown or a lost job once more."""
    if request.method != "POST":
        is_open = found.state == Job.State.UNKNOWN and not found.settled_at
        if not _was_seen(request, found) or not (is_open or found.may_be_paid_again):
            messages.info(request, _decided(request, found) or NOT_UNKNOWN)
            return _elsewhere(request, _page_of(request, found))
        card = _card(request, found)
        context = {"card": card, "job": found, "next": onward(request, _page_of(request, found))}
        return render(request, f"jobs/send_again.html{'#confirm' if request.htmx else ''}", context)
    try:
        paid.check(request, Priced.of_job(found))
        done = _was_seen(request, found) and case_act.act(found, "send_again", by=viewer(request), now=timezone.now())
    except NotPlaced as why:
        return _answer(request, found, False, otherwise=why.sentence)
    if done:
        tasks.wake_conductor()
    return _answer(request, found, done, otherwise="" if done else _decided(request, found) or NOT_UNKNOWN)


@require_POST
@deciding
def look_up(request: HtmxRequest, found: Job) -> HttpResponse:
    """Have the engine follow an id that an admin knows, if Luma knows it; `again`: those in Luma's answer, for its owner too."""
    person, now, is_again = viewer(request), timezone.now(), "again" in request.POST
    asked = read_code(request.POST.get("id", "").strip())
    if not (is_again or person.is_admin):
        raise PermissionDenied
    if not (is_again or asked):
        messages.error(request, NOT_AN_ID)
    elif not is_again and Job.objects.filter(remote_id=str(asked)).exists():
        messages.error(request, lookup.TAKEN)
    elif found.look_again(now=now) if is_again else found.look_up(str(asked), by=person, now=now):
        tasks.wake_conductor()
        messages.info(request, LOOKING_UP)
    else:
        messages.info(request, NOT_UNKNOWN)
    return _elsewhere(request, _page_of(request, found))


@require_POST
@deciding
def write_off(request: HtmxRequest, found: Job) -> HttpResponse:
    """Settle it without sending it again."""
    done = _was_seen(request, found) and case_act.act(found, "write_off", by=viewer(request), now=timezone.now())
    return _answer(request, found, done, otherwise="" if done else _decided(request, found) or NOT_UNKNOWN)


@require_POST
@deciding
def dismiss(request: HtmxRequest, found: Job) -> HttpResponse:
    """Take the card off the feed, or with `state=off` put it back."""
    if request.POST.get("state") == "off":
        _act(request, found, "recall")
        return _answer(request, found, True, otherwise="")
    done = _act(request, found, "dismiss")
    if done and (_is_card(request, found) or _is_strip(request)):
        undo = reverse("studio:dismiss_job", args=[found.code])
        target = failure_strip.ID if _is_strip(request) else f"job-{found.code}"
        return HttpResponse(
            updates.changed_card(request, _card(request, found))
            + updates.toast(request, "Dismissed.", icon="check", undo=undo, target=target)
        )
    return _answer(request, found, done, otherwise=NOT_ENDED)


@require_POST
@makers_only
def dismiss_failures(request: HtmxRequest) -> HttpResponse:
    """Take all of one's own failed cards off the feed, or with `state=off` put those of one moment back."""
    person, most = viewer(request), failure_strip.MOST_DISMISSED
    upto = read_number(request.POST.get("upto") or request.GET.get("upto", "")) or 0
    here = onward(request, reverse("studio:create"))
    if request.POST.get("state") == "off":
        at = _moment(request.GET.get("at", ""))
        if at:
            Job.recall_failures(person, at=at, since=upto, most=most)
        return HttpResponse(status=200) if request.htmx else redirect(here)
    now = timezone.now()
    done = Job.dismiss_failures(person, upto=upto, now=now, most=most)
    if request.htmx:
        undo = failure_strip.undo_address(now.timestamp(), upto)
        said = f"{done} dismissed." if done else "Nothing to dismiss."
        how = {"icon": "check", "undo": undo, "target": failure_strip.ID} if done else {}
        return HttpResponse(updates.toast(request, said, **how))
    if not done:
        return redirect(here)
    undone = urlencode({"dismissed": f"{now.timestamp():.6f}", "upto": str(upto)})
    return redirect(f"{here}{'&' if '?' in here else '?'}{undone}")


def _moment(text: str) -> datetime | None:
    """Read seconds since 1970 with all microseconds: floats round trip at that size."""
    try:
        return datetime.fromtimestamp(round(float(text), 6), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


@require_POST
@deciding
def lift(request: HtmxRequest, found: Job) -> HttpResponse:
    """Let it go before all others: for an admin to decide, whoever owns it."""
    if not viewer(request).is_admin:
        raise PermissionDenied
    if done := _act(request, found, "prioritize"):
        tasks.wake_conductor()
    return _answer(request, found, done, otherwise=NOT_WAITING)


def _act(request: HtmxRequest, found: Job, name: str) -> bool:
    return others_work.act(found, name, by=viewer(request), now=timezone.now())


# ---- What is answered


def _was_seen(request: HtmxRequest, found: Job, by: User | None = None) -> bool:
    return decisions.was_seen(found, request.POST.get("seen") or request.GET.get("seen", ""), by=by)


def _decided(request: HtmxRequest, found: Job) -> str:
    """Who else was first, and with what; "" where it was this person."""
    now = Job.objects.select_related("settled_by", "asked_by").get(pk=found.pk)
    by = now.settled_by_id if now.settled_at else now.asked_by_id
    if now.is_active and now.asked_by_id and now.asked_cause != "unknown" and by != viewer(request).pk:
        return f"{decisions.doing(now, timezone.now())}, {decisions.asked_by(now)}."
    return "" if by == viewer(request).pk else decisions.told(now, viewer(request), timezone.now())


def _answer(request: HtmxRequest, found: Job, done: bool, *, otherwise: str = "") -> HttpResponse:
    """The card as it is now, for the page that shows it; else back to where the form stood.

    `otherwise` is said when somebody, or the engine, was first.
    """
    if _is_card(request, found):
        said = "" if done else updates.toast(request, otherwise)
        return HttpResponse(updates.changed_card(request, _card(request, found)) + said)
    if cases.is_row(request, found):
        said = "" if done else updates.toast(request, otherwise)
        return HttpResponse(cases.row(request, found) + said)
    if _is_strip(request):
        # The pulse that follows every decision brings the strip, and the card if there is one now.
        return HttpResponse("" if done else updates.toast(request, otherwise))
    if not done:
        messages.info(request, otherwise)
    return _elsewhere(request, onward(request, f"{reverse('studio:create')}#job-{found.code}"))


def _card(request: HtmxRequest, found: Job) -> Card:
    row = Job.objects.for_cards().get(pk=found.pk)
    return CardBuilder(viewer(request), timezone.now()).card(conceal(row, viewer(request)))


def _is_card(request: HtmxRequest, found: Job) -> bool:
    """Whether a card of the feed asks, and gets itself back."""
    return bool(request.htmx) and request.htmx.target == f"job-{found.code}"


def _is_strip(request: HtmxRequest) -> bool:
    return bool(request.htmx) and request.htmx.target == failure_strip.ID  # a row of it asks


def _page_of(request: HtmxRequest, found: Job) -> str:
    """The page of a job, or Review for who may not open it."""
    is_hidden = found.is_private and not viewer(request).owns(found.person_id)
    return reverse("studio:review") if is_hidden else found.get_absolute_url()


def _elsewhere(request: HtmxRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
