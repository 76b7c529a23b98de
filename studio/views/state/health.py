"""What machines ask: does the process live, and can it serve?"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio import disk, storage, task_queue
from studio.configuration import roles
from studio.models import Heartbeat, SendingPause
from studio.models.sql.compiled_query import CompiledQuery
from studio.models.state.heartbeat import WEB

# Each queue is asked for a beat every eight seconds; the CPU queue may be busy with one picture for a minute.
STALE = timedelta(seconds=90)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive. It touches nothing, so that a slow database does not get it killed."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the database answers, has every migration, the queues beat and the disk takes files; 503 when not."""
    facts: dict[str, object]
    try:
        migrated = is_migrated()
        ages = beats() if migrated else {}
        is_read_only = _is_read_only()
    except DatabaseError as error:
        facts = {"database": type(error).__name__, "migrations": "unknown", "queues": {}, "disk": _disk()}
        return _told(facts, ready=False)
    # A machine that only serves pages is not taken out of service because another one's queue is silent.
    alive = not roles.current.queues or (bool(ages) and all(age <= STALE for age in ages.values()))
    facts = {
        "database": "read-only" if is_read_only else "ok",
        "migrations": "ok" if migrated else "missing",
        "queues": {name: round(age.total_seconds(), 1) for name, age in ages.items()},
        # Without its Redis the database wakes the queues, later.
        "broker": task_queue.state(),
        "disk": _disk(),
        # Pages and the jobs that are under way go on without it, so it alone takes no machine out of service.
        "storage": "silent" if SendingPause.objects.filter(pk=SendingPause.Reason.STORAGE).exists() else "ok",
    }
    return _told(facts, ready=migrated and alive and not is_read_only and facts["disk"] == "ok")


def _disk() -> str:
    folders = filter(None, (settings.STUDIO_DATA, storage.folder()))
    return next(filter(None, map(disk.fault, folders)), "ok")


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _is_read_only() -> bool:
    """Whether PostgreSQL answers and takes nothing: a stand-by that does not lead, or a service whose disk is full."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone() == ("on",))


_BEATS = CompiledQuery(lambda: Heartbeat.objects.exclude(name__startswith=WEB).order_by("name"))


def beats() -> dict[str, timedelta]:
    """Return how long ago each part of the engine last beat; whoever asks a web process knows that it lives."""
    now = timezone.now()
    return {beat.name: now - beat.at for beat in _BEATS()}


def _told(facts: dict[str, object], *, ready: bool) -> JsonResponse:
    return JsonResponse({"ready": ready, **facts}, status=200 if ready else 503, headers={"Cache-Control": "no-store"})
