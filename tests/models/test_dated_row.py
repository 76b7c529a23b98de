from __future__ import annotations

from typing import NamedTuple

from studio.models.dated_row import KnownTable


class Table(NamedTuple):
    version: int


def test_what_a_thread_read_before_a_row_was_added_hides_it_from_nobody() -> None:
    """A page that hears of the row reads it at once, and asks no more: else it would show the old rows for good."""
    versions = [1, 2]

    def newest() -> int:
        version = versions.pop(0)
        if version == 1:
            known.look_again()  # another thread's pulse, while this one has just asked
        return version

    known = KnownTable(newest=newest, read=Table)
    assert known.get() == Table(1)
    assert known.get() == Table(2)
    assert known.get() == Table(2), "it is believed for a moment"
