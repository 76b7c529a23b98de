"""Which pictures are not everybody's to find, on SQLite: searches ask this small index about each place that they find
(studio/models/search/query.py), and read nothing of the pictures that they only count."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# What everybody may find has the fact "=v" (studio/models/search/document.py).
INDEX = "CREATE INDEX IF NOT EXISTS search_of_private ON studio_searchdocument (place) WHERE instr(tokens, ' =v ') = 0"


def build(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(INDEX)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS search_of_private")


class Migration(migrations.Migration):
    dependencies = [("studio", "0002_search")]
    operations = [migrations.RunPython(build, remove)]
