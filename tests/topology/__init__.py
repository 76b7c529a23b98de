"""A studio on several machines, all on this one: `python -m tests.topology`."""
