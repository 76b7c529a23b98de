"""The ways in which a file leaves: whole or in part, by Studio or by the web server before it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from studio.engine.pictures import renditions
from studio.models import DiscardedFile, Picture, User
from tests import people
from tests.embedding.files import TRAINED, pixels_of
from tests.test_deploy import DEPLOY
from tests.views.served_files import body, original, stored


@pytest.fixture
def upload(alice: User) -> Picture:
    return people.make_picture(alice)


# ---- Parts of a file

PARTS = [
    ("bytes=0-9", slice(0, 10)),
    ("bytes=10-", slice(10, None)),
    ("bytes=-7", slice(-7, None)),
    ("bytes=5-99999999", slice(5, None)),
    ("bytes=-99999999", slice(0, None)),
    ("Bytes= 3-3", slice(3, 4)),
]


@pytest.mark.parametrize(("asked", "part"), PARTS)
@pytest.mark.parametrize("is_made", [False, True])
def test_a_part_of_a_file_is_handed_out(as_bob: Client, alice: User, asked: str, part: slice, is_made: bool) -> None:
    picture = people.make_job(alice, state="done").pictures.get() if is_made else people.make_picture(alice)
    whole = body(as_bob.get(original(picture)))
    got = as_bob.get(original(picture), headers={"Range": asked})
    start, stop, _ = part.indices(len(whole))
    assert (got.status_code, body(got)) == (206, whole[part])
    assert got.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert got.headers["Content-Length"] == str(stop - start)
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=9-3", "bytes=-", "bytes=x-3", "pages=1-2", "bytes=٣-٤", ""])
def test_what_is_no_single_part_is_answered_with_the_whole_file(as_bob: Client, upload: Picture, asked: str) -> None:
    got = as_bob.get(original(upload), headers={"Range": asked})
    assert (got.status_code, body(got)) == (200, stored(upload.file))
    assert got.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused_with_the_length(as_bob: Client, upload: Picture, asked: str) -> None:
    got = as_bob.get(original(upload), headers={"Range": asked})
    assert got.status_code == 416
    assert got.headers["Content-Range"] == f"bytes */{upload.bytes}"


def test_a_part_of_another_version_is_the_whole_of_this_one(as_bob: Client, upload: Picture) -> None:
    etag = as_bob.head(original(upload)).headers["ETag"]
    for version, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200), ("Sat, 28 Nov 2026 00:00:00 GMT", 200)):
        got = as_bob.get(original(upload), headers={"Range": "bytes=0-3", "If-Range": version})
        body(got)
        assert (version, got.status_code) == (version, status)


def test_head_says_how_long_a_file_is_and_ignores_parts(as_bob: Client, upload: Picture) -> None:
    got = as_bob.head(original(upload), headers={"Range": "bytes=0-3"})
    assert (got.status_code, got.headers["Content-Length"]) == (200, str(upload.bytes))


@pytest.fixture
def marked(alice: User) -> Picture:
    """A made picture whose sizes say so in their stored files."""
    picture = people.make_job(alice, state="done").pictures.get()
    Picture.objects.filter(pk=picture.pk).update(renditions_due_at=picture.created_at)
    return picture


def test_sizes_are_marked_where_they_lie_for_who_hands_them_out(settings: Any, marked: Picture) -> None:
    settings.FILE_SERVING = "x-accel"
    before = marked.renditions.get(size=256)
    renditions.make(marked.pk)
    after = marked.renditions.get(size=256)
    data = stored(after.file)
    assert (after.file != before.file, len(data)) == (True, after.bytes)
    assert TRAINED.encode() in data
    assert pixels_of(data) == pixels_of(stored(before.file))
    assert DiscardedFile.objects.filter(name=before.file).exists()
    renditions.marked_files.lay_marks(marked)
    assert marked.renditions.get(size=256).file == after.file


def test_a_size_that_cannot_be_marked_stays(settings: Any, marked: Picture, caplog: pytest.LogCaptureFixture) -> None:
    settings.FILE_SERVING = "x-accel"
    file = marked.renditions.get(size=256).file
    Path(default_storage.path(file)).write_bytes(b"no picture")
    renditions.make(marked.pk)
    assert marked.renditions.get(size=256).file == file
    assert "is not laid into" in caplog.text


@pytest.mark.parametrize(
    ("way", "header", "begins"),
    [("x-accel", "X-Accel-Redirect", "/_files/renditions/"), ("x-sendfile", "X-Sendfile", "/")],
)
def test_the_web_server_is_told_which_file_to_hand_out(
    settings: Any, as_bob: Client, marked: Picture, way: str, header: str, begins: str
) -> None:
    settings.FILE_SERVING = way
    renditions.make(marked.pk)
    small = marked.renditions.get(size=256)
    for _ in range(2):  # the second is answered before the stack
        got = as_bob.get(small.get_absolute_url())
        assert (got.status_code, got.content) == (200, b"")
        assert got.headers[header].startswith(begins)
        assert got.headers[header].endswith(small.file)
        assert got.headers["Content-Type"] == "image/webp"
    other = marked.renditions.get(size=512)
    assert as_bob.get(other.get_absolute_url()).headers[header].endswith(other.file)


def test_what_is_made_on_the_way_is_handed_out_by_studio(settings: Any, as_bob: Client, marked: Picture) -> None:
    settings.FILE_SERVING = "x-accel"
    got = as_bob.get(reverse("studio:download", args=[marked.code]))
    assert "X-Accel-Redirect" not in got.headers
    assert TRAINED.encode() in body(got)


def test_a_file_that_is_gone_is_found_out_before_the_web_server_is_told(
    settings: Any, as_bob: Client, upload: Picture
) -> None:
    settings.FILE_SERVING = "x-accel"
    default_storage.delete(upload.file)
    got = as_bob.get(original(upload))
    assert (got.status_code, got.headers["Content-Type"]) == (404, "image/svg+xml")


@pytest.fixture
def nginx(live_server: Any, tmp_path: Path) -> Iterator[str]:
    """Our nginx.conf before this server, without TLS."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("nginx is not installed, so handing out files by X-Accel-Redirect is not tried here")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    conf = (DEPLOY / "nginx.conf").read_text()
    first = conf.index("server {")
    conf = conf[:first] + conf[conf.index("server {", first + 1) :]
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8000", live_server.url.removeprefix("http://")),
        ("/var/lib/studio/media/", f"{default_storage.location}/"),
        ("X-Forwarded-Proto $scheme", "X-Forwarded-Proto http"),
    ):
        assert old in conf
        conf = conf.replace(old, new)
    conf = "\n".join(line for line in conf.splitlines() if "ssl_certificate" not in line)
    folders = "".join(
        f"{one}_temp_path {tmp_path}/{one};\n" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = tmp_path / "nginx.conf"
    # As whoever runs the tests, who owns the files.
    user = "user root;\n" if Path("/root").owner() == Path(default_storage.location).owner() else ""
    file.write_text(
        f"{user}daemon off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}{conf}\n}}\n"
    )
    process = subprocess.Popen([program, "-c", str(file)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.django_db(transaction=True)
def test_nginx_hands_out_files_and_their_parts_to_whoever_may_see_them(
    settings: Any, nginx: str, alice: User, bob: User
) -> None:
    settings.FILE_SERVING = "x-accel"
    settings.ALLOWED_HOSTS = ["*"]
    picture = people.make_picture(alice)
    whole = stored(picture.file)
    key = people.signed_in(bob).cookies[settings.SESSION_COOKIE_NAME].value
    with httpx.Client(base_url=nginx, cookies={settings.SESSION_COOKIE_NAME: key}, trust_env=False) as browser:
        got = browser.get(original(picture))
        assert (got.status_code, got.content) == (200, whole)
        assert got.headers["Content-Type"] == "image/png"
        assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert got.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "X-Accel-Redirect" not in got.headers
        part = browser.get(original(picture), headers={"Range": "bytes=2-5"})
        assert (part.status_code, part.content) == (206, whole[2:6])
        assert browser.get(original(picture), headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
        named = browser.get(reverse("studio:download", args=[picture.code]))
        assert named.headers["Content-Disposition"].startswith("attachment; filename=")
        assert browser.get(f"/_files/{picture.file}").status_code == 404
        User.objects.filter(pk=bob.pk).update(is_active=False)
        assert browser.get(original(picture)).status_code == 302
    assert httpx.get(f"{nginx}{original(picture)}", trust_env=False).status_code == 302
