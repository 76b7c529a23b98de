"""A thread of each web process: it gives a sign of life."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, connections
from django.utils import timezone

from studio.models import Heartbeat

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds


def start() -> threading.Thread:
    """Watch until the process ends."""
    thread = threading.Thread(target=_watch, name="web watch", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    while True:
        look()
        connections.close_all()
        time.sleep(EVERY)


def look() -> None:
    """Give a sign of life."""
    try:
        Heartbeat.beat_for_web(now=timezone.now())
    except DatabaseError:
        log.warning("The database did not take a sign of life")
