from __future__ import annotations

from django.utils import timezone

from studio.models import DiscardedFile, LayersExport, Split, User
from tests.people import make_job, make_picture


def test_a_file_of_an_export_is_needed_as_long_as_a_row_names_it(alice: User) -> None:
    job = make_job(alice, state="done", type="layering", source=make_picture(alice))
    export, _ = LayersExport.ask(Split.of(job), "zip", now=timezone.now())
    LayersExport.objects.filter(pk=export.pk).update(state="done", file="exports/ab/layers.zip")
    assert DiscardedFile(name="exports/ab/layers.zip").is_needed
    assert not DiscardedFile(name="exports/ab/another.zip").is_needed
