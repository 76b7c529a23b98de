"""A release is rolled out machine by machine, so a migration may only add: the version before it still runs beside it.

What is not used any more goes in a later release, by a migration that says so: `contracts = "1.3"`, the last release
whose code used it (docs/deploy.md, Upgrade).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"
# Made before there was anything to be compatible with.
FIRST = {"0001_initial", "0002_search"}
ADDS = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.RemoveConstraint,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.AlterModelTableComment,
    migrations.RunPython,
)


def _flat(operations: list[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(list(operation.database_operations))
        else:
            yield operation


def breaks_the_version_before(operation: Operation) -> str:
    """Say why code that does not know of this operation would fail beside it, or ""."""
    if isinstance(operation, migrations.AddField):
        field: Any = operation.field
        is_filled = field.null or field.db_default is not NOT_PROVIDED or field.generated or field.many_to_many
        return "" if is_filled else f"{operation.name} has no db_default: rows of the version before would be refused"
    if isinstance(operation, ADDS):
        return ""
    return f"{type(operation).__name__} changes what the version before uses"


def faults(migration: Any, releases: list[str]) -> list[str]:
    """What stands against rolling out this migration. `releases`: those that were, the newest first."""
    since = getattr(migration, "contracts", "")
    if since:
        return [] if since in releases else [f"{since} is no release that was"]
    return [why for operation in _flat(migration.operations) if (why := breaks_the_version_before(operation))]


def releases() -> list[str]:
    return re.findall(r"^## \[?v?(\d[\w.]*)", CHANGELOG.read_text(), re.MULTILINE)


def test_every_migration_lets_the_version_before_run_beside_it() -> None:
    loader = MigrationLoader(None)
    ours = {name: one for (app, name), one in loader.disk_migrations.items() if app == "studio"}
    assert ours.keys() >= FIRST
    found = {name: faults(one, releases()) for name, one in ours.items() if name not in FIRST}
    assert {name: why for name, why in found.items() if why} == {}


@pytest.mark.parametrize(
    ("operation", "is_told"),
    [
        (migrations.AddField("job", "shade", models.CharField(max_length=9)), True),
        (migrations.AddField("job", "shade", models.CharField(max_length=9, default="red")), True),
        (migrations.AddField("job", "shade", models.CharField(max_length=9, db_default="red")), False),
        (migrations.AddField("job", "shade", models.CharField(max_length=9, null=True)), False),
        (migrations.RemoveField("job", "sentence"), True),
        (migrations.RenameField("job", "sentence", "words"), True),
        (migrations.AlterField("job", "sentence", models.CharField(max_length=9)), True),
        (migrations.DeleteModel("job"), True),
        (migrations.RenameModel("job", "task"), True),
        (migrations.RunSQL("DROP TABLE studio_job"), True),
        (migrations.CreateModel("shade", []), False),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("job")], []), True),
        (migrations.SeparateDatabaseAndState([], [migrations.RemoveField("job", "sentence")]), False),
    ],
)
def test_the_rule_knows_what_breaks(operation: Operation, is_told: bool) -> None:
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})
    assert bool(faults(migration, [])) is is_told


def test_what_is_not_used_any_more_goes_a_release_later() -> None:
    removes = [migrations.RemoveField("job", "sentence")]
    later = type("Migration", (migrations.Migration,), {"operations": removes, "contracts": "1.3"})
    assert faults(later, ["1.3"]) == []
    assert faults(later, []) == ["1.3 is no release that was"]
