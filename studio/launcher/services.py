"""What each part of the studio runs."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from studio.configuration.base_path import served
from studio.launcher import processes, server, web_watch
from studio.signing_in.sign_in import may_send_files

# Pages are mostly waiting for SQLite or the disk; two processes keep both cores of a small machine busy.
WEB_PROCESSES = min(2, os.cpu_count() or 1)
# The files of one form, its fields and the lines between them.
FORM_MARGIN = 1024 * 1024  # bytes


def load() -> None:
    """Load what several parts use, before they are forked: they share its memory.

    A queue needs the pages' addresses, for the first time within the transaction that stores a picture.
    """
    _ = get_resolver().url_patterns


def web() -> None:
    """Serve the pages until SIGTERM, in processes that share one address."""
    from studio.forms.files.uploads import MOST_BYTES

    application = served(get_wsgi_application())
    listener = server.listen(settings.STUDIO_HOST, settings.STUDIO_PORT)
    server.temporary_files_in(settings.WORK_DIR)
    # What is loaded for good need not be searched for garbage again: a full pass over it takes a page 0.1 s.
    gc.collect()
    gc.freeze()

    if settings.S3_BUCKET:
        from studio.s3 import storage as s3

        s3.serve_pages()

    def serve(stops: Callable[[Callable[[], None]], None]) -> None:
        web_server = server.Server(application, listener, may_send=may_send_files, most_bytes=MOST_BYTES + FORM_MARGIN)
        stops(web_server.stop)
        web_watch.start()
        web_server.run()

    processes.keep(WEB_PROCESSES, serve)


def queue(name: str) -> None:
    """Run the django-q2 cluster `name` until it is stopped."""
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
    from django.db import connections

    from studio.models import ratio
    from studio.simulator import Options, run

    def more_ratios() -> dict[str, tuple[int, int]]:
        """What an admin has added since the release, asked for in a thread that keeps no connection."""
        try:
            return ratio.added()
        finally:
            connections.close_all()

    run(
        Options(
            host="127.0.0.1",
            port=settings.SIMULATOR_PORT,
            state_dir=settings.STUDIO_DATA / "simulator",
            time_scale=settings.SIMULATOR_TIME_SCALE,
            limit_mode=settings.SIMULATOR_LIMITS,
            more_ratios=more_ratios,
        )
    )
