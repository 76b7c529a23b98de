"""The child's walls: what happens when it dies, hangs, or is no longer wanted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio import imaging
from studio.imaging import running
from studio.imaging.believing import read_accepted
from studio.imaging.errand import ChildLost, Errand
from studio.imaging.limits import LIMITS, Limits
from studio.imaging.running import run, run_async
from tests.imaging import pictures
from tests.imaging.conftest import children
from tests.imaging.pictures import drawn, saved

ROOT = Path(__file__).parents[2]

WAYS: list[Callable[[Errand[imaging.Accepted]], imaging.Accepted]] = [
    run,
    lambda errand: asyncio.run(run_async(errand)),
]
both_ways = pytest.mark.parametrize("way", WAYS, ids=["waiting", "awaiting"])


class OpenedUnchecked(Errand[imaging.Accepted]):
    """An errand whose source may be a pipe, so that the child waits for ever."""

    def check_source(self) -> None:
        pass


def errand(source: Path, into: Path, limits: Limits = LIMITS) -> Errand[imaging.Accepted]:
    return Errand("accept", source, into, read_accepted, sizes=(256, 512), limits=limits)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound picture that takes a child some seconds."""
    path = tmp_path_factory.mktemp("large") / "upload"
    path.write_bytes(saved(drawn(6000, 6000), "PNG", compress_level=1))
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(saved(drawn(), "JPEG"))
    return path


@pytest.fixture
def endless(tmp_path: Path, into: Path) -> Errand[imaging.Accepted]:
    """An errand that would never end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    return OpenedUnchecked("accept", pipe, into, read_accepted)


class Stranger(Errand[imaging.Accepted]):
    """An errand whose child runs other code than ours, as one that was taken over would."""

    code = ""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", self.code]


def loss_of(way: Callable[..., object], work: Errand[imaging.Accepted]) -> OSError:
    """The trouble of the machine, after which neither a process nor a file may be left."""
    before = children()
    with pytest.raises(OSError) as caught:  # noqa: PT011
        way(work)
    assert children() <= before
    assert list(work.into.iterdir()) == []
    return caught.value


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_PAUSES", (0.01, 0.01))


def refusal_of(way: Callable[..., object], work: Errand[imaging.Accepted]) -> str:
    """The reason, after which neither a process nor a file may be left."""
    before = children()
    with pytest.raises(imaging.Unusable) as caught:
        way(work)
    assert children() <= before
    assert list(work.into.iterdir()) == []
    return caught.value.reason


@both_ways
def test_a_child_out_of_memory_is_too_complex(way: Callable[..., object], large: Path, into: Path) -> None:
    limits = LIMITS._replace(memory_bytes=200 * 1024**2)
    assert refusal_of(way, errand(large, into, limits)) == "too_complex"


@both_ways
def test_a_child_that_cannot_even_work_is_no_fault_of_the_picture(
    way: Callable[..., object], small: Path, into: Path
) -> None:
    limits = LIMITS._replace(memory_bytes=1024)
    assert isinstance(loss_of(way, errand(small, into, limits)), ChildLost)


@both_ways
def test_a_child_out_of_processor_time_took_too_long(way: Callable[..., object], large: Path, into: Path) -> None:
    limits = LIMITS._replace(cpu_seconds=0)
    assert refusal_of(way, errand(large, into, limits)) == "took_too_long"


@both_ways
def test_a_child_that_writes_too_much_is_too_complex(way: Callable[..., object], small: Path, into: Path) -> None:
    limits = LIMITS._replace(file_bytes=20)
    assert refusal_of(way, errand(small, into, limits)) == "too_complex"


@both_ways
def test_a_child_that_waits_for_the_machine_is_no_fault_of_the_picture(
    way: Callable[..., object], endless: Errand[imaging.Accepted]
) -> None:
    endless.limits = LIMITS._replace(wall_seconds=0.3)
    started = time.monotonic()
    assert isinstance(loss_of(way, endless), TimeoutError)
    assert time.monotonic() - started < 5


@both_ways
def test_a_child_that_crashes_is_too_complex(way: Callable[..., object], endless: Errand[imaging.Accepted]) -> None:
    leftover = endless.into / f"{endless.prefix}kept.jpeg"
    killer = threading.Thread(target=_kill_new_child, args=(children(), signal.SIGSEGV, leftover))
    killer.start()
    assert refusal_of(way, endless) == "too_complex"
    killer.join()


@both_ways
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_was_killed_is_followed_by_another(
    way: Callable[..., imaging.Accepted], large: Path, into: Path, number: int
) -> None:
    work = errand(large, into)
    leftover = into / f"{work.prefix}kept.jpeg"
    killer = threading.Thread(target=_kill_new_child, args=(children(), number, leftover))
    killer.start()
    kept = way(work)
    killer.join()
    assert kept.width == 4096
    assert not leftover.exists()


@both_ways
def test_a_child_that_is_killed_each_time_is_no_fault_of_the_picture(
    way: Callable[..., object], small: Path, into: Path, tmp_path: Path
) -> None:
    log = tmp_path / "starts"
    stranger = Stranger("accept", small, into, read_accepted)
    stranger.code = f"import os; open({str(log)!r}, 'a').write('x'); os.kill(os.getpid(), 9)"
    assert isinstance(loss_of(way, stranger), ChildLost)
    assert log.read_text() == "xxx"


@both_ways
@pytest.mark.parametrize(
    "code",
    ["import sys\nwhile True: sys.stdout.write('x' * 9999)", "print('{}')"],
    ids=["floods", "says nothing"],
)
def test_a_child_that_misbehaves_is_ended(way: Callable[..., object], small: Path, into: Path, code: str) -> None:
    stranger = Stranger("accept", small, into, read_accepted)
    stranger.code = code
    assert refusal_of(way, stranger) == "too_complex"


@both_ways
@pytest.mark.parametrize(
    "code",
    [
        "import os, time; os.close(0); os.close(1); time.sleep(60)",
        "import os, time; os.write(1, b'{'); time.sleep(60)",
        "import os; os._exit(3)",
    ],
    ids=["lingers", "stops in the middle", "leaves at once"],
)
def test_a_child_that_does_not_answer_is_ended(way: Callable[..., object], small: Path, into: Path, code: str) -> None:
    stranger = Stranger("accept", small, into, read_accepted, limits=LIMITS._replace(wall_seconds=0.5))
    stranger.code = code
    loss_of(way, stranger)


def test_cancelling_kills_the_child_and_sweeps(endless: Errand[imaging.Accepted]) -> None:
    leftover = endless.into / f"{endless.prefix}kept.jpeg"
    before = children()

    async def start_and_cancel() -> None:
        task = asyncio.create_task(run_async(endless))
        while not children() - before:
            await asyncio.sleep(0.01)
        leftover.write_bytes(b"half a picture")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    assert children() <= before
    assert not leftover.exists()


def test_a_child_dies_with_its_parent(endless: Errand[imaging.Accepted]) -> None:
    command = [sys.executable, "-c", _PARENT, str(endless.source), str(endless.into)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    with parent.stdout as told:
        child = int(told.readline())
        os.kill(child, 0)
        parent.kill()
        parent.wait()
        # The end of the pipe means that whoever held its other end is gone.
        assert told.read() == b""
    deadline = time.monotonic() + 5
    while _is_alive(child):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.01)


# The child lowers its priority after it has tied itself to its parent: from then on it must die with it.
_PARENT = """
import sys, threading
from pathlib import Path
from studio.imaging.believing import read_accepted
from studio.imaging.running import run
from tests.imaging.conftest import children
from tests.imaging.test_child_process import OpenedUnchecked, niceness
errand = OpenedUnchecked("accept", Path(sys.argv[1]), Path(sys.argv[2]), read_accepted)
threading.Thread(target=run, args=(errand,)).start()
while not (ready := [child for child in children() if niceness(child) >= 5]):
    pass
print(ready[0], flush=True)
"""


def test_trouble_of_the_machine_is_not_the_pictures_fault(small: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        imaging.accept(small, tmp_path / "no such folder")
    with pytest.raises(FileNotFoundError):
        imaging.accept(tmp_path / "no such file", tmp_path)


def test_a_full_disk_is_raised_as_such(small: Path, into: Path) -> None:
    work = errand(small, into)
    reply = json.dumps({"errno": 28}).encode()
    with pytest.raises(OSError, match="No space left") as caught:
        work.result(0, reply)
    assert caught.value.errno == 28


@both_ways
def test_the_child_gets_none_of_our_environment(way: Callable[..., object], small: Path, into: Path) -> None:
    stranger = Stranger("accept", small, into, read_accepted)
    stranger.code = (
        "import json, os; print(json.dumps({'reason': 'broken', 'sentence': ' '.join(os.environ), 'detail': ''}))"
    )
    with pytest.raises(imaging.Unusable) as caught:
        way(stranger)
    assert set(caught.value.sentence.split()) - {"LC_CTYPE"} == {"MALLOC_ARENA_MAX"}


def test_the_calling_process_imports_no_decoder() -> None:
    code = "import sys, studio.imaging; print([name for name in sys.modules if name.startswith(('PIL', 'pillow'))])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[]"


def test_a_child_loads_only_the_decoders_it_needs_even_when_asked_for_all(tmp_path: Path, into: Path) -> None:
    code = (
        "import sys; sys.path += sys.argv[1:]; from studio.imaging.child import __main__ as child;"
        "child.guard_pillow(); from PIL import Image; Image.preinit(); Image.init(); print(*sys.modules)"
    )
    *_, root, libraries = errand(tmp_path, into).command
    command = [sys.executable, "-I", "-S", "-c", code, root, libraries]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "PIL.Image" in loaded
    assert not loaded & {"PIL.EpsImagePlugin", "PIL.GifImagePlugin", "pillow_heif", "asyncio", "django"}


@pytest.mark.alone
def test_a_small_picture_is_through_in_under_half_a_second(small: Path, into: Path) -> None:
    times = []
    for _ in range(5):
        started = time.monotonic()
        imaging.accept(small, into)
        times.append(time.monotonic() - started)
    assert min(times) < 0.4


def test_uploads_can_be_judged_side_by_side(tmp_path: Path, into: Path) -> None:
    sources = [tmp_path / str(number) for number in range(4)]
    for source in sources:
        source.write_bytes(pictures.turned(6))

    async def all_at_once() -> list[imaging.Accepted]:
        return await asyncio.gather(*(imaging.accept_async(source, into) for source in sources))

    kept = asyncio.run(all_at_once())
    assert len({each.path for each in kept}) == 4
    assert {each.sha256 for each in kept} == {kept[0].sha256}


def niceness(process: int) -> int:
    try:
        return int((Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[16])
    except OSError:
        return 0


def _kill_new_child(before: set[int], number: int, leftover: Path) -> None:
    while not (new := children() - before):
        time.sleep(0.01)
    leftover.write_bytes(b"half a picture")
    for child in new:
        os.kill(child, number)


def _is_alive(process: int) -> bool:
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
