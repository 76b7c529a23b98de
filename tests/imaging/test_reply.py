"""A compromised child may send anything: no value is accepted that our own child would not send."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from studio import imaging
from studio.imaging.reply import read_accepted, read_measured, read_wire
from studio.imaging.runner import ChildLost, ChildTask

REFUSED = {"reason": "broken", "sentence": "No.", "detail": ""}


@pytest.fixture
def work(tmp_path: Path, into: Path) -> ChildTask[imaging.Accepted]:
    return ChildTask("accept", tmp_path / "upload", into, read_accepted)


def honest(work: ChildTask[imaging.Accepted]) -> dict[str, Any]:
    """What our own child would say, with its file in place."""
    name = f"{work.prefix}kept.jpeg"
    (work.into / name).write_bytes(b"12345")
    return {
        "file": name,
        "sha256": "0" * 64,
        "format": "jpeg",
        "width": 10,
        "height": 10,
        "bytes": 5,
        "has_alpha": False,
        "placeholder": "data:image/webp;base64,AAAA",
        "colour": "#000000",
        "changes": [],
        "renditions": [],
    }


def test_an_honest_reply_is_read(work: ChildTask[imaging.Accepted]) -> None:
    assert work.result(0, json.dumps(honest(work)).encode()).width == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"file": "../../etc/passwd"},
        {"file": "kept.jpeg"},
        {"file": 7},
        {"bytes": 6},
        {"bytes": True},
        {"sha256": "0" * 63},
        {"format": "svg"},
        {"width": 0},
        {"width": 4097},
        {"height": "10"},
        {"has_alpha": 1},
        {"placeholder": 'data:image/webp;base64,"><script>'},
        {"placeholder": "data:image/webp;base64," + "A" * 300},
        {"colour": "red"},
        {"changes": "all"},
        {"changes": ["x" * 121]},
        {"changes": [""] * 17},
        {"renditions": [1]},
        {"renditions": [{"size": 1}]},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(work: ChildTask[imaging.Accepted], wrong: dict[str, Any], caplog: Any) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        work.result(0, json.dumps(honest(work) | wrong).encode())
    assert caught.value.reason == "too_complex"
    assert "is invalid" in caplog.text


@pytest.mark.parametrize(
    "answer", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 60_000, json.dumps(REFUSED | {"reason": "bored"}).encode()]
)
def test_an_answer_that_is_no_reply_is_refused(work: ChildTask[imaging.Accepted], answer: bytes) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        work.result(0, answer)
    assert caught.value.reason == "too_complex"


def test_an_endless_answer_is_not_read(work: ChildTask[imaging.Accepted]) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        work.result(0, json.dumps(REFUSED).encode().ljust(70_000))
    assert caught.value.reason == "too_complex"


def test_a_link_is_not_taken_for_a_file(work: ChildTask[imaging.Accepted], tmp_path: Path) -> None:
    reply = honest(work)
    secret = tmp_path / "secret"
    secret.write_bytes(b"12345")
    (work.into / reply["file"]).unlink()
    (work.into / reply["file"]).symlink_to(secret)
    with pytest.raises(imaging.Unusable):
        work.result(0, json.dumps(reply).encode())


def test_measuring_takes_exactly_one_rendition(tmp_path: Path, into: Path) -> None:
    work = ChildTask("measure", tmp_path, into, read_measured)
    with pytest.raises(imaging.Unusable):
        work.result(0, b'{"renditions": []}')


def test_a_wire_of_another_kind_is_refused(tmp_path: Path, into: Path) -> None:
    work = ChildTask("for_sending", tmp_path, into, partial(read_wire, source=tmp_path))
    with pytest.raises(imaging.Unusable):
        work.result(0, b'{"file": "", "bytes": 5, "format": "gif", "width": 5, "height": 5}')


def test_a_refusal_with_a_trace_is_logged_for_the_admin(work: ChildTask[imaging.Accepted], caplog: Any) -> None:
    with pytest.raises(imaging.Unusable, match=r"^No\.$"):
        work.result(0, json.dumps(REFUSED | {"detail": "Traceback: line 7"}).encode())
    assert "line 7" in caplog.text


def test_a_broken_installation_is_logged_as_an_error(work: ChildTask[imaging.Accepted], caplog: Any) -> None:
    with pytest.raises(ChildLost):
        work.result(1, b"")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
