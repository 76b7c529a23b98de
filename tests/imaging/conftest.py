from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio import imaging
from studio.imaging import api
from studio.imaging.child.__main__ import reply_to
from studio.imaging.child.decode import guard_pillow
from studio.imaging.runner import ChildTask


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes to a file with a name that says nothing."""

    def write(data: bytes, name: str = "upload") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(params=["child", "here"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run the same test through a real child and in this process, where coverage and a debugger see the work."""
    if request.param == "child":
        yield
        return

    def run_here(task: ChildTask[Any]) -> Any:
        task.check_source()
        reply = json.dumps(reply_to(json.loads(task.request))).encode()
        return task.result(0, reply)

    async def run_here_async(task: ChildTask[Any]) -> Any:
        return run_here(task)

    monkeypatch.setattr(api, "run", run_here)
    monkeypatch.setattr(api, "run_async", run_here_async)
    monkeypatch.setattr(Image, "_initialized", Image._initialized)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    with warnings.catch_warnings():
        guard_pillow()
        yield


@pytest.fixture
def accept(either_way: None, into: Path, file: Callable[[bytes], Path]) -> Callable[[bytes], imaging.Accepted]:
    return lambda data: imaging.accept(file(data), into)


@pytest.fixture
def refused(either_way: None, into: Path, file: Callable[[bytes], Path]) -> Callable[[bytes], str]:
    """Judge bytes that must be refused; return the reason and check that no file is left."""

    def judge(data: bytes) -> str:
        with pytest.raises(imaging.Unusable) as caught:
            imaging.accept(file(data), into)
        assert list(into.iterdir()) == []
        return caught.value.reason

    return judge
