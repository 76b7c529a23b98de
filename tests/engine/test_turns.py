"""Turns of downloads: few at a time, in the order of asking, each for a while."""

from __future__ import annotations

import asyncio
import time

import pytest

from studio.engine import turns
from studio.engine.turns import Lane


def test_a_place_goes_to_the_next_when_a_turn_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN", 0.1)

    async def share() -> list[str]:
        lane, order = Lane(1), []

        async def stops(name: str) -> None:
            """Take a turn and bring nothing more."""
            with lane.turns() as turn:
                await turn()
                order.append(name)
                await asyncio.sleep(1)

        async def goes_on() -> None:
            with lane.turns() as turn:
                for _ in range(3):
                    await turn()
                    order.append("sound")

        silent = [asyncio.create_task(stops(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        await asyncio.wait_for(goes_on(), 0.8)
        for one in silent:
            one.cancel()
        await asyncio.gather(*silent, return_exceptions=True)
        return order

    assert asyncio.run(share()) == ["first", "second", "sound", "sound", "sound"]


def test_a_download_that_ends_leaves_its_place_at_once() -> None:
    async def one_after_the_other() -> None:
        lane = Lane(1)
        for _ in range(3):
            with lane.turns() as turn:
                await turn()
                await turn()

    began = time.monotonic()
    asyncio.run(one_after_the_other())
    assert time.monotonic() - began < turns.TURN
