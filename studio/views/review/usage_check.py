"""Unknown outcomes against what Luma counted: a day of Studio's own rows beside Luma's figures, and what that says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_q.tasks import async_task

from studio.forms.spend.provider_usage import EARLIEST, UsageForm
from studio.models import ApiAccount, Attempt, Job, ProviderUsage
from studio.models.jobs import slot_evidence
from studio.models.jobs.timing import usual
from studio.models.spend.provider_usage import DayLedger
from studio.views import formatting
from studio.views.permissions import admin_only
from studio.views.request import viewer
from studio.views.review import failure_cases

MOST_UNKNOWN = 200  # of which the days are offered
MOST_SHOWN = 20
MOST_DAYS = 8
SAVED = "Saved: {days} of Luma's figures."
ASKED = "Studio asks Luma. Reload in a moment to see the answer."


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def usage_check(request: HttpRequest) -> HttpResponse:
    """Compare a day (`day`, in UTC), or store Luma's figures for it (POST), or have the engine ask (`act=ask`)."""
    person, now = viewer(request), timezone.now()
    unknown = list(
        Job.objects.open_cases()
        .filter(cause="unknown")
        .order_by("-finished_at", "-pk")
        .only("pk", "sent_at", "created_at")[:MOST_UNKNOWN]
    )
    days = Counter(_day_of(job) for job in unknown)
    day = _day(request.POST.get("day") or request.GET.get("day", "")) or max(days, default=now.astimezone(UTC).date())
    form = UsageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and request.POST.get("act") == "ask":
        async_task("studio.tasks.ask_usage", day.isoformat(), person.pk, cluster="studio")
        messages.info(request, ASKED)
        return redirect(_address(day))
    if request.method == "POST" and form.is_valid():
        saved = form.save(by=person, now=now)
        messages.success(request, SAVED.format(days=formatting.counted(len(saved), "day")))
        return redirect(_address(saved[-1].day))
    ledger, usage = DayLedger.of(day), ProviderUsage.of(day)
    context = {
        "day": day,
        "days": sorted(days.items(), reverse=True)[:MOST_DAYS],
        "ledger": ledger,
        "usage": usage,
        "answer": ProviderUsage.last_answer(day),
        "says": compared(ledger, usage) if usage else [],
        "cases": _cases(request, [job.pk for job in unknown if _day_of(job) == day][:MOST_SHOWN]),
        "form": form,
        "today": now.astimezone(UTC).date(),
    }
    return render(request, "review/usage.html", context, status=422 if request.method == "POST" else 200)


def compared(ledger: DayLedger, usage: ProviderUsage) -> list[str]:
    """Name the difference between Luma's figures and Studio's rows, in sentences."""
    pictures, cost = (usage.pictures or 0) - ledger.charged, (usage.cost or Decimal(0)) - ledger.cost
    maybe = ledger.maybe
    if pictures == 0:
        said = "Luma counts as many pictures as Studio."
        said += f" So none of the {maybe} that may have been charged seems to have run." if maybe else ""
    elif pictures < 0:
        said = f"Luma counts {-pictures} fewer than Studio. It may count later, or its day may begin at another hour."
    elif pictures <= maybe:
        which = "All" if pictures == maybe else f"{pictures} of {maybe}"
        said = f"Luma counts {pictures} more than Studio. {which} that may have been charged probably ran."
    else:
        said = f"Luma counts {pictures} more than Studio, and only {maybe} may have been charged here."
        number = pictures - maybe
        said += f" {number} {'was' if number == 1 else 'were'} asked for elsewhere, with the same account."
    sentences = [said]
    if cost:
        word = "more" if cost > 0 else "less"
        unpriced = (
            f" Layers without a known price ({ledger.unpriced}) are not in Studio's sum." if ledger.unpriced else ""
        )
        sentences.append(f"Luma's cost is {formatting.price(abs(cost))} {word} than Studio's.{unpriced}")
    return sentences


def _cases(request: HttpRequest, pks: list[int]) -> list[failure_cases.Case]:
    jobs = list(Job.objects.for_review().filter(pk__in=pks).order_by("-finished_at", "-pk"))
    shown = failure_cases.cases(jobs, viewer(request)) if jobs else []
    slots, now = ApiAccount.current().slots if shown else 0, timezone.now()
    lost = {
        attempt.job_id: attempt
        for attempt in Attempt.objects.filter(job_id__in=pks, outcome=Attempt.Outcome.UNKNOWN)
        .select_related("job__submission")
        .order_by("number")
    }
    return [
        replace(case, evidence=_sentence(lost[case.job.pk], slots, now)) if case.job.pk in lost else case
        for case in shown
    ]


def _sentence(lost: Attempt, slots: int, now: datetime) -> str:
    """Say whether a place at Luma came free."""
    asked = lost.job.submission
    says, at, known = slot_evidence.of(lost, slots=slots, usual=usual(asked.type, asked.model, now=now))
    every = f"all {slots} slots" if slots > 1 else "the only slot"
    if says == "free":
        others = formatting.counted(known, "other")
        return f"It held no slot. {formatting.moment(at)}: Luma ran {others}, {every}. It probably did not run."
    if says == "taken":
        return (
            f"Something held a slot. {formatting.moment(at)}: Luma refused another for want of one, with {known} of {slots}"
            " known to run. It probably ran."
        )
    if known >= slots:
        return f"The slots say nothing: others used {every}, but perhaps only after it was made."
    return f"The slots say nothing: at most {known} of {slots} were in use while it could have run."


def _day_of(job: Job) -> date:
    return (job.sent_at or job.created_at).astimezone(UTC).date()


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if EARLIEST <= found <= datetime.now(UTC).date() + timedelta(days=1) else None


def _address(day: date) -> str:
    return f"{reverse('studio:usage_check')}?day={day:%Y-%m-%d}"
