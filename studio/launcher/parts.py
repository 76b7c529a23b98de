"""What each part of the studio runs."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

# Pages are mostly waiting for SQLite or the disk; two processes keep both cores of a small machine busy.
WEB_PROCESSES = min(2, os.cpu_count() or 1)
WEB_THREADS = 6
# An upload is judged within the request; nothing else takes long.
WEB_TIMEOUT = 90  # seconds


class Web(BaseApplication):  # type: ignore[misc]
    """Django behind gunicorn, in this process and its forks."""

    def load_config(self) -> None:
        chosen: dict[str, Any] = {
            "bind": [f"{settings.STUDIO_HOST}:{settings.STUDIO_PORT}"],
            "workers": WEB_PROCESSES,
            "worker_class": "gthread",
            "threads": WEB_THREADS,
            "timeout": WEB_TIMEOUT,
            "graceful_timeout": 8,
            "keepalive": 15,
            "preload_app": True,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "studio-web",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


def web() -> None:
    Web().run()


def queue(name: str) -> None:
    """Run the django-q2 cluster `name` until it is told to stop."""
    from django_q.cluster import Cluster
    from django_q.conf import Conf

    # `Q_CLUSTER_NAME=name manage.py qcluster` reads the same settings before Conf is imported; a fork comes later.
    Conf.CLUSTER_NAME = name
    own = settings.Q_CLUSTER["ALT_CLUSTERS"].get(name, {})
    for key in ("workers", "queue_limit", "timeout", "retry", "recycle"):
        setattr(Conf, key.upper(), own.get(key, settings.Q_CLUSTER[key]))
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def simulator() -> None:
    from studio.simulator import Options, run

    run(
        Options(
            host="127.0.0.1",
            port=settings.SIMULATOR_PORT,
            state_dir=settings.STUDIO_DATA / "simulator",
            time_scale=settings.SIMULATOR_TIME_SCALE,
            limit_mode=settings.SIMULATOR_LIMITS,
        )
    )
