"""The small size of a picture that lies under the large one until that has come."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from studio.models import Picture, User
from studio.views.pictures import compare
from tests import people
from tests.views.proof_pages import Round


@pytest.fixture
def picture(alice: User) -> Picture:
    return people.make_job(alice, state="done", size=(2464, 1696)).pictures.get()


def offered(client: Client, address: str) -> list[str]:
    """The sizes that each preview of a page may be shown in."""
    html = client.get(address).content.decode()
    return [
        " ".join(re.findall(r" (\d+)w", srcset)) for srcset in re.findall(r'class="preview"[^>]*srcset="([^"]+)"', html)
    ]


@pytest.mark.parametrize("watermark", ["", "Draft"])
def test_a_large_picture_has_a_small_size_under_it(
    as_bob: Client, alice: User, picture: Picture, watermark: str
) -> None:
    people.complete_sizes(picture)
    other = people.complete_sizes(people.make_job(alice, state="done", size=(2464, 1696)).pictures.get())
    proof = Round(alice, picture, watermark=watermark)
    assert offered(as_bob, picture.get_absolute_url()) == ["256 512"]
    assert offered(as_bob, compare.address([picture.code, other.code])) == ["256 512"] * 2
    assert offered(proof.browser, proof.address(picture.code)) == ["512" if watermark else "256 512"]


def test_what_has_no_larger_size_has_none(as_bob: Client, alice: User, picture: Picture) -> None:
    """While it is being prepared."""
    proof = Round(alice, picture)
    assert offered(as_bob, picture.get_absolute_url()) == []
    assert offered(proof.browser, proof.address(picture.code)) == []
