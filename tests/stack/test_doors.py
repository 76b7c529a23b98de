"""The official clients of Luma, OpenAI and MCP, and our own command line, against the whole running studio."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from luma_agents import Luma
from openai import OpenAI
from PIL import Image

from tests.stack.running import ROOT, Running, eventually
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.stack
SECRET = re.compile(r'value="(studio-[\w-]{43})"')


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("doors") / "var")
    running.start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def token(studio: Running) -> str:
    with Visitor(studio) as ada:
        form = {
            "csrfmiddlewaretoken": ada.csrf(),
            "once": str(uuid.uuid4()),
            "name": "Nightly",
            "life": "30",
            "scope": ["read", "make", "decide"],
        }
        page = ada.http.post("/account/tokens/", data=form)
    found = SECRET.search(page.text)
    assert found, page.text[:2_000]
    return found[1]


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """No proxy of this machine's stands between a client and the studio."""
    with httpx.Client(trust_env=False) as client:
        yield client


def picture_file(width: int = 900, height: int = 600) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(file, "PNG")
    return file.getvalue()


def fetched(url: str) -> Image.Image:
    """Download as anybody does who has the link."""
    answer = httpx.get(url, trust_env=False, timeout=20)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


def test_lumas_quickstart_runs_word_for_word(studio: Running, token: str, http: httpx.Client) -> None:
    client = Luma(auth_token=token, base_url=f"{studio.url}/v1", http_client=http)

    def done(id: str) -> Any:
        # The production polling of Luma's guide.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            generation = client.generations.get(id)
            if generation.state in {"completed", "failed"}:
                return generation
            time.sleep(0.3)
        raise TimeoutError(id)

    generation = client.generations.create(
        prompt="A glass of iced coffee on a marble countertop, morning light streaming through a window",
        aspect_ratio="16:9",
        model="uni-1",
    )
    assert generation.state == "queued"
    generation = done(generation.id)
    assert generation.state == "completed", generation
    assert fetched(generation.output[0].url).width > 2_000
    edited = client.generations.create(
        prompt="Make it night", type="image_edit", source={"generation_id": generation.id}
    )
    # A body of a megabyte, as pictures in it make it.
    inline = client.generations.create(
        prompt="Make it a drawing",
        type="image_edit",
        source={"data": base64.b64encode(picture_file()).decode(), "media_type": "image/png"},
    )
    assert [done(one.id).state for one in (edited, inline)] == ["completed", "completed"]


def test_openais_client_makes_and_edits(studio: Running, token: str, http: httpx.Client) -> None:
    client = OpenAI(api_key=token, base_url=f"{studio.url}/v1", http_client=http)
    made = client.images.generate(prompt="A red boat in fog", size="1536x1024")
    assert made.data
    assert made.data[0].b64_json
    assert Image.open(io.BytesIO(base64.b64decode(made.data[0].b64_json))).width > 2_000
    edited = client.images.edit(
        image=("boat.png", picture_file(), "image/png"), prompt="At night", response_format="url"
    )
    assert edited.data
    assert edited.data[0].url
    assert fetched(edited.data[0].url).size == (900, 600)


def test_an_mcp_client_makes_waits_and_gets_the_picture(studio: Running, token: str) -> None:
    import httpx2
    from mcp.client.client import Client
    from mcp.client.streamable_http import streamable_http_client

    async def talk() -> list[Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
            Client(streamable_http_client(f"{studio.url}/mcp", http_client=http)) as client,
        ):
            tools = await client.list_tools()
            assert {one.name for one in tools.tools} >= {"make", "edit", "look", "search", "wait", "decide"}
            made = await client.call_tool("make", {"prompt": "A lighthouse"})
            told = json.loads(made.content[0].text)
            while not told["is_over"]:
                over = await client.call_tool("wait", {"submission": told["code"], "seconds": 5})
                told = json.loads(over.content[0].text)
            code = told["jobs"][0]["pictures"][0]["code"]
            return list((await client.call_tool("look", {"picture": code})).content)

    async def is_stranger() -> bool:
        headers = {"Authorization": "Bearer studio-nobody"}
        async with httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http:
            return (await http.post(f"{studio.url}/mcp", json={})).status_code == 401

    assert asyncio.run(is_stranger())
    text, image = asyncio.run(talk())
    assert "lighthouse" in text.text
    assert Image.open(io.BytesIO(base64.b64decode(image.data))).format == "WEBP"


def test_the_command_line_is_interrupted_and_goes_on(studio: Running, token: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "STUDIO_URL": studio.url,
        "STUDIO_TOKEN": token,
        "NO_PROXY": "*",
        "HOME": str(tmp_path),
    }
    words = [sys.executable, "-m", "studio.cli.main"]
    process = subprocess.Popen(
        [*words, "make", "A tree", "-n", "3"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: studio.rows("SELECT code FROM studio_submission WHERE prompt = 'A tree'"))
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    found = re.search(r"studio watch (\S+)", said)
    assert (process.returncode, bool(found)) in {(130, True), (0, False)}, said
    [(code,)] = studio.rows("SELECT code FROM studio_submission WHERE prompt = 'A tree'")
    watched = subprocess.run(
        [*words, "watch", str(uuid.UUID(code)), "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert watched.returncode == 0, watched.stderr
    assert [one["state"] for one in json.loads(watched.stdout)["jobs"]] == ["done"] * 3


class Terminal:
    """A real terminal: a shell in tmux, with a server of its own that ends with it."""

    def __init__(self, environment: dict[str, str], *, columns: int = 100) -> None:
        self.environment = environment
        self.name = f"studio-{uuid.uuid4().hex[:8]}"
        size = ["-x", str(columns), "-y", "40"]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", *size, "sh")
        self.type("PS1='> '")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            [shutil.which("tmux") or "tmux", "-u", "-L", self.name, *words],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            env=self.environment,
        )
        return done.stdout

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-J")

    def type(self, line: str) -> None:
        self._tmux("send-keys", "-l", line)
        self._tmux("send-keys", "Enter")

    def press(self, key: str) -> None:
        self._tmux("send-keys", key)

    def sees(self, pattern: str, within: float = 60) -> re.Match[str]:
        return eventually(lambda: re.search(pattern, self.screen), within=within, what=pattern)

    def end(self) -> None:
        self._tmux("kill-server")


@pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux, to show the command line a real terminal")
def test_the_command_line_in_a_real_terminal(studio: Running, token: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "STUDIO_URL": studio.url,
        "STUDIO_TOKEN": token,
        "NO_PROXY": "*",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "TMUX_TMPDIR": str(tmp_path),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }
    command = f"{shlex.quote(sys.executable)} -m studio.cli.main"
    terminal = Terminal(environment)
    try:
        terminal.type(f'studio() {{ {command} "$@"; echo "rc=$?"; }}; clear')
        terminal.type(f"studio make 'A quay' -n 2 --out {tmp_path}/quay")
        terminal.sees(r"\[[█░]{24}\] \d of 2 ")
        terminal.sees(r"rc=0")
        assert len(list((tmp_path / "quay").glob("*.*"))) == 2
        terminal.type("clear; studio make 'A long pier' -n 9")
        terminal.sees(r"░{8,}\] \d+ of 9")
        terminal.press("C-c")
        code = terminal.sees(r"studio watch ([0-9a-f-]{36})\s+rc=130")[1]
        terminal.type(f"clear; studio watch {code}")
        terminal.sees(r"\[█{24}\] 9 of 9 done")
        terminal.sees(r"rc=0")
        terminal.type(
            f"clear; {command} search quay --json | {shlex.quote(sys.executable)} -m json.tool > {tmp_path}/found"
        )
        found = eventually(lambda: (tmp_path / "found").is_file() and (tmp_path / "found").read_text())
        assert [one["title"] for one in json.loads(found)] == ["A quay", "A quay"]
        terminal.type("clear; STUDIO_TOKEN=studio-x studio search")
        terminal.sees(r"not known[\s\S]*rc=3")
        terminal.type("clear; STUDIO_TOKEN= studio search")
        terminal.sees(r"Say which studio first[\s\S]*rc=2")
    finally:
        terminal.end()
