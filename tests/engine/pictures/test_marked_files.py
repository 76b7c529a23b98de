"""Marks in the stored sizes: what was replaced meanwhile is left as it is."""

from __future__ import annotations

import pytest

from studio.engine.pictures import marked_files
from studio.models import DiscardedFile, Rendition, User
from tests import people


def test_a_size_that_was_replaced_while_its_mark_was_laid_stays_as_it_is(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    store = marked_files._store

    def slowly(*what: object) -> tuple[str, int]:
        done = store(*what)  # type: ignore[arg-type]
        Rendition.objects.filter(picture=picture).update(file="renditions/newer.webp")
        return done

    monkeypatch.setattr(marked_files, "_store", slowly)
    assert marked_files.lay_marks(picture) == 0
    assert set(picture.renditions.values_list("file", flat=True)) == {"renditions/newer.webp"}
    assert not DiscardedFile.objects.exists()
