"""A key with a mark in it goes through every kind of failure, at the loudest log level, and is found nowhere."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from studio.engine import spool
from studio.models import Job, SendingPause, User
from tests.faults.answers import accept, accept_then, close, completed, drip, hang, picture, raw, reply, reset, state
from tests.faults.call import Act, Call
from tests.faults.conftest import KEY, Run, job_for
from tests.faults.double import Double

MARK = KEY.removeprefix("luma-api-")
TELLTALE = {"detail": f"Invalid API key: Bearer {KEY}"}
WORLD: dict[str, dict[str, list[Act]]] = {
    "fine": {},
    "refused": {"post": [reply(400, TELLTALE)]},
    "told in html": {"post": [reply(422, f"<p>{KEY}</p>".encode())]},
    "busy": {"post": [reply(429, TELLTALE, {"Retry-After": "0"}), accept]},
    "outage": {"post": [reply(502, {"detail": f"Upstream service unavailable {KEY}"}), accept]},
    "lost": {"post": [accept_then(reset)]},
    "cut": {"post": [accept_then(close)]},
    "silent": {"post": [accept_then(hang)]},
    "junk": {"post": [accept_then(raw(KEY.encode()))]},
    "unreadable": {"post": [accept_then(reply(201, f'{{"key": "{KEY}"}}'.encode()))]},
    "echo header": {"post": [accept_then(reply(500, TELLTALE, {"X-Request-Id": KEY}))]},
    "poll": {"get": [reply(500, TELLTALE), reset, hang, state("processing"), completed()]},
    "failed": {"get": [state("failed", failure_code="generation_failed", failure_reason=f"Bearer {KEY}")]},
    "odd code": {"get": [state("failed", failure_code=KEY, failure_reason="?")]},
    "download": {"file": [reply(403, TELLTALE), drip(b"HTTP/1.1 200 OK\r\n\r\n"), picture]},
    "link": {"get": [completed([{"type": "image", "url": f"http://127.0.0.1:9/?X-Amz-Signature={KEY}"}]), completed()]},
}


def told(records: list[logging.LogRecord]) -> Iterator[str]:
    """Yield all that a handler could print of a record, before any filter has seen it."""
    formatter = logging.Formatter()
    for record in records:
        yield f"{record.getMessage()} {record.args!r} {record.msg!r} {vars(record)}"
        if record.exc_info:
            yield formatter.formatException(record.exc_info)


def rows() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own table names
            yield from (str(row) for row in cursor.fetchall())


def processes() -> Iterator[str]:
    """The command lines of this process and its children, and the environments of the children."""
    own = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = folder.name == own or (folder / "stat").read_text().rpartition(")")[2].split()[1] == own
            if is_ours:
                yield (folder / "cmdline").read_bytes().decode(errors="replace")
                yield (folder / "environ").read_bytes().decode(errors="replace") if folder.name != own else ""
        except OSError:
            continue


def files() -> Iterator[str]:
    for folder in (settings.SPOOL_DIR, settings.WORK_DIR, settings.MEDIA_ROOT):
        for file in Path(folder).rglob("*"):
            yield f"{file} {file.read_bytes().decode('latin-1') if file.is_file() else ''}"


def test_the_key_is_found_nowhere(
    double: Double, run: Run, alice: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    spooled: list[str] = []
    seen: list[str] = []
    keep = spool.keep

    def look_around(request_id: object, remote_id: str) -> None:
        keep(request_id, remote_id)  # type: ignore[arg-type]
        spooled.extend(files())

    async def look_at_processes(call: Call) -> None:
        seen.extend(processes())
        await picture(call)

    monkeypatch.setattr(spool, "keep", look_around)
    monkeypatch.setattr(Job, "accept", refuse_first(Job.accept))
    for prompt, acts in WORLD.items():
        double.part(prompt, **acts)  # type: ignore[arg-type]
        job_for(alice, prompt)
    double.part("watched", file=[look_at_processes])
    job_for(alice, "watched")
    for _ in range(60):
        run(seconds=20, linger=0.6)
        if not Job.objects.waiting().exists():
            break
        # An admin presses Resume: this world is full of lost answers.
        SendingPause.objects.update(probe_at=timezone.now())
        Job.objects.waiting().update(due_at=timezone.now())
    assert any(call.headers["authorization"] == f"Bearer {KEY}" for call in double.posts)
    assert Job.objects.filter(state="done").count() >= 6
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    everything = {
        "logs": list(told(caplog.records)),
        "rows": list(rows()),
        "files": list(files()) + spooled,
        "processes": seen,
    }
    assert all(everything.values())
    assert [(where, text[:300]) for where, texts in everything.items() for text in texts if MARK in text] == []


def refuse_first(accept_id: object) -> object:
    """Let the database refuse one id, so that the spool is used."""
    from django.db import OperationalError

    left = [1]

    def accept(self: Job, remote_id: str, **when: object) -> bool:
        if left[0]:
            left[0] -= 1
            raise OperationalError("disk I/O error")
        return bool(accept_id(self, remote_id, **when))  # type: ignore[operator]

    return accept
