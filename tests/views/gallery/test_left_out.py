"""What an address of the gallery asks for and Studio doesn't know is said, and not passed over."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from studio.models import User
from tests.people import HTMX
from tests.views.searching import address_of, shown

UNKNOWN = "Left out, because Studio doesn't know it: {}. Choose again in the filters."


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("decision=aproved", UNKNOWN.format("Decision “aproved”")),
        ("decision=approved&decision=x", UNKNOWN.format("Decision “x”")),
        ("model=uni-0&rating=7", UNKNOWN.format("Model “uni-0”, Rating “7”")),
        ("from=2026-13&to=tomorrow", UNKNOWN.format("Date “2026-13”, Date “tomorrow”")),
        ("job=J-x&board=nonsense", UNKNOWN.format("Board “nonsense”, Job “J-x”")),
        ("sort=best", UNKNOWN.format("Order “best”")),
        ("person=" + "9" * 50, UNKNOWN.format(f"Person “{'9' * 40}…”")),
        ("&".join(f"rating={one}" for one in range(30)), "Rating takes 20 values at once. The others are left out."),
        (address_of(q="?! %"), "Nothing in “?! %” can be searched for. Type letters, digits or an emoji."),
        (address_of(q="boat " * 100), "Only the first 200 characters are searched for. Shorten the search."),
    ],
)
def test_what_is_left_out_of_an_address_is_said(as_alice: Client, alice: User, address: str, said: str) -> None:
    shown(alice, "A boat")
    part = {**HTMX, "HX-Target": "results"}
    for headers in ({}, part):
        assert said in unescape(as_alice.get(f"/gallery/?{address}", headers=headers).content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "q=boat&from=&to=&decision=",
        "sort=oldest&decision=approved",
        "job=J-1&job=1",
        "tag=%23Boat",
        "sort=newest",
        "q=%22",
        "q=-",
    ],
)
def test_an_address_that_is_understood_says_nothing(as_alice: Client, alice: User, address: str) -> None:
    shown(alice, "A boat")
    page = as_alice.get(f"/gallery/?{address}").content.decode()
    assert "Left out" not in page
    assert "left out" not in page
    assert "can be searched for" not in page
