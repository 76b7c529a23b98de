"""The state of things, for admins: what runs, how Luma answers, what is stored, and the limits in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from studio import task_queue, tasks
from studio.context_processors import shell
from studio.forms import limits
from studio.forms.limits import LimitForm
from studio.models import (
    ApiAccount,
    ConductorLease,
    Heartbeat,
    Job,
    JobCount,
    Run,
    SendingPause,
    StorageFigure,
    TrailEntry,
)
from studio.models.jobs.count import in_dollars
from studio.models.state.api_account import LIMITS
from studio.models.state.heartbeat import WEB
from studio.views.permissions import admin_only
from studio.views.request import viewer
from studio.views.state import api_plot
from studio.views.state.health import STALE

PARTS = {"io": ("Conductor", "sends, asks and fetches"), "studio": ("Queue", "sizes, zips, mails and upkeep")}
STATES = (
    ("waiting", "In line"),
    ("sending", "Being sent"),
    ("running", "At Luma"),
    ("saving", "Being saved"),
)
SAVED, RELEASED, FREE_ALREADY = "Saved. In force now.", "Back to what Luma's answers say.", "It wasn't fixed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A part of the studio on a machine, and how long it has been silent."""

    name: str
    does: str
    machine: str
    age: timedelta | None
    note: str = ""

    @property
    def is_alive(self) -> bool:
        return self.age is not None and self.age <= STALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit in force: where it comes from, and what would be in force without the admin's number."""

    name: str
    label: str
    value: Any
    source: str
    configured: Any
    learnt: Any
    by: str
    at: datetime | None
    error: str
    typed: str
    seen: str

    @property
    def said(self) -> str:
        return limits.said(self.name, self.value)

    @property
    def learnt_said(self) -> str:
        return limits.said(self.name, self.learnt)

    @property
    def configured_said(self) -> str:
        return limits.said(self.name, self.configured)

    @property
    def most(self) -> int:
        return limits.MOST[self.name]


@require_safe
@admin_only
def state(request: HttpRequest) -> HttpResponse:
    """Show it all; an open page asks again now and then, for the parts that move."""
    return _page(request)


@require_POST
@admin_only
def set_limit(request: HttpRequest, name: str) -> HttpResponse:
    """Put a limit in force (`value`, or one weight for each kind), or go back to what was learnt (`act=release`)."""
    if name not in LIMITS:
        raise Http404
    person, label = viewer(request), limits.NAMES[name]
    if request.POST.get("act") == "release":
        with transaction.atomic():
            account = ApiAccount.locked()
            why = limits.changed_meanwhile(account, name, None, request.POST, by=person.name)
            before = limits.said(name, getattr(account, name))
            if is_first := not why and account.release(name):
                after = limits.said(name, getattr(account, name))
                _log(request, label, f"back to what was learnt: {before} → {after}")
        if why:
            messages.error(request, why)
        else:
            messages.success(request, RELEASED if is_first else FREE_ALREADY)
        tasks.wake_conductor()
        return redirect(f"{reverse('studio:state')}#limits")
    form = LimitForm.sent(name, request.POST)
    if form.error:
        return _page(request, form, status=422)
    with transaction.atomic():
        account = ApiAccount.locked()
        why = limits.changed_meanwhile(account, name, form.value, request.POST, by=person.name)
        if not why:
            before = limits.said(name, getattr(account, name))
            account.fix(by=person, now=timezone.now(), **{name: form.value})
            _log(request, label, f"{before} → {limits.said(name, form.value)}")
    if why:
        return _page(request, replace(form, error=why), status=409)
    tasks.wake_conductor()
    messages.success(request, SAVED)
    return redirect(f"{reverse('studio:state')}#limits")


def _log(request: HttpRequest, thing: str, text: str) -> None:
    TrailEntry.log(TrailEntry.Verb.LIMITS, by=viewer(request), thing=thing, text=text, address=reverse("studio:state"))


def _page(request: HttpRequest, form: LimitForm | None = None, *, status: int = 200) -> HttpResponse:
    now, frame = timezone.now(), shell(request)
    plot = api_plot.Plot.read(request.GET.get("span", ""), request.GET.get("kind", ""), now=now)
    holds = frame["holds"]()
    account = ApiAccount.current()
    calls, failed = api_plot.recent(now)
    context = {
        "now": now,
        "processes": _processes(now),
        "used": frame["slots_used"](),
        "slots": frame["slots"](),
        "jobs": _jobs(now),
        "ended": _ended(),
        "holds": holds,
        "is_paused": any(pause.reason == SendingPause.Reason.ADMIN for pause in holds),
        "calls": calls,
        "failed": failed,
        "plot": plot,
        "address": f"{reverse('studio:state')}?{urlencode({'span': plot.span, 'kind': plot.kind})}",
        "limits": [_limit(account, name, form) for name in ("slots", "per_minute")],
        "weights": _limit(account, "weights", form),
        "kinds": [(kind, label, _weight(account, kind, form)) for kind, label in limits.kinds()],
        "left": account.left_this_minute(now),
        "asked_to_wait": account.paused_until if account.is_paused(now) else None,
        "storage": {figure.name: figure for figure in StorageFigure.objects.all()},
        "in_bucket": bool(settings.S3_BUCKET),
        "runs": [(kind.label, kind.value, Run.last(kind)) for kind in Run.Kind],
        "page": "other",
    }
    name = "state/state.html#live" if request.headers.get("HX-Request") and status == 200 else "state/state.html"
    return render(request, name, context, status=status)


def _processes(now: datetime) -> list[Process]:
    lease = ConductorLease.objects.filter(pk="conductor").first()
    is_held = bool(lease and lease.is_taken(now))
    found = {beat.name: beat for beat in Heartbeat.objects.all()}
    shown = []
    for name, beat in sorted(found.items()):
        if name.startswith(WEB):
            shown.append(Process(name="Web", does="answers pages", machine=beat.machine, age=now - beat.at))
    for name, (label, does) in PARTS.items():
        beat_of = found.get(name)
        note = ""
        if name == "io":
            note = f"at work, process {lease.pid}" if lease and is_held else "rests until there is work"
        elif task_queue.state() == "silent":
            note = "its Redis does not answer; the database wakes it meanwhile, and nothing is lost"
        machine = lease.host if name == "io" and lease and is_held else beat_of.machine if beat_of else ""
        age = now - beat_of.at if beat_of else None
        shown.append(Process(name=label, does=does, machine=machine, age=age, note=note))
    return shown


def _jobs(now: datetime) -> dict[str, Any]:
    """Count what is under way, which is a short list, by its state."""
    rows = Job.objects.in_progress().order_by().values("state")
    counts = {row["state"]: row for row in rows.annotate(number=Count("pk"), oldest=Min("created_at"))}
    states = [
        (
            label,
            counts[state]["number"] if state in counts else 0,
            now - counts[state]["oldest"] if state in counts else None,
        )
        for state, label in STATES
    ]
    waiting = counts.get("waiting")
    return {
        "states": states,
        "waiting": waiting["number"] if waiting else 0,
        "oldest": now - waiting["oldest"] if waiting else None,
        "number": sum(number for _, number, _ in states),
        "unsaved": Job.objects.unsaved().count(),
    }


def _ended() -> dict[str, Any]:
    """Sum up what ended, from the kept counts."""
    open_cases = JobCount.objects.filter(group=JobCount.Group.FAILED, settled=False)
    return {
        "open": open_cases.aggregate(number=Sum("number", default=0))["number"],
        "done": JobCount.objects.filter(group=JobCount.Group.DONE).aggregate(number=Sum("number", default=0))["number"],
        "maybe": in_dollars(open_cases.filter(charge="maybe").aggregate(price=Sum("price", default=0))["price"]),
    }


def _limit(account: ApiAccount, name: str, form: LimitForm | None) -> Limit:
    fixed = account.fixed.get(name, {})
    is_refused = form is not None and form.name == name
    value = getattr(account, name)
    return Limit(
        name=name,
        label=limits.NAMES[name],
        value=value,
        source=limits.source(account, name),
        configured=ApiAccount.configured(name),
        learnt=account.known(name),
        by=str(fixed.get("by", "")),
        at=parse_datetime(fixed["at"]) if fixed else None,
        error=form.error if form and is_refused else "",
        typed=form.typed.get(name, "") if form and is_refused else str(value),
        seen=limits.seen_of(account, name),
    )


def _weight(account: ApiAccount, kind: str, form: LimitForm | None) -> str:
    if form and form.name == "weights":
        return form.typed.get(kind, "")
    return str(account.weights.get(kind, 1))
