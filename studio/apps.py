from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

# See that nothing waits without a conductor; quarantine orphans often enough that none is there for an hour.
# Keep the query planner's statistics current.
PERIODIC = {
    "ensure_conductor": ("studio.tasks.ensure_conductor", 1),
    "quarantine_orphans": ("studio.tasks.quarantine_orphans", 15),
    "complete_sizes": ("studio.tasks.complete_sizes", 60),
    "tend_layers": ("studio.tasks.tend_layers", 60),
    "tune_tables": ("studio.tasks.tune_tables", 60),
}


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Studio"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from studio import checks

        settings.WORK_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A new worker looks for work at once: that is how a killed conductor is followed within a second.
        post_spawn.connect(wake, dispatch_uid="studio.wake")
        post_migrate.connect(schedule, sender=self, dispatch_uid="studio.schedule")
        self.checks = checks


def wake(**kwargs: Any) -> None:
    from studio.tasks import ensure_conductor

    ensure_conductor()


def schedule(**kwargs: Any) -> None:
    """The one table of periodic work: what is done how often (minutes)."""
    from django_q.models import Schedule

    for name, (func, minutes) in PERIODIC.items():
        how_often = {"schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        Schedule.objects.update_or_create(name=name, defaults={"func": func, **how_often})
