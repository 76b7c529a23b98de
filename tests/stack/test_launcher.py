"""The one command, as its own processes: what it starts, what it survives, what it leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.conftest import quick
from tests.simulator.threads import in_thread
from tests.stack.running import ROOT, Running, eventually, with_tables
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.stack
DONE = "SELECT count(*) FROM studio_job WHERE state = 'done'"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def studio(data: Path) -> Iterator[Running]:
    running = Running(with_tables(data))
    running.start()
    yield running
    running.kill()


def done(studio: Running, count: int) -> bool:
    return bool(studio.rows(DONE)[0][0] == count)


def test_it_stops_whole_and_starts_again_where_it_was(studio: Running) -> None:
    with Visitor(studio) as ada:
        ada.make("A harbour at dusk")
    eventually(lambda: done(studio, 1), within=60)
    assert studio.stop() < 20
    # One that was told to leave a moment ago may still be writing down what it covered.
    eventually(lambda: not studio.pids(), within=2.0, what="its processes are gone")
    assert "Studio has stopped." in studio.log
    studio.first_link = ""
    studio.start()
    assert studio.first_link == "", "the first-run link came twice"
    assert done(studio, 1)


def test_a_second_studio_on_the_same_data_is_refused_with_a_sentence(studio: Running, data: Path) -> None:
    again = start_again(data, port=studio.port + 1)
    assert again.returncode == 1
    assert "Studio already runs with" in again.stderr


def test_a_taken_port_is_named(studio: Running, tmp_path: Path) -> None:
    again = start_again(tmp_path / "other", port=studio.port)
    assert again.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{studio.port}" in again.stderr
    assert "STUDIO_PORT" in again.stderr


def start_again(data: Path, *, port: int) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
    chosen = {"STUDIO_DATA": str(data), "STUDIO_PORT": str(port), "STUDIO_DOTENV": "off"}
    return subprocess.run(
        [sys.executable, "manage.py", "studio"],
        cwd=ROOT,
        env={**inherited, **chosen},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.alone
def test_the_launchers_death_ends_everything_within_a_second_and_a_start_works_at_once(studio: Running) -> None:
    with Visitor(studio) as ada:
        ada.make("A harbour at dusk")
        for _ in range(3):
            others = kill_launcher(studio)
            eventually(lambda: not studio.pids(), within=1.0, what="its processes are gone")
            assert others > 8
            studio.start()
        for _ in range(2):
            kill_launcher(studio)
            studio.start()  # without waiting for anything
        eventually(lambda: done(studio, 1) or unknown(studio), within=60)


@pytest.mark.alone
def test_what_a_killed_part_leaves_behind_ends_with_the_launcher(studio: Running) -> None:
    assert studio.process
    for pid in studio.pids():
        if parent(pid) == studio.process.pid:
            os.kill(pid, signal.SIGKILL)
    kill_launcher(studio)
    eventually(lambda: not studio.pids(), within=1.0, what="its processes are gone")


def kill_launcher(studio: Running) -> int:
    """Kill the launcher alone; return how many processes it had started."""
    assert studio.process
    others = len(studio.pids()) - 1
    studio.process.kill()
    studio.process.wait()
    return others


def unknown(studio: Running) -> bool:
    return bool(studio.rows("SELECT count(*) FROM studio_job WHERE state = 'unknown'")[0][0])


def test_a_part_that_dies_is_started_again(studio: Running) -> None:
    with Visitor(studio) as ada:
        ada.make("A harbour at dusk, one")
        eventually(lambda: done(studio, 1), within=60)
        for pid in studio.pids():
            if studio.process and pid != studio.process.pid:
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: answers(studio), within=30, what="pages again")
        ada.make("A harbour at dusk, two")
        eventually(lambda: done(studio, 2), within=60)
    assert "it is started again" in studio.log


def answers(studio: Running) -> bool:
    try:
        return studio.ask("/healthz") == "ok"
    except OSError:
        return False


def test_a_wedged_queue_is_noticed_and_started_again(studio: Running) -> None:
    """Killing idle workers can leave a django-q2 cluster that looks alive and runs nothing (its issues 23 and 339)."""
    with Visitor(studio) as ada:
        for _ in range(3):
            for pid in idle_workers(studio):
                os.kill(pid, signal.SIGKILL)
        ada.make("A harbour at dusk")
        eventually(lambda: done(studio, 1), within=60)


def idle_workers(studio: Running) -> list[int]:
    """The grandchildren of the launcher that belong to a queue: sentinels' children."""
    assert studio.process
    parents = {pid: parent(pid) for pid in studio.pids()}
    children = [pid for pid, above in parents.items() if above == studio.process.pid]
    sentinels = [pid for pid, above in parents.items() if above in children]
    return [pid for pid, above in parents.items() if above in sentinels]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_with_a_key_that_api_is_used_and_no_simulator_runs(data: Path, tmp_path: Path) -> None:
    key = "luma-api-a-marked-key"
    with in_thread(quick(tmp_path / "elsewhere")) as address:
        studio = Running(
            with_tables(data), LUMA_AGENTS_API_KEY=f" {key}\n", LUMA_BASE_URL=address, STUDIO_LOG_LEVEL="DEBUG"
        )
        studio.start()
        try:
            with Visitor(studio) as ada:
                ada.make("A harbour at dusk")
                eventually(lambda: done(studio, 1), within=60)
                pages = [ada.http.get(path).text for path in ("/", "/gallery/", "/review/", "/people/")]
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", studio.simulator_port)) != 0
            assert not any("imulat" in page for page in pages)
            assert not any(key in page for page in pages)
            studio.stop()
            assert key not in studio.log
            assert not any(key.encode() in file.read_bytes() for file in data.rglob("*") if file.is_file())
        finally:
            studio.kill()


def test_nonsense_in_the_settings_is_refused_with_a_sentence(data: Path) -> None:
    """One of them; all are in tests/test_configuration.py."""
    refused = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "STUDIO_DATA": str(data),
            "STUDIO_DOTENV": "off",
            "LUMA_AGENTS_API_KEY": "sk-x",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "Write the whole key" in refused.stderr.splitlines()[-1]
    assert "sk-x" not in refused.stderr


def test_a_proxy_in_the_environment_is_not_asked_for_this_machine(data: Path) -> None:
    """The first page is seen, the first link printed, and a picture made, although the proxy leads nowhere."""
    dead = "http://127.0.0.1:9"
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    studio = Running(with_tables(data), **dict.fromkeys(names, dead), no_proxy="", NO_PROXY="")
    studio.start()
    try:
        assert "/welcome/" in studio.first_link
        with Visitor(studio) as ada:
            ada.make("A harbour at dusk")
            eventually(lambda: done(studio, 1), within=60)
        assert "it is started again" not in studio.log
    finally:
        studio.kill()
