"""The checks at start find settings under which a task could run twice or a commit be forgotten."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.test import override_settings

from studio.checks import queue_keeps_its_promises, sqlite_is_durable

BROKEN: list[tuple[dict[str, Any], set[str]]] = [
    ({"retry": 200}, {"studio.E001"}),
    ({"queue_limit": 2}, {"studio.E002"}),
    ({"bulk": 5}, {"studio.E002"}),
    ({"ack_failures": False}, {"studio.E003"}),
    ({"catch_up": True}, {"studio.E003"}),
    ({"guard_cycle": 5}, {"studio.E003"}),
]


def test_the_settings_as_they_are_pass() -> None:
    assert queue_keeps_its_promises(None) == []
    assert sqlite_is_durable(None) == []


@pytest.mark.parametrize(("changed", "ids"), BROKEN)
def test_a_queue_that_could_repeat_a_task_is_refused(changed: dict[str, Any], ids: set[str]) -> None:
    with override_settings(Q_CLUSTER={**settings.Q_CLUSTER, **changed}):
        assert {str(found.id) for found in queue_keeps_its_promises(None)} == ids


@pytest.mark.parametrize(
    "options", [{}, {"transaction_mode": "IMMEDIATE"}, {"init_command": "PRAGMA synchronous=FULL"}]
)
def test_a_database_that_may_forget_is_refused(options: dict[str, str]) -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
    with patch.dict(settings.DATABASES["default"], database):
        assert len(sqlite_is_durable(None)) == 1


def test_postgresql_needs_no_such_options() -> None:
    with patch.dict(settings.DATABASES["default"], {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}):
        assert sqlite_is_durable(None) == []
