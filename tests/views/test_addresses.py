"""An address that is found once and then only filled in is the one that Django finds."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from studio.views import addresses

CODE = uuid.uuid4()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("proof", ()),
        ("proof_name", ()),
        ("proof_picture", (CODE,)),
        ("proof_decision", (CODE,)),
        ("proof_file", (CODE, 512)),
    ],
)
def test_an_address_of_a_proof_link(name: str, args: tuple[object, ...]) -> None:
    token = "an-0_token"
    assert addresses.of_proof(name, len(args)).format(token, *args) == reverse(f"studio:{name}", args=[token, *args])
