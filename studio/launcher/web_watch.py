"""A thread of each web process: it gives a sign of life, and says when the engine gives none."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime

from django.db import DatabaseError, connections
from django.utils import timezone

from studio.engine.deliveries import alerts
from studio.models import Heartbeat

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds


def start() -> threading.Thread:
    """Watch until the process ends."""
    thread = threading.Thread(target=_watch, name="web watch", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    since = timezone.now()
    while True:
        look(since)
        connections.close_all()
        time.sleep(EVERY)


def look(since: datetime) -> None:
    """Give a sign of life; tell of an engine without one since then, by itself where the queue can't."""
    try:
        now = timezone.now()
        Heartbeat.beat_for_web(now=now)
        if alerts.watch_engine(since, now):
            alerts.send_due(now)
    except DatabaseError:
        log.warning("The database did not take a sign of life")
