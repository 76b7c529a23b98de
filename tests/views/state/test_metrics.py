"""The figures that Prometheus reads."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.tasks import async_task

from studio.models import Heartbeat, SendingPause, User
from tests import people

pytestmark = pytest.mark.django_db
TOKEN = "a token for figures"


def figures(client: Client) -> dict[str, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    lines = re.findall(r"^(studio_\S+) (\S+)$", answer.content.decode(), re.MULTILINE)
    return {name: float(value) for name, value in lines}


def test_nobody_reads_figures_without_the_token(client: Client, settings: Any) -> None:
    for wanted, given in (
        ("", "Bearer "),
        ("", f"Bearer {TOKEN}"),
        (TOKEN, ""),
        (TOKEN, "Bearer other"),
        (TOKEN, TOKEN),
    ):
        settings.METRICS_TOKEN = wanted
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_figures_of_an_empty_and_of_a_busy_studio(client: Client, alice: User, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    before = figures(client)
    assert before["studio_oldest_waiting_seconds"] == 0
    assert before['studio_sending_paused{reason="funds"}'] == 0
    assert before["studio_disk_free_bytes"] > 0
    people.make_submission(alice, count=3)
    people.make_job(alice, state="failed")
    people.make_job(alice, state="sending")
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now())
    Heartbeat.beat("io", now=timezone.now())
    async_task("studio.tasks.beat", "studio", cluster="studio")
    after = figures(client)
    assert after['studio_jobs_open{state="waiting"}'] == 3
    assert after['studio_jobs_open{state="sending"}'] == 1
    assert after['studio_jobs{group="progress"}'] == 4
    assert sum(value for name, value in after.items() if name.startswith("studio_failures")) == 1
    assert after['studio_sending_paused{reason="funds"}'] == 1
    assert after['studio_queue_tasks{queue="studio"}'] == 1
    assert after['studio_heartbeat_age_seconds{part="io"}'] < 60
    assert after["studio_slots_used"] > 0
    assert Decimal(after["studio_slots"]) > 0


def test_figures_are_read_with_a_fixed_number_of_queries(
    client: Client, alice: User, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.METRICS_TOKEN = TOKEN
    for _ in range(12):
        people.make_job(alice)
    with django_assert_max_num_queries(16):
        figures(client)
