from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from studio import imaging, storage, tasks
from studio.forms.files import decoding, uploads
from studio.forms.files.uploads import CappedUploadHandler, Refusal, RefusedFile, TooMuchAtOnce, shown_name
from studio.models import Picture, User
from tests.people import image_bytes, make_person


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert list(settings.WORK_DIR.iterdir()) == []


def upload(content: bytes | None = None, name: str = "harbour.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or image_bytes())


def stored(file: Any, person: User) -> Picture:
    picture = uploads.store_upload(file, person, timezone.now())
    assert isinstance(picture, Picture), picture
    return picture


# ---- Names


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("courtyard.jpg", "courtyard.jpg"),
        ("two\nlines\t.png", "two lines .png"),
        ("gnp\u202egnp.exe", "gnpgnp.exe"),
        ("   ", "Unnamed file"),
        (None, "Unnamed file"),
        ("\x00\x1b[31m.png", "[31m.png"),
        # A longer one than a row holds says so, and keeps its ending.
        ("a" * 117 + ".png", "a" * 113 + "….png"),
        ("東京" * 30 + ".jpeg", "東京" * 18 + "東….jpeg"),
        ("é" * 200, "é" * 58 + "…"),
        ("Boats. " * 30, "Boats. " * 16 + "Boats…"),
        ("\ud800" + "a" * 120, "a" * 120),
    ],
)
def test_a_name_is_made_harmless(raw: str | None, shown: str) -> None:
    assert shown_name(raw) == shown


# ---- While it streams in


def handler(user: Any = None) -> CappedUploadHandler:
    person = user or SimpleNamespace(is_authenticated=True)
    made = CappedUploadHandler(SimpleNamespace(user=person))
    made.new_file("files", "beach.png", "image/png", None)
    return made


def test_a_file_within_the_limit_is_kept_whole() -> None:
    receiving = handler()
    receiving.receive_data_chunk(b"abc", 0)
    receiving.receive_data_chunk(b"def", 3)
    with receiving.file_complete(6) as file:
        assert (file.name, file.size, file.read()) == ("beach.png", 6, b"abcdef")


def test_a_file_beyond_the_limit_is_read_on_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "MAX_BYTES", 4)
    receiving = handler()
    receiving.receive_data_chunk(b"abcd", 0)
    receiving.receive_data_chunk(b"ef", 4)
    receiving.receive_data_chunk(b"gh", 6)
    assert receiving.file.file.tell() == 4
    file = receiving.file_complete(8)
    assert isinstance(file, RefusedFile)
    assert (file.name, file.size) == ("beach.png", 8)


def test_the_file_after_a_refused_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "MAX_BYTES", 4)
    receiving = handler()
    receiving.receive_data_chunk(b"abcdef", 0)
    assert isinstance(receiving.file_complete(6), RefusedFile)
    receiving.new_file("files", "next.png", "image/png", None)
    receiving.receive_data_chunk(b"abc", 0)
    with receiving.file_complete(3) as file:
        assert isinstance(file, TemporaryUploadedFile)


def test_a_request_beyond_all_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 5)
    receiving = handler()
    receiving.receive_data_chunk(b"abc", 0)
    with pytest.raises(TooMuchAtOnce):
        receiving.receive_data_chunk(b"def", 3)
    receiving.file.close()


def test_files_of_a_stranger_are_not_read() -> None:
    with pytest.raises(StopUpload) as stopped:
        handler(AnonymousUser())
    assert stopped.value.connection_reset


def test_a_disk_that_takes_nothing_refuses_the_file_and_not_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    receiving = handler()
    monkeypatch.setattr(receiving.file.file, "write", Mock(side_effect=OSError(errno.ENOSPC, "x")), raising=False)
    receiving.receive_data_chunk(b"abc", 0)
    receiving.receive_data_chunk(b"def", 3)
    file = receiving.file_complete(6)
    assert isinstance(file, RefusedFile)
    assert file.sentence == uploads.DISK_FULL
    monkeypatch.setattr(uploads, "TemporaryUploadedFile", Mock(side_effect=OSError(errno.EROFS, "x")))
    (receiving := handler()).receive_data_chunk(b"abc", 0)
    assert receiving.file_complete(3).sentence == uploads.DISK_UNUSABLE


def test_a_long_ending_is_no_part_of_a_path() -> None:
    made = CappedUploadHandler(SimpleNamespace(user=None))
    made.new_file("files", "a." + "x" * 400, "image/png", None)
    with made.file_complete(0) as file:
        assert "xxx" not in file.temporary_file_path()


# ---- What is stored


def test_an_upload_is_stored_with_its_first_renditions(alice: User) -> None:
    picture = stored(upload(image_bytes(900, 600), "beach.png"), alice)
    assert (picture.origin, picture.person, picture.original_name) == ("upload", alice, "beach.png")
    assert (picture.width, picture.height, picture.format) == (900, 600, "png")
    assert picture.shown_at is not None
    assert sorted(r.size for r in picture.renditions.all()) == [256, 512]
    for name in [picture.file, *(r.file for r in picture.renditions.all())]:
        with storage.open_file(name) as file:
            assert file.read(1)


def test_the_larger_renditions_are_left_to_the_queue(alice: User) -> None:
    picture = stored(upload(image_bytes(900, 600)), alice)
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("studio.tasks.make_renditions", (picture.pk,))
    tasks.make_renditions(picture.pk)
    assert sorted(r.size for r in picture.renditions.all()) == [256, 512, 1024]


def test_a_small_upload_needs_no_task(alice: User) -> None:
    picture = stored(upload(image_bytes(300, 200)), alice)
    assert picture.renditions_due_at is None
    assert not OrmQ.objects.exists()


def test_the_same_content_is_stored_once_for_each_person(alice: User, bob: User) -> None:
    content = image_bytes(900, 600)
    first, again, theirs = (
        stored(upload(content, "a.png"), alice),
        stored(upload(content, "b.png"), alice),
        stored(upload(content), bob),
    )
    assert again == first
    # The row is kept; what was sent now is called what it is called now.
    assert (again.title, Picture.objects.get(pk=first.pk).title) == ("b.png", "a.png")
    assert theirs != first
    assert theirs.file == first.file
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_content_that_is_sent_twice_at_once_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    person, both, codes = make_person(), threading.Barrier(2), []
    create, content = Picture.objects.create, image_bytes()

    def created(**row: Any) -> Picture:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)  # until the other one has looked too, unless it may not look yet
        return create(**row)

    def send() -> None:
        try:
            codes.append(stored(upload(content), person).code)
        finally:
            connection.close()

    monkeypatch.setattr(Picture.objects, "create", created)
    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(codes) == 2
    assert len(set(codes)) == Picture.objects.count() == 1


def test_a_file_in_memory_is_judged_like_one_on_disk(alice: User) -> None:
    content = image_bytes()
    with TemporaryUploadedFile("a.png", "image/png", len(content), None) as on_disk:
        on_disk.write(content)
        assert stored(on_disk, alice) == stored(upload(content), alice)


def test_a_text_is_refused_by_its_content(alice: User) -> None:
    refusal = uploads.store_upload(upload(b"not a picture", "notes\n.png"), alice, timezone.now())
    assert isinstance(refusal, Refusal)
    assert refusal.name == "notes .png"
    assert refusal.sentence.startswith("This file is not a picture")


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.EIO, uploads.DISK_UNUSABLE), (errno.EMFILE, uploads.NOT_STORED)]
)
def test_trouble_of_the_machine_is_no_fault_of_the_picture(
    alice: User, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    monkeypatch.setattr(storage, "store", Mock(side_effect=OSError(number, "x")))
    refusal = uploads.store_upload(upload(), alice, timezone.now())
    assert refusal == Refusal("harbour.png", sentence)
    assert not Picture.objects.exists()


BUSY = Refusal("harbour.png", "Studio is busy with other pictures. Try again in a moment.", is_busy=True)


def test_with_all_places_taken_a_file_waits_and_is_then_told_to_come_again(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST_WAIT", 0.1)
    monkeypatch.setattr(decoding, "AT_ONCE", 1)
    with decoding.place():
        assert uploads.store_upload(upload(), alice, timezone.now()) == BUSY
    assert isinstance(uploads.store_upload(upload(), alice, timezone.now()), Picture)


def test_the_places_are_the_machines_and_not_one_processs(
    alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(decoding, "LONGEST_WAIT", 0.1)
    monkeypatch.setattr(decoding, "AT_ONCE", 1)
    folder = settings.STUDIO_DATA / "decoding"
    folder.mkdir(exist_ok=True)
    code = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, folder / "0"], stdout=subprocess.PIPE)
    try:
        assert other.stdout
        other.stdout.readline()
        assert uploads.store_upload(upload(), alice, timezone.now()) == BUSY
    finally:
        other.kill()
        other.communicate()
    # Killed, it holds nothing any more.
    assert isinstance(uploads.store_upload(upload(), alice, timezone.now()), Picture)


def test_threads_that_wait_for_a_place_leave_others_for_pages(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST_WAIT", 60)
    monkeypatch.setattr(decoding, "AT_ONCE", decoding.THREADS)
    with ExitStack() as held:
        for _ in range(decoding.THREADS):
            held.enter_context(decoding.place())
        began = time.monotonic()
        assert uploads.store_upload(upload(), alice, timezone.now()) == BUSY
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("trouble", [imaging.ChildLost(-9), TimeoutError(errno.ETIMEDOUT, "too late")])
def test_a_child_that_was_killed_or_waited_for_too_long_is_no_fault_of_the_picture(
    alice: User, monkeypatch: pytest.MonkeyPatch, trouble: OSError
) -> None:
    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(imaging, "accept", fail)
    assert uploads.store_upload(upload(), alice, timezone.now()) == BUSY


def test_a_file_refused_while_it_came_needs_no_child(alice: User) -> None:
    refused = RefusedFile("huge.tiff", 80_000_000, "77 MB is more than the limit of 50.")
    assert uploads.store_upload(refused, alice, timezone.now()) == Refusal(
        "huge.tiff", "77 MB is more than the limit of 50."
    )
