"""Whatever a task raises is a reply: the parent never has to guess."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from studio.imaging.child import __main__ as child


@pytest.fixture
def request_(tmp_path: Path) -> dict[str, Any]:
    return {"task": "accept", "source": str(tmp_path / "upload"), "into": str(tmp_path), "prefix": "p-", "sizes": []}


def failing(error: Exception) -> Any:
    def task(*_: object) -> dict[str, Any]:
        raise error

    return task


@pytest.mark.parametrize(
    ("error", "reason", "is_logged"),
    [
        (MemoryError(), "too_complex", False),
        (OSError(errno.EFBIG, "File too large"), "too_complex", True),
        (KeyError("a mode nobody foresaw"), "too_complex", True),
    ],
    ids=["memory", "too much written", "unforeseen"],
)
def test_a_failing_task_has_a_reason(
    request_: dict[str, Any], monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, is_logged: bool
) -> None:
    monkeypatch.setitem(child.TASKS, "accept", failing(error))
    reply = child.reply_to(request_)
    assert reply["reason"] == reason
    assert ("Traceback" in reply["detail"]) == is_logged


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE])
def test_an_error_of_the_machine_is_passed_on(
    request_: dict[str, Any], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setitem(child.TASKS, "accept", failing(OSError(number, "error")))
    assert child.reply_to(request_) == {"errno": number}
