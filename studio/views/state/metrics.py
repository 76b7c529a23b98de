"""Figures for Prometheus, for whoever has STUDIO_METRICS_TOKEN: kept counts and small tables only, never all jobs."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from studio import task_queue
from studio.configuration.roles import Role
from studio.models import ApiAccount, Job, JobCount, SendingPause
from studio.models.jobs.count import in_dollars
from studio.models.jobs.timing import usual
from studio.views.review.health_summary import TYPICAL
from studio.views.state.health import beats


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer 404 while no token is set, and to a wrong one: nobody learns that there are figures."""
    wanted, given = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Figures())
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers=headers)


class Figures(Collector):
    """What the tables say at this moment, the same on every machine."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield _labelled(
            "studio_jobs_open",
            "Jobs under way, by state.",
            "state",
            Job.objects.in_progress().values_list("state").annotate(n=Count("pk")).order_by(),
        )
        oldest = Job.objects.waiting().aggregate(since=Min("created_at"))["since"]
        yield _one(
            "studio_oldest_waiting_seconds",
            "For how long the oldest waiting job has waited.",
            (now - oldest).total_seconds() if oldest else 0,
        )
        cells = JobCount.objects.values_list("group").annotate(n=Sum("number")).order_by()
        yield _labelled("studio_jobs", "Jobs there are, by what became of them.", "group", cells)
        failed = (
            JobCount.objects.filter(group=JobCount.Group.FAILED)
            .values_list("cause")
            .annotate(n=Sum("number"))
            .order_by()
        )
        yield _labelled("studio_failures", "Failed jobs and unknown outcomes there are, by cause.", "cause", failed)
        charged = JobCount.objects.values_list("charge").annotate(n=Sum("price")).order_by().exclude(charge="")
        dollars = [(charge, float(in_dollars(parts))) for charge, parts in charged]
        yield _labelled(
            "studio_dollars", "Price of all jobs in US dollars, by whether it was charged.", "charge", dollars
        )
        account = ApiAccount.current()
        yield _one("studio_slots", "How much may run at Luma at once, in its weights.", account.slots)
        yield _one(
            "studio_slots_used", "How much runs at Luma now, in its weights.", Job.objects.occupying(now).weight()
        )
        yield _one("studio_requests_per_minute", "How many requests Luma takes in a minute.", account.per_minute)
        paused = set(SendingPause.objects.values_list("reason", flat=True))
        reasons = [(reason.value, float(reason in paused)) for reason in SendingPause.Reason]
        yield _labelled("studio_sending_paused", "1 while sending is paused for this reason.", "reason", reasons)
        queued = [(name, float(task_queue.length(name, now=now))) for name in Role.ALL.queues]
        yield _labelled("studio_queue_tasks", "Tasks that wait for a worker, by queue.", "queue", queued)
        ages = [(name, age.total_seconds()) for name, age in beats().items()]
        yield _labelled(
            "studio_heartbeat_age_seconds", "How long ago each part of the engine last did something.", "part", ages
        )
        if known := usual(*TYPICAL, now=now):
            quantiles = [("low", known.low), ("high", known.high)]
            yield _labelled("studio_usual_seconds", "How long a picture usually takes.", "bound", quantiles)
        disk = shutil.disk_usage(settings.STUDIO_DATA)
        yield _one("studio_disk_free_bytes", "Room left below STUDIO_DATA on this machine.", disk.free)
        yield _one("studio_disk_bytes", "Size of the disk of STUDIO_DATA on this machine.", disk.total)


def _one(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _labelled(name: str, help: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=[label])
    for key, value in values:
        family.add_metric([key or "none"], value)
    return family
