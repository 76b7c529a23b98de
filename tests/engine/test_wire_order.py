"""What a request to Luma carries of what was asked for."""

from __future__ import annotations

import asyncio

import pytest

from studio.engine import wire_order
from studio.models import Submission, User
from tests.people import make_picture, make_submission


@pytest.mark.parametrize(("type", "ratio"), [("image", "1:1"), ("image_edit", None)])
def test_no_ratio_goes_with_an_edit(alice: User, type: str, ratio: str | None) -> None:
    source = make_picture(alice) if type == "image_edit" else None
    # As it was asked for when edits had one, and is sent again.
    asked = make_submission(alice, type=type, source=source)
    Submission.objects.update(aspect_ratio="1:1")
    asked.refresh_from_db()
    order = wire_order.Order(asked, list(asked.inputs.select_related("picture")), {}, {}, {})
    assert asyncio.run(wire_order.request(order)).body().get("aspect_ratio") == ratio
    assert asked.aspect_ratio == "1:1"
