"""Everything of a person and of a board: what is in the zips, what never is, and a worker that dies between them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from studio import tasks
from studio.engine.archives import archives, data_exports
from studio.models import (
    Archive,
    Board,
    BoardPicture,
    Comment,
    DataExport,
    Decision,
    Picture,
    Star,
    Tag,
    TrailEntry,
    User,
)
from studio.models.files.archive import KEPT_FOR, STALLED_AFTER
from studio.models.pictures import trash
from tests import people

NOW = timezone.now()


@pytest.fixture(autouse=True)
def work_is_put_away() -> Iterator[None]:
    yield
    for path in project.WORK_DIR.glob("archive-*.lines"):
        path.unlink()


def made(person: User, **spec: Any) -> Picture:
    return people.make_job(person, state="done", **spec).pictures.get()


def run(export: DataExport) -> list[dict[str, bytes]]:
    """Do what the queue would; return the files of each zip by their names."""
    data_exports.plan(export.pk)
    return [files(part) for part in Archive.objects.filter(export=export).order_by("number")]


def files(part: Archive) -> dict[str, bytes]:
    while archives.make(part.pk, is_new_try=part.tries == 0):
        part.refresh_from_db()
    part.refresh_from_db()
    with archives.opened(part) as file:
        whole = zipfile.ZipFile(io.BytesIO(file.read()))
    assert whole.testzip() is None
    return {name: whole.read(name) for name in whole.namelist()}


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def exported(client: Client, address: str) -> DataExport:
    answer = client.post(address)
    export = DataExport.objects.order_by("-pk")[0]
    assert answer.headers["Location"] == export.get_absolute_url()
    return export


def test_a_person_takes_everything_along(as_alice: Client, alice: User, bob: User) -> None:
    picture = made(alice, prompt="=HYPERLINK(1)")
    private = made(alice, prompt="Only mine", is_private=True)
    upload, gone, theirs = people.make_picture(alice), made(alice), made(bob)
    trash.move([gone.pk], by=alice, now=NOW)
    Comment.objects.say(picture, "+1 more boats", by=bob)
    Decision.make(picture, "approved", by=bob)
    Star.put(picture, alice)
    Tag.put(picture, "harbour", by=alice)
    board = Board.make(bob, name="Campaign", now=NOW)
    BoardPicture.add(board, [picture.pk], by=bob, now=NOW)
    people.make_look(alice, name="Dusk", words="film grain")
    about, pictures, jobs = run(exported(as_alice, f"/people/{alice.pk}/export/"))
    assert json.loads(about["about.json"])[0]["person"]["name"] == "Alice Moreau"
    assert json.loads(about["looks.json"])[0]["versions"][0]["words"] == "film grain"
    codes = {one["picture"] for one in json.loads(pictures["settings.json"])}
    assert codes == {str(one.code) for one in (picture, private, upload)}
    assert str(theirs.code) not in codes
    assert sum(name[:1].isdigit() for name in pictures) == 3
    assert b"it is in the trash" in pictures["skipped.txt"]
    [comment] = table(pictures["comments.csv"])
    assert (comment["text"], comment["who"]) == ("'+1 more boats", "Bob Stranger")
    assert json.loads(pictures["comments.json"])[0]["text"] == "+1 more boats"
    assert table(pictures["decisions.csv"])[0]["decision"] == "Approved"
    assert table(pictures["tags.csv"])[0]["tag"].lower() == "harbour"
    assert table(pictures["boards.csv"])[0]["board"] == "Campaign"
    assert table(pictures["stars.csv"])[0]["who"] == "Alice Moreau"
    rows = table(jobs["jobs.csv"])
    assert [row["prompt"] for row in rows][:2] == ["'=HYPERLINK(1)", "Only mine"]
    assert all(float(row["price"]) for row in rows)
    assert TrailEntry.objects.get(verb="exported").thing == "Alice Moreau"
    # Saved beside each other, no zip is taken for another one.
    day = f"{timezone.localtime(NOW):%Y-%m-%d}"
    for part in Archive.objects.all():
        said = as_alice.get(reverse("studio:download_archive", args=[part.code])).headers["Content-Disposition"]
        assert f'filename="studio-everything-of-alice-moreau-{day}-zip-{part.number}.zip"' in said


def test_an_admin_exports_a_leaver_without_what_is_private(as_ada: Client, as_bob: Client, alice: User) -> None:
    public = made(alice)
    made(alice, prompt="Zephyrine lighthouse", is_private=True)
    people.make_picture(alice, is_private=True, original_name="zephyrine.png")
    secret = Board.make(alice, name="Zephyrine", visibility="private", now=NOW)
    BoardPicture.add(secret, [public.pk], by=alice, now=NOW)
    assert as_bob.post(f"/people/{alice.pk}/export/").status_code == 403
    about, pictures, jobs = run(exported(as_ada, f"/people/{alice.pk}/export/"))
    assert b"Private work" in about["skipped.txt"]
    assert [one["picture"] for one in json.loads(pictures["settings.json"])] == [str(public.code)]
    rows = table(jobs["jobs.csv"])
    assert [row["job"] for row in rows][1:] == ["private"]
    assert all(row["price"] for row in rows)
    for name, data in {**about, **pictures, **jobs}.items():
        assert b"ephyrine" not in data, name


def test_whom_it_was_handed_to_exports_what_was_private_too(as_bob: Client, alice: User, bob: User, ada: User) -> None:
    private = made(alice, prompt="Only mine", is_private=True)
    User.objects.filter(pk=bob.pk).update(inherited=[alice.pk])
    about, pictures, jobs = run(exported(as_bob, f"/people/{alice.pk}/export/"))
    assert "skipped.txt" not in about
    assert [one["picture"] for one in json.loads(pictures["settings.json"])] == [str(private.code)]
    assert table(jobs["jobs.csv"])[0]["prompt"] == "Only mine"


def test_a_board_is_exported_as_far_as_the_person_sees_it(as_bob: Client, alice: User, bob: User) -> None:
    board = Board.make(alice, name="Harbour", client="Nordlicht", now=NOW)
    public, private = made(alice), made(alice, prompt="Zephyrine", is_private=True)
    BoardPicture.add(board, [public.pk, private.pk], by=alice, now=NOW)
    about, pictures = run(exported(as_bob, f"/boards/{board.code}/export/"))
    assert json.loads(about["about.json"])[0]["client"] == "Nordlicht"
    assert [one["picture"] for one in json.loads(pictures["settings.json"])] == [str(public.code)]
    assert (
        as_bob.post(f"/boards/{Board.make(alice, name='X', visibility='private', now=NOW).code}/export/").status_code
        == 404
    )


def test_parts_have_so_many_and_a_dead_worker_loses_none(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_exports, "MOST_PICTURES", 2)
    monkeypatch.setattr(data_exports, "MOST_JOBS", 2)
    pictures = [made(alice) for _ in range(5)]
    export = exported(as_alice, f"/people/{alice.pk}/export/")
    assert data_exports._plan_next(export.pk, NOW)
    assert data_exports._plan_next(export.pk, NOW)
    # Another worker that began with the same row has come too late, and leaves nothing.
    late = DataExport.objects.get(pk=export.pk)
    DataExport.objects.filter(pk=export.pk).update(touched_at=NOW)
    assert not DataExport(pk=export.pk, step="about", after=0).go_on(step="jobs", after=1, now=NOW)
    assert late.number == 2
    assert as_alice.post(f"/people/{alice.pk}/export/").headers["Location"] == export.get_absolute_url()
    data_exports.resume_stalled(NOW + 2 * STALLED_AFTER)
    assert any(one.task["func"] == "studio.tasks.plan_export" for one in OrmQ.objects.all())
    tasks.plan_export(export.pk)
    tasks.plan_export(export.pk)
    parts = [list(one.pictures) for one in Archive.objects.filter(export=export).order_by("number")]
    assert parts == [[], *([one.pk for one in pictures[at : at + 2]] for at in (0, 2, 4)), [], [], []]
    export.refresh_from_db()
    assert export.planned_at
    assert export.is_under_way


def test_its_page_says_how_far_it_is_and_offers_each_zip(as_alice: Client, as_bob: Client, alice: User) -> None:
    made(alice)
    export = exported(as_alice, f"/people/{alice.pk}/export/")
    assert "Waiting for its turn" in as_alice.get(export.get_absolute_url()).content.decode()
    run(export)
    read = as_alice.get(export.get_absolute_url()).content.decode()
    assert "3 zips, 1 picture" in read
    assert read.count("/file/") == 3
    assert 'hx-trigger="every 2s"' not in read
    assert as_alice.get(export.get_absolute_url(), headers=people.HTMX).content.decode().lstrip().startswith("<div")
    assert as_bob.get(export.get_absolute_url()).status_code == 404
    part = Archive.objects.filter(export=export)[0]
    assert b"".join(as_alice.get(f"/archives/{part.code}/file/").streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    later = NOW + 2 * KEPT_FOR
    archives.expire(later)
    data_exports.expire(later)
    assert not DataExport.objects.exists()


def test_who_made_nothing_takes_along_what_is_known_of_them(as_bob: Client, bob: User) -> None:
    [about] = run(exported(as_bob, f"/people/{bob.pk}/export/"))
    assert json.loads(about["about.json"])


def test_a_worker_that_comes_second_lays_out_nothing(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, lay_out = exported(as_alice, f"/people/{alice.pk}/export/"), data_exports._lay_out

    def after_another(found: DataExport, now: Any) -> Any:
        part = lay_out(found, now)
        DataExport.objects.filter(pk=found.pk).update(step="jobs")
        return part

    monkeypatch.setattr(data_exports, "_lay_out", after_another)
    assert not data_exports._plan_next(export.pk, NOW)
    assert not Archive.objects.exists()
