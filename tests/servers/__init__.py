"""The suites on PostgreSQL and S3 instead of SQLite and the disk: `python -m tests.servers` (`make test-servers`)."""
