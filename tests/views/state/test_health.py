from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from studio import disk
from studio.models import Heartbeat
from studio.views.state import health


@pytest.fixture
def beating(db: None) -> None:
    for name in ("io", "studio"):
        Heartbeat.beat(name, now=timezone.now())


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_a_probe_knows_no_host_name(client: Client) -> None:
    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_a_probe_is_not_sent_to_tls(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200


def test_ready_means_database_migrations_and_every_queue(client: Client, beating: None) -> None:
    with patch.object(health, "is_migrated", return_value=True):
        response = client.get("/readyz")
    assert response.status_code == 200
    told = response.json()
    assert (told["ready"], told["database"], told["migrations"]) == (True, "ok", "ok")
    assert set(told["queues"]) == {"io", "studio"}


def test_a_queue_that_stands_still_is_not_ready(client: Client, beating: None) -> None:
    Heartbeat.beat("io", now=timezone.now() - timedelta(minutes=3))
    with patch.object(health, "is_migrated", return_value=True):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["queues"]["io"] == pytest.approx(180, abs=5)


def test_before_the_first_beat_it_is_not_ready(client: Client, db: None) -> None:
    with patch.object(health, "is_migrated", return_value=True):
        assert client.get("/readyz").status_code == 503


def test_a_missing_migration_is_not_ready(client: Client, beating: None) -> None:
    with patch.object(health, "is_migrated", return_value=False):
        response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_a_database_that_does_not_answer_is_not_ready(client: Client) -> None:
    with patch.object(health, "is_migrated", side_effect=OperationalError):
        response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "OperationalError")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of a stand-by of PostgreSQL")
def test_a_database_that_can_only_be_read_is_not_ready(client: Client, beating: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "read-only")


def test_a_full_disk_is_not_ready_and_says_so(client: Client, beating: None) -> None:
    with patch.object(health, "is_migrated", return_value=True), patch.object(disk, "LEAST_FREE", 10**18):
        response = client.get("/readyz")
    assert (response.status_code, response.json()["disk"]) == (503, "full")
