"""kill -9, a sample: at named steps and at system calls. All of them: `python -m tests.crash`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest

from tests.crash import strace
from tests.crash.cases import PICTURE, Verdict, at_call, at_path, at_point, count_calls
from tests.crash.environment import Room
from tests.crash.points import POINTS
from tests.servers import own

# One or two for each crash point of the design; those in tests/faults are not repeated.
STEPS = {
    "the order is being written": "done",
    "the order stands, nobody rang": "done",
    "claimed, not committed": "done",
    "sending, not committed": "done",
    "before the POST": "unknown",
    "uploaded, not said": "done",
    "the file is ready": "done",
    "before the POST of an edit": "unknown",
    "the head of the answer is read": "unknown",
    "the id is written, not committed": "unknown",
    "the spool has a draft": "unknown",
    "the spooled id is adopted": "done",
    "unknown is written, not committed": "unknown",
    "the download has a head": "done",
    "the original is renamed": "done",
    "the wake-up is written, not committed": "done",
    "the slice has ended": "done",
    "the sizes stand": "done",
}
if own.S3:
    # No rename: an object has its name when all of it is there.
    STEPS["the original stands"] = STEPS.pop("the original is renamed")
# What a conductor does when the API says no, or says nothing.
REFUSED = {
    ("back in line, not committed", "429 first"): "unknown",
    ("back in line", "refused"): "done",
    ("unknown, not said", "reset after accept"): "unknown",
    ("unknown", "500 after accept"): "unknown",
}
# Spread over the whole way.
CALLS = (("pwrite64", 9), ("pwrite64", 47), ("pwrite64", 88), ("fdatasync", 5), ("fdatasync", 9), ("connect", 1))
if own.POSTGRES:
    # Its tables are written by another process.
    CALLS = (("connect", 1), ("sendto", 9), ("sendto", 47), ("recvfrom", 88))
CALLS += (("sendto", 3), ("recvfrom", 30), ("vfork", 1), ("rename", 1), ("fsync", 1), ("close", 44))

# The room is made on one worker alone.
pytestmark = pytest.mark.xdist_group("kills")
tables_are_a_file = pytest.mark.skipif(bool(own.POSTGRES), reason="PostgreSQL writes its tables itself")
pictures_are_files = pytest.mark.skipif(bool(own.S3), reason="S3 names an object when all of it is there")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with Room(tmp_path_factory.mktemp("crash") / "room") as made:
        yield made


@pytest.fixture
def counted() -> None:
    """Without strace nothing is proven, and that must be seen."""
    if not strace.PROGRAM:
        message = "strace is not installed (apt-get install strace)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


def is_well(verdict: Verdict) -> bool:
    return verdict.died and not verdict.is_lost and not verdict.is_double


@pytest.mark.parametrize("name", STEPS)
def test_killed_at_a_step_nothing_is_lost_or_paid_twice(room: Room, name: str) -> None:
    verdict = at_point(room, POINTS[name])
    assert is_well(verdict), verdict
    assert verdict.state == STEPS[name]


@pytest.mark.parametrize(("name", "fault"), REFUSED)
def test_killed_after_a_refusal_nothing_is_lost_or_paid_twice(room: Room, name: str, fault: str) -> None:
    verdict = at_point(room, POINTS[name], fault)
    assert is_well(verdict), verdict
    assert verdict.state == REFUSED[name, fault]


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("call", "nth"), CALLS)
def test_killed_at_a_system_call_nothing_is_lost_or_paid_twice(room: Room, call: str, nth: int) -> None:
    verdict = at_call(room, call, nth)
    assert is_well(verdict), verdict


@tables_are_a_file
@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_a_disk_that_fails_once_loses_nothing(room: Room, call: str) -> None:
    verdict = at_call(room, call, 7, error="EIO")
    assert not verdict.is_lost, verdict
    assert not verdict.is_double


@pictures_are_files
@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("name", ["originals/{}.png", "renditions/{}-512.webp"])
def test_a_file_that_was_being_written_is_not_taken_for_a_whole_one(room: Room, name: str) -> None:
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    path = room.data / "media" / name.format(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")
    for call in ("write", "rename", "chmod"):
        verdict = at_path(room, call, path)
        assert not verdict.is_lost, verdict


@tables_are_a_file
@pytest.mark.usefixtures("counted")
def test_the_intention_to_send_is_on_the_disk_before_anything_is_sent(room: Room) -> None:
    """What a power cut leaves: everything written before the last flush, and nothing is promised after it."""
    file = room.data / "calls"
    count_calls(room, "none", file)
    calls = file.read_text(errors="replace").splitlines()
    post = next(at for at, line in enumerate(calls) if "sendto(" in line and "POST /v1/generations" in line)
    written = [at for at, line in enumerate(calls[:post]) if "pwrite64(" in line and "-wal>" in line]
    flushed = [at for at, line in enumerate(calls[:post]) if "fdatasync(" in line and "-wal>" in line]
    assert written[-1] < flushed[-1] < post
    # And the id, before the first question about it.
    question = next(at for at, line in enumerate(calls) if "GET /v1/generations/" in line)
    assert any("fdatasync(" in line and "-wal>" in line for line in calls[post:question])


@pictures_are_files
@pytest.mark.usefixtures("counted")
def test_a_picture_is_on_the_disk_before_it_gets_its_name(room: Room) -> None:
    file = room.data / "calls"
    count_calls(room, "none", file)
    calls = file.read_text(errors="replace").splitlines()
    named = next(at for at, line in enumerate(calls) if "rename(" in line and "originals/" in line)
    assert any("fsync(" in line and ".part>" in line for line in calls[:named])
