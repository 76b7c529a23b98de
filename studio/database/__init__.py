"""What SQLite, PostgreSQL and a pooler need beyond Django."""
