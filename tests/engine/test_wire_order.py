"""What a request to Luma carries of what was asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from studio.engine import wire_order
from studio.models import Submission, User
from tests import people
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


def test_a_picture_that_was_damaged_since_is_named_and_nothing_is_sent(
    alice: User, tmp_path: Path, settings: Any
) -> None:
    people.store_on_disk(settings, tmp_path)
    source, reference = make_picture(alice), make_picture(alice, size=(32, 32))
    asked = make_submission(alice, type="image_edit", source=source, references=[reference])
    Path(default_storage.path(reference.file)).write_bytes(b"no picture any more")
    order = wire_order.Order(asked, list(asked.inputs.select_related("picture").order_by("position")), {}, {}, {})
    with pytest.raises(wire_order.Unsendable) as why:
        asyncio.run(wire_order.request(order))
    assert why.value.why.sentence.startswith("Reference @1 can't be sent: ")
