from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError

from studio.engine import db_thread
from studio.engine.db_thread import DatabaseThread


@pytest.mark.parametrize(("patience", "tries"), [(-1.0, 1), (0.05, 3)])
def test_what_must_be_written_is_tried_until_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, patience: float, tries: int
) -> None:
    monkeypatch.setattr(db_thread, "INSIST", patience)
    monkeypatch.setattr(db_thread, "RETRY_STEP", 0.02)
    made = []

    def locked() -> None:
        made.append(1)
        raise OperationalError("database is locked")

    async def insist() -> None:
        async with DatabaseThread() as database:
            await database.insist(locked)

    with pytest.raises(OperationalError):
        asyncio.run(insist())
    assert len(made) >= tries
