from __future__ import annotations

import ipaddress

import pytest

from studio.luma import address
from studio.luma.errors import BadDownload, Blocked

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.215.14"


def answering(*addresses: str) -> address.Lookup:
    async def lookup(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return lookup


@pytest.mark.parametrize(
    "place",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.9.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "::127.0.0.1",
        "::ffff:0:7f00:1",
        "::ffff:0a00:1",
        "::1%lo",
        "fe80::1%eth0",
        "fe80::1%25eth0",
        "2001:0:5db8:d70e::80ff:fffe",
        "2002:a00:1::1",
        "2606:2800:21f:cb07:0:5efe:a00:1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
    ],
)
async def test_an_address_that_is_not_public_is_blocked(place: str) -> None:
    assert not address.is_public(ipaddress.ip_address(place))
    host = f"[{place}]" if ":" in place else place
    with pytest.raises(Blocked):
        await address.resolve(f"https://{host}/x", allow_loopback=False)
    with pytest.raises(Blocked):
        await address.resolve("https://storage.example/x", allow_loopback=False, lookup=answering(PUBLIC, place))


@pytest.mark.parametrize("place", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
async def test_a_public_address_is_allowed_over_https_only(place: str) -> None:
    target = await address.resolve("https://storage.example/x?y=1", allow_loopback=False, lookup=answering(place))
    assert target.addresses == (place,)
    assert (target.host_header, target.sni) == ("storage.example", "storage.example")
    pinned = target.pinned(place)
    assert (pinned.host, pinned.scheme, pinned.raw_path) == (place, "https", b"/x?y=1")
    for allow_loopback in (True, False):
        with pytest.raises(Blocked):
            await address.resolve("http://storage.example/x", allow_loopback=allow_loopback, lookup=answering(place))


async def test_an_odd_port_is_kept() -> None:
    target = await address.resolve("https://storage.example:8443/", allow_loopback=False, lookup=answering(PUBLIC))
    assert target.host_header == "storage.example:8443"
    assert str(target.pinned(PUBLIC)) == f"https://{PUBLIC}:8443/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "storage.example/x",
        "//storage.example/x",
        "ftp://storage.example/x",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://user@storage.example/",
        "https://user:pass@storage.example/",
        "https://storage.example\\@127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://storage.0x1/",
        "https://[::1/",
        "https://storage.example:99999/",
        "https://storage.example:x/",
        "https://storage\n.example/",
        "https://xn--\ud800/",
        "https://xn--/",
        f"https://{'x' * 64}.example/",
        f"https://{'x.' * 125}example/",
        "https://storage..example/",
        None,
        7,
    ],
)
async def test_a_link_in_disguise_is_blocked(url: str) -> None:
    with pytest.raises(Blocked) as caught:
        await address.resolve(url, allow_loopback=True, lookup=answering(PUBLIC))
    assert "pass" not in caught.value.detail


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://127.0.0.1/", "http://[::1]:9/"])
async def test_this_machine_is_allowed_only_when_the_api_lives_here(url: str) -> None:
    target = await address.resolve(url, allow_loopback=True)
    assert target.addresses in {("127.0.0.1",), ("::1",)}
    with pytest.raises(Blocked):
        await address.resolve(url, allow_loopback=False)


async def test_a_neighbour_does_not_open_the_private_network() -> None:
    disguised = ("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:0:7f00:1")
    for place in ("10.0.0.1", "169.254.169.254", *disguised):
        with pytest.raises(Blocked):
            await address.resolve("http://x.example/", allow_loopback=True, lookup=answering("127.0.0.1", place))


async def test_at_most_three_addresses_are_tried() -> None:
    many = answering(*(f"93.184.215.{last}" for last in range(9)))
    target = await address.resolve("https://storage.example/", allow_loopback=False, lookup=many)
    assert len(target.addresses) == 3


async def test_a_name_without_an_address_may_be_tried_again() -> None:
    with pytest.raises(BadDownload):
        await address.resolve("https://storage.example/", allow_loopback=False, lookup=answering())


async def test_this_machine_is_found_under_its_name() -> None:
    assert "127.0.0.1" in await address.lookup("localhost", 80)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("::1%lo", True),
        ("::ffff:127.0.0.1", True),
        ("127.1", True),
        ("0x7f.1", True),
        ("0177.0.0.1", True),
        ("2130706433", True),
        ("::ffff:10.0.0.1", False),
        ("10.1", False),
        ("0.0.0.0", False),
        ("127.0.0.1.example", False),
        ("127.0.0.999", False),
        ("4294967296", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_our_own_server_is_here_whatever_the_notation(host: str, is_here: bool) -> None:
    assert address.is_loopback(host) is is_here


@pytest.mark.parametrize("problem", [OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_that_cannot_be_looked_up_is_told(problem: Exception) -> None:
    async def failing(_host: str, _port: int) -> list[str]:
        raise problem

    with pytest.raises(BadDownload, match="no address") as raised:
        await address.resolve("https://storage.example/x", allow_loopback=False, lookup=failing)
    assert not isinstance(raised.value, Blocked)
