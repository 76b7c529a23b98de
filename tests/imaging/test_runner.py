"""The child's limits: what happens when it dies, hangs, or is cancelled."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio import imaging
from studio.imaging import runner
from studio.imaging.limits import LIMITS, Limits
from studio.imaging.reply import read_accepted
from studio.imaging.runner import ChildLost, ChildTask, run, run_async
from tests.imaging import pictures
from tests.imaging.pictures import drawn, saved
from tests.imaging.processes import children, is_alive, kill_new_child

ROOT = Path(__file__).parents[2]


class OpenedUnchecked(ChildTask[imaging.Accepted]):
    """A task whose source may be a pipe, so that the child waits for ever."""

    def check_source(self) -> None:
        pass


def accepting(source: Path, into: Path, limits: Limits = LIMITS) -> ChildTask[imaging.Accepted]:
    return ChildTask("accept", source, into, read_accepted, sizes=(256, 512), limits=limits)


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
def endless(tmp_path: Path, into: Path) -> ChildTask[imaging.Accepted]:
    """A task that would never end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    return OpenedUnchecked("accept", pipe, into, read_accepted)


class Compromised(ChildTask[imaging.Accepted]):
    """A task whose child runs other code than ours, as a compromised one would."""

    code = ""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", self.code]


def loss_of(work: ChildTask[imaging.Accepted]) -> OSError:
    """The error of the machine, after which neither a process nor a file may be left."""
    before = children()
    with pytest.raises(OSError) as caught:  # noqa: PT011
        run(work)
    assert children() <= before
    assert list(work.into.iterdir()) == []
    return caught.value


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_RETRY_PAUSES", (0.01, 0.01))


def refusal_of(work: ChildTask[imaging.Accepted]) -> str:
    """The reason, after which neither a process nor a file may be left."""
    before = children()
    with pytest.raises(imaging.Unusable) as caught:
        run(work)
    assert children() <= before
    assert list(work.into.iterdir()) == []
    return caught.value.reason


def test_a_child_out_of_memory_is_too_complex(large: Path, into: Path) -> None:
    limits = LIMITS._replace(memory_bytes=200 * 1024**2)
    assert refusal_of(accepting(large, into, limits)) == "too_complex"


def test_a_child_that_cannot_even_work_is_no_fault_of_the_picture(small: Path, into: Path) -> None:
    limits = LIMITS._replace(memory_bytes=1024)
    assert isinstance(loss_of(accepting(small, into, limits)), ChildLost)


def test_a_child_out_of_processor_time_took_too_long(large: Path, into: Path) -> None:
    limits = LIMITS._replace(cpu_seconds=0)
    assert refusal_of(accepting(large, into, limits)) == "took_too_long"


def test_a_child_that_writes_too_much_is_too_complex(small: Path, into: Path) -> None:
    limits = LIMITS._replace(file_bytes=20)
    assert refusal_of(accepting(small, into, limits)) == "too_complex"


def test_a_child_that_waits_for_the_machine_is_no_fault_of_the_picture(endless: ChildTask[imaging.Accepted]) -> None:
    endless.limits = LIMITS._replace(wall_seconds=0.3)
    started = time.monotonic()
    assert isinstance(loss_of(endless), TimeoutError)
    assert time.monotonic() - started < 5


def test_a_child_that_crashes_is_too_complex(endless: ChildTask[imaging.Accepted]) -> None:
    leftover = endless.into / f"{endless.prefix}kept.jpeg"
    killer = threading.Thread(target=kill_new_child, args=(children(), signal.SIGSEGV, leftover))
    killer.start()
    assert refusal_of(endless) == "too_complex"
    killer.join()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_was_killed_is_followed_by_another(large: Path, into: Path, number: int) -> None:
    work = accepting(large, into)
    leftover = into / f"{work.prefix}kept.jpeg"
    killer = threading.Thread(target=kill_new_child, args=(children(), number, leftover))
    killer.start()
    kept = run(work)
    killer.join()
    assert kept.width == 4096
    assert not leftover.exists()


def test_a_child_that_is_killed_each_time_is_no_fault_of_the_picture(small: Path, into: Path, tmp_path: Path) -> None:
    log = tmp_path / "starts"
    compromised = Compromised("accept", small, into, read_accepted)
    compromised.code = f"import os; open({str(log)!r}, 'a').write('x'); os.kill(os.getpid(), 9)"
    assert isinstance(loss_of(compromised), ChildLost)
    assert log.read_text() == "xxx"


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nwhile True: sys.stdout.write('x' * 9999)",
        "import os\nwhile True: os.write(1, b'x' * 1000000)",
        "print('{}')",
    ],
    ids=["floods", "floods fast", "says nothing"],
)
def test_a_child_that_misbehaves_is_ended(small: Path, into: Path, code: str) -> None:
    compromised = Compromised("accept", small, into, read_accepted, limits=LIMITS._replace(wall_seconds=20))
    compromised.code = code
    assert refusal_of(compromised) == "too_complex"


@pytest.mark.parametrize(
    "code",
    [
        "import os, time; os.close(0); os.close(1); time.sleep(60)",
        "import os, time; os.write(1, b'{'); time.sleep(60)",
        "import os, time\nif os.fork(): os._exit(0)\ntime.sleep(3)",
        "import os; os._exit(3)",
    ],
    ids=["lingers", "stops in the middle", "leaves a process behind", "leaves at once"],
)
def test_a_child_that_does_not_answer_is_ended(small: Path, into: Path, code: str) -> None:
    compromised = Compromised("accept", small, into, read_accepted, limits=LIMITS._replace(wall_seconds=0.5))
    compromised.code = code
    loss_of(compromised)


def test_cancelling_kills_the_child_and_sweeps(endless: ChildTask[imaging.Accepted]) -> None:
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


def test_a_child_dies_with_its_parent(endless: ChildTask[imaging.Accepted]) -> None:
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
    while is_alive(child):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.01)


# The child limits its open files after it has tied itself to its parent: from then on it must die with it.
_PARENT = """
import sys, threading
from pathlib import Path
from studio.imaging.reply import read_accepted
from studio.imaging.runner import run
from tests.imaging.processes import children, open_files_limit
from tests.imaging.test_runner import OpenedUnchecked
task = OpenedUnchecked("accept", Path(sys.argv[1]), Path(sys.argv[2]), read_accepted)
threading.Thread(target=run, args=(task,)).start()
while not (ready := [child for child in children() if open_files_limit(child) == task.limits.open_files]):
    pass
print(ready[0], flush=True)
"""


def test_an_error_of_the_machine_is_not_the_pictures_fault(small: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        imaging.accept(small, tmp_path / "no such folder")
    with pytest.raises(FileNotFoundError):
        imaging.accept(tmp_path / "no such file", tmp_path)


def test_a_full_disk_is_raised_as_such(small: Path, into: Path) -> None:
    work = accepting(small, into)
    reply = json.dumps({"errno": 28}).encode()
    with pytest.raises(OSError, match="No space left") as caught:
        work.result(0, reply)
    assert caught.value.errno == 28


def test_the_child_gets_none_of_our_environment(small: Path, into: Path) -> None:
    compromised = Compromised("accept", small, into, read_accepted)
    compromised.code = (
        "import json, os; print(json.dumps({'reason': 'broken', 'sentence': ' '.join(os.environ), 'detail': ''}))"
    )
    with pytest.raises(imaging.Unusable) as caught:
        run(compromised)
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
    *_, root, libraries = accepting(tmp_path, into).command
    command = [sys.executable, "-I", "-S", "-c", code, root, libraries]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "PIL.Image" in loaded
    assert not loaded & {"PIL.EpsImagePlugin", "PIL.GifImagePlugin", "pillow_heif", "asyncio", "django"}


@pytest.mark.alone
def test_a_small_picture_costs_less_than_half_a_second_of_processor_time(small: Path, into: Path) -> None:
    costs = []
    for _ in range(5):
        before = sum(os.times()[:4])
        imaging.accept(small, into)
        costs.append(sum(os.times()[:4]) - before)
    assert min(costs) < 0.4


def test_uploads_can_be_judged_side_by_side(tmp_path: Path, into: Path) -> None:
    sources = [tmp_path / str(number) for number in range(4)]
    for source in sources:
        source.write_bytes(pictures.turned(6))

    with ThreadPoolExecutor(4) as threads:
        kept = list(threads.map(lambda source: imaging.accept(source, into), sources))
    assert len({each.path for each in kept}) == 4
    assert {each.sha256 for each in kept} == {kept[0].sha256}
