"""Promises of the configuration, judged at every start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from studio.configuration import environment as configuration


@register
def queue_keeps_its_promises(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A task must never be fetched twice because it waited: see the comment above Q_CLUSTER."""
    found: list[CheckMessage] = []
    queues = {"studio": settings.Q_CLUSTER, **settings.Q_CLUSTER.get("ALT_CLUSTERS", {})}
    for name, own in queues.items():
        queue = {**settings.Q_CLUSTER, **own}
        if queue["retry"] <= 2 * (queue["timeout"] + 4):
            found.append(
                Error(f"Queue {name}: retry is not well above timeout × 2.", hint="Raise retry.", id="studio.E001")
            )
        if queue["queue_limit"] > queue["workers"] or queue["bulk"] != 1:
            found.append(
                Error(
                    f"Queue {name} fetches tasks before a worker is free.",
                    hint="Set queue_limit to the number of workers and bulk to 1.",
                    id="studio.E002",
                )
            )
        if not queue["ack_failures"] or queue["catch_up"] or queue["guard_cycle"] != 0.5:
            found.append(
                Error(
                    f"Queue {name} would repeat failures, replay missed runs or lose its time limit.",
                    hint="Set ack_failures True, catch_up False, guard_cycle 0.5.",
                    id="studio.E003",
                )
            )
    return found


@register
def sqlite_is_durable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without these a power cut may forget that a request was being sent, and it would be paid for twice."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    options = database.get("OPTIONS", {})
    if options.get("transaction_mode") == "IMMEDIATE" and "synchronous=FULL" in options.get("init_command", ""):
        return []
    return [
        Error(
            "SQLite is not set to keep what it committed.",
            hint="Set transaction_mode IMMEDIATE and PRAGMA synchronous=FULL.",
            id="studio.E004",
        )
    ]


@register
def s3_has_a_bucket(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without the bucket's name pictures go to the disk, whatever else of S3 is set."""
    if settings.S3_BUCKET or not (settings.S3_ENDPOINT or settings.S3_REGION):
        return []
    return [
        Warning(
            "Pictures are kept on the disk, because STUDIO_S3_BUCKET is not set.",
            hint="Set it, or remove STUDIO_S3_ENDPOINT and STUDIO_S3_REGION.",
            id="studio.W002",
        )
    ]


@register(Tags.database)
def parts_of_words_are_indexed(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Without pg_trgm a part of a word is found by reading every word that pictures have."""
    if not databases or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('studio_searchword') IS NULL OR to_regclass('search_word_parts') IS NOT NULL"
        )
        if cursor.fetchone()[0]:
            return []
    return [
        Warning(
            "Searching for parts of words is slow, because PostgreSQL's pg_trgm could not be installed.",
            hint="As its superuser: CREATE EXTENSION pg_trgm; then"
            " CREATE INDEX search_word_parts ON studio_searchword USING gin (word gin_trgm_ops);",
            id="studio.W003",
        )
    ]


@register
def names_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A setting whose name is mistyped has no effect, and nobody would see that."""
    return [
        Warning(
            f"{name} is set, which is no setting of Studio.",
            hint=f"Write {meant}." if meant else "Remove it.",
            id="studio.W001",
        )
        for name, meant in configuration.mistyped()
    ]
