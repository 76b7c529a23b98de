"""Downloads that hang or never end, twenty at once: a sound one does not wait for them, and none is given up."""

from __future__ import annotations

import asyncio
import io
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.engine import collect, conductor, job_steps, turns
from studio.luma import Downloaded, Luma
from studio.luma.pace import Turn, at_once
from studio.models import Job, User
from tests.faults.answers import accept_as, completed, hang, is_done, picture, raw, reply
from tests.faults.answers import state as at_luma
from tests.faults.call import Act, Call
from tests.faults.conftest import Hasty, Run, Settle, job_for
from tests.faults.double import Double

MANY = 20
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 9999999\r\n\r\n"
begin_and_stop = raw(HEAD + bytes(200_000), then_close=False)


async def flood(call: Call) -> None:
    """Send without an end, as fast as the other side reads, up to some MB in a second."""
    call.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await call.writer.drain()
        await asyncio.sleep(0.05)
        call.writer.write(bytes(100_000))


def after_the_others(more: int = 1) -> Act:
    """Say that it is made a poll after all the others are."""

    async def act(call: Call) -> None:
        nonlocal more
        if len(call.double.posts) > MANY and call.double.making <= {call.remote_id}:
            more -= 1
        await (completed() if more < 0 else at_luma("processing"))(call)

    return act


def large_picture() -> bytes:
    """A picture of more bytes than come without a turn."""
    out = io.BytesIO()
    Image.frombytes("RGB", (200, 200), os.urandom(120_000)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def more_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try may last seconds, and brings as many bytes as it likes."""

    async def download(
        self: Luma, url: str, to: Path, *, stall: float | None = None, turn: Turn = at_once, **_: Any
    ) -> Downloaded:
        return await Luma.download(self, url, to, wall=Hasty.WALL, stall=stall, turn=turn)

    monkeypatch.setattr(Hasty, "download", download)
    monkeypatch.setattr(Hasty, "WALL", 2.0)
    monkeypatch.setattr(collect, "FIRST_STALL", 4.0)


@pytest.mark.parametrize(
    ("act", "earlier"),
    [(hang, 0), (begin_and_stop, 0), (flood, 0), (begin_and_stop, 1)],
    ids=["nothing comes", "it stops", "it never ends", "tried again"],
)
def test_a_sound_picture_does_not_wait_for_twenty_that_hang(
    double: Double, run: Run, settle: Settle, alice: User, bob: User, act: Act, earlier: int
) -> None:
    """`earlier`: so many tries have failed, of all of them and of the sound one. They hang until the sound one is done."""
    fails = [reply(500)] * earlier

    async def bad_picture(call: Call) -> None:
        await (picture if await asyncio.to_thread(is_done, sound.pk) else act)(call)

    for number in range(MANY):
        double.part(f"bad {number}", file=[*fails, bad_picture])
        job_for(alice, f"bad {number}")
    sound_id = str(uuid.uuid4())
    double.pictures[sound_id] = large_picture()
    double.part("sound", post=[accept_as(sound_id)], get=[after_the_others()], file=[*fails, picture])
    sound = job_for(bob, "sound")
    run(seconds=6, linger=0.1)
    sound.refresh_from_db()
    assert sound.state == Job.State.DONE
    assert sound.made_at
    assert sound.finished_at
    assert (sound.finished_at - sound.made_at).total_seconds() < 6
    # They were there before it, more than there are places, and hung for longer.
    assert alice.jobs.filter(made_at__lt=sound.made_at).count() == MANY > job_steps.FETCHES
    assert alice.jobs.exclude(finished_at__lt=sound.finished_at).count() == MANY
    settle()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert len(double.posts) == MANY + 1


async def slowly(call: Call) -> None:
    """Send the picture in two parts, the second a while later."""
    content = call.double.pictures[call.remote_id]
    call.writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content[:70_000])
    await asyncio.sleep(1.5)
    call.writer.write(content[70_000:])
    await call.writer.drain()


def test_who_leaves_waits_for_what_comes_and_not_for_what_hangs(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SILENT", 2.2)
    monkeypatch.setattr(collect, "FIRST_STALL", 60.0)
    monkeypatch.setattr(conductor, "LONGEST_EXTENSION", 0.2)
    monkeypatch.setattr(Hasty, "WALL", 60.0)
    slow_id = str(uuid.uuid4())
    double.pictures[slow_id] = large_picture()
    double.part("slow", post=[accept_as(slow_id)], file=[slowly])
    double.part("hangs", file=[hang, picture])
    slow, hangs = job_for(alice, "slow"), job_for(alice, "hangs")
    began = time.monotonic()
    run(seconds=1.2)  # the download begins within it, and ends after it
    assert time.monotonic() - began < 10
    slow.refresh_from_db()
    hangs.refresh_from_db()
    assert (slow.state, slow.fetches) == (Job.State.DONE, 1)
    assert (hangs.state, hangs.lease_owner) == (Job.State.SAVING, "")
    settle()
    hangs.refresh_from_db()
    assert hangs.state == Job.State.DONE
