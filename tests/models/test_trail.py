"""The trail is added to and never changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studio.models import TrailEntry, User


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda _: TrailEntry.objects.update(text="Somebody else"),
        lambda _: TrailEntry.objects.all().delete(),
    ],
    ids=["saved again", "deleted", "updated with others", "deleted with others"],
)
def test_an_entry_stays_as_it_was_told(ada: User, change: Callable[[TrailEntry], object]) -> None:
    entry = TrailEntry.log(TrailEntry.Verb.PRICE, by=ada, text="uni-1: $0.05")
    with pytest.raises(TypeError, match="only added to"):
        change(entry)
    assert TrailEntry.objects.get(pk=entry.pk).text == "uni-1: $0.05"
