"""The full text index, which Django's own operations can't describe. It has no other operations, and it stays last of
those that make the tables of search: SQLite drops triggers together with a table that a later operation makes anew."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, migrations, transaction

# Words are finished when they come here (studio/text/search_text.py): this tokenizer only finds the spaces again.
SQLITE = (
    """CREATE VIRTUAL TABLE studio_searchindex USING fts5(
        tokens, content='studio_searchdocument', content_rowid='place', tokenize="ascii tokenchars '=-'")""",
    """CREATE TRIGGER search_inserted AFTER INSERT ON studio_searchdocument BEGIN
        INSERT INTO studio_searchindex(rowid, tokens) VALUES (new.place, new.tokens); END""",
    """CREATE TRIGGER search_deleted AFTER DELETE ON studio_searchdocument BEGIN
        INSERT INTO studio_searchindex(studio_searchindex, rowid, tokens) VALUES ('delete', old.place, old.tokens); END""",
    """CREATE TRIGGER search_updated AFTER UPDATE ON studio_searchdocument BEGIN
        INSERT INTO studio_searchindex(studio_searchindex, rowid, tokens) VALUES ('delete', old.place, old.tokens);
        INSERT INTO studio_searchindex(rowid, tokens) VALUES (new.place, new.tokens); END""",
    """CREATE VIRTUAL TABLE studio_searchwordpart USING fts5(
        word, content='studio_searchword', content_rowid='id', tokenize="trigram case_sensitive 1")""",
    """CREATE TRIGGER search_word_inserted AFTER INSERT ON studio_searchword BEGIN
        INSERT INTO studio_searchwordpart(rowid, word) VALUES (new.id, new.word); END""",
    """CREATE TRIGGER search_word_deleted AFTER DELETE ON studio_searchword BEGIN
        INSERT INTO studio_searchwordpart(studio_searchwordpart, rowid, word) VALUES ('delete', old.id, old.word); END""",
)
SQLITE_BACK = ("DROP TABLE studio_searchwordpart", "DROP TABLE studio_searchindex")
SQLITE_TRIGGERS = ("search_inserted", "search_deleted", "search_updated", "search_word_inserted", "search_word_deleted")
POSTGRESQL = "CREATE INDEX search_tokens ON studio_searchdocument USING gin (tokens)"
POSTGRESQL_PARTS = "CREATE INDEX search_word_parts ON studio_searchword USING gin (word gin_trgm_ops)"


def build(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in SQLITE:
                cursor.execute(statement)
            return
        cursor.execute(POSTGRESQL)
        # Without the right to create it, parts of words are found by reading the vocabulary (studio.W003 says so).
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                cursor.execute(POSTGRESQL_PARTS)
        except DatabaseError:
            pass


def remove(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for trigger in SQLITE_TRIGGERS:
                cursor.execute(f"DROP TRIGGER {trigger}")
            for statement in SQLITE_BACK:
                cursor.execute(statement)
            return
        cursor.execute("DROP INDEX search_tokens")
        cursor.execute("DROP INDEX IF EXISTS search_word_parts")


class Migration(migrations.Migration):
    dependencies = [("studio", "0001_initial")]
    operations = [migrations.RunPython(build, remove)]
