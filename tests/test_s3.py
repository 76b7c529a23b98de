"""Files on S3: a real server (moto), one that is silent, and one that refuses."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from studio import storage
from studio.engine import integrity
from studio.launcher import startup
from studio.models import User
from studio.s3 import storage as s3
from studio.views import media
from tests import people

BUCKET = "studio-pictures"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **KEYS).create_bucket(
        Bucket=BUCKET
    )
    yield f"http://{host}:{port}"
    server.stop()


KEYS: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def on_s3(endpoint: str, bucket: str = BUCKET) -> Any:
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": "test",
        "secret_key": "test",
        "file_overwrite": True,
    }
    return override_settings(
        STORAGES={"default": {"BACKEND": "studio.s3.storage.Storage", "OPTIONS": options}}, S3_BUCKET=bucket
    )


@pytest.fixture(autouse=True)
def own_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "turns", s3.Turns())
    monkeypatch.setattr(s3, "_is_brief", False)
    monkeypatch.setattr(s3, "READ_SECONDS", 1)
    monkeypatch.setattr(s3, "PAGE_READ_SECONDS", 1)
    monkeypatch.setattr(s3, "TRIES", 1)


@pytest.fixture
def held() -> Iterator[list[socket.socket]]:
    """The connections that the silent server has taken."""
    taken: list[socket.socket] = []
    yield taken
    for one in taken:
        one.close()


@pytest.fixture
def silent(held: list[socket.socket]) -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hold, args=(server, held), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _hold(server: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            held.append(server.accept()[0])
        except OSError:
            return


def test_a_file_is_kept_read_with_one_call_and_deleted(endpoint: str, tmp_path: Path) -> None:
    source = tmp_path / "part"
    source.write_bytes(b"bytes of a picture")
    with on_s3(endpoint):
        storage.check()
        # A folder that no sum of a file is in: the bucket holds what other tests left.
        assert storage.store(source, "originals/zz/cd/name.png") == "originals/zz/cd/name.png"
        assert storage.has("originals/zz/cd/name.png")
        calls: list[str] = []
        s3_storage = storage.storages["default"]
        events = s3_storage.connection.meta.client.meta.events
        events.register("before-call.s3", lambda model, **_: calls.append(model.name))
        with storage.open_file("originals/zz/cd/name.png") as file:
            assert file.read() == b"bytes of a picture"
            file.seek(6)
            assert file.read(2) == b"of"
        assert calls == ["GetObject"]
        assert s3_storage.size("originals/zz/cd/name.png") == 18
        assert s3_storage.listdir("originals/zz")[0] == ["cd"]
        assert s3_storage.get_modified_time("originals/zz/cd/name.png")
        s3_storage.delete("originals/zz/cd/name.png")
        assert not storage.has("originals/zz/cd/name.png")
        with pytest.raises(FileNotFoundError):
            storage.open_file("originals/zz/cd/name.png")
        with pytest.raises(ValueError, match="only opened for reading"):
            s3_storage.open("originals/new", "wb")


def test_many_threads_begin_at_once_with_one_session(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each conductor's slice and each page has new threads, and a session costs much of the processor."""
    sessions: list[s3.Storage] = []
    inner = S3Storage._create_session

    def create(self: s3.Storage) -> Any:
        sessions.append(self)
        return inner(self)

    monkeypatch.setattr(S3Storage, "_create_session", create)
    begin = threading.Barrier(8)
    with on_s3(endpoint), ThreadPoolExecutor(8) as threads:
        name = storage.default_storage.save("originals/aa/bb/shared.png", ContentFile(b"bytes"))

        def read(_: int) -> bytes:
            begin.wait(10)
            with storage.open_file(name) as stream:
                return stream.read()

        assert set(threads.map(read, range(8))) == {b"bytes"}
    assert len(sessions) == 1


def test_a_silent_server_is_an_error_of_storage_within_its_limit(silent: str, held: list[socket.socket]) -> None:
    with on_s3(silent):
        begin_session()
        began = time.monotonic()
        for ask in (storage.has, storage.open_file, storage.storages["default"].size):
            with pytest.raises(storage.Unavailable, match="does not answer"):
                ask("a.png")
        with pytest.raises(storage.Unavailable):
            storage.storages["default"].save("a.png", ContentFile(b"a"))
        # Each was asked once, and waited for as long as it may be; a machine that does much else takes a while itself.
        assert len(held) == 4
        assert 4 * s3.READ_SECONDS <= time.monotonic() - began < 4 * (s3.READ_SECONDS + 5)


def begin_session() -> None:
    """What the first call of a process prepares may take a busy machine seconds."""
    assert storage.storages["default"].connection


def test_pages_ask_a_silent_server_once_and_then_rest(silent: str, held: list[socket.socket]) -> None:
    s3.serve_pages()
    try:
        with on_s3(silent):
            begin_session()
            ended: list[str] = []
            threads = [threading.Thread(target=_ask, args=(ended,)) for _ in range(12)]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            # Four wait at once, the others get no turn meanwhile, and nobody waits again for a while after that.
            assert len(ended) == len(threads)
            assert len(held) <= 4
            assert time.monotonic() - began < s3.PAGE_READ_SECONDS + s3.WAIT_FOR_A_TURN + 5
            asked = len(held)
            with pytest.raises(storage.Unavailable, match="a moment ago"):
                storage.open_file("a.png")
            assert len(held) == asked
            request = RequestFactory().get("/")
            answer = media.hand_out(request, "etag", "a.png", "image/webp")
            assert isinstance(answer, HttpResponse)
            assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "10", "no-store")
    finally:
        s3._is_brief = False


def _ask(ended: list[str]) -> None:
    try:
        storage.open_file("a.png")
    except storage.Unavailable as problem:
        ended.append(str(problem))


def test_a_bucket_that_is_not_there_is_said_before_anything_starts(endpoint: str) -> None:
    with on_s3(endpoint, "another-bucket"), pytest.raises(CommandError, match="another-bucket refuses Studio"):
        startup.files()


def test_a_storage_that_is_silent_at_the_start_may_come_back(silent: str, caplog: pytest.LogCaptureFixture) -> None:
    with on_s3(silent):
        startup.files()
    assert "Nothing is sent until it does" in caplog.text


def test_a_bucket_that_answers_lets_the_start_go_on(endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    with on_s3(endpoint):
        startup.files()
    assert "Nothing is sent" not in caplog.text


@pytest.fixture
def calls(endpoint: str) -> Iterator[list[str]]:
    """An empty bucket in use, and the calls that are made."""
    bucket = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1", **KEYS).Bucket(BUCKET)
    with on_s3(endpoint):
        bucket.objects.all().delete()
        made: list[str] = []
        events = storage.storages["default"].connection.meta.client.meta.events
        events.register("before-call.s3", lambda model, **_: made.append(model.name))
        yield made
        bucket.objects.all().delete()


def test_a_listing_tells_name_size_and_time_of_many_files_with_one_call(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("originals/ab/cd/one.png", "originals/ab/two.png", "originals/three.png", "renditions/four.webp"):
        storage.default_storage.save(name, ContentFile(name.encode()))
    client = storage.storages["default"].connection.meta.client
    client.put_object(Bucket=BUCKET, Key="originals/ab/", Body=b"")
    calls.clear()
    found = {one.name: one for one in storage.listing("originals")}
    assert calls == ["ListObjectsV2"]
    assert {name: one.size for name, one in found.items()} == {
        "originals/ab/cd/one.png": 23,
        "originals/ab/two.png": 20,
        "originals/three.png": 19,
    }
    assert all(abs((one.modified - timezone.now()).total_seconds()) < 60 for one in found.values())
    assert list(storage.listing("nowhere")) == []
    monkeypatch.setattr(s3, "LISTED_AT_ONCE", 2)
    calls.clear()
    assert {one.name for one in storage.listing("originals")} == set(found)
    assert calls == ["ListObjectsV2"] * 2


def test_a_silent_server_ends_a_listing_too(silent: str) -> None:
    with on_s3(silent), pytest.raises(storage.Unavailable, match="does not answer"):
        list(storage.listing("originals"))


def test_the_check_asks_s3_for_lists_and_for_no_sound_file_alone(calls: list[str], alice: User) -> None:
    pictures = [people.make_picture(alice, size=(48, 32), renditions=(256,)) for _ in range(8)]
    calls.clear()
    assert integrity.check(timezone.now()) == []
    # One room after the other, a thousand files with each call.
    assert calls == ["ListObjectsV2"] * 2
    storage.default_storage.save("originals/ab/cd/stray.png", ContentFile(b"somebody's"))
    storage.default_storage.delete(pictures[0].file)
    storage.default_storage.delete(pictures[1].renditions.get().file)
    calls.clear()
    later = timezone.now() + timedelta(hours=2)
    found = {(one.invariant, one.file) for one in integrity.check(later)}
    assert found == {
        ("original-is-whole", pictures[0].file),
        ("renditions-exist", pictures[1].renditions.get().file),
        ("no-orphans", "originals/ab/cd/stray.png"),
    }
    # What is missing is asked about alone before it is said, and whether its sizes can be made again.
    assert calls.count("ListObjectsV2") == 2
    assert len(calls) <= 5


def test_an_orphan_of_the_bucket_is_put_away(calls: list[str], db: None, settings: Any, tmp_path: Path) -> None:
    settings.STUDIO_DATA = tmp_path
    storage.default_storage.save("originals/ab/cd/stray.png", ContentFile(b"somebody's"))
    (finding,) = integrity.check(timezone.now() + timedelta(hours=2))
    assert integrity.repair(finding, now=timezone.now() + timedelta(hours=2))
    assert (tmp_path / "quarantine" / "stray.png").read_bytes() == b"somebody's"
    assert not storage.has("originals/ab/cd/stray.png")
