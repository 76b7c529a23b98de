"""Faults on the way home: a picture is made and paid for, so it is fetched again and never made again."""

from __future__ import annotations

import errno
import io
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from studio import storage
from studio.embedding import read
from studio.engine import collect, conductor, storing
from studio.models import Job, Picture, SendingPause, User
from studio.tasks import make_renditions
from tests import people
from tests.faults.answers import accept_as, close, completed, drip, hang, picture, raw, reply, reset
from tests.faults.call import Act, Call
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double
from tests.imaging.pictures import drawn, saved

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def bomb() -> bytes:
    """A PNG whose head promises 900 megapixels."""
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


def test_f26_a_download_that_breaks_is_repeated(double: Double, settle: Settle, alice: User) -> None:
    half = people.image_bytes()[:60]
    breaks: dict[str, Act] = {
        "short of its length": reply(200, half, length=5000),
        "short, without length": raw(HEAD + half),
        "short chunk": raw(CHUNKED + b"40\r\n" + half[:20]),
        "empty": reply(200, b""),
        "eof": close,
        "reset": reset,
        "drip": drip(HEAD),
        "hang": hang,
        "500": reply(500, b"oops"),
        "403": reply(403, b"<Error><Code>AccessDenied</Code></Error>"),
        "packed": reply(200, b"x", {"content-encoding": "gzip"}),
        "moved": reply(302, b"", {"Location": "http://127.0.0.1:9/"}),
    }
    jobs = {name: job_for(alice, name) for name in breaks}
    for name, act in breaks.items():
        double.part(name, file=[act, picture])
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}
    assert len(double.posts) == len(breaks)
    assert list(settings.WORK_DIR.iterdir()) == []


def test_the_picture_is_fetched_and_not_what_calls_itself_otherwise(
    double: Double, settle: Settle, alice: User
) -> None:
    async def thumbnail_first(call: Call) -> None:
        link = f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"
        await completed([{"type": "thumbnail", "url": "http://127.0.0.1:9/"}, {"type": "image", "url": link}])(call)

    double.part("a lake", get=[thumbnail_first])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.fetches) == (Job.State.DONE, 1)


def test_f26_a_try_gives_up_its_place_when_nothing_comes_and_each_is_more_patient(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "FIRST_STALL", 0.1)
    monkeypatch.setattr(collect, "RETRY", 60.0)
    double.part("silent", file=[hang])
    job = job_for(alice, "silent")
    said = []
    for _ in range(2):
        run(seconds=1.5)
        job.refresh_from_db()
        said.append(job.detail)
        Job.objects.update(due_at=timezone.now())
    assert said == ["It stopped coming for 0.1 seconds.", "It stopped coming for 0.15 seconds."]


def test_f26_a_download_without_end_is_cut_and_given_to_a_person(double: Double, settle: Settle, alice: User) -> None:
    double.part("endless", file=[reply(200, b"x" * 400_000)])
    job = job_for(alice, "endless")
    settle()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "unsaved", Job.Charge.CHARGED)
    assert list(settings.WORK_DIR.iterdir()) == []


def test_f27_what_is_no_picture_is_told_by_decoding(double: Double, settle: Settle, alice: User) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    wrong = {"html": b"<html>Sign in</html>", "xml": b"<Error/>", "svg": svg}
    jobs = {name: job_for(alice, name) for name in wrong}
    for name, body in wrong.items():
        double.part(name, file=[reply(200, body, {"content-type": "image/png"})])
    settle()
    assert set(states(jobs).values()) == {Job.State.FAILED}
    assert {job.cause for job in Job.objects.all()} == {"unsaved"}
    assert len(double.posts) == len(wrong)


def test_whatever_can_be_decoded_is_kept_as_it_came_and_leaves_marked(
    double: Double, settle: Settle, alice: User, as_alice: Client
) -> None:
    """Luma documents PNG and JPEG, and what it sends is paid for."""
    formats = {"AVIF": "avif", "HEIF": "heic", "TIFF": "tiff", "GIF": "gif", "WEBP": "webp"}
    sent = {kind: saved(drawn(), kind) for kind in formats}
    for kind, body in sent.items():
        remote_id = str(uuid.uuid4())
        double.pictures[remote_id] = body
        double.part(kind, post=[accept_as(remote_id)])
        job_for(alice, kind)
    settle()
    for kind, format in formats.items():
        row = Picture.objects.get(job__submission__prompt=kind)
        assert (row.format, row.width, row.file.rpartition(".")[2]) == (format, 320, format)
        with storage.open_file(row.file) as file:
            assert file.read() == sent[kind]
        make_renditions(row.pk)
        assert row.renditions.count() == 2
        address = reverse("studio:download", args=[row.code])
        whole: Any = as_alice.get(address)
        # A kind with no place for a mark leaves as a PNG.
        leaves = format if format in {"gif", "webp"} else "png"
        assert whole.headers["Content-Type"] == f"image/{leaves}"
        assert whole.headers["Content-Disposition"].endswith(f'.{leaves}"')
        assert read(io.BytesIO(b"".join(whole.streaming_content))).source_type == "trained"
        cut: Any = as_alice.get(address, {"form": "crop-1:1"})
        assert cut.headers["Content-Type"] == ("image/webp" if format == "webp" else "image/png")
        assert b"".join(cut.streaming_content)


def test_f28_a_bomb_is_refused_and_fetching_again_costs_nothing(double: Double, settle: Settle, alice: User) -> None:
    evil = {"bomb": bomb(), "damaged": people.image_bytes(400, 400)[:-300]}
    jobs = {name: job_for(alice, name) for name in evil}
    for name, body in evil.items():
        double.part(name, file=[*[reply(200, body)] * collect.BAD_FILES, picture])
    settle(within=60)
    assert set(states(jobs).values()) == {Job.State.FAILED}
    for job in Job.objects.all():
        assert job.is_only_unfetched
        assert job.retry(by=alice, now=job.finished_at or job.created_at)
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}
    assert len(double.posts) == len(evil)


def full_disk(*_: object) -> str:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_f30_a_full_disk_keeps_what_is_paid_for_and_stops_sending(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(alice, "a lake")
    with monkeypatch.context() as disk:

        def fill(*args: object) -> str:
            disk.setattr(storing, "DISK_FLOOR", 2**80)
            return full_disk(*args)

        disk.setattr(storage, "store", fill)
        run(seconds=0.7)
    job.refresh_from_db()
    assert (job.state, job.charge) == (Job.State.SAVING, Job.Charge.CHARGED)
    assert SendingPause.objects.get().reason == SendingPause.Reason.DISK
    settle()
    assert not SendingPause.objects.exists()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert len(double.posts) == 1


def silent_storage(*_: object) -> str:
    raise storage.Unavailable("ReadTimeoutError")


def test_a_silent_storage_stops_sending_before_money_is_spent_and_ends_by_itself(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "is_remote", lambda: True)
    monkeypatch.setitem(SendingPause.PROBE_AFTER, SendingPause.Reason.STORAGE, timedelta(seconds=0.3))
    monkeypatch.setattr(conductor, "STORED_GOOD_FOR", 0.2)
    job_for(alice, "a lake")
    with monkeypatch.context() as silence:
        silence.setattr(storage, "check", silent_storage)
        run(seconds=1, has_stored=False)
        assert SendingPause.objects.get().reason == SendingPause.Reason.STORAGE
        assert "ReadTimeoutError" in SendingPause.objects.get().detail
        assert len(double.posts) == 0
    monkeypatch.setattr(storage, "check", lambda: None)
    settle()
    assert not SendingPause.objects.exists()
    assert Job.objects.get().state == Job.State.DONE


def test_a_storage_that_answers_slowly_is_asked_once_and_waited_for(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def slow() -> None:
        asked.append(len(double.posts))
        time.sleep(0.3)

    monkeypatch.setattr(storage, "is_remote", lambda: True)
    monkeypatch.setattr(storage, "check", slow)
    job = job_for(alice, "a lake")
    run(has_stored=False)
    job.refresh_from_db()
    assert (job.state, asked) == (Job.State.DONE, [0])


def test_a_storage_that_falls_silent_keeps_what_is_paid_for_and_pauses_sending(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "is_remote", lambda: True)
    monkeypatch.setitem(SendingPause.PROBE_AFTER, SendingPause.Reason.STORAGE, timedelta(seconds=0.3))
    monkeypatch.setattr(storage, "check", lambda: None)
    job = job_for(alice, "a lake")
    with monkeypatch.context() as silence:

        def fall_silent(*args: object) -> str:
            silence.setattr(storage, "check", silent_storage)
            return silent_storage(*args)

        silence.setattr(storage, "store", fall_silent)
        run(seconds=1)
    job.refresh_from_db()
    assert (job.state, job.charge) == (Job.State.SAVING, Job.Charge.CHARGED)
    assert SendingPause.objects.get().reason == SendingPause.Reason.STORAGE
    settle()
    assert not SendingPause.objects.exists()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert len(double.posts) == 1


def test_f30_a_full_disk_before_sending_fails_nothing(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = people.make_picture(alice, size=(48, 32), renditions=(256,))
    edit = people.make_submission(alice, prompt="make it night", type="image_edit", source=source)
    with monkeypatch.context() as disk:
        disk.setattr(storage, "copy_to", full_disk)
        run(seconds=0.7)
    assert edit.jobs.get().state == Job.State.WAITING
    assert edit.jobs.get().attempts == 0
    assert double.posts == []
    settle()
    assert edit.jobs.get().state == Job.State.DONE


def test_f30_a_source_that_is_gone_fails_before_anything_is_sent(double: Double, run: Run, alice: User) -> None:
    source = people.make_picture(alice, size=(48, 32), renditions=(256,))
    edit = people.make_submission(alice, prompt="make it night", type="image_edit", source=source)
    with default_storage.open(source.file) as file:
        content = file.read()
    default_storage.delete(source.file)
    run()
    job = edit.jobs.get()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "bad_input", Job.Charge.NONE)
    assert double.posts == []
    people._store(source.file, content)


def test_f29_what_a_killed_download_left_behind_is_cleared(double: Double, run: Run) -> None:
    old = time.time() - 2 * 3600
    folder: Path = settings.WORK_DIR / "tmpkilled"
    folder.mkdir()
    for stray in (folder / "0.part", settings.WORK_DIR / "upload.part"):
        stray.write_bytes(b"half a picture")
        os.utime(stray, (old, old))
    os.utime(folder, (old, old))
    fresh: Path = settings.WORK_DIR / "tmpliving"
    fresh.mkdir()
    run(linger=0)
    assert list(settings.WORK_DIR.iterdir()) == [fresh]
    fresh.rmdir()
