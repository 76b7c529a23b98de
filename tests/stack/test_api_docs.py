"""docs/api.md word for word against a running studio, and what only a whole web server shows of the doors."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.engine.deliveries.signed_post import signature
from tests.stack.running import ROOT, Running, eventually
from tests.stack.test_doors import picture_file, studio, token  # noqa: F401 - the same studio as a stranger finds it

pytestmark = pytest.mark.stack
DOCS = (ROOT / "docs" / "api.md").read_text()


def block(kind: str, begins: str) -> str:
    """The commands of the docs that begin so."""
    found = [one for one in re.findall(rf"```{kind}\n(.*?)```", DOCS, re.DOTALL) if one.startswith(begins)]
    assert len(found) == 1, begins
    return str(found[0])


@pytest.fixture
def surroundings(studio: Running, token: str, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    command = tmp_path / "bin" / "studio"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m studio.cli.main "$@"\n')
    command.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "NO_PROXY": "*",
        "STUDIO": studio.url,
        "STUDIO_TOKEN": token,
    }


def run(words: list[str], surroundings: dict[str, str], folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_call_with_curl(surroundings: dict[str, str], tmp_path: Path) -> None:
    script = block("sh", "export STUDIO=").partition("\n")[2]
    ask, wait, fetch = re.split(r"\n(?=curl)", script.strip())

    def curl(command: str) -> str:
        return run(["sh", "-c", command.replace("curl ", "curl -fsS ", 1)], surroundings, tmp_path)

    asked = json.loads(curl(ask))
    assert json.loads(curl(ask))["code"] == asked["code"]
    told = asked
    while not told["is_over"]:
        told = json.loads(curl(wait.replace("CODE", asked["code"])))
    curl(fetch.replace("CODE", told["jobs"][0]["pictures"][0]["code"]))
    [file] = tmp_path.glob("studio-a-red-boat-in-fog-*.png")
    assert file.read_bytes().startswith(b"\x89PNG")


def test_the_first_call_in_python(surroundings: dict[str, str], tmp_path: Path) -> None:
    run([sys.executable, "-c", block("python", "import os\nimport httpx")], surroundings, tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_the_clients_of_others(surroundings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "boat.png").write_bytes(picture_file())
    at = surroundings["STUDIO"]
    luma = block("python", "from luma_agents").replace("http://localhost:8000", at)
    run([sys.executable, "-c", f"import os\n{luma}\nclient.generations.create(prompt='x')"], surroundings, tmp_path)
    openai = block("python", "from openai").replace("http://localhost:8000", at)
    run([sys.executable, "-c", f"import os\n{openai}"], surroundings, tmp_path)


def test_the_command_line(surroundings: dict[str, str], tmp_path: Path) -> None:
    lines = block("sh", "pipx install .").strip().splitlines()
    assert [line.split()[1] for line in lines] == [
        "install",
        "login",
        "make",
        "edit",
        "search",
        "export",
        "--install-completion",
    ]
    for line in lines[1:-1]:
        line = line.replace("http://localhost:8000", surroundings["STUDIO"])
        # The name and the code are examples.
        line = re.sub(r"boats/\S+\.png", "boats/*.png", line).replace("board=CODE", "decision=approved")
        said = run(["sh", "-c", line], surroundings, tmp_path)
        assert "search" not in line or json.loads(said) == []
    assert "studio" in run(
        ["studio", "--show-completion", "bash"],
        {**surroundings, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        tmp_path,
    )


def test_the_signature() -> None:
    known: dict[str, Any] = {}
    exec(block("python", "import hashlib, hmac, time"), known)  # noqa: S102 - our own words
    now, body = int(time.time()), b'{"id": 1}'
    assert known["is_of_studio"](body, signature("key", body, now), "key")
    assert not known["is_of_studio"](body, signature("key", body, now - 400), "key")
    assert not known["is_of_studio"](body + b" ", signature("key", body, now), "key")


# ---- What only the web server shows


@pytest.fixture
def wire(studio: Running) -> http.client.HTTPConnection:  # noqa: F811
    return http.client.HTTPConnection("127.0.0.1", studio.port, timeout=20)


def test_a_body_may_come_in_pieces_and_a_header_in_any_case(wire: http.client.HTTPConnection, token: str) -> None:  # noqa: F811
    headers = {"AUTHORIZATION": f"bearer  {token}", "content-TYPE": "application/json", "idempotency-KEY": "pieces"}

    def ask(body: Any, path: str = "/api/v1/submissions", **more: str) -> tuple[int, Any]:
        wire.request("POST", path, body, {**headers, **more}, encode_chunked=not isinstance(body, bytes))
        answer = wire.getresponse()
        return answer.status, json.loads(answer.read())

    status, told = ask(iter([b'{"pro', b'mpt": "A pie', b'r"}']), **{"Transfer-Encoding": "chunked"})
    assert (status, told["prompt"]) == (201, "A pier")
    assert ask(b'{"prompt": "A pier"}')[0] == 200
    assert ask(gzip.compress(b'{"prompt": "A pier"}'), **{"Content-Encoding": "gzip"})[0] == 400
    for path in ("/v1/generations", "/v1/images/generations", "/mcp"):
        status, told = ask(iter([b'{"a": 1, ', b'"a": 2}']), path, **{"Transfer-Encoding": "chunked"})
        assert (status in {400, 422}, bool(told)) == (True, True)
    status, told = ask(
        iter([b"x" * 100_000] * 5), "/api/v1/pictures", **{"Transfer-Encoding": "chunked"}, AUTHORIZATION="x"
    )
    assert (status, told["code"]) == (401, "no-token")


@pytest.mark.alone
def test_calls_that_wait_leave_the_pages_their_threads(studio: Running, token: str) -> None:  # noqa: F811
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=studio.url, headers=headers, trust_env=False, timeout=40) as client:
        asked = client.post("/api/v1/submissions", json={"prompt": "A slow pier"}).json()
        # It does not end while this looks.
        studio.rows(
            "UPDATE studio_job SET due_at = '2999-01-01 00:00:00+00:00', state = 'waiting' "
            "WHERE submission_id = (SELECT MAX(id) FROM studio_submission)"
        )
        address, found = f"/api/v1/submissions/{asked['code']}/wait?seconds=4", []
        waits = [threading.Thread(target=lambda: found.append(client.get(address).status_code)) for _ in range(20)]
        for one in waits:
            one.start()
        eventually(lambda: 503 in found)
        began = time.monotonic()
        assert client.get("/api/v1/me").status_code == 200
        assert httpx.get(f"{studio.url}/sign-in/", trust_env=False, timeout=10).status_code == 200
        assert time.monotonic() - began < 3
        for one in waits:
            one.join()
    assert set(found) <= {200, 503}
