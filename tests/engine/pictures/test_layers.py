"""A split is compared once and exported by the queue; its files come and go."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from studio import imaging, tasks
from studio.engine.collect import store
from studio.engine.fetch import Fetched
from studio.engine.pictures import layers
from studio.engine.pictures.layers import CANNOT_READ, MOST_TRIES, NO_ROOM, TOOK_TOO_LONG
from studio.models import Job, LayersExport, Picture, Split, User
from studio.models.files.layers_export import KEPT_FOR, STALLED_AFTER
from tests import people

RED, ROOM = Image.new("RGBA", (20, 10), (200, 30, 30, 255)), Image.new("RGB", (80, 60), (20, 90, 20))
BOUNDS = {"x": 5, "y": 6, "width": 20, "height": 10, "canvas_width": 80, "canvas_height": 60}


@pytest.fixture
def job(alice: User) -> Job:
    """A split whose source is what its layers make, but for the red part, which is 16 darker."""
    whole = ROOM.copy()
    whole.paste((184, 30, 30), (5, 6, 25, 16))
    out = io.BytesIO()
    whole.save(out, "PNG")
    source = people.make_picture(alice, size=(80, 60))
    default_storage.delete(source.file)
    default_storage.save(source.file, io.BytesIO(out.getvalue()))  # type: ignore[arg-type]
    return people.make_split(alice, [(RED, {"label": "Red", "bounds": BOUNDS}), (ROOM, None)], source=source)


@pytest.fixture
def split(job: Job) -> Split:
    return Split.of(job)


def test_layers_are_compared_once_at_full_strength(split: Split, alice: User) -> None:
    split.hide(0, True, by=alice)
    tasks.compare_layers(split.pk)
    split.refresh_from_db()
    # A red value of 200 pixels of 4,800 is 16 off, one of three colours.
    assert split.average == pytest.approx(16 * 200 / 4800 / 3, abs=0.001)
    assert split.greatest == 16
    assert split.matches
    assert default_storage.exists(split.together_file)
    assert default_storage.exists(split.difference_file)
    Split.objects.update(average=7)
    tasks.compare_layers(split.pk)
    split.refresh_from_db()
    assert split.average == 7


def test_a_comparison_that_cannot_be_made_ends(split: Split) -> None:
    default_storage.delete(split.pictures[0].file)
    for _ in range(MOST_TRIES + 1):
        tasks.compare_layers(split.pk)
    split.refresh_from_db()
    assert not split.is_compared
    assert split.compare_due_at is None


def test_a_comparison_whose_task_was_lost_is_made_up_for(split: Split) -> None:
    OrmQ.objects.all().delete()
    tasks.tend_layers()
    assert not OrmQ.objects.exists(), "it is not overdue yet"
    Split.objects.update(compare_due_at=timezone.now() - timedelta(minutes=6))
    tasks.tend_layers()
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.compare_layers"]


def test_a_comparison_that_another_worker_ends_meanwhile_is_not_made_again(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_first(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and "compare_tries" in sql:
            Split.objects.update(compare_due_at=None)
        return done

    monkeypatch.setattr(imaging, "compare_layers", lambda *_: pytest.fail("it is compared already"))
    with connection.execute_wrapper(end_first):
        assert not layers.compare(split.pk)


def ask(split: Split, kind: str = "zip", **more: object) -> LayersExport:
    return LayersExport.ask(split, kind, now=timezone.now(), **more)[0]  # type: ignore[arg-type]


def test_an_export_is_made_once_for_the_same_arrangement(split: Split, alice: User) -> None:
    export = ask(split)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert export.is_ready
    assert default_storage.size(export.file) == export.bytes
    assert LayersExport.ask(split, "zip", now=timezone.now()) == (export, False)
    split.rename(0, "Sphere", by=alice)
    other, is_new = LayersExport.ask(split, "zip", now=timezone.now())
    assert is_new
    assert other != export


def test_an_export_of_a_missing_layer_fails_in_words_and_can_be_asked_for_again(split: Split) -> None:
    export = ask(split)
    file = split.pictures[0].file
    with default_storage.open(file) as stream:
        content = stream.read()
    default_storage.delete(file)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert (export.state, export.sentence) == ("failed", CANNOT_READ)
    default_storage.save(file, io.BytesIO(content))  # type: ignore[arg-type]
    again, is_new = LayersExport.ask(split, "zip", now=timezone.now())
    assert (again, is_new) == (export, True)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert export.is_ready


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (OSError(28, "No space left on device"), NO_ROOM),
        (imaging.ChildLost(-9), NO_ROOM),
        (TimeoutError(110, "too slow"), TOOK_TOO_LONG),
    ],
)
def test_an_export_that_cannot_be_written_fails_in_words(
    split: Split, monkeypatch: pytest.MonkeyPatch, problem: Exception, sentence: str
) -> None:
    def fail(*_: object) -> tuple[Path, int]:
        raise problem

    monkeypatch.setattr(imaging, "export_layers", fail)
    export = ask(split)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert (export.state, export.sentence) == ("failed", sentence)


def test_an_export_that_kills_its_worker_ends(split: Split) -> None:
    export = ask(split)
    LayersExport.objects.update(state="making", tries=MOST_TRIES)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"


def test_an_export_that_is_made_again_leaves_no_file_behind(split: Split) -> None:
    export = ask(split)
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    LayersExport.objects.update(state="waiting")
    tasks.export_layers(export.pk)
    again = LayersExport.objects.get()
    assert (again.is_ready, default_storage.exists(again.file), default_storage.exists(export.file)) == (
        True,
        True,
        False,
    )


def test_an_export_of_a_layer_whose_row_is_gone_fails_in_words_and_goes_with_time(split: Split) -> None:
    export = ask(split)
    LayersExport.objects.update(plan={**export.plan, "layers": [{**export.plan["layers"][0], "picture": 999_999}]})
    tasks.export_layers(export.pk)
    export.refresh_from_db()
    assert (export.state, export.sentence, export.file) == ("failed", CANNOT_READ, "")
    assert layers.expire_exports(timezone.now() + KEPT_FOR + timedelta(minutes=1)) == 1
    assert not LayersExport.objects.exists()


def test_an_export_whose_worker_is_gone_can_be_asked_for_again(split: Split) -> None:
    export = ask(split)
    LayersExport.objects.update(state="making", asked_at=timezone.now() - STALLED_AFTER)
    assert LayersExport.ask(split, "zip", now=timezone.now()) == (export, True)


def test_old_exports_are_thrown_away_with_their_files(split: Split) -> None:
    old, fresh = ask(split), ask(split, "ora")
    for one in (old, fresh):
        tasks.export_layers(one.pk)
    old.refresh_from_db()
    LayersExport.objects.filter(pk=old.pk).update(asked_at=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    tasks.tend_layers()
    assert list(LayersExport.objects.all()) == [fresh]
    assert not default_storage.exists(old.file)


def test_only_the_front_layer_stands_in_the_gallery_when_a_split_arrives(alice: User) -> None:
    source = people.make_picture(alice)
    job = people.make_job(alice, state="saving", type="layering", source=source, prompt="")
    made = imaging.MadeRendition(256, Path("x"), 48, 32, 10)
    measured = imaging.Measured("png", 48, 32, True, "data:", "#000000", made)
    fetched = [
        Fetched(
            position=place,
            layer={"label": f"{place}"},
            file=f"o{place}",
            sha256=f"{place}" * 64,
            measured=measured,
            bytes=9,
            rendition_file=f"r{place}",
        )
        for place in range(4)
    ]
    assert store(job, fetched, now=timezone.now())
    assert list(Picture.objects.made().values_list("position", flat=True)) == [0]
    assert job.pictures.count() == 4
    assert "studio.tasks.compare_layers" in [row.task["func"] for row in OrmQ.objects.all()]


def test_other_content_is_compared_anew_and_never_by_a_comparison_that_began_before(
    split: Split, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.compare_layers(split.pk)
    split.refresh_from_db()
    old = split.together_file
    room = split.pictures[0]
    content = people.make_picture(alice, size=(20, 10), layer_of=room, origin="layer", kept_from=room)
    assert split.put(0, content, by=alice)
    assert not split.put(0, content, by=alice)
    assert not split.is_compared
    # While it is compared, the layer gets its own content back.
    compare, seen = imaging.compare_layers, []

    def interrupted(*args: Any) -> Any:
        if not seen:
            seen.append(1)
            assert Split.objects.get().put(0, None, by=alice)
        return compare(*args)

    monkeypatch.setattr(imaging, "compare_layers", interrupted)
    tasks.compare_layers(split.pk)
    split.refresh_from_db()
    assert not split.is_compared
    assert split.compare_due_at is not None
    assert default_storage.exists(old)
    tasks.compare_layers(split.pk)
    split.refresh_from_db()
    assert split.greatest == 16
    assert not default_storage.exists(old)
    assert default_storage.exists(split.together_file)


def test_the_file_of_a_split_says_what_its_layers_say(alice: User) -> None:
    upload, made = people.make_picture(alice), people.make_job(alice, state="done").pictures.get()
    for source, said in ((upload, "composite"), (made, "trained")):
        split = Split.of(people.make_job(alice, state="done", type="layering", source=source, prompt=""))
        assert ask(split, "zip").plan["marked_as"] == said


@pytest.mark.parametrize(("credentials", "said"), [(True, "trained"), (False, "composite")])
def test_what_arrives_is_sorted_by_what_it_came_of(alice: User, credentials: bool, said: str) -> None:
    """Whether AI made it or had a part in it, and whether its maker sealed it, is known from then on."""
    source = None if credentials else people.make_picture(alice)
    job = people.make_job(alice, state="saving", **({"type": "image_edit", "source": source} if source else {}))
    made = imaging.MadeRendition(256, Path("x"), 48, 32, 10)
    measured = imaging.Measured("png", 48, 32, True, "data:", "#000000", made)
    store(job, [Fetched(0, None, "o", "0" * 64, measured, 9, "r", has_credentials=credentials)], now=timezone.now())
    picture = job.pictures.get()
    assert (picture.source_type, picture.has_credentials) == (said, credentials)
