from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Studio"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from studio import checks
        from studio.database import idle_transactions, pooler
        from studio.luma import pricing, ratios
        from studio.models import dated_row, ratio
        from studio.models.search import folded
        from studio.models.spend import price

        settings.WORK_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A new worker looks for work at once: that is how a killed conductor is followed within a second.
        post_spawn.connect(wake, dispatch_uid="studio.wake")
        connection_created.connect(folded.register, dispatch_uid="studio.folded")
        connection_created.connect(idle_transactions.limit, dispatch_uid="studio.database.idle_transactions")
        connection_created.connect(pooler.notice, dispatch_uid="studio.database.pooler")
        post_migrate.connect(schedule, sender=self, dispatch_uid="studio.schedule")
        self.checks = checks
        pricing.use(price.table, today=dated_row.today)
        ratios.use(ratio.table)


def wake(**kwargs: Any) -> None:
    from studio.tasks import ensure_conductor

    ensure_conductor()


def schedule(**kwargs: Any) -> None:
    from studio.tasks import schedule_periodic

    schedule_periodic()
