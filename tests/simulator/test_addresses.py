"""Pictures that go in by their address: what is fetched, and what is never visited."""

from __future__ import annotations

import socket

import luma_agents
import pytest
from luma_agents import Luma

from studio.simulator.fetch import check_address
from tests.simulator.conftest import Start, raw
from tests.simulator.inputs import edit, host

__all__ = ["host"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/nothing", "source: failed to fetch URL (HTTP 404)"),
        ("/page", "source: content-type is not an image"),
        ("/loop", "source: failed to fetch URL"),
    ],
)
def test_a_url_that_gives_no_picture_is_a_422(luma: Luma, host: str, path: str, detail: str) -> None:
    with pytest.raises(luma_agents.UnprocessableEntityError) as caught:
        edit(luma, {"url": host + path})
    assert caught.value.body == {"detail": detail}


def test_a_url_that_gives_too_much_is_a_413(luma: Luma, host: str) -> None:
    with pytest.raises(luma_agents.APIStatusError) as caught:
        edit(luma, {"url": f"{host}/huge"})
    assert (caught.value.status_code, caught.value.body) == (413, {"detail": "source: image exceeds 50 MB limit"})


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_url_that_leads_inside_is_a_422_and_is_never_visited(start: Start, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside, raw(start()) as http:
        url = f"https://{name}:{inside.getsockname()[1]}/a.png"
        response = http.post("/generations", json={"prompt": "A", "image_ref": [{"url": url}]})
        inside.setblocking(False)
        with pytest.raises(BlockingIOError):
            inside.accept()
    assert (response.status_code, response.json()) == (422, {"detail": "image_ref[0]: failed to fetch URL"})


def test_a_url_that_is_not_https_is_a_422_where_loopback_is_not_allowed(start: Start, host: str) -> None:
    with raw(start()) as http:
        response = http.post("/generations", json={"prompt": "A", "image_ref": [{"url": f"{host}/picture.png"}]})
    assert (response.status_code, response.json()) == (422, {"detail": "image_ref[0]: failed to fetch URL"})


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:a00:1::1",
        "64:ff9b::a00:1",
        "fe80::1%eth0",
        "10.1",
    ],
)
def test_only_public_addresses_are_visited(address: str) -> None:
    check_address("1.1.1.1", allow_loopback=False)
    check_address("127.0.0.1", allow_loopback=True)
    with pytest.raises(OSError, match="not public"):
        check_address(address, allow_loopback=False)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a.png", "https://", "no url", "https://a b:c/"])
def test_what_is_no_web_address_is_a_422(luma: Luma, url: str) -> None:
    with pytest.raises(luma_agents.UnprocessableEntityError, match="source: failed to fetch URL"):
        edit(luma, {"url": url})
