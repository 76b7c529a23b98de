"""A simulator on a loopback port, and the official SDK as the one who calls it."""

from __future__ import annotations

import base64
import io
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from luma_agents import Luma
from luma_agents.types import Generation
from PIL import Image

from studio.simulator import Options
from tests.simulator.threads import in_thread

PATIENCE = 20.0
# Nothing here is encrypted; httpx would load all certificates anew for every client.
PLAIN: dict[str, Any] = {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "trust_env": False}

Start = Callable[..., str]
CALLERS: list[Luma] = []


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start simulators of one state directory; they stop with the test."""
    with ExitStack() as stack:

        def begin(**options: Any) -> str:
            return stack.enter_context(in_thread(quick(tmp_path / "state", **options)))

        yield begin


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a simulator without delays and hardly any limits, for tests that need nothing special."""
    options = quick(tmp_path_factory.mktemp("simulator"), rpm=10_000, concurrent=10_000, allow_loopback_urls=True)
    with in_thread(options) as url:
        yield url


@pytest.fixture
def luma(address: str) -> Luma:
    """The official SDK with a key, and so a client, of its own."""
    return caller(address)


@pytest.fixture(autouse=True)
def _close_callers() -> Iterator[None]:
    yield
    while CALLERS:
        CALLERS.pop().close()


def quick(state_dir: Path, **options: Any) -> Options:
    return Options(
        **{"state_dir": state_dir, "port": 0, "time_scale": 0, "pictures": "tests.simulator.fake_pictures", **options}
    )


def caller(address: str, key: str = "") -> Luma:
    """Return the official SDK; it is closed at the end of the test."""
    http = httpx.Client(timeout=30, **PLAIN)
    luma = Luma(auth_token=key or f"luma-api-{uuid4()}", base_url=address, max_retries=0, http_client=http)
    CALLERS.append(luma)
    return luma


def raw(address: str, key: str = "luma-api-raw") -> httpx.Client:
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30, **PLAIN)


def root(address: str) -> str:
    return address.removesuffix("/v1")


def ended(luma: Luma, generation: Generation) -> Generation:
    """Poll until a job has ended, as any client must."""
    return until(lambda: _if_ended(luma.generations.get(generation.id)))


def until(find: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.01)
    raise AssertionError("it never came true")


def picture(size: tuple[int, int] = (96, 64), image_format: str = "PNG", mode: str = "RGB", **save: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else None).save(buffer, image_format, **save)
    return buffer.getvalue()


def send_file(luma: Luma, content: bytes, name: str = "cat.png", **fields: str) -> dict[str, Any]:
    """Upload inline; the SDK has no method for that, only its plain `post`."""
    answer: Any = luma.post(
        "/files",
        files={"file": (name, content, "image/png")},
        body=fields,
        options={"headers": {"Content-Type": "multipart/form-data"}},
        cast_to=object,
    )
    return dict(answer)


def inline(content: bytes, media_type: str = "image/png") -> dict[str, str]:
    return {"data": base64.b64encode(content).decode(), "media_type": media_type}


def download(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, **PLAIN)


def opened(url: str) -> Image.Image:
    response = download(url)
    assert response.status_code == 200, response.text
    return Image.open(io.BytesIO(response.content))


def _if_ended(generation: Generation) -> Generation | None:
    return generation if generation.state in ("completed", "failed") else None
