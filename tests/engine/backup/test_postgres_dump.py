"""The tools of PostgreSQL connect as the studio does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection

from studio.engine.backup import postgres_dump


def test_a_tool_gets_all_that_the_address_of_the_database_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text('#!/bin/sh\necho "arguments=$*"\nenv\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    settings = {
        "NAME": "studio",
        "HOST": "database.example",
        "PORT": 5433,
        "USER": "ada",
        "PASSWORD": "a secret of many words",
        # What Django alone knows is none of libpq's.
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/root.crt", "connect_timeout": 5, "pool": True},
    }
    for name, value in settings.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    said = dict(line.split("=", 1) for line in postgres_dump.run("pg_dump", "--file", "x").splitlines() if "=" in line)
    wanted = {
        "PGHOST": "database.example",
        "PGPORT": "5433",
        "PGUSER": "ada",
        "PGPASSWORD": "a secret of many words",
        "PGDATABASE": "studio",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/root.crt",
        "PGCONNECT_TIMEOUT": "5",
    }
    assert {name: said.get(name) for name in wanted} == wanted
    assert said["arguments"] == "--file x"
