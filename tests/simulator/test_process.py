"""The simulator as a process of its own, and the painter's process below it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.simulator import painter_client, serve
from studio.simulator.__main__ import main
from tests.simulator.conftest import PLAIN, picture, quick, raw, until


def painters(parent: int) -> list[int]:
    """Return the painter processes that a process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            status = (entry / "status").read_text()
        except OSError:
            continue
        if b"studio.simulator.painter" in words and f"\nPPid:\t{parent}\n" in status:
            found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "studio.simulator", "--port", str(port), "--state-dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as started:
        address = f"http://127.0.0.1:{port}"
        until(lambda: _answers(address))
        yield started, f"{address}/v1"
        started.kill()


def _answers(address: str) -> bool:
    try:
        return bool(httpx.get(f"{address}/healthz", **PLAIN).json()["simulator"])
    except httpx.ConnectError:
        return False


def busy(address: str, pid: int) -> int:
    """Have the painter started, by an upload that it looks at, and return its process id."""
    with raw(address) as http:
        http.post("/files", files={"file": ("a.png", picture(), "image/png")})
    return int(until(lambda: painters(pid))[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_its_painter_and_without_a_complaint(process: Any, number: signal.Signals) -> None:
    simulator, address = process
    painter = busy(address, simulator.pid)
    simulator.send_signal(number)
    _, errors = simulator.communicate(timeout=10)
    assert simulator.returncode == 0
    assert errors.decode().splitlines() == [
        f"simulating Luma at {address} (not the real service; its pictures are placeholders)"
    ]
    until(lambda: not is_alive(painter))


def test_the_painter_does_not_outlive_a_killed_simulator(process: Any) -> None:
    simulator, address = process
    painter = busy(address, simulator.pid)
    simulator.kill()
    simulator.wait()
    until(lambda: not is_alive(painter))


def test_the_server_stays_small_and_at_rest(process: Any) -> None:
    simulator, address = process
    with raw(address) as http:
        http.post("/generations", json={"prompt": "A [moderated]"})
    status = Path(f"/proc/{simulator.pid}/status").read_text()
    assert int(status.partition("VmRSS:")[2].split()[0]) < 45 * 1024
    maps = Path(f"/proc/{simulator.pid}/maps").read_text()
    assert "/PIL/" not in maps


def test_the_painter_is_let_go_when_idle_and_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(painter_client, "IDLE_SECONDS", 0.01)
    path = tmp_path / "a.png"
    path.write_bytes(picture())

    others = set(painters(os.getpid()))

    async def work() -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        client = painter_client.PainterClient()
        for count in (1, 2):
            client.submit({"type": "inspect", "id": "x", "inputs": [str(path)]}, answers.append)
            while len(answers) < count or set(painters(os.getpid())) - others:
                await asyncio.sleep(0.01)
        await client.close()
        return answers

    assert asyncio.run(asyncio.wait_for(work(), 20)) == [{"outputs": []}] * 2


def test_a_painter_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(painter_client, "TIMEOUT_SECONDS", 0.2)
    pipe = tmp_path / "never"
    os.mkfifo(pipe)

    async def work() -> dict[str, Any]:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        client = painter_client.PainterClient()
        client.submit({"type": "inspect", "id": "x", "inputs": [str(pipe)]}, answer.set_result)
        found = await answer
        await client.close()
        return found

    assert asyncio.run(asyncio.wait_for(work(), 20))["failure_code"] == "generation_failed"


def test_it_can_be_served_inside_a_running_loop(tmp_path: Path) -> None:
    async def visit() -> int:
        async with serve(quick(tmp_path)) as address, httpx.AsyncClient(**PLAIN) as http:
            return (await http.get(f"{address}/files", headers={"Authorization": "Bearer luma-api-x"})).status_code

    assert asyncio.run(visit()) == 200


def test_help_lists_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "[accept-then-drop]" in capsys.readouterr().out


def test_neither_our_client_nor_django_is_imported() -> None:
    code = "import sys, studio.simulator.app; print([m for m in sys.modules if m.startswith(('studio.luma', 'django', 'PIL'))])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
