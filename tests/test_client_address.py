from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from studio.network.client_address import client_address, of_request, sender

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("", 0, PROXY),
        ("1.2.3.4", 0, PROXY),
        ("", 1, PROXY),
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("6.6.6.6,7.7.7.7 ,  1.2.3.4,10.0.0.2", 2, "1.2.3.4"),
        ("1.2.3.4", 2, "1.2.3.4"),
        ("6.6.6.6, nonsense", 1, PROXY),
        ("1.2.3.4, nonsense", 2, "1.2.3.4"),
        ("1.2.3.4, ", 1, PROXY),
        ("unknown", 1, PROXY),
        ("_hidden", 1, PROXY),
        ("999.1.1.1", 1, PROXY),
        ("1.2.3.4:5678", 1, "1.2.3.4"),
        ("[2001:db8::1]:5678", 1, "2001:db8::1"),
        ("[2001:DB8:0::1]", 1, "2001:db8::1"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ('"[2001:db8::1]:80"', 1, "2001:db8::1"),
        ("fe80::1%eth0", 1, "fe80::1"),
        ("::ffff:1.2.3.4", 1, "1.2.3.4"),
        ("[::ffff:102:304]:5678", 1, "1.2.3.4"),
        ("64:ff9b::102:304", 1, "1.2.3.4"),
        ("2002:102:304:5::6", 1, "1.2.3.4"),
        ("2001:0:5db8:d70e::fefd:fcfb", 1, "1.2.3.4"),
        ("::1", 1, "::1"),
        ("x" * 100_000 + ", 1.2.3.4", 1, "1.2.3.4"),
        ("1.2.3.4\x00", 1, PROXY),
    ],
)
def test_the_entry_that_our_outermost_proxy_wrote_counts(forwarded: str, proxies: int, expected: str) -> None:
    assert client_address(PROXY, forwarded, proxies) == expected


def test_a_connection_without_an_address_has_none() -> None:
    assert client_address("") == ""
    assert client_address("", "1.2.3.4", 1) == "1.2.3.4"
    assert client_address("unix:", "", 1) == ""


def test_a_network_of_ipv6_is_one_sender() -> None:
    assert sender("2001:db8:1:2:3::4") == sender("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert sender("1.2.3.4") == "1.2.3.4"


def test_a_request_is_read_with_the_setting(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}, REMOTE_ADDR=PROXY)
    assert of_request(request) == PROXY
    settings.STUDIO_PROXIES = 1
    assert of_request(request) == "1.2.3.4"
    assert of_request(RequestFactory().get("/", REMOTE_ADDR="")) is None
