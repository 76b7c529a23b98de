"""A zip of many pictures: complete, in order, readable by others, whatever happens to its worker."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image
from pytest_django import Settings

from studio import tasks
from studio.embedding import read
from studio.engine.archives import archives
from studio.models import Archive, Picture, User
from studio.models.files.archive import KEPT_FOR, MOST_TRIES, STALLED_AFTER
from tests import people
from tests.embedding.files import COMPOSITE, TRAINED, pixels_of
from tests.engine.archives.zips import made, opened, started


@pytest.fixture(autouse=True)
def work_is_put_away() -> Iterator[None]:
    """An archive that is not made to its end keeps its lines, which other tests would find."""
    yield
    for path in project.WORK_DIR.glob("archive-*.lines"):
        path.unlink()


@pytest.fixture
def pictures(alice: User) -> list[Picture]:
    prompts = ["Harbour at dusk", "港の夕暮れ", "=HYPERLINK(1)"]
    return [people.make_job(alice, state="done", prompt=prompt).pictures.get() for prompt in prompts]


def stored(picture: Picture) -> bytes:
    return Path(default_storage.path(picture.file)).read_bytes()


def test_the_pictures_are_in_it_in_their_order_marked_and_with_the_same_pixels(
    alice: User, pictures: list[Picture], tmp_path: Path
) -> None:
    upload = people.make_picture(alice, original_name="Client logo.png")
    archive = made(alice, [*pictures, upload])
    whole = opened(archive)
    assert whole.namelist() == [
        f"001-harbour-at-dusk-{pictures[0].code.hex[:8]}.png",
        f"002-港の夕暮れ-{pictures[1].code.hex[:8]}.png",
        f"003-hyperlink1-{pictures[2].code.hex[:8]}.png",
        f"004-client-logo-{upload.code.hex[:8]}.png",
    ]
    for name, picture in zip(whole.namelist(), [*pictures, upload], strict=True):
        data = whole.read(name)
        assert pixels_of(data) == pixels_of(stored(picture))
        assert (TRAINED.encode() in data) == (picture is not upload)
        assert bool(read(io.BytesIO(data)).code) == (picture is not upload)
    assert (archive.taken, archive.skipped, archive.done) == (4, 0, 4)


def test_without_settings_no_file_says_its_prompt_and_each_its_mark(alice: User, pictures: list[Picture]) -> None:
    whole = opened(made(alice, pictures, has_settings=False))
    for name in whole.namelist():
        assert TRAINED.encode() in whole.read(name)
        assert b"studio:" not in whole.read(name)


def test_three_hundred_with_two_unsaved_are_298_and_a_list_that_names_the_two(alice: User) -> None:
    job = people.make_job(alice, state="done", prompt="Boats")
    saved = [
        job.pictures.get(),
        *(people.make_picture(alice, job=job, position=n, renditions=()) for n in range(1, 298)),
    ]
    unsaved = [people.make_job(alice, state="making", prompt=f"Not there {n}") for n in range(2)]
    archive = made(alice, [*saved[:150], unsaved[0], *saved[150:], unsaved[1]], has_list=True)
    assert (archive.taken, archive.skipped) == (298, 2)
    whole = opened(archive)
    names = [name for name in whole.namelist() if name.endswith(".png")]
    assert len(names) == 298
    assert names == sorted(names)
    words = whole.read("skipped.txt").decode()
    assert words.startswith("298 in this zip, 2 left out:\n")
    for one in unsaved:
        assert f"{one.label} “{one.submission.prompt}”: it is not saved yet\n" in words
    assert len(json.loads(whole.read("settings.json"))) == 298


def test_the_lists_say_how_each_was_asked_for_and_hold_no_formula(alice: User, pictures: list[Picture]) -> None:
    source = people.make_picture(alice)
    edit = people.make_job(alice, state="done", type="image_edit", source=source, prompt=" \u00a0@sum", style="auto")
    whole = opened(made(alice, [*pictures, edit.pictures.get()], has_list=True))
    rows = json.loads(whole.read("settings.json"))
    assert [row["prompt"] for row in rows] == ["Harbour at dusk", "港の夕暮れ", "=HYPERLINK(1)", " \u00a0@sum"]
    assert [row["file"] for row in rows] == whole.namelist()[:4]
    assert rows[3]["source"] == str(source.code)
    assert rows[0]["number"] == pictures[0].job.label  # type: ignore[union-attr]
    assert rows[0]["person"] == alice.name
    assert rows[0]["cost"]
    table = list(csv.DictReader(io.StringIO(whole.read("settings.csv").decode("utf-8-sig"))))
    assert [row["prompt"] for row in table] == ["Harbour at dusk", "港の夕暮れ", "'=HYPERLINK(1)", "' \u00a0@sum"]
    assert table[0]["model"] == rows[0]["model"] == "uni-1"


def test_what_is_gone_or_damaged_is_left_out_or_taken_as_it_is(alice: User, pictures: list[Picture]) -> None:
    default_storage.delete(pictures[0].file)
    Path(default_storage.path(pictures[1].file)).write_bytes(b"damaged")
    archive = started(alice, [*pictures, "0" * 32, "nonsense"])
    Picture.objects.filter(pk=pictures[2].pk).update(position=9)
    archives.make(archive.pk)
    archive.refresh_from_db()
    whole = opened(archive)
    words = whole.read("skipped.txt").decode()
    assert f"001-harbour-at-dusk-{pictures[0].code.hex[:8]}.png: its file is missing\n" in words
    assert "00000000-0000-0000-0000-000000000000: it is not there any more\n" in words
    assert "nonsense: it is not there any more\n" in words
    assert whole.read(whole.namelist()[0]) == b"damaged"
    assert (archive.taken, archive.skipped) == (2, 3)


def test_a_split_is_all_its_layers(alice: User) -> None:
    red, room = Image.new("RGBA", (20, 10), (200, 30, 30, 255)), Image.new("RGB", (80, 60), (20, 90, 20))
    job = people.make_split(alice, [(red, {"label": "Red ball"}), (room, None)])
    whole = opened(made(alice, [job.pictures.get(position=0)]))
    codes = [picture.code.hex[:8] for picture in job.pictures.order_by("position")]
    assert whole.namelist() == [f"001-layers-{codes[0]}-red-ball.png", f"002-layers-{codes[1]}.png"]
    assert COMPOSITE.encode() in whole.read(whole.namelist()[0])


def test_the_web_size_is_the_copy_that_lies_ready(alice: User, pictures: list[Picture]) -> None:
    pictures[1].renditions.all().delete()
    archive = made(alice, pictures, size="web")
    whole = opened(archive)
    assert whole.namelist()[0] == f"001-harbour-at-dusk-{pictures[0].code.hex[:8]}-2048px.webp"
    assert pixels_of(whole.read(whole.namelist()[0]))
    assert "its web size is not made yet" in whole.read("skipped.txt").decode()


def test_words_for_everybody_to_see_are_on_copies_that_go_with_the_zip(
    alice: User, pictures: list[Picture], settings: Settings
) -> None:
    settings.VISIBLE_MARKS = True
    upload = people.make_picture(alice)
    archive = made(alice, [pictures[0], upload])
    first, second = (opened(archive).read(name) for name in opened(archive).namelist())
    assert pixels_of(first) != pixels_of(stored(pictures[0]))
    assert second == stored(upload)
    folder = Path(default_storage.path(archive.file)).parent / archive.code.hex
    assert len(list(folder.iterdir())) == 1
    archives.expire(timezone.now() + KEPT_FOR + timedelta(minutes=1))
    assert list(folder.iterdir()) == []
    assert not default_storage.exists(archive.file)
    assert not Archive.objects.exists()


def test_what_no_mark_can_be_laid_into_is_a_marked_png_in_the_zip(alice: User, pictures: list[Picture]) -> None:
    picture = pictures[0]
    out = io.BytesIO()
    Image.new("RGB", (48, 32), "teal").save(out, "TIFF")
    Path(default_storage.path(picture.file)).write_bytes(out.getvalue())
    Picture.objects.filter(pk=picture.pk).update(format="tiff")
    whole = opened(made(alice, [picture]))
    [name] = whole.namelist()
    assert name.endswith(f"{picture.code.hex[:8]}.png")
    assert read(io.BytesIO(whole.read(name))).source_type == "trained"
    assert pixels_of(whole.read(name)) == pixels_of(out.getvalue())
    # The web size lies ready, and is marked as it is.
    whole = opened(made(alice, [picture], size="web"))
    assert read(io.BytesIO(whole.read(whole.namelist()[0]))).source_type == "trained"


# ---- What may happen to its worker


def test_it_is_made_in_slices_that_other_work_comes_between(
    alice: User, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "SLICE", -1)
    archive = started(alice, pictures)
    for done in (1, 2):
        tasks.make_archive(archive.pk, done == 1)
        archive.refresh_from_db()
        assert (archive.state, archive.done, archive.tries) == ("making", done, 1)
    assert OrmQ.objects.filter(key="studio").count() == 2
    tasks.make_archive(archive.pk, False)
    archive.refresh_from_db()
    assert (archive.state, archive.taken) == ("done", 3)
    opened(archive)


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(
    alice: User, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    line = archives.line_of

    def killed(archive: Archive, number: int, picture: Picture | None) -> archives.Line:
        measured.append(number)
        if len(measured) == 2:
            raise KeyboardInterrupt
        return line(archive, number, picture)

    monkeypatch.setattr(archives, "line_of", killed)
    archive = started(alice, pictures)
    with pytest.raises(KeyboardInterrupt):
        archives.make(archive.pk)
    with archives._work_file(archive).open("a") as file:
        file.write('["half a li')  # what it was writing
    assert archives.resume_stalled(timezone.now()) == 0
    assert archives.resume_stalled(timezone.now() + STALLED_AFTER * 2) == 1
    assert OrmQ.objects.filter(key="studio").count() == 1
    archives.make(archive.pk)
    archive.refresh_from_db()
    assert measured == [1, 2, 2, 3]
    assert (archive.state, archive.taken, archive.tries) == ("done", 3, 2)
    opened(archive)


def test_one_that_kills_every_worker_ends_with_a_sentence(alice: User, pictures: list[Picture]) -> None:
    archive = started(alice, pictures)
    Archive.objects.filter(pk=archive.pk).update(tries=MOST_TRIES)
    archives.make(archive.pk)
    archive.refresh_from_db()
    assert archive.state == "failed"
    assert archive.sentence == archives.LOST
    assert archive.may_start


def test_two_workers_at_once_make_one_zip(alice: User, pictures: list[Picture]) -> None:
    archive = started(alice, pictures)
    with archives._alone(archive) as first:
        assert first
        assert not archives.make(archive.pk)
        assert archives._whole_lines(archives._work_file(archive)) == 0
    assert not archives.make(archive.pk, is_new_try=False)
    archive.refresh_from_db()
    assert archive.is_ready


@pytest.mark.parametrize("where", ["_finish", "_measure"])
def test_a_full_disk_says_so_and_it_can_be_tried_again(
    alice: User, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(_: Archive) -> bool:
        raise OSError(28, "No space left on device")

    archive = started(alice, pictures)
    with monkeypatch.context() as patched:
        patched.setattr(archives, where, full)
        assert not archives.make(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, archive.sentence) == ("failed", archives.DISK_FULL)
    assert archive.start(size="original", has_settings=False, has_list=False, now=timezone.now())
    archives.make(archive.pk)
    archive.refresh_from_db()
    assert b"studio:" not in opened(archive).read(opened(archive).namelist()[0])


def test_a_file_that_is_gone_since_is_found_before_the_download_begins(alice: User, pictures: list[Picture]) -> None:
    archive = made(alice, pictures)
    default_storage.delete(pictures[1].file)
    with pytest.raises(FileNotFoundError):
        archives.opened(archive)


def test_others_read_it_too(alice: User, pictures: list[Picture], tmp_path: Path) -> None:
    with archives.opened(made(alice, pictures, has_list=True)) as file:
        (tmp_path / "whole.zip").write_bytes(file.read())
    subprocess.run(["/usr/bin/env", "python3", "-m", "zipfile", "-t", tmp_path / "whole.zip"], check=True)
