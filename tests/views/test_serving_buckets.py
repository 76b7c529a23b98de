"""The ways in which a file leaves a bucket."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.test import Client, override_settings
from django.urls import reverse
from moto.server import ThreadedMotoServer

from studio import storage
from studio.engine.pictures import renditions
from studio.models import User
from studio.s3 import bucket
from studio.views import serving
from tests import people
from tests.embedding.files import TRAINED
from tests.test_s3 import BUCKET, KEYS, on_s3
from tests.views.served_files import body, original, stored


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **KEYS)
    client.create_bucket(Bucket=BUCKET)
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def calls(endpoint: str, db: None) -> Iterator[list[str]]:
    """What is asked of S3, where the files lie meanwhile."""
    with on_s3(endpoint):
        names: list[str] = []
        events = storage.storages["default"].connection.meta.client.meta.events
        events.register("before-call.s3", lambda model, **_: names.append(model.name))
        yield names


def test_studio_asks_the_bucket_once_for_whatever_it_hands_out(calls: list[str], as_bob: Client, alice: User) -> None:
    picture, made = people.make_picture(alice), people.make_job(alice, state="done").pictures.get()
    small = made.renditions.get(size=256).get_absolute_url()
    whole = stored(picture.file)
    for address, headers, status, expected in (
        (original(picture), {}, 200, whole),
        (original(picture), {"Range": "bytes=2-5"}, 206, whole[2:6]),
        (original(picture), {"Range": "bytes=-5"}, 206, whole[-5:]),
        (original(picture), {"Range": "bytes=9999999-"}, 416, f"The file has {len(whole):,} bytes.\n".encode()),
        (small, {}, 200, None),
        (small, {"Range": "bytes=0-3"}, 206, b"RIFF"),
    ):
        calls.clear()
        got = as_bob.get(address, headers=headers)
        data = body(got)
        assert (address, headers, got.status_code, calls) == (address, headers, status, ["GetObject"])
        assert expected in {None, data}
        if status == 206:
            assert got.headers["Content-Range"].startswith("bytes ")
    calls.clear()
    head = as_bob.head(original(picture))
    assert (calls, head.headers["Content-Length"]) == (["HeadObject"], str(len(whole)))


@override_settings(FILE_SERVING="presigned")
def test_a_browser_fetches_from_the_bucket_by_a_link_that_ends(
    calls: list[str], as_bob: Client, bob: User, alice: User
) -> None:
    picture = people.make_picture(alice, original_name="港.png")
    address = reverse("studio:download", args=[picture.code])
    whole = stored(picture.file)
    calls.clear()
    got = as_bob.get(address)
    assert (got.status_code, calls) == (302, [])
    assert got.headers["Cache-Control"] == f"private, max-age={serving.KEEP_SECONDS}"
    assert "ETag" not in got.headers
    link = got.headers["Location"]
    assert int(parse_qs(urlsplit(link).query).get("X-Amz-Expires", ["0"])[0]) == serving.LINK_SECONDS
    with urllib.request.urlopen(link) as file:
        assert file.read() == whole
        assert file.headers["Content-Type"] == "image/png"
        assert "filename*=UTF-8''studio-%E6%B8%AF" in file.headers["Content-Disposition"]
    assert "png" in as_bob.head(address).headers["Location"]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert as_bob.get(address).headers["Location"].startswith("/sign-in/")


@override_settings(FILE_SERVING="presigned")
def test_a_thumbnail_with_its_mark_comes_from_the_bucket_without_a_call(
    calls: list[str], as_bob: Client, alice: User
) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    renditions.marked_files.lay_marks(picture)
    small = picture.renditions.get(size=256).get_absolute_url()
    for _ in range(2):
        calls.clear()
        got = as_bob.get(small)
        assert (got.status_code, calls) == (302, [])
        with urllib.request.urlopen(got.headers["Location"]) as file:
            assert TRAINED.encode() in file.read()


@pytest.mark.parametrize(
    ("endpoint_url", "region", "found"),
    [
        ("https://s3.example:9000", "", {"https://s3.example:9000", "https://b.s3.example:9000"}),
        ("", "eu-central-1", {"https://s3.eu-central-1.amazonaws.com", "https://b.s3.eu-central-1.amazonaws.com",
                              "https://s3.amazonaws.com", "https://b.s3.amazonaws.com"}),
    ],
)  # fmt: skip
def test_pages_may_show_pictures_of_the_bucket(endpoint_url: str, region: str, found: set[str]) -> None:
    assert set(bucket.origins("b", endpoint_url, region)) == found
